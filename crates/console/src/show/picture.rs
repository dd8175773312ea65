//! A text as a picture that phones read.
use base64::{Engine, prelude::BASE64_STANDARD};
use qrcode::{QrCode, render::svg};

/// The QR code of `text` as an address of the picture itself, black on white with its margin, whatever the page's colours
/// are. Empty when the text is too long for one.
pub fn qr(text: &str) -> String {
    let Ok(code) = QrCode::new(text) else { return String::new() };
    let picture = code.render::<svg::Color<'_>>().min_dimensions(200, 200).quiet_zone(true).build();
    format!("data:image/svg+xml;base64,{}", BASE64_STANDARD.encode(picture))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ID-20: the picture is one without script, which the policy of pages lets in.
    #[test]
    fn a_picture_is_only_a_picture() {
        let address = qr("otpauth://totp/Patron:olive%40example%2Ecom?secret=GEZDGNBVGY3TQOJQ&issuer=Patron");
        let picture = address.strip_prefix("data:image/svg+xml;base64,").map(|text| BASE64_STANDARD.decode(text));
        let picture = String::from_utf8(picture.and_then(Result::ok).unwrap_or_default()).unwrap_or_default();
        assert!(picture.contains("<svg") && picture.contains("#fff") && !picture.contains("script"), "{picture}");
        assert_eq!(qr(&"x".repeat(8_000)), "");
    }
}
