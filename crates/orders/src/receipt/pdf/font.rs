//! The letters: `DejaVu Sans`, which knows Latin, Greek, Cyrillic, Hebrew and Arabic, among others. What it does not know
//! is a box.
use std::sync::LazyLock;

use krilla::text::{Font, GlyphId, KrillaGlyph};
use rustybuzz::{Direction, Face, UnicodeBuffer};

/// A face, to shape with and to draw with.
pub struct Type {
    face: Face<'static>,
    /// What is embedded, as far as it is used.
    pub font: Font,
}

/// For what is read.
static REGULAR: LazyLock<Option<Type>> = LazyLock::new(|| Type::read(dejavu::sans::regular()));
/// For what matters.
static BOLD: LazyLock<Option<Type>> = LazyLock::new(|| Type::read(dejavu::sans::bold()));

/// The face, `strong` or not. They are part of the program, and a test reads both.
pub fn face(strong: bool) -> Option<&'static Type> {
    if strong { BOLD.as_ref() } else { REGULAR.as_ref() }
}

impl Type {
    fn read(data: &'static [u8]) -> Option<Self> {
        Some(Self { face: Face::from_slice(data, 0)?, font: Font::new(data.to_vec().into(), 0)? })
    }

    /// `text`, which is of one script and direction, as glyphs from left to right. Widths are shares of the size.
    pub fn shape(&self, text: &str, is_rtl: bool) -> Vec<KrillaGlyph> {
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(text);
        buffer.guess_segment_properties();
        buffer.set_direction(if is_rtl { Direction::RightToLeft } else { Direction::LeftToRight });
        let shaped = rustybuzz::shape(&self.face, &[], buffer);
        let mut starts: Vec<usize> = shaped.glyph_infos().iter().map(|glyph| glyph.cluster as usize).collect();
        starts.push(text.len());
        starts.sort_unstable();
        let units = self.font.units_per_em();
        #[expect(clippy::cast_precision_loss, reason = "font units are small")]
        let share = |width: i32| width as f32 / units;
        let glyphs = shaped.glyph_infos().iter().zip(shaped.glyph_positions());
        let glyphs = glyphs.map(|(glyph, place)| {
            let start = glyph.cluster as usize;
            let end = starts[starts.partition_point(|other| *other <= start)..].first().copied();
            KrillaGlyph::new(
                GlyphId::new(glyph.glyph_id),
                share(place.x_advance),
                share(place.x_offset),
                share(place.y_offset),
                share(place.y_advance),
                start..end.unwrap_or(text.len()),
                None,
            )
        });
        glyphs.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// OR-6: both faces are there, and know the letters of half the world; what they do not know has a glyph all the same.
    #[test]
    fn faces_are_there() {
        for strong in [false, true] {
            let face = face(strong).expect("a face");
            for known in ["Straße", "Ωμέγα", "Київ", "שלום", "مرحبا", "€ ₪ ×"] {
                assert!(face.shape(known, false).iter().all(|glyph| glyph.glyph_id.to_u32() != 0), "{known} {strong}");
            }
            assert_eq!(face.shape("本", false).len(), 1);
        }
    }
}
