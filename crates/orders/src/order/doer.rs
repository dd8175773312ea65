//! Who does something with an order, as its history names them: kinds and ids, never names.
use kit::actor::Actor;

/// Who did it, and who really did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Doer {
    /// In whose name: kind and id.
    pub actor: String,
    /// Who acted for them, kind and id; empty when nobody did (ID-25).
    pub impersonator: String,
}

impl Doer {
    /// Whoever `actor` is.
    #[must_use]
    pub fn of(actor: &Actor) -> Self {
        let impersonator = actor.act.as_ref().map(|act| format!("{} {}", act.kind.slug(), act.sub));
        Self { actor: actor.label(), impersonator: impersonator.unwrap_or_default() }
    }
}
