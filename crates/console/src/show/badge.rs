//! A state as a badge: its words, and a colour that repeats what they say.
use super::label;

/// A state as a badge.
pub struct Badge {
    /// In words.
    pub label: String,
    /// Tabler's class for the colour.
    pub class: &'static str,
}

impl Badge {
    /// The badge of a state's slug. States that are not known yet look neutral.
    pub fn new(slug: &str) -> Self {
        let class = match slug {
            "active" | "placed" | "completed" | "paid" | "fulfilled" | "succeeded" | "sent" | "delivered"
            | "registered" | "customer" => "bg-green-lt",
            "past_due" | "paused" | "pending" | "partial" | "queued" | "partially_refunded" | "authorization" => {
                "bg-yellow-lt"
            }
            "cancelled" | "expired" | "failed" | "inactive" | "bounced" => "bg-red-lt",
            "open" | "lead" => "bg-blue-lt",
            _ => "bg-secondary-lt",
        };
        Self { label: label::words(slug), class }
    }
}
