//! The rows of a file, and where each begins.
use std::{fs::File, io::Cursor};

use csv::{Position, Reader, ReaderBuilder, StringRecord};

use super::field;

/// Most rows of a file.
const ROWS: i64 = 200_000;
/// Most columns.
const COLUMNS: usize = 200;
/// Longest row, in bytes: a quote that nobody closes would make one of all that follows.
const LONGEST: usize = 256 * 1024;
/// Longest heading, in characters.
const HEADING: usize = 200;
/// Rows that are shown.
pub const SHOWN: usize = 5;
/// How much of a cell is shown, in characters.
const CELL: usize = 200;

/// Where a row begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// How many bytes stand before it.
    pub byte: i64,
    /// Its line, the first is 1.
    pub line: i64,
}

impl From<&Position> for Place {
    fn from(position: &Position) -> Self {
        let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        Self { byte: count(position.byte()), line: count(position.line()) }
    }
}

/// What is wrong with a whole file, in a sentence.
pub type Unreadable = &'static str;

/// What there is in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    /// Headings.
    pub columns: Vec<String>,
    /// What each column is likely to be.
    pub fields: Vec<String>,
    /// What stands between them.
    pub delimiter: u8,
    /// How many rows.
    pub rows: i64,
    /// Where the first one begins.
    pub first: Place,
    /// The first rows.
    pub sample: Vec<Vec<String>>,
}

/// Reads `text` once, to the end.
pub fn outline(text: &str) -> Result<Outline, Unreadable> {
    if text.contains('\0') {
        return Err("this is not a text file; save it as comma-separated values (CSV)");
    }
    let (delimiter, skipped) = delimiter(text);
    let mut reader = builder(delimiter).from_reader(Cursor::new(text));
    let mut row = StringRecord::new();
    if skipped && !read(&mut reader, &mut row)? {
        return Err("the file is empty");
    }
    if !read(&mut reader, &mut row)? {
        return Err("the file is empty");
    }
    let columns = headings(&row)?;
    let first = Place::from(reader.position());
    let (mut rows, mut sample) = (0, Vec::new());
    while read(&mut reader, &mut row)? {
        rows += 1;
        if sample.len() < SHOWN {
            sample.push(shown(&row));
        }
        if rows > ROWS {
            return Err("at most 200,000 rows; divide the file");
        }
    }
    if rows == 0 {
        return Err("there is no row below the headings");
    }
    Ok(Outline { fields: field::propose(&columns), columns, delimiter, rows, first, sample })
}

/// The first rows from `place` on, of a text that may break off; none of a row that does.
#[must_use]
pub fn sample(text: &str, delimiter: u8, whole: bool) -> Vec<Vec<String>> {
    let mut reader = builder(delimiter).from_reader(Cursor::new(text));
    let rows = reader.records().filter_map(Result::ok);
    let mut rows: Vec<_> = rows.take(SHOWN + 1).map(|row| shown(&row)).collect();
    if rows.len() <= SHOWN && !whole {
        rows.pop();
    }
    rows.truncate(SHOWN);
    rows
}

fn shown(row: &StringRecord) -> Vec<String> {
    row.iter().map(|cell| cell.chars().take(CELL).collect()).collect()
}

/// The headings of the columns. Where people stand instead, they would be lost.
fn headings(row: &StringRecord) -> Result<Vec<String>, Unreadable> {
    let digits = |cell: &str| cell.chars().filter(char::is_ascii_digit).count();
    if row.len() > COLUMNS {
        return Err("at most 200 columns");
    }
    if row.iter().any(|cell| cell.contains('@') || digits(cell) > 6) {
        return Err("the first line has to say what the columns are");
    }
    if row.iter().any(|cell| cell.chars().count() > HEADING) {
        return Err("a heading has at most 200 characters");
    }
    Ok(row.iter().map(|cell| cell.trim().chars().filter(|c| !c.is_control()).collect()).collect())
}

/// What stands between columns: what the first line says (`sep=;`), else what is in it most, outside of quotes; and whether
/// that line is about nothing else.
fn delimiter(text: &str) -> (u8, bool) {
    let first = text.lines().next().unwrap_or_default();
    if let Some(&[said @ (b',' | b';' | b'\t' | b'|')]) = first.strip_prefix("sep=").map(str::as_bytes) {
        return (said, true);
    }
    let mut quoted = false;
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    for byte in first.bytes() {
        quoted ^= byte == b'"';
        if let Some((_, count)) = counts.iter_mut().find(|(known, _)| !quoted && *known == byte) {
            *count += 1;
        }
    }
    let most = counts.iter().map(|(_, count)| *count).max().unwrap_or_default();
    (counts.into_iter().find(|(_, count)| *count == most).map_or(b',', |(known, _)| known), false)
}

fn builder(delimiter: u8) -> ReaderBuilder {
    let mut builder = ReaderBuilder::new();
    builder.has_headers(false).flexible(true).delimiter(delimiter);
    builder
}

