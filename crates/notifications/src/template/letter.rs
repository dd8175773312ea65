//! What staff wrote, in the store's own layout: their text is text, and never markup.
use super::{
    render::{Rendered, letter},
    shop::Shop,
};
use crate::message::{Channel, Trouble};

/// What stands behind an address in a sentence, and is no part of it.
const BEHIND: [char; 11] = ['.', ',', ';', ':', '!', '?', ')', ']', '}', '"', '\''];

/// What somebody is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Subject; empty for text messages.
    pub subject: String,
    /// Plain text, filled in.
    pub text: String,
}

/// A piece of a line.
#[derive(Debug, PartialEq, Eq)]
struct Piece<'a> {
    text: &'a str,
    is_link: bool,
}

#[derive(askama::Template)]
#[template(path = "letter.html")]
struct Html<'a> {
    shop: &'a Shop,
    subject: &'a str,
    paragraphs: Vec<Vec<Vec<Piece<'a>>>>,
    opt_out: &'a str,
}

#[derive(askama::Template)]
#[template(path = "letter.txt")]
struct Text<'a> {
    shop: &'a Shop,
    body: &'a str,
    opt_out: &'a str,
}

/// The message; marketing is ended at `opt_out`, which is empty otherwise.
pub fn written(shop: &Shop, written: &Written, channel: Channel, opt_out: &str) -> Result<Rendered, Trouble> {
    let (subject, text) = (&written.subject, &written.text);
    if channel != Channel::Email {
        let end = if opt_out.is_empty() { String::new() } else { format!("\n\nTo get no more of these: {opt_out}") };
        return Ok(Rendered { subject: String::new(), text: format!("{text}{end}"), html: None });
    }
    let html = Html { shop, subject, paragraphs: paragraphs(text), opt_out };
    letter(&Text { shop, body: text, opt_out }, &html).map(|letter| letter.titled(subject.clone()))
}

/// Paragraphs, which blank lines part, of lines, of pieces.
fn paragraphs(text: &str) -> Vec<Vec<Vec<Piece<'_>>>> {
    let mut all: Vec<Vec<Vec<Piece<'_>>>> = vec![Vec::new()];
    for line in text.lines() {
        if line.trim().is_empty() {
            all.push(Vec::new());
        } else if let Some(last) = all.last_mut() {
            last.push(pieces(line));
        }
    }
    all.retain(|lines| !lines.is_empty());
    all
}

/// A line with its addresses apart.
fn pieces(line: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = line;
    while let Some(start) = ["https://", "http://"].iter().filter_map(|scheme| rest.find(scheme)).min() {
        let (before, behind) = rest.split_at(start);
        let end = behind.find(|c: char| c.is_whitespace() || c == '<' || c == '>').unwrap_or(behind.len());
        let link = behind[..end].trim_end_matches(BEHIND);
        let is_link = !link.ends_with("//");
        pieces.push(Piece { text: before, is_link: false });
        let taken = link.len().max("http://".len());
        pieces.push(Piece { text: &behind[..taken], is_link });
        rest = &behind[taken..];
    }
    pieces.push(Piece { text: rest, is_link: false });
    pieces.retain(|piece| !piece.text.is_empty());
    pieces
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shop() -> Shop {
        Shop { name: "Corner Shop".to_owned(), url: "https://shop.example.com".to_owned() }
    }

    /// NO-6: what staff write is shown as they wrote it: no markup of theirs works, addresses can be followed.
    #[test]
    fn text_is_text() -> Result<(), Trouble> {
        let text = "Dear Ada,\nsee (https://x.example/a?b=1&c=2).\n\n<script>alert(1)</script>\n\n\nhttp:// it";
        let mail = Written { subject: "A <b>".to_owned(), text: text.to_owned() };
        let mail = written(&shop(), &mail, Channel::Email, "")?;
        let html = mail.html.unwrap_or_default();
        assert!(html.contains(r#"<a href="https://x.example/a?b=1&#38;c=2""#), "{html}");
        assert!(
            html.contains("</a>).</p>") && html.contains("&#60;script&#62;") && !html.contains("<script"),
            "{html}"
        );
        assert!(html.contains("Dear Ada,<br>see") && !html.contains(r#"href="http://""#), "{html}");
        assert!(mail.text.starts_with(text) && !mail.text.contains("no more"), "{}", mail.text);
        Ok(())
    }

    /// CU-16: every marketing message says how it is ended.
    #[test]
    fn marketing_can_be_ended() -> Result<(), Trouble> {
        let news = Written { subject: "News".to_owned(), text: "Hello".to_owned() };
        let link = "https://patron.example/unsubscribe/abc";
        let mail = written(&shop(), &news, Channel::Email, link)?;
        assert!(
            mail.text.contains(link) && mail.html.unwrap_or_default().contains(r#"href="https://patron.example/unsub"#)
        );
        let note = written(&shop(), &news, Channel::Sms, link)?;
        assert_eq!(note.text, format!("Hello\n\nTo get no more of these: {link}"));
        Ok(())
    }

    proptest! {
        #[test]
        fn nothing_of_a_line_gets_lost(line in "[a-zäא:/. <>]*(https?://)?[a-z./:)]*") {
            let whole: String = pieces(&line).iter().map(|piece| piece.text).collect();
            prop_assert_eq!(whole, line);
        }
    }
}
