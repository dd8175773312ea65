//! Merging two records.
use std::collections::HashMap;

use kit::{actor::Kind, assertion::Claims, permission::Permission, transport::Transport};
use proto::{
    base::v1::Address,
    customers::v1::{
        AddAddressRequest, AddNoteRequest, ChangeTagsRequest, Customer, CustomersMerged, FindCustomerRequest,
        GetConsentsRequest, GivenAddress, InactivateCustomerRequest, Job, ListAddressesRequest, ListNotesRequest,
        MergeCustomersRequest, MergePreview, OpenRequest, PlainValue, PreviewMergeRequest, SealRequest, SealedValue,
        SetConsentsRequest, address_service_client::AddressServiceClient, consent_service_client::ConsentServiceClient,
        merge_service_client::MergeServiceClient, note_service_client::NoteServiceClient,
        record_service_client::RecordServiceClient, sealing_service_client::SealingServiceClient,
    },
};
use testing::actors::{if_match, keyed};
use tonic::{Code, Request, Status};

use crate::shop::{DESK, PII, Shop, faults, id, reason};

/// Who merges.
pub const MERGE: &[Permission] =
    &[Permission::CustomersRead, Permission::CustomersWrite, Permission::CustomersPii, Permission::CustomersMerge];

fn claims(shop: &Shop, permissions: &[Permission]) -> Claims {
    let mut claims = shop.actors().claims(Kind::Staff, "stf_01a2013e22517bdc8062166f3d6df22e");
    claims.perms = permissions.iter().copied().collect();
    claims.auth_time = Some(shop.now().timestamp());
    claims
}

fn of(kept: &Customer, gone: &Customer) -> MergeCustomersRequest {
    MergeCustomersRequest {
        id: kept.id.clone(),
        other: gone.id.clone(),
        other_version: gone.version,
        confirm: gone.id.clone(),
        reason: "the same person wrote twice".to_owned(),
        ownership: "passport seen".to_owned(),
        ..MergeCustomersRequest::default()
    }
}

async fn send(shop: &Shop, request: Request<MergeCustomersRequest>) -> Result<Job, Status> {
    Ok(MergeServiceClient::new(shop.way.clone()).merge_customers(request).await?.into_inner())
}

fn asked(shop: &Shop, version: i64, request: MergeCustomersRequest) -> Request<MergeCustomersRequest> {
    let key = format!("{}-{}-{version}", request.id, request.other);
    keyed(if_match(shop.actors().request(&claims(shop, MERGE), request), version), &key, "merge")
}

/// Merges the records as they are now.
pub async fn merge(shop: &Shop, kept: &str, gone: &str) -> Result<Job, Status> {
    let seen = (shop.get(PII, kept).await?, shop.get(PII, gone).await?);
    let (id, other, confirm) = (kept.to_owned(), gone.to_owned(), gone.to_owned());
    let request = MergeCustomersRequest { id, other, confirm, ..of(&seen.0, &seen.1) };
    send(shop, asked(shop, seen.0.version, request)).await
}

async fn preview(shop: &Shop, kept: &Customer, gone: &Customer) -> Result<MergePreview, Status> {
    let request = PreviewMergeRequest { id: kept.id.clone(), other: gone.id.clone() };
    let request = shop.actors().request(&claims(shop, MERGE), request);
    Ok(MergeServiceClient::new(shop.way.clone()).preview_merge(request).await?.into_inner())
}

async fn note(shop: &Shop, customer: &str, text: &str) -> Result<(), Status> {
    let request = AddNoteRequest { customer: customer.to_owned(), text: text.to_owned() };
    NoteServiceClient::new(shop.way.clone()).add_note(shop.actors().staff(DESK, request)).await.map(drop)
}

async fn live_at(shop: &Shop, customer: &str, street: &str) -> Result<(), Status> {
    let address = Address {
        name: "Ada".to_owned(),
        line1: street.to_owned(),
        city: "Berlin".to_owned(),
        postal_code: "10969".to_owned(),
        country: "DE".to_owned(),
        ..Address::default()
    };
    let given = GivenAddress { address: Some(address), ..GivenAddress::default() };
    let request = AddAddressRequest { customer: customer.to_owned(), address: Some(given) };
    AddressServiceClient::new(shop.way.clone()).add_address(shop.actors().staff(DESK, request)).await.map(drop)
}