fn read<R: std::io::Read>(reader: &mut Reader<R>, row: &mut StringRecord) -> Result<bool, Unreadable> {
    let read = reader.read_record(row).map_err(|_| "this is not a comma-separated file")?;
    if row.as_slice().len() > LONGEST {
        return Err("a row is longer than 256 KiB: a quotation mark may not be closed");
    }
    Ok(read)
}

/// The rows of a file that was outlined.
pub struct Rows {
    reader: Reader<File>,
}

impl Rows {
    /// Of `file`, whose columns are separated by `delimiter`.
    #[must_use]
    pub fn of(file: File, delimiter: u8) -> Self {
        Self { reader: builder(delimiter).from_reader(file) }
    }

    /// Goes on at `place`.
    pub fn seek(&mut self, place: Place) -> std::io::Result<()> {
        if self.place() == place {
            return Ok(());
        }
        let mut position = Position::new();
        position.set_byte(u64::try_from(place.byte).unwrap_or_default());
        position.set_line(u64::try_from(place.line).unwrap_or_default());
        self.reader.seek(position).map_err(std::io::Error::other)
    }

    /// Where the next row begins.
    #[must_use]
    pub fn place(&self) -> Place {
        Place::from(self.reader.position())
    }

    /// The next row with its line; none at the end.
    pub fn next_row(&mut self) -> std::io::Result<Option<(i64, StringRecord)>> {
        let (mut row, before) = (StringRecord::new(), self.place());
        let read = self.reader.read_record(&mut row).map_err(std::io::Error::other)?;
        // Where the row before ended is not where this one begins: there may be empty lines between.
        let inside = row.iter().flat_map(str::bytes).filter(|byte| *byte == b'\n').count();
        let line = self.place().line - 1 - i64::try_from(inside).unwrap_or_default();
        // A file may end without ending its last line, even within quotes: that line would be the one before.
        Ok(read.then_some((line.max(before.line), row)))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// What stands between columns is found out, also where the file says it.
    #[test]
    fn delimiters_are_recognised() {
        for (text, expected) in [
            ("a,b\n1,2\n", b','),
            ("a;\"b,c,d\";e\n1;2;3\n", b';'),
            ("a\tb\n1\t2\n", b'\t'),
            ("email\na@example.com\n", b','),
            ("sep=;\r\na;b,c,d\n1;2\n", b';'),
        ] {
            let outline = outline(text).expect("a table");
            assert_eq!((outline.delimiter, outline.rows), (expected, 1), "{text}");
        }
    }

    #[test]
    fn what_is_no_table_is_refused() {
        let long = format!("email\n\"{}", "x\n".repeat(200_000));
        for (text, expected) in [
            ("", "is empty"),
            ("email,name\n", "no row below"),
            ("PK\u{3}\u{4}\0\0", "not a text file"),
            ("ada@example.com,Ada\nbob@example.com,Bob\n", "what the columns are"),
            (&long, "quotation mark"),
        ] {
            let told = outline(text).expect_err("no table");
            assert!(told.contains(expected), "{told}");
        }
    }

    /// Each row has a line of its own, also where the file breaks off or a quote is never closed, wherever one begins.
    #[test]
    fn no_two_rows_share_a_line() {
        for end in ["c@example.com", "c@example.com;\"never closed", "c@example.com;\"never\nclosed\n", "\"c;\n\n"] {
            let text = format!("email;note\na@example.com;\"two\nlines\"\nb@example.com;x\n{end}");
            let outline = outline(&text).expect("a table");
            let mut file = tempfile::tempfile().expect("a file");
            file.write_all(text.as_bytes()).expect("written");
            let mut rows = Rows::of(file, outline.delimiter);
            rows.seek(outline.first).expect("the first row");
            let (mut lines, mut places) = (Vec::new(), Vec::new());
            loop {
                places.push(rows.place());
                let Some((line, _)) = rows.next_row().expect("read") else { break };
                lines.push(line);
            }
            assert_eq!(lines, [2, 4, 5], "{end}");
            for (place, line) in places.into_iter().zip(lines) {
                rows.seek(place).expect("back");
                assert_eq!(rows.next_row().expect("read").map(|(line, _)| line), Some(line), "{end}");
            }
        }
    }

    /// Whoever goes on in the middle reads the same rows under the same lines.
    #[test]
    fn rows_are_read_from_any_place() {
        let text = "sep=;\nemail;note\na@example.com;\"two\nlines\"\n\nb@example.com;x\n";
        let outline = outline(text).expect("a table");
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(text.as_bytes()).expect("written");
        let mut rows = Rows::of(file, outline.delimiter);
        rows.seek(outline.first).expect("the first row");
        let (line, row) = rows.next_row().expect("read").expect("a row");
        assert_eq!((line, &row[1]), (3, "two\nlines"));
        let second = rows.place();
        let (line, row) = rows.next_row().expect("read").expect("a row");
        assert_eq!((line, &row[0]), (6, "b@example.com"));
        assert!(rows.next_row().expect("read").is_none());
        rows.seek(second).expect("back");
        let (line, row) = rows.next_row().expect("read").expect("a row");
        assert_eq!((line, &row[0]), (6, "b@example.com"));
    }
}
