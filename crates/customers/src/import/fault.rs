//! What is wrong with a cell, in a sentence. Faults never hold what stands in the cell.

/// A fault of a cell, or of a whole line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// Number of the column, the first is 1; 0 for the whole line.
    pub place: i32,
    /// What is wrong.
    pub code: &'static str,
    /// Whether the row is not taken for it.
    pub refuses: bool,
}

impl Fault {
    /// Something for which the row is not taken.
    #[must_use]
    pub const fn refusal(place: i32, code: &'static str) -> Self {
        Self { place, code, refuses: true }
    }

    /// Something that is left out of the row.
    #[must_use]
    pub const fn warning(place: i32, code: &'static str) -> Self {
        Self { place, code, refuses: false }
    }
}

/// What a code means.
#[must_use]
pub fn sentence(code: &str) -> &'static str {
    match code {
        "malformed" => "This cannot be read as what the column is.",
        "too_long" => "This is longer than there is room for.",
        "required" => "This must not be empty.",
        "too_many" => "There are more of them than there is room for.",
        "unknown_value" => "This is neither yes nor no.",
        "too_many_cells" => "The row has more cells than there are headings.",
        "email_required" => "Without an e-mail address, a known id or a phone that signs in nobody knows who this is.",
        "customer_not_found" => "There is no customer of this id.",
        "customer_erased" => "This person was erased and does not come back under this id.",
        "email_taken" => "This person is known in another store of the network only.",
        "address_incomplete" => "An address needs a street, a city and a country; this one is left out.",
        "too_many_addresses" => "The customer has 50 addresses already; this one is left out.",
        "email_kept" => "The customer has another e-mail address, which stays.",
        "phone_kept" => "The customer signs in with another phone, which stays.",
        "consent_withdrawn" => "The customer has withdrawn this consent; an import does not give it again.",
        "too_many_tags" => "The customer would have more than 50 tags.",
        "too_many_notes" => "This note is there already.",
        "superseded" => "A later row is about the same person and counts instead.",
        "meta_too_long" => "The further data would be longer than 16 KiB.",
        _ => "This is not possible.",
    }
}
