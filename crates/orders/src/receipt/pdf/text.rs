//! Text in lines: broken between words, each line in the order in which it is read.
use std::ops::Range;

use krilla::text::KrillaGlyph;
use unicode_bidi::BidiInfo;
use unicode_script::{Script, UnicodeScript};

use super::font::face;

/// Most lines of one text: nothing is longer than a page.
const MOST: usize = 40;

/// How letters look.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Style {
    /// Size in points.
    pub size: f32,
    /// Whether it matters.
    pub strong: bool,
    /// How dark: 0 is black.
    pub grey: u8,
}

/// A part of a line that is of one script and direction.
#[derive(Clone, Debug)]
pub struct Run {
    /// Its letters, in the order in which they are written.
    pub text: String,
    /// From left to right.
    pub glyphs: Vec<KrillaGlyph>,
}

/// A line, from left to right.
#[derive(Clone, Debug, Default)]
pub struct Line {
    /// Its parts.
    pub runs: Vec<Run>,
    /// As a share of the size.
    pub width: f32,
}

/// `text` in lines at most `width` points wide, as far as letters allow. No text has no lines.
pub fn lines(text: &str, style: Style, width: f32) -> Vec<Line> {
    let text = clean(text);
    let bidi = BidiInfo::new(&text, None);
    let Some(paragraph) = bidi.paragraphs.first() else { return Vec::new() };
    let mut pieces = pieces(&text, style.strong, width / style.size);
    if pieces.len() > MOST {
        pieces.truncate(MOST);
    }
    let line = |piece: Range<usize>| {
        let (levels, runs) = bidi.visual_runs(paragraph, piece);
        let mut line = Line::default();
        for run in runs {
            let is_rtl = levels[run.start].is_rtl();
            let mut parts = scripts(&text, run);
            if is_rtl {
                parts.reverse();
            }
            line.runs.extend(parts.into_iter().filter_map(|part| shape(&text[part], (style.strong, is_rtl))));
        }
        line.width = line.runs.iter().flat_map(|run| &run.glyphs).map(|glyph| glyph.x_advance).sum();
        line
    };
    pieces.into_iter().map(line).collect()
}

/// `text` in one line, however wide.
pub fn line(text: &str, style: Style) -> Line {
    lines(text, style, f32::MAX).into_iter().next().unwrap_or_default()
}

/// What cannot be seen becomes a space; marks that would turn the text around are left out.
fn clean(text: &str) -> String {
    let seen = text.chars().filter(|sign| !matches!(sign, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'));
    seen.map(|sign| if sign.is_control() || sign == '\u{2028}' || sign == '\u{2029}' { ' ' } else { sign }).collect()
}

fn shape(text: &str, (strong, is_rtl): (bool, bool)) -> Option<Run> {
    Some(Run { text: text.to_owned(), glyphs: face(strong)?.shape(text, is_rtl) })
}

fn wide(text: &str, strong: bool) -> f32 {
    face(strong).map_or(0.0, |face| face.shape(text, false).iter().map(|glyph| glyph.x_advance).sum())
}

/// Where lines of `text` begin and end: after a space, or within a word that is longer than a line.
fn pieces(text: &str, strong: bool, width: f32) -> Vec<Range<usize>> {
    let (mut pieces, mut start, mut end, mut taken) = (Vec::new(), 0, 0, 0.0);
    let mut cut = |start: &mut usize, end: usize| {
        pieces.push(*start..end);
        *start = end;
    };
    for word in text.split_inclusive(' ') {
        let wide_word = wide(word.trim_end(), strong);
        if taken > 0.0 && taken + wide_word > width {
            cut(&mut start, end);
            taken = 0.0;
        }
        if wide_word > width {
            for sign in word.chars() {
                let wide_sign = wide(sign.encode_utf8(&mut [0; 4]), strong);
                if taken > 0.0 && wide_sign > 0.0 && taken + wide_sign > width {
                    cut(&mut start, end);
                    taken = 0.0;
                }
                (end, taken) = (end + sign.len_utf8(), taken + wide_sign);
            }
        } else {
            (end, taken) = (end + word.len(), taken + wide(word, strong));
        }
    }
    if start < end {
        cut(&mut start, end);
    }
    pieces
}

/// `run` cut where the script changes: letters of Arabic join only among themselves.
fn scripts(text: &str, run: Range<usize>) -> Vec<Range<usize>> {
    let (mut parts, mut start, mut now) = (Vec::new(), run.start, None);
    for (at, sign) in text[run.clone()].char_indices() {
        let script = sign.script();
        if matches!(script, Script::Common | Script::Inherited) {
            continue;
        }
        if now.is_some_and(|now| now != script) {
            parts.push(start..run.start + at);
            start = run.start + at;
        }
        now = Some(script);
    }
    parts.push(start..run.end);
    parts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PLAIN: Style = Style { size: 9.0, strong: false, grey: 0 };

    fn read(line: &Line) -> String {
        line.runs.iter().map(|run| &*run.text).collect()
    }

    /// OR-6: long names are broken between words, words that are too long anywhere, and nothing is lost.
    #[test]
    fn long_names_are_broken() {
        let name = format!("A rather long name of something {} ends", "x".repeat(120));
        let lines = lines(&name, PLAIN, 200.0);
        assert!(lines.len() > 4);
        assert_eq!(lines.iter().map(read).collect::<String>(), name);
        for line in &lines {
            let last_space = line.runs.last().is_some_and(|run| run.text.ends_with(' '));
            assert!(line.width * PLAIN.size <= if last_space { 204.0 } else { 200.5 }, "{line:?}");
        }
    }

    /// OR-6: what runs from right to left does, and numbers within it do not.
    #[test]
    fn text_runs_both_ways() {
        let line = line("ספר 12 – Book", PLAIN);
        let parts: Vec<_> = line.runs.iter().map(|run| run.text.trim()).collect();
        assert_eq!(parts.first(), Some(&"Book"), "the paragraph begins on the right");
        assert_eq!(parts.last(), Some(&"ספר"));
        let hebrew = &line.runs.last().expect("a run").glyphs;
        assert!(hebrew.first().expect("a glyph").text_range.start > hebrew.last().expect("a glyph").text_range.start);
        // Letters of Arabic join: alone they look different.
        let face = face(false).expect("a face");
        let joined = face.shape("مرحبا", true);
        let alone: Vec<_> =
            "مرحبا".chars().rev().flat_map(|sign| face.shape(sign.encode_utf8(&mut [0; 4]), true)).collect();
        assert_ne!(
            joined.iter().map(|glyph| glyph.glyph_id).collect::<Vec<_>>(),
            alone.iter().map(|glyph| glyph.glyph_id).collect::<Vec<_>>()
        );
    }

    proptest! {
        /// OR-6: whatever anybody is called, it is a text in lines.
        #[test]
        fn anything_is_a_text(name in "\\PC{0,80}", odd in prop::collection::vec(any::<char>(), 0..40)) {
            let text = format!("{name} {}", odd.into_iter().collect::<String>());
            let lines = lines(&text, PLAIN, 120.0);
            prop_assert!(lines.len() <= MOST);
        }
    }
}
