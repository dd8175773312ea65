//! Where a shopper comes back to from a gateway's own page.
use kit::{Error, failure::Violation};

/// Longest address, in bytes.
const LONGEST: usize = 1_000;

/// Refuses what is no address of a page, empty for none.
pub fn check(back: &str) -> Result<(), Error> {
    let is_page = back.starts_with("https://") || back.starts_with("http://");
    let is_plain = back.len() <= LONGEST && back.bytes().all(|byte| byte.is_ascii_graphic());
    if back.is_empty() || (is_page && is_plain) {
        return Ok(());
    }
    Err(Violation::new("/return_url", "malformed", "an address of a page begins with https://").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// OR-3: shoppers are sent back to pages, and to nothing else.
    #[test]
    fn shoppers_come_back_to_pages() {
        for good in ["", "https://shop.example/thanks?order=5", "http://127.0.0.1:8080/checkout"] {
            assert!(check(good).is_ok(), "{good}");
        }
        for bad in ["shop.example", "javascript:alert(1)", "https://shop.example/ a", "ftp://shop.example"] {
            assert!(check(bad).is_err(), "{bad}");
        }
        assert!(check(&format!("https://{}", "a".repeat(1_000))).is_err());
    }
}
