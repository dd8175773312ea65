//! The console's cookies: `__Host-`, Secure, `HttpOnly`, `SameSite=Lax`, for the whole host.
use axum::http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{COOKIE, SET_COOKIE},
};

/// The staff session's opaque token.
pub const SESSION: &str = "__Host-patron_staff";
/// The store that was chosen, `sto_…`; absent for the only one, or for all of a network.
pub const STORE: &str = "__Host-patron_store";
/// The challenge of a sign-in that still lacks its second factor.
pub const CHALLENGE: &str = "__Host-patron_challenge";
/// The opaque token of a shopper's session in the account portal.
pub const PORTAL: &str = "__Host-patron_portal";
/// A session at the check-out: the store, its opaque token, and the cart.
pub const CHECKOUT: &str = "__Host-patron_checkout";
/// The colours that were chosen, "light" or "dark"; absent for the system's.
pub const THEME: &str = "__Host-patron_theme";

/// The value of the cookie `name`; empty when it is not there.
pub fn read(headers: &HeaderMap, name: &str) -> String {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.to_owned())
        .unwrap_or_default()
}

/// The header that sets a cookie for `seconds`. Values are tokens and ids, which need no quoting; one that does not
/// fit a header is taken away instead.
pub fn set(name: &str, value: &str, seconds: i64) -> (HeaderName, HeaderValue) {
    let clean = value.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'~'));
    let (value, seconds) = if clean && !value.is_empty() { (value, seconds) } else { ("", 0) };
    let cookie = format!("{name}={value}; Max-Age={seconds}; Path=/; Secure; HttpOnly; SameSite=Lax");
    (SET_COOKIE, HeaderValue::try_from(cookie).unwrap_or(HeaderValue::from_static("")))
}

/// The header that takes a cookie away.
pub fn remove(name: &str) -> (HeaderName, HeaderValue) {
    set(name, "", 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("a=1; __Host-patron_staff=staff_x"));
        headers.append(COOKIE, HeaderValue::from_static("b=2"));
        assert_eq!(read(&headers, SESSION), "staff_x");
        assert_eq!(read(&headers, "b"), "2");
        assert_eq!(read(&headers, STORE), "");
    }

    #[test]
    fn a_cookie_is_for_this_host_and_no_script() {
        let (_, header) = set(SESSION, "staff_abc-DEF", 60);
        let expected = "__Host-patron_staff=staff_abc-DEF; Max-Age=60; Path=/; Secure; HttpOnly; SameSite=Lax";
        assert_eq!(header, expected);
    }

    #[test]
    fn a_value_cannot_add_attributes() {
        let (_, header) = set(STORE, "x; Domain=example.com", 60);
        assert_eq!(header, "__Host-patron_store=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax");
    }
}
