//! The one list of personal fields over all services, and the one function that masks them (ID-23).
mod buying;
mod people;
mod writing;

/// A field of `M` that says who somebody is.
pub struct Field<M> {
    /// Its name in the API.
    pub name: &'static str,
    /// Masks it; whether there was anything to mask.
    mask: fn(&mut M) -> bool,
}

/// What services show of a person.
pub trait Personal: Sized + 'static {
    /// Every field of it that is personal.
    const FIELDS: &'static [Field<Self>];

    /// Where it says which of them are masked, if it does.
    fn redacted(&mut self) -> Option<&mut Vec<String>> {
        None
    }
}

/// `shown` with every personal field masked, for whoever may not see personal data.
#[must_use]
pub fn redact<M: Personal>(mut shown: M) -> M {
    let masked: Vec<_> = M::FIELDS.iter().filter(|field| (field.mask)(&mut shown)).collect();
    if let Some(redacted) = shown.redacted() {
        *redacted = masked.into_iter().map(|field| field.name.to_owned()).collect();
    }
    shown
}

/// Whether the field `name` of `M` is personal.
#[must_use]
pub fn has<M: Personal>(name: &str) -> bool {
    M::FIELDS.iter().any(|field| field.name == name)
}

/// Masks a text by `mask`; whether there was one.
fn text(field: &mut String, mask: fn(&str) -> String) -> bool {
    *field = mask(field);
    !field.is_empty()
}

/// Masks an address; whether there was one.
fn address(field: &mut Option<proto::base::v1::Address>) -> bool {
    *field = field.take().map(crate::redact::address);
    field.is_some()
}

/// Personal whoever it is about, in histories such as the audit.
const OF_ANYBODY: [&str; 28] = [
    "email",
    "gift",
    "lines.gift",
    "grounds.giver_name",
    "customer_name",
    "customer_email",
    "phone",
    "fax",
    "contacts",
    "photo_url",
    "address",
    "addresses",
    "label",
    "billing",
    "shipping",
    "shipping_address",
    "line1",
    "line2",
    "ip",
    "transactions.ip",
    "networks",
    "user_agent",
    "author_name",
    "history.changes",
    "gclid",
    "metadata",
    "attribution.gclid",
    "attribution.metadata",
];

/// Personal in what is about a customer; elsewhere a product or a role may have such a field.
const OF_CUSTOMERS: [&str; 17] = [
    "attachments.name",
    "name",
    "business",
    "slug",
    "username",
    "tags",
    "meta",
    "text",
    "content",
    "subject",
    "to",
    "ownership",
    "note",
    "reason",
    "grounds.reason",
    "refunds.reason",
    "transactions.reason",
];

/// Whether the member `name` is personal, in what is kept of something that is `about_customer` or is not.
#[must_use]
pub fn is_personal(name: &str, about_customer: bool) -> bool {
    OF_ANYBODY.contains(&name) || (about_customer && OF_CUSTOMERS.contains(&name))
}

#[cfg(test)]
mod tests {
    use prost::{Message, Name};
    use prost_types::{DescriptorProto, FileDescriptorSet};
    use proto::{
        base::v1::{Address, Attribution},
        carts::v1 as carts,
        customers::v1 as customers,
        notifications::v1 as notifications,
        orders::v1 as orders,
        reviews::v1 as reviews,
    };

    use super::*;

    /// Fields that say nothing of who somebody is: ids, states, amounts, times, and what was bought.
    const IMPERSONAL: &str = "id realm store customer cart order author version status payment_status fulfilment_status \
        lifecycle registration username language tags library_all directory consents orders_count total_spent \
        average_order first_order_at last_order_at registered_at last_activity_at reviews_count subscriptions created_at updated_at \
        redacted number lines subtotal discount tax total gateway transactions history placed_at type amount reference \
        description product image package state source grounds download_limit has_own_limit until files since line \
        inside units download file requests bytes made_by started_at last_at recent ranges downloads first_at unusual \
        currency expires_at client_key channel template events rating verified city region postal_code \
        country residential kind actor at contact default_billing default_shipping edited_at \
        editable_until written_by activity engagement priority assignee assignee_name products follows solved_at \
        closes_at ticket public by attachments shipments refunds method changes impersonator field before after message \
        discounts codes subscription product sku quantity terms next_terms target resumable period_start period_end \
        renews_at trial_ends_at retry_at failures charging cancelled_at ends_at ended renewals plan interval count price \
        cycle abandoned_at merged_into failure purpose campaign cause order_number corrects issued_at timezone seller \
        payments included_tax cancels delivery shipping_method shipping_state open_carts giver attribution \
        agent affiliate subaffiliate1 subaffiliate2 subaffiliate3 subaffiliate4 subaffiliate5 funnel utm_source utm_medium \
        utm_campaign utm_content utm_term";

