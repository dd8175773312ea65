//! Whom others may write to.
use std::collections::HashMap;

use kit::permission::Permission;
use proto::customers::v1::{
    CreateSegmentRequest, EnsureCustomerRequest, GetRecipientRequest, InactivateCustomerRequest, ListRecipientsRequest,
    Recipient, SetConsentsRequest, SettleRecipientsRequest, SettledRecipients,
    consent_service_client::ConsentServiceClient, recipient_service_client::RecipientServiceClient,
    record_service_client::RecordServiceClient, segment_service_client::SegmentServiceClient,
};
use testing::{Actors, Rig};
use tonic::{Code, Status};

use crate::{
    network::network_on,
    shop::{DESK, Shop, filter, reason},
};

/// Staff who write to customers.
const WRITER: &[Permission] = &[Permission::CustomersRead, Permission::MessagesWrite, Permission::CustomersPii];
/// The same without seeing who anybody is.
const BLIND: &[Permission] = &[Permission::CustomersRead, Permission::MessagesWrite];

async fn find(shop: &Shop, actors: &Actors, customer: &str, marketing: bool) -> Result<Recipient, Status> {
    let request = GetRecipientRequest {
        realm: actors.realm.into(),
        store: actors.store.into(),
        customer: customer.to_owned(),
        channel: "email".to_owned(),
        marketing,
    };
    let request = actors.system("notifications", request);
    Ok(RecipientServiceClient::new(shop.way.clone()).get_recipient(request).await?.into_inner())
}

async fn agree(shop: &Shop, customer: &str) -> anyhow::Result<()> {
    let consents = HashMap::from([("email".to_owned(), true)]);
    let request = SetConsentsRequest { customer: customer.to_owned(), consents, source: String::new() };
    ConsentServiceClient::new(shop.way.clone()).set_consents(shop.actors().staff(DESK, request)).await?;
    Ok(())
}

fn wanted(actors: &Actors) -> SettleRecipientsRequest {
    SettleRecipientsRequest {
        store: actors.store.into(),
        filter: Some(filter("lifecycle", "eq", &["lead"])),
        segment: String::new(),
        channel: "email".to_owned(),
        marketing: true,
    }
}

async fn settle(
    shop: &Shop,
    (actors, permissions): (&Actors, &[Permission]),
    request: SettleRecipientsRequest,
) -> Result<SettledRecipients, Status> {
    let request = actors.staff(permissions, request);
    Ok(RecipientServiceClient::new(shop.way.clone()).settle_recipients(request).await?.into_inner())
}

/// NO-6, CU-16: whoever sends is told where to, and why not: marketing needs consent for its channel, everything an open door.
#[tokio::test]
async fn senders_are_told_whether_they_may() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.meet("ada@example.com", "Ada").await?;
    let told = find(&shop, shop.actors(), &ada.id, false).await?;
    assert_eq!((&*told.to, &*told.name, &*told.refusal), ("ada@example.com", "Ada", ""));
    assert_eq!(find(&shop, shop.actors(), &ada.id, true).await?.refusal, "no_consent");
    agree(&shop, &ada.id).await?;
    assert_eq!(find(&shop, shop.actors(), &ada.id, true).await?.refusal, "");
    let request = InactivateCustomerRequest { id: ada.id.clone(), ..Default::default() };
    RecordServiceClient::new(shop.way.clone()).inactivate_customer(shop.actors().staff(DESK, request)).await?;
    assert_eq!(find(&shop, shop.actors(), &ada.id, false).await?.refusal, "inactive");
    let elsewhere = find(&shop, &shop.actors().elsewhere(), &ada.id, false).await.expect_err("another customer base");
    assert_eq!(reason(&elsewhere), "customer_not_found");
    let asked = GetRecipientRequest { customer: ada.id, channel: "email".to_owned(), ..Default::default() };
    let asked = shop.actors().staff(Permission::ALL, asked);
    let denied = RecipientServiceClient::new(shop.way.clone()).get_recipient(asked).await.expect_err("staff");
    assert_eq!(denied.code(), Code::PermissionDenied);
    Ok(())
}

