//! A browser in front of the console.
use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, Response, StatusCode, header},
};
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::console;

/// A browser: keeps cookies, says where its posts come from.
pub struct Browser {
    router: Router,
    /// Its cookies.
    pub cookies: Vec<(String, String)>,
}

/// What a page came to.
pub struct Page {
    /// HTTP status.
    pub status: StatusCode,
    /// Header fields.
    pub headers: HeaderMap,
    /// Its text.
    pub text: String,
}

impl Page {
    /// A header field; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

impl Browser {
    /// A browser in front of the console, without the services of `away`.
    pub async fn new(away: &[&str]) -> anyhow::Result<Self> {
        Ok(Self { router: console(away).await?.0, cookies: Vec::new() })
    }

    /// A browser whose person is signed in, as a session that began before some services went away.
    pub async fn signed_in(who: &str, away: &[&str]) -> anyhow::Result<Self> {
        let mut browser = Self::new(away).await?;
        browser.cookies.push(("__Host-patron_staff".to_owned(), format!("staff_{who}")));
        Ok(browser)
    }

    /// Sends a request and keeps the cookies of its answer.
    pub async fn send(&mut self, request: axum::http::request::Builder, body: String) -> anyhow::Result<Page> {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = request.header(header::COOKIE, cookies.join("; ")).body(Body::from(body))?;
        let answer: Response<Body> = self.router.clone().oneshot(request).await?;
        let (parts, body) = answer.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let (name, rest) = cookie.to_str()?.split_once('=').unwrap_or_default();
            let value = rest.split(';').next().unwrap_or_default();
            self.cookies.retain(|(known, _)| known != name);
            if !value.is_empty() {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        let text = String::from_utf8(body.collect().await?.to_bytes().to_vec())?;
        Ok(Page { status: parts.status, headers: parts.headers, text })
    }

    /// GETs `path`.
    pub async fn get(&mut self, path: &str) -> anyhow::Result<Page> {
        self.send(Request::get(path), String::new()).await
    }

    /// POSTs `form` to `path`, as one of our own pages does.
    pub async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> anyhow::Result<Page> {
        self.post_from("same-origin", path, form).await
    }

    /// POSTs `form` to `path` from a page of `site`, as `Sec-Fetch-Site` calls it.
    pub async fn post_from(&mut self, site: &str, path: &str, form: &[(&str, &str)]) -> anyhow::Result<Page> {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = Request::post(path)
            .header("sec-fetch-site", site)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, body).await
    }
}
