//! What is bought for somebody else (OR-1): one piece of a digital product, once, for each person. Whether they are whoever
//! buys is known when that is: then it is no gift.
use kit::{address, email::Email, failure::Violation, ids::LineId};
use proto::carts::v1 as pb;
use serde::{Deserialize, Serialize};

use crate::{
    Error,
    cart::{Cart, Item, Line, LineName, MOST_LINES},
    offer::{Offer, Offers, Shown},
    quantity::Quantity,
};

/// Longest message, in characters.
const MESSAGE: usize = 500;

/// Who is to have something, as whoever buys typed it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Gift {
    /// E-mail address; empty once they were erased.
    pub email: String,
    /// The same as it says who they are, however it is written.
    pub canonical: String,
    /// Full name; may be empty.
    pub name: String,
    /// What they are told with it; may be empty.
    pub message: String,
}

impl Gift {
    /// Reads a gift, or tells all of its faults.
    pub fn parse(given: &pb::Gift) -> Result<Self, kit::Error> {
        let mut faults = Vec::new();
        let (email, canonical) = match Email::parse(&given.email) {
            Ok(email) => (email.entered().to_owned(), email.canonical().to_owned()),
            Err(error) => {
                let missing = given.email.trim().is_empty();
                let (code, detail) = if missing {
                    ("required", "say who is to have it".to_owned())
                } else {
                    ("malformed", error.to_string())
                };
                faults.push(Violation::new("/gift/email", code, detail));
                (String::new(), String::new())
            }
        };
        let name = address::line("/gift/name", &given.name, address::LINE, &mut faults);
        let message = message(&given.message, &mut faults);
        if faults.is_empty() { Ok(Self { email, canonical, name, message }) } else { Err(kit::Error::Invalid(faults)) }
    }

    /// Whether both are for the same person, however the address is written.
    #[must_use]
    pub fn is_for_whom(&self, other: &Self) -> bool {
        !self.canonical.is_empty() && self.canonical == other.canonical
    }
}

/// Several lines of plain text.
fn message(given: &str, faults: &mut Vec<Violation>) -> String {
    let text = given.trim().replace("\r\n", "\n");
    if text.chars().count() > MESSAGE {
        faults.push(Violation::new("/gift/message", "too_long", "at most 500 characters"));
    } else if text.chars().any(|sign| sign.is_control() && sign != '\n') {
        faults.push(Violation::new("/gift/message", "malformed", "only line breaks go between the words"));
    }
    text
}

impl From<Gift> for pb::Gift {
    fn from(Gift { email, name, message, .. }: Gift) -> Self {
        Self { email, name, message }
    }
}

impl Offer {
    /// Passes when it can be given to somebody else. All that is inside a digital product is digital, too.
    pub fn check_gift(&self) -> Result<(), Error> {
        if self.label.kind == "digital" { self.check_plan(None) } else { Err(Error::GiftNotDigital) }
    }
}

impl Line {
    /// A line with `item` for somebody else.
    #[must_use]
    pub fn given(id: LineId, (product, plan): Item, (quantity, gift): (Quantity, Gift)) -> Self {
        Self { id, position: 0, product, plan, quantity, gift: Some(gift), shown: Shown::default() }
    }

    /// Whether `other` is about the same, for the same person: both are one line of one cart.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        let same_person = match (&self.gift, &other.gift) {
            (None, None) => true,
            (Some(mine), Some(theirs)) => mine.is_for_whom(theirs),
            _ => false,
        };
        same_person && self.item() == other.item()
    }
}

impl Cart {
    /// Adds what `offer` offers as a `gift`; a line with it for the same person takes the new words.
    pub fn give(&mut self, line: Line, offer: &Offer) -> Result<(), Error> {
        if line.plan.is_some() {
            return Err(Error::GiftRenews);
        }
        offer.check_gift()?;
        if line.quantity != Quantity::ONE {
            return Err(Error::GiftSingle);
        }
        self.buy_from(offer)?;
        if let Some(own) = self.lines.iter_mut().find(|own| own.is_same(&line)) {
            own.gift = line.gift;
            return Ok(());
        }
        if self.lines.len() >= MOST_LINES {
            return Err(Error::TooManyLines);
        }
        let position = self.lines.last().map_or(0, |last| last.position + 1);
        self.lines.push(Line { position, ..line });
        Ok(())
    }

    /// Has a line given to somebody, or to nobody any more, and then perhaps with another number of pieces. When there is a
    /// line for that already, it takes words and pieces.
    pub fn regift(
        &mut self,
        name: LineName,
        (gift, pieces): (Option<Gift>, Option<Quantity>),
        offers: &Offers,
    ) -> Result<LineName, Error> {
        let place = self.place(name)?;
        let quantity = pieces.unwrap_or(self.lines[place].quantity);
        let line = Line { quantity, gift, ..self.lines[place].clone() };
        if line.gift.is_some() {
            if line.plan.is_some() {
                return Err(Error::GiftRenews);
            }
            offers.buyable(line.product)?.check_gift()?;
            if line.quantity != Quantity::ONE {
                return Err(Error::GiftSingle);
            }
        }
        let id: LineId = line.id;
        let Some(other) = self.lines.iter_mut().find(|other| other.id != id && other.is_same(&line)) else {
            self.lines[place] = line;
            return Ok(LineName::Line(id));
        };
        match line.gift {
            None => other.quantity = other.quantity.plus(line.quantity)?,
            gift => other.gift = gift,
        }
        let kept = LineName::Line(other.id);
        self.lines.remove(place);
        Ok(kept)
    }
}

#[cfg(test)]
#[path = "gift_tests.rs"]
mod tests;
