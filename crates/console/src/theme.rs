//! Light or dark: the system's choice, or the one kept in a cookie.
use axum::{
    extract::Form,
    http::HeaderMap,
    response::{AppendHeaders, IntoResponse, Redirect},
};
use serde::Deserialize;

use crate::{cookies, guard};

/// How long a choice is kept, in seconds.
const YEAR: i64 = 365 * 24 * 3600;

/// The colours of a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// The system's.
    #[default]
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// As cookie and page write it.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The choice that came with a request.
    pub fn read(headers: &HeaderMap) -> Self {
        match cookies::read(headers, cookies::THEME).as_str() {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::Auto,
        }
    }
}

/// A choice.
#[derive(Deserialize)]
pub struct ThemeForm {
    theme: Theme,
    #[serde(default)]
    back: String,
}

/// `POST /console/theme`: keeps the choice and goes back to the page.
pub async fn choose(Form(form): Form<ThemeForm>) -> impl IntoResponse {
    let cookie = match form.theme {
        Theme::Auto => cookies::remove(cookies::THEME),
        theme => cookies::set(cookies::THEME, theme.slug(), YEAR),
    };
    (AppendHeaders([cookie]), Redirect::to(guard::own_page(&form.back)))
}
