//! Rows for `COPY … FROM STDIN` in PostgreSQL's text format.
use std::fmt::{Display, Write};

use sqlx::PgConnection;

/// Rows of one table.
pub struct Rows {
    statement: &'static str,
    text: String,
}

impl Rows {
    /// No rows yet, for `statement`, such as `copy notes (id, text) from stdin`.
    #[must_use]
    pub fn new(statement: &'static str) -> Self {
        Self { statement, text: String::new() }
    }

    /// Begins a row.
    pub fn row(&mut self) -> Row<'_> {
        Row { text: &mut self.text, first: true }
    }

    /// Sends the rows and forgets them.
    pub async fn send(&mut self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        let mut copy = connection.copy_in_raw(self.statement).await?;
        copy.send(self.text.as_bytes()).await?;
        copy.finish().await?;
        self.text.clear();
        Ok(())
    }
}

/// A row; it ends when it is dropped.
pub struct Row<'a> {
    text: &'a mut String,
    first: bool,
}

impl Row<'_> {
    /// Adds a column.
    #[must_use]
    pub fn set(mut self, value: impl Display) -> Self {
        self.separate();
        let written = write!(Escaping(self.text), "{value}");
        debug_assert!(written.is_ok(), "a String takes everything");
        self
    }

    /// Adds a column without a value.
    #[must_use]
    pub fn null(mut self) -> Self {
        self.separate();
        self.text.push_str("\\N");
        self
    }

    /// Adds a column that may have a value.
    #[must_use]
    pub fn maybe(self, value: Option<impl Display>) -> Self {
        match value {
            Some(value) => self.set(value),
            None => self.null(),
        }
    }

    fn separate(&mut self) {
        if !std::mem::take(&mut self.first) {
            self.text.push('\t');
        }
    }
}

impl Drop for Row<'_> {
    fn drop(&mut self) {
        self.text.push('\n');
    }
}

/// Escapes what the text format gives a meaning.
struct Escaping<'a>(&'a mut String);

impl Write for Escaping<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        for c in text.chars() {
            match c {
                '\\' => self.0.push_str("\\\\"),
                '\n' => self.0.push_str("\\n"),
                '\r' => self.0.push_str("\\r"),
                '\t' => self.0.push_str("\\t"),
                c => self.0.push(c),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_a_meaning_is_escaped() {
        let mut rows = Rows::new("copy t from stdin");
        drop(rows.row().set("a\tb\\c\nd").null().set(7).maybe(None::<i32>).maybe(Some("x")));
        assert_eq!(rows.text, "a\\tb\\\\c\\nd\t\\N\t7\t\\N\tx\n");
    }
}