async fn tag(shop: &Shop, customer: &str, tags: impl Iterator<Item = String>) -> Result<(), Status> {
    let request = ChangeTagsRequest { id: customer.to_owned(), add: tags.collect(), remove: Vec::new() };
    RecordServiceClient::new(shop.way.clone()).change_tags(shop.actors().staff(DESK, request)).await.map(drop)
}

async fn agree(shop: &Shop, customer: &str, channel: &str, granted: bool) -> Result<(), Status> {
    let consents = HashMap::from([(channel.to_owned(), granted)]);
    let request = SetConsentsRequest { customer: customer.to_owned(), consents, source: "phone".to_owned() };
    ConsentServiceClient::new(shop.way.clone()).set_consents(shop.actors().staff(DESK, request)).await.map(drop)
}

/// Two records of one person, each with something of everything.
async fn two(shop: &Shop) -> anyhow::Result<(Customer, Customer)> {
    let (ada, king) = (shop.meet("ada@example.com", "Ada Lovelace").await?, shop.register("ada@king.example").await?);
    for (customer, number, amount) in [(&ada, "1001", 300), (&king, "1002", 500), (&king, "1003", 70)] {
        shop.hear(&shop.placed(&customer.id, number, shop.now())).await?;
        shop.hear(&shop.captured(&customer.id, (amount, "EUR"), shop.now())).await?;
    }
    shop.hear(&shop.reviewed(&king.id, shop.now())).await?;
    for (customer, street) in [(&ada, "Lindenstraße 9"), (&king, "Kingsway 1")] {
        note(shop, &customer.id, street).await?;
        live_at(shop, &customer.id, street).await?;
        tag(shop, &customer.id, ["fair".to_owned(), street.to_owned()].into_iter()).await?;
    }
    agree(shop, &ada.id, "email", true).await?;
    shop.rig.clock.advance(chrono::TimeDelta::minutes(1));
    agree(shop, &king.id, "email", false).await?;
    Ok((shop.get(PII, &ada.id).await?, shop.get(PII, &king.id).await?))
}

/// CU-13: everything of both is the kept record's, figures add up, and the old id answers as it does.
#[tokio::test]
async fn one_record_is_made_of_two() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (ada, king) = two(&shop).await?;
    let seen = preview(&shop, &ada, &king).await?;
    let fields: Vec<_> = seen.conflicts.iter().map(|conflict| conflict.field.as_str()).collect();
    assert_eq!((fields, seen.blockers.len()), (vec!["email", "address"], 0));
    assert_eq!(seen.moves["orders"], 2);
    let job = merge(&shop, &ada.id, &king.id).await?;
    assert_eq!(
        (job.state.as_str(), job.kind.as_str(), job.customer.as_str(), job.total),
        ("running", "merge", &*ada.id, 5)
    );
    assert_eq!(job.steps[0].counts["orders"], 2);
    let kept = shop.get(PII, &ada.id).await?;
    assert_eq!((kept.orders_count, kept.reviews_count, kept.total_spent[0].amount), (3, 1, 870));
    assert_eq!((kept.registration.as_str(), kept.email.as_str()), ("registered", "ada@example.com"));
    assert_eq!(kept.tags, ["Kingsway 1", "Lindenstraße 9", "fair"]);
    assert_eq!(shop.get(PII, &king.id).await?, kept, "the old id answers as the kept one");
    for id in [&ada.id, &king.id] {
        let request = shop.actors().staff(PII, ListNotesRequest { customer: id.clone(), page: None });
        let notes = NoteServiceClient::new(shop.way.clone()).list_notes(request).await?.into_inner().notes;
        assert_eq!(notes.len(), 2);
        let request = shop.actors().staff(PII, ListAddressesRequest { customer: id.clone() });
        let addresses =
            AddressServiceClient::new(shop.way.clone()).list_addresses(request).await?.into_inner().addresses;
        let defaults = addresses.iter().filter(|address| address.default_billing && address.default_shipping);
        assert_eq!((addresses.len(), defaults.count()), (2, 1));
        let request = shop.actors().staff(PII, GetConsentsRequest { customer: id.clone() });
        let consents = ConsentServiceClient::new(shop.way.clone()).get_consents(request).await?.into_inner();
        assert_eq!(consents.history.len(), 2);
    }
    assert_eq!(kept.consents.get("email"), Some(&false), "the newest word counts");
    assert_eq!(shop.list(proto::customers::v1::ListCustomersRequest::default()).await?.customers.len(), 1);
    assert_eq!(shop.published("patron.customers.v1.CustomersMerged").await?, 1);
    let told = shop.audited("customer.merged").await?;
    assert_eq!((told.target.as_str(), told.customers.len()), (&*ada.id, 2));
    assert!(told.after.contains("ownership") && !told.after.contains("passport"), "{}", told.after);
    Ok(())
}

