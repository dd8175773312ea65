//! The store switcher.
use axum::{
    extract::Form,
    response::{AppendHeaders, IntoResponse, Redirect},
};
use serde::Deserialize;

use crate::{cookies, guard, problem::Problem, visit::SignedIn};

/// How long the choice is kept, in seconds: as long as a session at the most.
const DAY: i64 = 24 * 3600;

/// A choice.
#[derive(Deserialize)]
pub struct StoreForm {
    store: String,
    #[serde(default)]
    back: String,
}

/// `POST /console/store`: works in another store from here on. A record of one customer base is unknown in another,
/// so a detail page gives way to its list.
pub async fn choose_store(desk: SignedIn, Form(form): Form<StoreForm>) -> Result<impl IntoResponse, Problem> {
    if !desk.session.places().iter().any(|place| place.store == form.store) {
        return Err(Problem::not_found());
    }
    let cookie = cookies::set(cookies::STORE, &form.store, DAY);
    let is_list = form.back.split('?').next() == Some("/console/customers");
    // Cursors belong to one place; everything else of a list means the same in another.
    let back = if is_list && !form.back.contains("after=") && !form.back.contains("before=") {
        form.back
    } else {
        String::new()
    };
    Ok((AppendHeaders([cookie]), Redirect::to(guard::own_page(&back))))
}
