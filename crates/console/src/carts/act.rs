//! What staff do with a cart from its page (CA-4, CA-5, CA-11). Every form says which version was seen: what somebody else
//! changed meanwhile is shown before anything is done to it; what is sent twice is done once.
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use kit::{ids::CartId, secret};
use proto::carts::v1::{
    AddCodeRequest, AddLineRequest, RemoveCodeRequest, RemoveLineRequest, SetLineRequest, SetShippingMethodRequest,
};
use tonic::{Request as Call, Status};

use super::{
    editor::{Asked, page},
    refused::Refused,
};
use crate::{
    console::Console,
    problem::Problem,
    team::Fields,
    visit::{SignedIn, once},
};

/// A form that was sent.
pub struct Sent {
    /// Which form it is.
    pub form: String,
    /// The part of the page that it is in.
    pub part: &'static str,
    /// What it says.
    pub fields: Fields,
}

impl Sent {
    /// The form of a `part` that has only one.
    pub fn new(part: &'static str, fields: Fields) -> Self {
        Self { form: part.to_owned(), part, fields }
    }
}

/// The cart that an address names.
pub fn known(id: &str) -> Result<CartId, Problem> {
    id.parse().map_err(|_| Problem::not_found())
}

/// Back to the part of the page that a form is in, or the page with why nothing was changed.
pub async fn done(
    (console, desk): (&Console, &SignedIn),
    id: CartId,
    sent: Sent,
    answer: Result<(), Status>,
) -> Result<Response, Problem> {
    let Err(status) = answer else {
        return Ok(Redirect::to(&format!("/console/carts/{id}#{}", sent.part)).into_response());
    };
    let q = sent.fields.text("q");
    let refused = Refused::of(status, (sent.form, sent.fields))?;
    page((console, desk), id, Asked { q, refused, ..Asked::default() }).await
}

/// `request` for the version of a cart that the form `body` was made for. The same form of the same page, sent again, is the
/// same request.
pub fn as_seen<T>(desk: &SignedIn, body: &str, request: T) -> Call<T> {
    let version = Fields::read(body).text("version");
    let call = desk.ask_at(&version, request);
    if version.is_empty() {
        return call;
    }
    let key = secret::sha256(format!("{} {body}", desk.visit.path).as_bytes());
    once((&hex::encode(key), body), call)
}

/// How many pieces were typed.
fn pieces(typed: &str) -> Result<u32, String> {
    typed.trim().parse().map_err(|_| format!("“{typed}” is no number of pieces"))
}

/// The page with what cannot be read of a form.
async fn unread(
    (console, desk): (&Console, &SignedIn),
    id: CartId,
    sent: Sent,
    text: String,
) -> Result<Response, Problem> {
    let (q, refused) = (sent.fields.text("q"), Refused::unread(text, (sent.form, sent.fields)));
    page((console, desk), id, Asked { q, refused, ..Asked::default() }).await
}

/// `POST /console/carts/{id}/items`: a product that was found, or the one with this SKU.
pub async fn add(
    State(console): State<Console>,
    desk: SignedIn,
    Path(id): Path<String>,
    body: String,
) -> Result<Response, Problem> {
    let (id, fields) = (known(&id)?, Fields::read(&body));
    let (product, sku) = (fields.text("product"), fields.text("sku").trim().to_owned());
    let form = if product.is_empty() { "sku".to_owned() } else { product.clone() };
    let (plan, typed) = (fields.text("plan"), fields.text("quantity"));
    let sent = Sent { form, part: "lines", fields };
    let quantity = match pieces(&typed) {
        Ok(quantity) => quantity,
        Err(text) => return unread((&console, &desk), id, sent, text).await,
    };
    let request = AddLineRequest { cart: id.into(), product, quantity, plan, sku, gift: None };
    let answer = console.carts.clone().add_line(as_seen(&desk, &body, request)).await;
    done((&console, &desk), id, sent, answer.map(drop)).await
}

/// `POST /console/carts/{id}/items/{line}`: how many, by which plan, or none at all.
pub async fn change(
    State(console): State<Console>,
    desk: SignedIn,
    Path((id, line)): Path<(String, String)>,
    body: String,
) -> Result<Response, Problem> {
    let (id, fields) = (known(&id)?, Fields::read(&body));
    let (cart, typed) = (String::from(id), fields.text("quantity"));
    let plan = fields.all("plan").into_iter().next();
    let is_removal = fields.text("do") == "remove";
    let sent = Sent { form: line.clone(), part: "lines", fields };
    let mut carts = console.carts.clone();
    let answer = if is_removal {
        carts.remove_line(as_seen(&desk, &body, RemoveLineRequest { cart, line })).await
    } else {
        match pieces(&typed) {
            Ok(pieces) => {
                let request = SetLineRequest { cart, line, quantity: Some(pieces), plan, ..SetLineRequest::default() };
                carts.set_line(as_seen(&desk, &body, request)).await
            }
            Err(text) => return unread((&console, &desk), id, sent, text).await,
        }
    };
    done((&console, &desk), id, sent, answer.map(drop)).await
}

/// `POST /console/carts/{id}/codes`: enters the code of a voucher, or takes one out.
pub async fn enter_code(
    State(console): State<Console>,
    desk: SignedIn,
    Path(id): Path<String>,
    body: String,
) -> Result<Response, Problem> {
    let (id, fields) = (known(&id)?, Fields::read(&body));
    let (cart, taken) = (String::from(id), fields.text("remove"));
    let mut carts = console.carts.clone();
    let answer = if taken.is_empty() {
        carts.add_code(as_seen(&desk, &body, AddCodeRequest { cart, code: fields.text("code") })).await
    } else {
        carts.remove_code(as_seen(&desk, &body, RemoveCodeRequest { cart, code: taken })).await
    };
    done((&console, &desk), id, Sent::new("codes", fields), answer.map(drop)).await
}

/// `POST /console/carts/{id}/shipping`: how it is shipped.
pub async fn ship(
    State(console): State<Console>,
    desk: SignedIn,
    Path(id): Path<String>,
    body: String,
) -> Result<Response, Problem> {
    let (id, fields) = (known(&id)?, Fields::read(&body));
    let request = SetShippingMethodRequest { cart: id.into(), method: fields.text("method") };
    let asked = as_seen(&desk, &body, request);
    let answer = console.carts.clone().set_shipping_method(asked).await;
    done((&console, &desk), id, Sent::new("shipping", fields), answer.map(drop)).await
}
