//! What word of a gift says, asked when it is sent: nothing any more of what was taken back or forgotten meanwhile (OR-1).
use proto::orders::v1::GetGiftLetterRequest;

use super::{compose::missing, work::Delivery};
use crate::{
    message::{Message, Trouble},
    template::{Present, Template},
};

impl Delivery {
    /// Where it goes, and what it says; none of other messages.
    pub(super) async fn gift(&self, message: &Message) -> Result<Option<(String, Present)>, Trouble> {
        if message.template != Template::GiftReceived {
            return Ok(None);
        }
        let reference = message.reference.as_deref().and_then(|about| about.split_once(' '));
        let (order, line) = reference.ok_or(Trouble::Lasting("gift_unknown"))?;
        let realm = message.realm_id.into();
        let asked = GetGiftLetterRequest { realm, order: order.to_owned(), line: line.to_owned() };
        let told = self.gifts.clone().get_gift_letter(asked).await;
        let told = told.map_err(|e| missing(&e.into(), "gift_unknown"))?.into_inner();
        let email = told.email.clone();
        Ok(Some((email, Present::of(told, format!("{}/account/library", self.house.url)))))
    }
}
