//! Mail providers with which a great many people have their addresses: none of their domains says anything of one person.

/// Names of those that have a domain in almost every country, in the order of letters.
const EVERYWHERE: &[&str] = &["gmx", "hotmail", "live", "outlook", "yahoo"];

/// Domains of the others, in the order of letters.
const LARGE: &[&str] = &[
    "126.com",
    "163.com",
    "aol.com",
    "arcor.de",
    "att.net",
    "bigpond.com",
    "bluewin.ch",
    "bol.com.br",
    "bt.com",
    "btinternet.com",
    "centrum.cz",
    "comcast.net",
    "cox.net",
    "daum.net",
    "docomo.ne.jp",
    "ezweb.ne.jp",
    "fastmail.com",
    "foxmail.com",
    "free.fr",
    "freenet.de",
    "gmail.com",
    "googlemail.com",
    "hanmail.net",
    "hushmail.com",
    "icloud.com",
    "inbox.lv",
    "interia.pl",
    "juno.com",
    "laposte.net",
    "libero.it",
    "list.ru",
    "mac.com",
    "mail.com",
    "mail.de",
    "mail.ru",
    "mailbox.org",
    "me.com",
    "msn.com",
    "naver.com",
    "o2.pl",
    "online.de",
    "orange.fr",
    "posteo.de",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "rambler.ru",
    "rediffmail.com",
    "rogers.com",
    "sapo.pt",
    "seznam.cz",
    "sfr.fr",
    "shaw.ca",
    "sina.com",
    "sky.com",
    "softbank.ne.jp",
    "t-online.de",
    "telenet.be",
    "terra.com.br",
    "tiscali.it",
    "tutanota.com",
    "ukr.net",
    "uol.com.br",
    "verizon.net",
    "virgilio.it",
    "wanadoo.fr",
    "web.de",
    "wp.pl",
    "ya.ru",
    "yandex.com",
    "yandex.ru",
    "yeah.net",
    "ymail.com",
    "ziggo.nl",
    "zoho.com",
];

/// Whether `domain` is one of them.
#[must_use]
pub fn is_large(domain: &str) -> bool {
    LARGE.binary_search(&domain).is_ok()
        || domain.split_once('.').is_some_and(|(name, end)| EVERYWHERE.binary_search(&name).is_ok() && is_public(end))
}

/// Whether `end` is that of a country or of everybody: `de`, `com`, `co.uk`, `com.br`.
fn is_public(end: &str) -> bool {
    let is_country = |label: &str| label.len() == 2;
    match end.split_once('.') {
        None => is_country(end) || ["com", "net", "org"].contains(&end),
        Some((shared, country)) => ["co", "com", "net", "ne"].contains(&shared) && is_country(country),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// AD-3: nobody is kept out for having an address where everybody has one.
    #[test]
    fn large_providers_are_known() {
        assert!(LARGE.is_sorted() && EVERYWHERE.is_sorted());
        for domain in ["yahoo.com", "yahoo.co.jp", "yahoo.com.br", "hotmail.gr", "outlook.com.tr", "live.nl", "gmx.fr"]
        {
            assert!(is_large(domain), "{domain}");
        }
        for domain in ["yahoo.spam.example", "live.casino", "gmx", "x.yahoo.com.robots.example", "hotmail.xyz.de"] {
            assert!(!is_large(domain), "{domain}");
        }
        assert!(is_large("gmail.com") && is_large("qq.com") && is_large("126.com") && is_large("zoho.com"));
        assert!(!is_large("throwaway.test") && !is_large("com"));
    }
}
