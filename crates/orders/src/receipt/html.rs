//! A receipt as a page: to be read, and printed from there.
use askama::Template;

use super::paper::Paper;

#[derive(Template)]
#[template(path = "receipt.html")]
struct Page<'a> {
    paper: &'a Paper,
}

/// `paper` as a page, or why it could not be made.
pub fn html(paper: &Paper) -> Result<Vec<u8>, String> {
    Page { paper }.render().map(String::into_bytes).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::super::paper::Row;
    use super::*;

    /// OR-6: whatever things are called is text, never markup, and does not turn what stands around it.
    #[test]
    fn names_are_text() {
        let row = Row { name: "<script>alert(1)</script> ספר".to_owned(), ..Row::default() };
        let paper = Paper { rows: vec![row], buyer: vec!["A & \"B\"".to_owned()], ..Paper::default() };
        let page = String::from_utf8(html(&paper).expect("a page")).expect("text");
        assert!(!page.contains("<script>"));
        assert!(page.contains("<bdi>&#60;script&#62;alert(1)&#60;/script&#62; ספר</bdi>"), "{page}");
        assert!(page.starts_with("<!doctype html>\n<html lang=\"en\" dir=\"ltr\">"));
    }
}