/// CU-13: the e-mail address of the record that is gone goes on saying who it is, for logins, purchases and staff.
#[tokio::test]
async fn the_old_address_is_an_alias() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (ada, king) = (shop.meet("ada@example.com", "Ada").await?, shop.meet("ada@king.example", "Ada").await?);
    merge(&shop, &ada.id, &king.id).await?;
    assert_eq!(shop.meet("Ada@King.example", "Ada").await?.id, ada.id);
    assert_eq!(shop.register("ada@king.example").await?.id, ada.id);
    let request = FindCustomerRequest { realm: shop.actors().realm.into(), identity: "ada@king.example".to_owned() };
    let found = shop.client.clone().find_customer(shop.actors().system("identity", request)).await?.into_inner();
    assert_eq!(found.customer.unwrap_or_default().id, ada.id);
    // Nobody else gets it: not by staff, who make a record of it or change one to it.
    let details =
        |email: &str| Some(proto::customers::v1::Details { email: Some(email.to_owned()), ..Default::default() });
    let request =
        proto::customers::v1::CreateCustomerRequest { details: details("ada@king.example"), tags: Vec::new() };
    let records = RecordServiceClient::new(shop.way.clone());
    let status = records.clone().create_customer(shop.actors().staff(DESK, request)).await.expect_err("taken");
    assert_eq!(reason(&status), "email_taken");
    let grace = shop.meet("grace@example.com", "Grace").await?;
    let change = async |id: &str, email: &str| {
        let request = proto::customers::v1::ChangeCustomerRequest { id: id.to_owned(), details: details(email) };
        records.clone().change_customer(shop.actors().staff(DESK, request)).await
    };
    let status = change(&grace.id, "ada@king.example").await.expect_err("taken");
    assert_eq!(reason(&status), "email_taken");
    assert_eq!(change(&ada.id, "ada@king.example").await?.into_inner().email, "ada@king.example");
    Ok(())
}

/// CU-13: chains of merges lead to the last one kept, whichever id is asked for.
#[tokio::test]
async fn chains_are_followed() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let mut people = Vec::new();
    for name in ["a", "b", "c", "d"] {
        people.push(shop.meet(&format!("{name}@example.com"), name).await?);
    }
    let [a, b, c, d] = [0, 1, 2, 3].map(|n| people[n].id.clone());
    merge(&shop, &b, &a).await?;
    merge(&shop, &c, &b).await?;
    merge(&shop, &d, &a).await?; // a has become c by now
    for (id, name) in [(&a, "a"), (&b, "b"), (&c, "c"), (&d, "d")] {
        assert_eq!(shop.get(PII, id).await?.id, d);
        assert_eq!(shop.meet(&format!("{name}@example.com"), "").await?.id, d);
        shop.hear(&shop.placed(id, name, shop.now())).await?;
    }
    assert_eq!(shop.get(PII, &a).await?.orders_count, 4);
    let again = merge(&shop, &d, &c).await.expect_err("they are one");
    assert_eq!(reason(&again), "already_merged");
    Ok(())
}

