//! Where everything stands: pages of A4, each with its head, the table going on from one to the next.
use super::text::{Line, Style, line, lines};
use crate::receipt::paper::{Paper, Row};

/// Width of a page in points.
pub const WIDTH: f32 = 595.0;
/// Height of a page in points.
pub const HEIGHT: f32 = 842.0;
const LEFT: f32 = 48.0;
const RIGHT: f32 = WIDTH - LEFT;
const TOP: f32 = 48.0;
/// Below this is the number of the page.
const BOTTOM: f32 = HEIGHT - 64.0;
/// Where the columns of numbers end, and how wide they may be.
const QUANTITY: (f32, f32) = (318.0, 40.0);
const PRICE: (f32, f32) = (434.0, 108.0);
const AMOUNT: (f32, f32) = (RIGHT, 108.0);
/// How wide names may be.
const NAME: f32 = 226.0;
/// How wide what stands beside something else may be.
const HALF: f32 = 240.0;

const TITLE: Style = Style { size: 17.0, strong: true, grey: 0 };
const SELLER: Style = Style { size: 13.0, strong: true, grey: 0 };
const PLAIN: Style = Style { size: 9.0, strong: false, grey: 0 };
const STRONG: Style = Style { size: 9.0, strong: true, grey: 0 };
const SMALL: Style = Style { size: 7.5, strong: false, grey: 90 };
/// Height of a line, as a share of its size.
const LEADING: f32 = 1.4;

/// Something that is drawn.
#[derive(Clone, Debug)]
pub enum Mark {
    /// A line of text: its left end on its base line.
    Text(f32, f32, Style, Line),
    /// A rule over the page, at this height.
    Rule(f32, f32),
}

/// Pages under way.
struct Pages<'a> {
    paper: &'a Paper,
    done: Vec<Vec<Mark>>,
    page: Vec<Mark>,
    y: f32,
}

/// The pages of `paper`: with the number of each.
pub fn pages(paper: &Paper) -> Vec<Vec<Mark>> {
    let mut pages = Pages { paper, done: Vec::new(), page: Vec::new(), y: TOP };
    pages.head();
    pages.table();
    pages.sums();
    pages.remarks();
    pages.turn();
    let mut all = pages.done;
    let count = all.len();
    for (at, page) in all.iter_mut().enumerate() {
        let number = line(&format!("{} / {count}", at + 1), SMALL);
        let title = line(&paper.title(), SMALL);
        let left = RIGHT - number.width * SMALL.size;
        page.push(Mark::Text(LEFT, HEIGHT - 40.0, SMALL, title));
        page.push(Mark::Text(left, HEIGHT - 40.0, SMALL, number));
    }
    all
}

const fn height(style: Style) -> f32 {
    style.size * LEADING
}

