//! What stands in front of every page: posts come from our own pages only, and a page may load nothing from elsewhere.
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};

/// Whether a request may change something: browsers say where a post comes from (`Sec-Fetch-Site`, else `Origin`),
/// and it must be one of our own pages. `public` is the host the console is known by outside, which a proxy in front
/// may have replaced in `Host`.
pub fn comes_from_us(method: &Method, headers: &HeaderMap, public: &str) -> bool {
    if method.is_safe() {
        return true;
    }
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return site == "same-origin";
    }
    let Some(origin) = text("origin").and_then(|origin| origin.split_once("://")).map(|(_, host)| host) else {
        return false;
    };
    origin == public || text("host") == Some(origin)
}

/// What every page says about itself to the browser.
pub fn headers() -> [(HeaderName, HeaderValue); 6] {
    let fixed = HeaderValue::from_static;
    [
        (
            header::CONTENT_SECURITY_POLICY,
            fixed(
                "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; object-src 'none'; \
                 form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
            ),
        ),
        (header::CACHE_CONTROL, fixed("no-store")),
        (header::X_CONTENT_TYPE_OPTIONS, fixed("nosniff")),
        (header::X_FRAME_OPTIONS, fixed("DENY")),
        (header::REFERRER_POLICY, fixed("same-origin")),
        (HeaderName::from_static("cross-origin-opener-policy"), fixed("same-origin")),
    ]
}

/// `address` when it is one of our own pages, else the first page: where to go on after a sign-in or a switch.
pub fn own_page(address: &str) -> &str {
    let inside = address == "/console" || address.starts_with("/console/") || address.starts_with("/console?");
    let plain = address.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    if inside && plain && !address.starts_with("/console/sign-") { address } else { "/console/customers" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(pairs: &[(&'static str, &'static str)]) -> bool {
        let headers = pairs.iter().map(|(k, v)| (HeaderName::from_static(k), HeaderValue::from_static(v))).collect();
        comes_from_us(&Method::POST, &headers, "shop.example.com")
    }

    #[test]
    fn a_post_must_come_from_one_of_our_pages() {
        assert!(post(&[("sec-fetch-site", "same-origin")]));
        assert!(!post(&[("sec-fetch-site", "cross-site"), ("origin", "https://shop.example.com")]));
        assert!(!post(&[("sec-fetch-site", "same-site")]));
        assert!(!post(&[("sec-fetch-site", "none")]));
    }

    #[test]
    fn browsers_without_fetch_metadata_are_judged_by_origin() {
        assert!(post(&[("origin", "https://shop.example.com"), ("host", "10.0.0.7:8080")]));
        assert!(post(&[("origin", "http://127.0.0.1:8080"), ("host", "127.0.0.1:8080")]));
        assert!(!post(&[("origin", "https://evil.example"), ("host", "shop.example.com")]));
        assert!(!post(&[("origin", "null"), ("host", "shop.example.com")]));
        assert!(!post(&[("host", "shop.example.com")]));
    }

    #[test]
    fn reading_needs_no_origin() {
        assert!(comes_from_us(&Method::GET, &HeaderMap::new(), "shop.example.com"));
    }

    #[test]
    fn going_on_never_leaves_the_console() {
        assert_eq!(own_page("/console/customers?q=ann&tab=leads"), "/console/customers?q=ann&tab=leads");
        for foreign in [
            "",
            "https://evil.example",
            "//evil.example",
            "/consoles",
            "/console/\\evil",
            "/console/sign-in",
            "/console/a\r\nb",
        ] {
            assert_eq!(own_page(foreign), "/console/customers", "{foreign:?}");
        }
    }
}
