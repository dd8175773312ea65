//! `GET carts/` is `GET carts` for shop fronts: existing clients write it so.
use axum::extract::Request;
use http::{Uri, uri::PathAndQuery};

/// Where shop fronts are served.
pub const STOREFRONT: &str = "/storefront/v1/";

/// The same request without a slash at the end of its path.
pub fn trim(mut request: Request) -> Request {
    let path = request.uri().path();
    if path.starts_with(STOREFRONT) && path.ends_with('/') {
        let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
        let trimmed = format!("{}{query}", path.trim_end_matches('/'));
        let mut parts = request.uri().clone().into_parts();
        parts.path_and_query = PathAndQuery::try_from(trimmed).ok();
        if let Ok(uri) = Uri::from_parts(parts) {
            *request.uri_mut() = uri;
        }
    }
    request
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    #[test]
    fn shop_fronts_may_end_with_a_slash() -> Result<(), http::Error> {
        for (sent, meant) in [
            ("/storefront/v1/carts/", "/storefront/v1/carts"),
            ("/storefront/v1/products/?limit=2", "/storefront/v1/products?limit=2"),
            ("/storefront/v1/products", "/storefront/v1/products"),
            ("/admin/v1/customers/", "/admin/v1/customers/"),
        ] {
            let request = Request::builder().uri(sent).body(Body::empty())?;
            assert_eq!(trim(request).uri().to_string(), meant);
        }
        Ok(())
    }
}
