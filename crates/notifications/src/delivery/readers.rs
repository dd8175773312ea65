//! Whom staff write to, and marketing goes to: asked when a message is sent, so that whatever was withdrawn meanwhile counts
//! (NO-6, CU-16).
use std::collections::BTreeMap;

use kit::ids::CustomerId;
use proto::customers::v1::{GetRecipientRequest, Recipient};

use super::{compose::missing, work::Delivery};
use crate::{
    campaign::{self, State},
    letter::{
        Letter,
        letter::Names,
        write::{SUBJECT, TEXT},
    },
    message::{Message, Trouble},
    opt_out::token::OptOut,
    suppression,
    template::{Shop, Template, Written},
};

impl Delivery {
    /// Who reads what staff wrote, or marketing; why they are not to.
    pub(super) async fn reader(&self, message: &Message) -> Result<Option<Recipient>, Trouble> {
        let marketing = message.is_marketing();
        if !marketing && !message.template.is_written() {
            return Ok(None);
        }
        let customer = message.customer_id.ok_or(Trouble::Lasting("customer_unknown"))?;
        let asked = GetRecipientRequest {
            realm: message.realm_id.into(),
            store: message.store_id.into(),
            customer: customer.into(),
            channel: message.channel.slug().to_owned(),
            marketing,
        };
        let reader = self.recipients.clone().get_recipient(asked).await;
        let reader = reader.map_err(|e| missing(&e.into(), "customer_unknown"))?.into_inner();
        match reader.refusal.as_str() {
            "" => {}
            "inactive" => return Err(Trouble::Lasting("inactive")),
            "no_address" => return Err(Trouble::Lasting("no_address")),
            _ => return Err(Trouble::Lasting("no_consent")),
        }
        let to = message.recipient.as_deref().unwrap_or(&reader.to);
        let known = suppression::store::is_suppressed(self.db.pool(), message.realm_id, (message.channel, to)).await;
        if marketing && known.map_err(|e| passing(&e))? {
            return Err(Trouble::Lasting("suppressed"));
        }
        Ok(Some(reader))
    }

    /// What staff wrote, filled in for its `reader`. A letter lies among the `secrets` of its message and is taken out of
    /// them: the log has it (NO-1).
    pub(super) async fn written(
        &self,
        message: &Message,
        (reader, shop): (Option<&Recipient>, &Shop),
        secrets: &mut BTreeMap<String, String>,
    ) -> Result<Option<Written>, Trouble> {
        let unknown = Trouble::Lasting("text_unknown");
        let (subject, text) = match (message.template, message.campaign_id) {
            (Template::Letter, _) => match (secrets.remove(SUBJECT), secrets.remove(TEXT)) {
                (Some(subject), Some(text)) => (subject, text),
                _ => return Err(unknown),
            },
            (Template::Campaign, Some(id)) => {
                let said =
                    campaign::store::said(self.db.pool(), message.realm_id, id).await.map_err(|e| passing(&e))?;
                match said.ok_or(unknown)? {
                    (State::Cancelled, ..) => return Err(Trouble::Lasting("cancelled")),
                    (_, subject, text) => (subject, text),
                }
            }
            (Template::Campaign, None) => return Err(unknown),
            _ => return Ok(None),
        };
        let names =
            Names { name: reader.map(|reader| reader.name.clone()).unwrap_or_default(), store: shop.name.clone() };
        let letter = Letter { channel: message.channel, purpose: message.purpose, subject, text };
        let (subject, text) = letter.to(&names);
        Ok(Some(Written { subject, text }))
    }

    /// Where the reader of `message` ends marketing; empty for all else.
    pub(super) fn opt_out(&self, message: &Message) -> String {
        let Some(customer) = message.customer_id.filter(|_| message.is_marketing()) else { return String::new() };
        let link = link(message, customer).seal(&self.secrets);
        format!("{}/unsubscribe/{link}", self.house.url)
    }
}

const fn link(message: &Message, customer: CustomerId) -> OptOut {
    OptOut { realm: message.realm_id, store: message.store_id, customer, channel: message.channel }
}

fn passing(error: &sqlx::Error) -> Trouble {
    Trouble::Passing(error.to_string())
}
