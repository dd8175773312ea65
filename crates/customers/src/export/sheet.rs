//! A file in the making. However many rows it has, a few of them are in memory (EX-3).
use std::{
    fs::File,
    io::{BufWriter, Seek, Write},
    path::Path,
};

use kit::money::Money;
use rust_xlsxwriter::{Format as Style, Workbook, Worksheet, XlsxError};

use super::{cell::Cell, export::Format};

/// Rows of a sheet, one less than spreadsheets take: the first is the heading.
const ROWS: u32 = 1_048_575;
/// Most digits that a currency has behind the point.
const DIGITS: usize = 4;
/// What tells a spreadsheet that a text is in UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// A file in the making.
pub struct Sheet(Kind);

enum Kind {
    Csv(Box<csv::Writer<BufWriter<File>>>),
    Xlsx(Box<Book>),
    Html(BufWriter<File>),
}

struct Book {
    workbook: Workbook,
    file: File,
    heading: Vec<String>,
    row: u32,
    bold: Style,
    moment: Style,
    /// By how many digits are behind the point.
    amounts: Vec<Style>,
}

/// What a file that cannot be written failed of.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// The disk.
    #[error("a file could not be written: {0}")]
    Disk(#[from] std::io::Error),
    /// The writer of comma-separated values.
    #[error("a file could not be written: {0}")]
    Csv(#[from] csv::Error),
    /// The writer of workbooks.
    #[error("a workbook could not be written: {0}")]
    Xlsx(#[from] XlsxError),
}

impl Sheet {
    /// Begins a file in `folder` with these names of columns. It has no name there, so that nothing is left of it when its
    /// writer dies.
    pub fn begin(format: Format, folder: &Path, title: &str, heading: &[&str]) -> Result<Self, Trouble> {
        let file = tempfile::tempfile_in(folder)?;
        Ok(Self(match format {
            Format::Csv => {
                let mut file = BufWriter::new(file);
                file.write_all(MARK)?;
                let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(file);
                writer.write_record(heading)?;
                Kind::Csv(Box::new(writer))
            }
            Format::Xlsx => Kind::Xlsx(Box::new(Book::new(folder, file, heading)?)),
            Format::Html => {
                let mut file = BufWriter::new(file);
                let title = escape(title);
                write!(
                    file,
                    "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title></head>\n\
                     <body><h1>{title}</h1><table border=\"1\"><thead><tr>"
                )?;
                for name in heading {
                    write!(file, "<th>{}</th>", escape(name))?;
                }
                writeln!(file, "</tr></thead><tbody>")?;
                Kind::Html(file)
            }
        }))
    }

    /// Adds rows.
    pub fn add(&mut self, rows: &[Vec<Cell>]) -> Result<(), Trouble> {
        for cells in rows {
            match &mut self.0 {
                Kind::Csv(writer) => writer.write_record(cells.iter().map(Cell::defused))?,
                Kind::Xlsx(book) => book.add(cells)?,
                Kind::Html(file) => {
                    write!(file, "<tr>")?;
                    for cell in cells {
                        write!(file, "<td>{}</td>", escape(&cell.plain()))?;
                    }
                    writeln!(file, "</tr>")?;
                }
            }
        }
        Ok(())
    }

    /// The whole file, to be read from its beginning.
    pub fn end(self) -> Result<File, Trouble> {
        let mut file = match self.0 {
            Kind::Csv(writer) => whole(writer.into_inner().map_err(csv::IntoInnerError::into_error)?)?,
            Kind::Xlsx(book) => {
                let Book { mut workbook, mut file, .. } = *book;
                workbook.save_to_writer(&mut file)?;
                file
            }
            Kind::Html(mut file) => {
                writeln!(file, "</tbody></table></body></html>")?;
                whole(file)?
            }
        };
        file.rewind()?;
        Ok(file)
    }
}

fn whole(file: BufWriter<File>) -> Result<File, std::io::Error> {
    file.into_inner().map_err(std::io::IntoInnerError::into_error)
}

impl Book {
    fn new(folder: &Path, file: File, heading: &[&str]) -> Result<Self, Trouble> {
        let mut workbook = Workbook::new();
        // Rows wait beside the file, not in memory.
        workbook.set_tempdir(folder)?;
        let moment = Style::new().set_num_format("yyyy-mm-dd hh:mm:ss");
        let heading = heading.iter().map(|&name| name.to_owned()).collect();
        let digits = (0..=DIGITS).map(|digits| if digits == 0 { "0".to_owned() } else { format!("0.{:0digits$}", 0) });
        let amounts = digits.map(|format| Style::new().set_num_format(format)).collect();
        let mut book = Self { workbook, file, heading, row: 0, bold: Style::new().set_bold(), moment, amounts };
        book.turn()?;
        Ok(book)
    }

    /// Begins another sheet.
    fn turn(&mut self) -> Result<(), Trouble> {
        let sheet = self.workbook.add_worksheet_with_constant_memory()?;
        for (column, name) in (0..).zip(&self.heading) {
            sheet.write_string_with_format(0, column, name, &self.bold)?;
        }
        sheet.set_freeze_panes(1, 0)?;
        self.row = 0;
        Ok(())
    }

    fn add(&mut self, cells: &[Cell]) -> Result<(), Trouble> {
        if self.row == ROWS {
            self.turn()?;
        }
        self.row += 1;
        let last = self.workbook.worksheets().len().saturating_sub(1);
        let sheet: &mut Worksheet = self.workbook.worksheet_from_index(last)?;
        for (column, cell) in (0..).zip(cells) {
            match cell {
                // A cell of text is never run, whatever it begins with.
                Cell::Text(text) => sheet.write_string(self.row, column, text)?,
                #[expect(clippy::cast_precision_loss, reason = "spreadsheets know no other numbers")]
                Cell::Number(number) => sheet.write_number(self.row, column, *number as f64)?,
                Cell::Amount(money) => {
                    let style = &self.amounts[usize::from(money.exponent()).min(DIGITS)];
                    sheet.write_number_with_format(self.row, column, decimal(*money), style)?
                }
                Cell::Moment(at) => sheet.write_datetime_with_format(self.row, column, at.naive_utc(), &self.moment)?,
                Cell::Nothing => continue,
            };
        }
        Ok(())
    }
}

/// The number nearest to an amount.
#[expect(clippy::cast_precision_loss, reason = "spreadsheets know no other numbers")]
fn decimal(money: Money) -> f64 {
    money.amount as f64 / 10_f64.powi(i32::from(money.exponent()))
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            sign => escaped.push(sign),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn written(format: Format) -> anyhow::Result<Vec<u8>> {
        let folder = tempfile::tempdir()?;
        let mut sheet = Sheet::begin(format, folder.path(), "Leads", &["name", "orders_count"])?;
        let row = |name: &str, count| vec![Cell::text(name), Cell::Number(count)];
        sheet.add(&[row("=cmd|' /C calc'!A0", 1), row("Ånn <b>\"Q\"</b>, Ltd\nBerlin", -2)])?;
        let mut bytes = Vec::new();
        sheet.end()?.read_to_end(&mut bytes)?;
        assert_eq!(std::fs::read_dir(folder.path())?.count(), 0, "nothing is left beside it");
        Ok(bytes)
    }

    /// EX-1, EX-3: values are quoted, in UTF-8 that a spreadsheet knows for such, and none is a formula.
    #[test]
    fn comma_separated_values_are_safe() -> anyhow::Result<()> {
        let text = String::from_utf8(written(Format::Csv)?)?;
        let expected =
            "\u{feff}name,orders_count\r\n'=cmd|' /C calc'!A0,1\r\n\"Ånn <b>\"\"Q\"\"</b>, Ltd\nBerlin\",-2\r\n";
        assert_eq!(text, expected);
        Ok(())
    }

    /// EX-1: nothing in a page is markup of somebody else's.
    #[test]
    fn pages_are_escaped() -> anyhow::Result<()> {
        let text = String::from_utf8(written(Format::Html)?)?;
        assert!(text.contains("<td>Ånn &lt;b&gt;&quot;Q&quot;&lt;/b&gt;, Ltd\nBerlin</td><td>-2</td>"), "{text}");
        assert!(text.contains("<th>orders_count</th>") && text.ends_with("</html>\n"));
        Ok(())
    }

    /// EX-1, EX-3: a workbook holds texts as texts: there is no formula in it.
    #[test]
    fn workbooks_hold_no_formula() -> anyhow::Result<()> {
        let mut book = zip::ZipArchive::new(std::io::Cursor::new(written(Format::Xlsx)?))?;
        let mut sheet = String::new();
        book.by_name("xl/worksheets/sheet1.xml")?.read_to_string(&mut sheet)?;
        assert!(sheet.contains("=cmd|' /C calc'!A0</t>") && sheet.contains("Ånn &lt;b&gt;"), "{sheet}");
        assert!(sheet.contains("<v>-2</v>") && !sheet.contains("<f>"), "{sheet}");
        Ok(())
    }

    /// EX-3: a hundred thousand rows take no more memory than a few do.
    #[test]
    fn rows_do_not_stay_in_memory() -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        for format in [Format::Csv, Format::Html, Format::Xlsx] {
            let mut sheet = Sheet::begin(format, folder.path(), "Leads", &["name", "email", "orders_count"])?;
            let rows = |from: i64| -> Vec<Vec<Cell>> {
                let row = |n: i64| {
                    let name = format!("Somebody with a name of some length, number {n}");
                    vec![Cell::text(&name), Cell::text(format!("{n}@customers.example.com")), Cell::Number(n)]
                };
                (from..from + 1_000).map(row).collect()
            };
            sheet.add(&rows(0))?;
            let before = peak()?;
            for thousand in 1..100 {
                sheet.add(&rows(thousand * 1_000))?;
            }
            let size = sheet.end()?.metadata()?.len();
            let grown = peak()? - before;
            assert!(grown < 8 * 1024, "{format:?}: {grown} KiB more for a file of {size} bytes");
        }
        Ok(())
    }

    /// The most memory that this process ever had, in KiB.
    fn peak() -> anyhow::Result<i64> {
        let status = std::fs::read_to_string("/proc/self/status")?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.split_whitespace().next()).ok_or_else(|| anyhow::anyhow!("no VmHWM"))?;
        Ok(kib.parse()?)
    }
}