    fn message<M: Name>() -> DescriptorProto {
        let set = FileDescriptorSet::decode(proto::DESCRIPTORS).expect("descriptors");
        let file = set.file.into_iter().filter(|file| file.package() == M::PACKAGE);
        file.flat_map(|file| file.message_type).find(|message| message.name() == M::NAME).expect("a message")
    }

    /// Fields of `M` that nobody has classified, and such as are classified twice.
    fn unclassified<M: Name>(personal: &[&str]) -> Vec<String> {
        let impersonal: Vec<&str> = IMPERSONAL.split_whitespace().collect();
        let names = message::<M>().field.into_iter().map(|field| field.name().to_owned());
        let odd = |name: &String| personal.contains(&name.as_str()) == impersonal.contains(&name.as_str());
        names.filter(odd).map(|name| format!("{}.{name}", M::NAME)).collect()
    }

    fn names<M: Personal>() -> Vec<&'static str> {
        M::FIELDS.iter().map(|field| field.name).collect()
    }

    /// CU-15, ID-23: nobody adds a field to what services show without saying whether it is personal.
    #[test]
    fn every_field_is_classified() {
        let unclassified = [
            unclassified::<customers::Customer>(&names::<customers::Customer>()),
            unclassified::<customers::Note>(&names::<customers::Note>()),
            unclassified::<customers::SavedAddress>(&names::<customers::SavedAddress>()),
            unclassified::<customers::Ticket>(&names::<customers::Ticket>()),
            unclassified::<customers::TicketComment>(&names::<customers::TicketComment>()),
            unclassified::<Attribution>(&names::<Attribution>()),
            unclassified::<carts::Cart>(&[]),
            unclassified::<carts::Contact>(&names::<carts::Contact>()),
            unclassified::<notifications::Message>(&names::<notifications::Message>()),
            unclassified::<notifications::MessageEvent>(&[]),
            unclassified::<notifications::Suppression>(&names::<notifications::Suppression>()),
            unclassified::<reviews::Review>(&names::<reviews::Review>()),
            unclassified::<orders::Order>(&names::<orders::Order>()),
            unclassified::<orders::Receipt>(&names::<orders::Receipt>()),
            unclassified::<orders::Transaction>(&names::<orders::Transaction>()),
            unclassified::<orders::Refund>(&names::<orders::Refund>()),
            unclassified::<orders::StatusChange>(&[]),
            unclassified::<orders::LibraryItem>(&names::<orders::LibraryItem>()),
            unclassified::<orders::LibraryGround>(&["reason", "giver_name"]),
            unclassified::<orders::DownloadUse>(&names::<orders::DownloadUse>()),
            unclassified::<orders::DownloadPattern>(&names::<orders::DownloadPattern>()),
            unclassified::<orders::Subscription>(&names::<orders::Subscription>()),
            unclassified::<orders::SubscriptionTerms>(&[]),
            unclassified::<orders::SubscriptionRenewal>(&[]),
            unclassified::<orders::SubscriptionEvent>(&[]),
            unclassified::<Address>(&["name", "business", "line1", "line2", "phone"]),
        ];
        let left: Vec<_> = unclassified.concat();
        // What is shipped costs an amount; what a public review says is public, and of what, too. Products and files have
        // names, and so have subscriptions to them.
        let odd = [
            "Cart.shipping",
            "Review.subject",
            "Review.content",
            "Order.shipping",
            "Receipt.shipping",
            "Refund.shipping",
        ];
        let named = ["LibraryItem.name", "DownloadUse.name", "DownloadPattern.name", "Subscription.name"];
        assert_eq!(left, [&odd[..], &named[..]].concat());
    }

    /// ID-23, AD-1: what is masked for those who may not see it is sealed or masked in the audit, too.
    #[test]
    fn histories_know_every_personal_field() {
        let all = [
            names::<customers::Customer>(),
            names::<customers::Note>(),
            names::<customers::SavedAddress>(),
            names::<customers::Ticket>(),
            names::<customers::TicketComment>(),
            names::<orders::Order>(),
            names::<orders::LibraryItem>(),
            names::<orders::DownloadUse>(),
            names::<orders::DownloadPattern>(),
            names::<carts::Contact>(),
            names::<Attribution>(),
            names::<notifications::Message>(),
            names::<notifications::Suppression>(),
            names::<reviews::Review>(),
        ];
        let unknown: Vec<_> = all.concat().into_iter().filter(|name| !is_personal(name, true)).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }
}