/// NO-6, CU-6: a filter and a segment are settled on the word of whoever asks, counted, and read page by page in the order of
/// ids, everybody once.
#[tokio::test]
async fn a_filter_is_settled_and_read_by_pages() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let mut ids = Vec::new();
    for number in 0..7 {
        let one = shop.meet(&format!("p{number}@example.com"), &format!("P{number}")).await?;
        if number % 2 == 0 {
            agree(&shop, &one.id).await?;
        }
        ids.push(one.id);
    }
    let named = CreateSegmentRequest { name: "Few".to_owned(), filter: Some(filter("orders_count", "eq", &["0"])) };
    let mut segments = SegmentServiceClient::new(shop.way.clone());
    let segment = segments.create_segment(shop.actors().staff(DESK, named)).await?.into_inner();
    let asked = || SettleRecipientsRequest { segment: segment.id.clone(), ..wanted(shop.actors()) };
    let settled = settle(&shop, (shop.actors(), BLIND), asked()).await?;
    assert_eq!((settled.found, settled.inactive, settled.no_address, settled.no_consent), (7, 0, 0, 3));
    assert!(!format!("{:?}", settled.filter).contains("seg_"), "it stands for itself");

    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let request = ListRecipientsRequest {
            realm: shop.actors().realm.into(),
            store: shop.actors().store.into(),
            filter: settled.filter.clone(),
            channel: "email".to_owned(),
            marketing: true,
            after: after.clone(),
            limit: 3,
        };
        let request = shop.actors().system("notifications", request);
        let page = RecipientServiceClient::new(shop.way.clone()).list_recipients(request).await?.into_inner();
        after = page.recipients.last().map(|last| last.customer.clone()).unwrap_or_default();
        seen.extend(page.recipients.into_iter().map(|one| (one.customer, one.refusal)));
        if !page.has_more {
            break;
        }
    }
    ids.sort_unstable();
    assert_eq!(seen.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>(), ids);
    assert_eq!(seen.iter().filter(|(_, refusal)| refusal == "no_consent").count(), 3);
    Ok(())
}

/// NO-6, ID-22, ID-23: who settles a filter may write and read customers, and asks for personal fields only with customers.pii.
#[tokio::test]
async fn settling_needs_the_permissions() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let actors = shop.actors();
    for lacking in [&[Permission::CustomersRead][..], &[Permission::MessagesWrite][..]] {
        let denied = settle(&shop, (actors, lacking), wanted(actors)).await.expect_err("denied");
        assert_eq!(denied.code(), Code::PermissionDenied);
    }
    let by_name = || SettleRecipientsRequest { filter: Some(filter("name", "eq", &["Ada"])), ..wanted(actors) };
    assert_eq!(reason(&settle(&shop, (actors, BLIND), by_name()).await.expect_err("personal")), "pii_required");
    assert_eq!(settle(&shop, (actors, WRITER), by_name()).await?.found, 0);
    let nobody = SettleRecipientsRequest { filter: None, ..wanted(actors) };
    assert_eq!(settle(&shop, (actors, WRITER), nobody).await.expect_err("no filter").code(), Code::InvalidArgument);
    let other = SettleRecipientsRequest { store: actors.elsewhere().store.into(), ..wanted(actors) };
    assert_eq!(settle(&shop, (actors, WRITER), other).await.expect_err("another store").code(), Code::InvalidArgument);
    Ok(())
}

/// NO-6, ID-21: a store of a network writes to the customers that it knows, whoever asks.
#[tokio::test]
async fn a_store_writes_to_its_own() -> anyhow::Result<()> {
    let (shop, other) = network_on(Rig::new(customers::NAME, &customers::MIGRATOR).await?)?;
    let ada = shop.meet("ada@example.com", "Ada").await?;
    let grace = EnsureCustomerRequest { store: other.store.into(), ..shop.somebody("grace@example.com") };
    let grace = shop.client.clone().ensure_customer(shop.actors().system("carts", grace)).await?.into_inner();
    let grace = grace.customer.unwrap_or_default();
    assert!(
        find(&shop, &other, &grace.id, false).await.is_ok() && find(&shop, shop.actors(), &ada.id, false).await.is_ok()
    );
    for (actors, customer) in [(shop.actors(), &grace.id), (&other, &ada.id)] {
        let unknown = find(&shop, actors, customer, false).await.expect_err("not theirs");
        assert_eq!(reason(&unknown), "customer_not_found");
        assert_eq!(settle(&shop, (actors, WRITER), wanted(actors)).await?.found, 1);
    }
    Ok(())
}
