//! What a campaign would look like, and who would get it. Nothing is kept or sent.
use proto::{customers::v1::SettledRecipients, identity::v1::Store, notifications::v1 as pb};

use crate::{
    error::Error,
    letter::{Letter, letter::Names},
    template::{Shop, Written, written},
};

/// Somebody of an invented name.
const SOMEBODY: &str = "Jane Doe";

/// The preview of `letter` in the name of `store`; what ends marketing leads nowhere.
pub fn preview(
    letter: &Letter,
    settled: &SettledRecipients,
    (store, house): (&Store, &str),
) -> Result<pb::CampaignPreview, Error> {
    let shop = Shop::from(store);
    let (subject, text) = letter.to(&Names { name: SOMEBODY.to_owned(), store: shop.name.clone() });
    let opt_out = if letter.is_marketing() { format!("{house}/unsubscribe/…") } else { String::new() };
    let rendered = written(&shop, &Written { subject, text }, letter.channel, &opt_out);
    let rendered = rendered.map_err(|error| kit::Error::Internal(error.to_string()))?;
    let skipped =
        [("inactive", settled.inactive), ("no_address", settled.no_address), ("no_consent", settled.no_consent)];
    let skipped = skipped.into_iter().filter(|(_, count)| *count > 0);
    Ok(pb::CampaignPreview {
        recipients: settled.found,
        reachable: settled.found - settled.inactive - settled.no_address - settled.no_consent,
        skipped: skipped.map(|(reason, count)| (reason.to_owned(), count)).collect(),
        subject: rendered.subject,
        text: rendered.text,
        html: rendered.html.unwrap_or_default(),
    })
}