/// CU-13: it is refused without all that is asked for, and what stands in the way is told in the preview, too.
#[tokio::test]
async fn a_merge_is_refused_with_a_reason() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (ada, king) = (shop.meet("ada@example.com", "Ada").await?, shop.meet("king@example.com", "King").await?);
    let good = || of(&ada, &king);
    let told = async |request| reason(&send(&shop, request).await.expect_err("refused"));
    assert_eq!(told(asked(&shop, 9, good())).await, "stale_version");
    assert_eq!(
        told(asked(&shop, 1, MergeCustomersRequest { other_version: 9, ..good() })).await,
        "stale_other_version"
    );
    assert_eq!(told(asked(&shop, 1, of(&ada, &ada))).await, "same_customer");
    let bare = shop.actors().request(&claims(&shop, MERGE), good());
    assert_eq!(told(if_match(bare, 1)).await, "idempotency_key_required");
    let unversioned = keyed(shop.actors().request(&claims(&shop, MERGE), good()), "k", "f");
    let status = send(&shop, unversioned).await.expect_err("no version");
    assert_eq!((reason(&status).as_str(), kit::failure::Told::read(&status).code.http()), ("version_required", 428));
    let keep = HashMap::from([("shoe".to_owned(), "other".to_owned()), ("name".to_owned(), "mine".to_owned())]);
    let unsure = MergeCustomersRequest { confirm: ada.id.clone(), ..good() };
    assert_eq!(told(asked(&shop, 1, unsure)).await, "confirmation_mismatch");
    let wrong = MergeCustomersRequest { reason: " ".to_owned(), keep, ..good() };
    let status = send(&shop, asked(&shop, 1, wrong)).await.expect_err("malformed");
    let pointers: Vec<_> = faults(&status).into_iter().map(|(pointer, _)| pointer).collect();
    assert_eq!(pointers, ["/reason", "/keep", "/keep"]);
    let unknown = MergeCustomersRequest { id: id(&ada).to_string().replace("cus_0", "cus_f"), ..good() };
    assert_eq!(told(asked(&shop, 1, unknown)).await, "customer_not_found");
    tag(&shop, &ada.id, (0..30).map(|n| format!("a{n}"))).await?;
    tag(&shop, &king.id, (0..30).map(|n| format!("k{n}"))).await?;
    let request = InactivateCustomerRequest { id: king.id.clone(), reason: String::new() };
    RecordServiceClient::new(shop.way.clone()).inactivate_customer(shop.actors().staff(DESK, request)).await?;
    let seen = preview(&shop, &ada, &king).await?;
    let reasons: Vec<_> = seen.blockers.iter().map(|blocker| blocker.reason.as_str()).collect();
    assert_eq!(reasons, ["customer_inactive", "too_many_tags"]);
    assert_eq!(reason(&merge(&shop, &ada.id, &king.id).await.expect_err("in the way")), "customer_inactive");
    assert_eq!(shop.published("patron.customers.v1.CustomersMerged").await?, 0);
    Ok(())
}

/// CU-13, ID-21, ID-22, ID-30: it takes its own permission and a fresh proof, and another realm's record is unknown.
#[tokio::test]
async fn only_those_merge_who_may() -> anyhow::Result<()> {
    let (shop, other) = Shop::beside().await?;
    let (ada, king) = (shop.meet("ada@example.com", "Ada").await?, shop.meet("king@example.com", "King").await?);
    let by = |claims: &Claims| keyed(if_match(shop.actors().request(claims, of(&ada, &king)), 1), "k", "f");
    let status = send(&shop, by(&claims(&shop, DESK))).await.expect_err("may not");
    assert_eq!(status.code(), Code::PermissionDenied);
    let stale = Claims { auth_time: Some(shop.now().timestamp() - 900), ..claims(&shop, MERGE) };
    assert_eq!(reason(&send(&shop, by(&stale)).await.expect_err("too long ago")), "step_up_required");
    let mut elsewhere = other.claims(Kind::Staff, "stf_01a2013e22517bdc8062166f3d6df22e");
    (elsewhere.perms, elsewhere.auth_time) = (MERGE.iter().copied().collect(), Some(shop.now().timestamp()));
    assert_eq!(reason(&send(&shop, by(&elsewhere)).await.expect_err("another realm")), "customer_not_found");
    let asked = PreviewMergeRequest { id: ada.id.clone(), other: king.id.clone() };
    let request = other.request(&elsewhere, asked);
    let status = MergeServiceClient::new(shop.way.clone()).preview_merge(request).await.expect_err("another realm");
    assert_eq!(status.code(), Code::NotFound);
    Ok(())
}