impl Pages<'_> {
    fn turn(&mut self) {
        self.done.push(std::mem::take(&mut self.page));
        self.y = TOP;
    }

    /// Lines of text at `x` from `y` on; answers where they end.
    fn write(&mut self, (x, mut y): (f32, f32), style: Style, text: Vec<Line>) -> f32 {
        for line in text {
            y += height(style);
            self.page.push(Mark::Text(x, y - height(style) + style.size, style, line));
        }
        y
    }

    /// A text that ends at `x`, made as small as its room.
    fn write_right(&mut self, (x, most): (f32, f32), y: f32, (style, text): (Style, &str)) {
        let line = line(text, style);
        let size = if line.width * style.size > most { most / line.width } else { style.size };
        let left = x - line.width * size;
        self.page.push(Mark::Text(left, y + style.size, Style { size, ..style }, line));
    }

    /// Who sold and bought what this is, and when.
    fn head(&mut self) {
        let (paper, mut y) = (self.paper, self.y);
        self.write_right((RIGHT, HALF), y, (TITLE, &paper.heading));
        self.write_right((RIGHT, HALF), y + height(TITLE), (PLAIN, &paper.number));
        for (at, text) in paper.seller.iter().enumerate() {
            let style = if at == 0 { SELLER } else { PLAIN };
            y = self.write((LEFT, y), style, lines(text, style, HALF));
        }
        let below = y.max(self.y + height(TITLE) + height(PLAIN)) + 24.0;
        let (mut left, mut right) = (below, below);
        for text in &paper.buyer {
            left = self.write((LEFT, left), PLAIN, lines(text, PLAIN, HALF));
        }
        for (word, text) in &paper.facts {
            self.write((RIGHT - HALF, right), SMALL, lines(word, SMALL, 90.0));
            right = self.write((RIGHT - HALF + 96.0, right), PLAIN, lines(text, PLAIN, HALF - 96.0));
        }
        self.y = left.max(right) + 24.0;
    }

    fn columns(&mut self) {
        let y = self.y;
        self.write((LEFT, y), SMALL, lines("Item", SMALL, NAME));
        self.write_right(QUANTITY, y, (SMALL, "Quantity"));
        self.write_right(PRICE, y, (SMALL, "Price"));
        self.write_right(AMOUNT, y, (SMALL, "Amount"));
        self.y += height(SMALL) + 3.0;
        self.page.push(Mark::Rule(self.y, 0.8));
        self.y += 4.0;
    }

    fn table(&mut self) {
        self.columns();
        let paper = self.paper;
        for row in &paper.rows {
            let (name, detail) = (lines(&row.name, PLAIN, NAME), lines(&row.detail, SMALL, NAME));
            #[expect(clippy::cast_precision_loss, reason = "a few lines")]
            let tall = name.len().max(1) as f32 * height(PLAIN) + detail.len() as f32 * height(SMALL) + 7.0;
            if self.y + tall > BOTTOM {
                self.turn();
                self.columns();
            }
            self.row(row, (name, detail));
            self.page.push(Mark::Rule(self.y, 0.2));
            self.y += 3.0;
        }
    }

    fn row(&mut self, row: &Row, (name, detail): (Vec<Line>, Vec<Line>)) {
        let y = self.y;
        self.write_right(QUANTITY, y, (PLAIN, &row.quantity));
        self.write_right(PRICE, y, (PLAIN, &row.price));
        self.write_right(AMOUNT, y, (PLAIN, &row.amount));
        let below = self.write((LEFT, y), PLAIN, name).max(y + height(PLAIN));
        self.y = self.write((LEFT, below), SMALL, detail) + 4.0;
    }

    /// All of them on one page.
    fn sums(&mut self) {
        let paper = self.paper;
        let texts: Vec<_> = paper.sums.iter().map(|sum| lines(&sum.label, PLAIN, 200.0)).collect();
        #[expect(clippy::cast_precision_loss, reason = "a few lines")]
        let tall = texts.iter().map(Vec::len).sum::<usize>() as f32 * (height(PLAIN) + 2.0);
        if self.y + 6.0 + tall.min(BOTTOM - TOP) > BOTTOM {
            self.turn();
        }
        self.y += 6.0;
        for (sum, text) in paper.sums.iter().zip(texts) {
            if self.y + height(PLAIN) > BOTTOM {
                self.turn();
            }
            let style = if sum.strong { STRONG } else { PLAIN };
            let text = if sum.strong { lines(&sum.label, STRONG, 200.0) } else { text };
            self.write_right(AMOUNT, self.y, (style, &sum.amount));
            self.y = self.write((RIGHT - HALF - 72.0, self.y), style, text) + 2.0;
        }
    }

    fn remarks(&mut self) {
        let paper = self.paper;
        self.y += 18.0;
        for text in paper.remarks.iter().flat_map(|remark| lines(remark, PLAIN, RIGHT - LEFT)) {
            if self.y + height(PLAIN) > BOTTOM {
                self.turn();
            }
            self.y = self.write((LEFT, self.y), PLAIN, vec![text]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(page: &[Mark]) -> Vec<String> {
        let text = |mark: &Mark| match mark {
            Mark::Text(_, _, _, line) => Some(line.runs.iter().map(|run| &*run.text).collect::<String>()),
            Mark::Rule(..) => None,
        };
        page.iter().filter_map(text).collect()
    }

    /// OR-6: however many lines there are, they go on over pages, each with its heads and its number, and nothing leaves
    /// its page.
    #[test]
    fn tables_go_on() {
        let row = |at: usize| Row {
            name: format!("{at} {}", "a name of many words ".repeat(at % 12)),
            detail: "SKU-1".to_owned(),
            quantity: "2".to_owned(),
            price: "9999999999.999 KWD".to_owned(),
            amount: "9999999999.999 KWD".to_owned(),
        };
        let paper = Paper { rows: (0..200).map(row).collect(), ..Paper::default() };
        let pages = pages(&paper);
        assert!(pages.len() > 8);
        let mut rows = 0;
        for (at, page) in pages.iter().enumerate() {
            let texts = texts(page);
            assert!(texts.contains(&format!("{} / {}", at + 1, pages.len())));
            assert!(texts.contains(&"Quantity".to_owned()));
            rows += texts.iter().filter(|text| *text == "SKU-1").count();
            for mark in page {
                if let Mark::Text(x, y, style, line) = mark {
                    assert!(*x >= LEFT - 0.1 && x + line.width * style.size <= RIGHT + 4.0, "{mark:?}");
                    assert!(*y > TOP && *y < HEIGHT - 30.0);
                }
            }
        }
        assert_eq!(rows, 200);
    }
}
