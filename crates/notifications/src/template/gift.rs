//! Word of a gift to whom it is for (OR-1). Somebody else wrote a part of it, and nobody asked for it: what they wrote is
//! plain text in which nothing can be clicked.
use proto::orders::v1::GiftLetter;

use super::{
    render::{MASK, Rendered, letter},
    shop::Shop,
    wording::{clean, isolate},
};
use crate::message::Trouble;

/// What is told of a gift.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Present {
    product: String,
    /// First name of whoever bought it; may be empty.
    giver: String,
    name: String,
    message: String,
    /// Where it is.
    link: String,
    /// With which address it is entered.
    email: String,
}

impl Present {
    /// What orders tells of it; it is at `link`.
    #[must_use]
    pub fn of(told: GiftLetter, link: String) -> Self {
        let GiftLetter { email, name, giver_name, message, product_name, .. } = told;
        let lines: Vec<_> = message.lines().map(|line| defused(&clean(line))).collect();
        Self {
            product: clean(&product_name),
            giver: clean(&giver_name),
            name: defused(&clean(&name)),
            message: lines.join("\n"),
            link,
            email,
        }
    }

    /// The same as the log keeps it: without whoever bought it, and what they wrote.
    #[must_use]
    pub fn masked(&self) -> Self {
        let mask = |text: &str| if text.is_empty() { String::new() } else { MASK.to_owned() };
        let (giver, name) = (mask(&self.giver), mask(&self.name));
        Self { giver, name, message: mask(&self.message), ..self.clone() }
    }

    /// Paragraphs of what they wrote.
    fn paragraphs(&self) -> Vec<&str> {
        self.message.lines().filter(|line| !line.is_empty()).collect()
    }
}

/// `text` in which no program finds an address to make a link of: what stands in the middle of one is set apart.
fn defused(text: &str) -> String {
    let signs: Vec<char> = text.chars().collect();
    let mut plain = String::with_capacity(text.len());
    for (place, sign) in signs.iter().enumerate() {
        let next = signs.get(place + 1).copied().unwrap_or(' ');
        let joins = match sign {
            '.' => next.is_alphabetic() && place > 0 && signs[place - 1].is_alphanumeric(),
            '@' => !next.is_whitespace(),
            ':' => next == '/' || next == '\\',
            _ => false,
        };
        if joins {
            plain.extend([' ', *sign, ' ']);
        } else {
            plain.push(*sign);
        }
    }
    plain
}

#[derive(askama::Template)]
#[template(path = "gift.html")]
struct Html<'a> {
    shop: &'a Shop,
    subject: &'a str,
    lead: &'a str,
    paragraphs: &'a [&'a str],
    gift: &'a Present,
}

#[derive(askama::Template)]
#[template(path = "gift.txt")]
struct Text<'a> {
    shop: &'a Shop,
    lead: &'a str,
    gift: &'a Present,
}

/// The message about `gift`.
pub fn word(shop: &Shop, gift: &Present) -> Result<Rendered, Trouble> {
    let (store, product) = (isolate(&shop.name), isolate(&gift.product));
    let hello = if gift.name.is_empty() { String::new() } else { format!("{}, ", isolate(&gift.name)) };
    let (subject, lead) = if gift.giver.is_empty() {
        (format!("You were given {product} ({store})"), format!("{hello}somebody bought {product} at {store} for you."))
    } else {
        let giver = isolate(&gift.giver);
        (
            format!("{giver} gave you {product} ({store})"),
            format!("{hello}{giver} bought {product} at {store} for you."),
        )
    };
    let paragraphs = gift.paragraphs();
    let html = Html { shop, subject: &subject, lead: &lead, paragraphs: &paragraphs, gift };
    letter(&Text { shop, lead: &lead, gift }, &html).map(|letter| letter.titled(subject.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(message: &str) -> Present {
        let text = str::to_owned;
        let letter = GiftLetter {
            email: text("bob@example.com"),
            name: text("Bob"),
            giver_name: text("Ann"),
            message: text(message),
            product_name: text("Field <recordings>\r\nBcc: all"),
            customer: String::new(),
        };
        Present::of(letter, text("https://patron.example/account/library"))
    }

    fn shop() -> Shop {
        Shop { name: "Corner Shop".to_owned(), url: "https://shop.example.com".to_owned() }
    }

    /// OR-1, NO-3: the mail says who gave what, where it is and how one gets there; what the giver wrote stands there as they
    /// wrote it, and is no markup.
    #[test]
    fn a_gift_is_told_of() -> Result<(), Trouble> {
        let mail = word(&shop(), &told("Enjoy it.\n\n<b>Ann</b>"))?;
        assert_eq!(mail.subject, "Ann gave you Field <recordings> Bcc: all (Corner Shop)");
        let html = mail.html.unwrap_or_default();
        for part in ["https://patron.example/account/library", "bob@example.com", "Enjoy it."] {
            assert!(mail.text.contains(part) && html.contains(part), "{part}: {html} {}", mail.text);
        }
        assert!(mail.text.contains("<b>Ann</b>") && html.contains("&#60;b&#62;Ann") && !html.contains("<b>"), "{html}");
        let nobody = Present { giver: String::new(), name: String::new(), ..told("") };
        assert!(word(&shop(), &nobody)?.text.starts_with("somebody bought Field"));
        Ok(())
    }

    /// OR-1: nobody has the house mail links to strangers.
    #[test]
    fn nothing_in_a_message_can_be_clicked() {
        for (written, plain) in [
            ("Win at https://evil.example/x?a=b now", "Win at https : //evil . example/x?a=b now"),
            ("www.evil.example", "www . evil . example"),
            ("write ann@evil.example", "write ann @ evil . example"),
            ("HTTP:\\\\evil", "HTTP : \\\\evil"),
            ("It cost 3.50 Euro. Enjoy! See you at 8:30...", "It cost 3.50 Euro. Enjoy! See you at 8:30..."),
        ] {
            assert_eq!(defused(written), plain);
        }
        let mail = word(&shop(), &told("See evil.example")).map(|mail| format!("{mail:?}")).unwrap_or_default();
        assert!(!mail.contains("evil.example") && mail.contains("evil . example"), "{mail}");
    }

    /// NO-1: the log has nothing of whoever bought it, or of what they wrote.
    #[test]
    fn the_log_is_told_less() -> Result<(), Trouble> {
        let logged = word(&shop(), &told("Secret words").masked())?;
        assert!(!logged.text.contains("Secret") && !logged.text.contains("Ann"), "{logged:?}");
        assert!(logged.subject.starts_with(MASK), "{logged:?}");
        Ok(())
    }
}