/// CU-13, ID-23: the preview tells whoever may not see personal data that fields conflict, not what they say.
#[tokio::test]
async fn a_preview_is_masked() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (ada, king) =
        (shop.meet("ada@example.com", "Ada Lovelace").await?, shop.meet("king@example.com", "A. King").await?);
    let request = PreviewMergeRequest { id: ada.id, other: king.id };
    let request = shop.actors().staff(&[Permission::CustomersRead, Permission::CustomersMerge], request);
    let seen = MergeServiceClient::new(shop.way.clone()).preview_merge(request).await?.into_inner();
    let text = format!("{seen:?}");
    assert!(!text.contains("Lovelace") && !text.contains("king@example.com") && !text.contains("A. King"), "{text}");
    let fields: Vec<_> = seen.conflicts.iter().map(|conflict| conflict.field.as_str()).collect();
    assert_eq!(fields, ["name", "email"]);
    Ok(())
}

/// CU-13, PL-3: the same request again answers with the same job.
#[tokio::test]
async fn a_merge_is_repeatable() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (ada, king) = (shop.meet("ada@example.com", "Ada").await?, shop.meet("king@example.com", "King").await?);
    let first = send(&shop, asked(&shop, 1, of(&ada, &king))).await?;
    assert_eq!(send(&shop, asked(&shop, 1, of(&ada, &king))).await?.id, first.id);
    Ok(())
}

/// CU-13, PL-7: what was sealed for the record that is gone opens as before, and dies with the kept record's key.
#[tokio::test]
async fn what_was_sealed_opens() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (ada, king) = (shop.meet("ada@example.com", "Ada").await?, shop.meet("king@example.com", "King").await?);
    let sealing = || SealingServiceClient::<Transport>::new(shop.way.clone());
    let realm = String::from(shop.actors().realm);
    let seal = async || {
        let values = vec![PlainValue { customer: king.id.clone(), plain: b"secret".as_slice().into() }];
        let request = SealRequest { realm: realm.clone(), purpose: "test".to_owned(), values };
        anyhow::Ok(sealing().seal(shop.actors().system("identity", request)).await?.into_inner().sealed.remove(0))
    };
    let before = seal().await?;
    merge(&shop, &ada.id, &king.id).await?;
    let after = seal().await?;
    let open = async |sealed| {
        let values = vec![SealedValue { customer: king.id.clone(), sealed }];
        let request = OpenRequest { realm: realm.clone(), purpose: "test".to_owned(), values };
        let opened = sealing().open(shop.actors().system("identity", request)).await?.into_inner();
        anyhow::Ok(opened.values.into_iter().next().and_then(|value| value.plain))
    };
    for sealed in [&before, &after] {
        assert_eq!(open(sealed.clone()).await?.as_deref(), Some(b"secret".as_slice()));
    }
    let mut tx = shop.db.begin_own().await?;
    customers::key::destroy_key(&mut tx, shop.actors().realm, id(&ada), shop.now()).await?;
    tx.commit().await?;
    assert!(open(before).await?.is_none() && open(after).await?.is_none());
    Ok(())
}

/// CU-13: whoever hears of it hears all that they need, and nothing personal.
#[tokio::test]
async fn services_are_told() -> anyhow::Result<()> {
    use prost::Message;
    let shop = Shop::open().await?;
    let (ada, king) = (shop.meet("ada@example.com", "Ada").await?, shop.meet("king@example.com", "King").await?);
    let request = MergeCustomersRequest { notify: true, ..of(&ada, &king) };
    let job = send(&shop, asked(&shop, 1, request)).await?;
    let sql = "select payload from outbox where subject = 'patron.customers.v1.CustomersMerged'";
    let payload: Vec<u8> = sqlx::query_scalar(sql).fetch_one(shop.db.pool()).await?;
    let told = CustomersMerged::decode(payload.as_slice())?;
    assert_eq!((told.job, told.kept, told.gone), (job.id, ada.id, king.id));
    assert_eq!((told.phone, told.notify_from), (false, String::from(shop.actors().store)));
    Ok(())
}

/// CU-13: the preview counts what others keep of the record that goes, and names whom it could not ask.
#[tokio::test]
async fn the_preview_counts_what_others_keep() -> anyhow::Result<()> {
    let (shop, _tills) = crate::erasure::open().await?;
    let (kept, gone) = (shop.meet("kept@example.com", "Kate").await?, shop.meet("gone@example.com", "Kate").await?);
    let shown = preview(&shop, &kept, &gone).await?;
    assert_eq!((shown.moves.get("subscriptions"), shown.moves.get("library")), (Some(&2), None));
    assert_eq!(shown.uncounted, ["carts", "notifications"]);
    Ok(())
}
