//! Draws pages. The same paper makes the same bytes, whenever it is drawn.
use chrono::{Datelike, Timelike};
use krilla::{
    Document, SerializeSettings,
    color::rgb,
    geom::{PathBuilder, Point},
    metadata::{DateTime, Metadata},
    num::NormalizedF32,
    page::PageSettings,
    paint::{Fill, Stroke},
    surface::Surface,
};

use super::{
    font::face,
    layout::{HEIGHT, Mark, WIDTH, pages},
};
use crate::receipt::paper::Paper;

/// `paper` as a file, or why it could not be made.
pub fn pdf(paper: &Paper) -> Result<Vec<u8>, String> {
    let mut document = Document::new_with(SerializeSettings { enable_tagging: false, ..SerializeSettings::default() });
    document.set_metadata(metadata(paper));
    let odd = || "a page has no size".to_owned();
    for marks in pages(paper) {
        let mut page = document.start_page_with(PageSettings::from_wh(WIDTH, HEIGHT).ok_or_else(odd)?);
        let mut surface = page.surface();
        for mark in marks {
            draw(&mut surface, mark);
        }
        surface.finish();
        page.finish();
    }
    document.finish().map_err(|error| format!("{error:?}"))
}

fn metadata(paper: &Paper) -> Metadata {
    let at = paper.issued_at;
    let byte = |part: u32| u8::try_from(part).unwrap_or_default();
    let date = DateTime::new(u16::try_from(at.year()).unwrap_or_default())
        .month(byte(at.month()))
        .day(byte(at.day()))
        .hour(byte(at.hour()))
        .minute(byte(at.minute()))
        .second(byte(at.second()))
        .utc_offset_hour(0)
        .utc_offset_minute(0);
    let seller = paper.seller.first().cloned().unwrap_or_default();
    Metadata::new()
        .title(paper.title())
        .authors(vec![seller])
        .language("en".to_owned())
        .creation_date(date)
        .document_id(paper.title())
}

fn draw(surface: &mut Surface<'_>, mark: Mark) {
    match mark {
        Mark::Text(mut x, y, style, line) => {
            let Some(face) = face(style.strong) else { return };
            let paint = rgb::Color::new(style.grey, style.grey, style.grey).into();
            surface.set_stroke(None);
            surface.set_fill(Some(Fill { paint, opacity: NormalizedF32::ONE, ..Fill::default() }));
            for run in line.runs {
                let start = Point::from_xy(x, y);
                surface.draw_glyphs(start, &run.glyphs, face.font.clone(), &run.text, style.size, false);
                x += run.glyphs.iter().map(|glyph| glyph.x_advance).sum::<f32>() * style.size;
            }
        }
        Mark::Rule(y, width) => {
            let mut path = PathBuilder::new();
            path.move_to(48.0, y);
            path.line_to(WIDTH - 48.0, y);
            let Some(path) = path.finish() else { return };
            surface.set_fill(None);
            surface.set_stroke(Some(Stroke { width, ..Stroke::default() }));
            surface.draw_path(&path);
        }
    }
}
