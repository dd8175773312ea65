//! Who sees which entries, and what of them.
use std::time::Duration;

use chrono::TimeDelta;
use kit::{
    audit::{Entry, json},
    clock::timestamp,
    ids::{CustomerId, RealmId},
    permission::Permission,
};
use proto::{
    base::v1::PageRequest,
    identity::v1::{self as pb, api_key_service_client::ApiKeyServiceClient},
};

use super::ledger::{Ledger, deed, id};
use crate::house::{by, reason};

/// A store, and what its owner and its moderator are known by.
struct Shop {
    ledger: Ledger,
    store: pb::Store,
    owner: String,
    moderator: String,
}

impl Shop {
    async fn open() -> anyhow::Result<Self> {
        let ledger = Ledger::open().await?;
        let store = ledger.house.store("Corner Shop").await?;
        let owner = ledger.house.clerk("olive@example.com", &store.id, "owner").await?;
        let moderator = ledger.house.clerk("mona@example.com", &store.id, "moderator").await?;
        let owner = ledger.house.exchange(&owner, "", "").await?;
        let moderator = ledger.house.exchange(&moderator, "", "").await?;
        Ok(Self { ledger, store, owner, moderator })
    }

    fn realm(&self) -> anyhow::Result<RealmId> {
        Ok(self.store.realm.parse()?)
    }

    /// The actions of the entries that match.
    async fn actions(&self, filter: pb::EntryFilter) -> anyhow::Result<Vec<String>> {
        let entries = self.ledger.listed(&self.owner, filter).await?;
        Ok(entries.into_iter().map(|entry| entry.action).collect())
    }
}

/// AD-1: entries are found by actor, impersonator, action, target, customer, address, request and dates, newest first.
#[tokio::test]
async fn entries_are_found_by_what_they_say() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (realm, ada) = (shop.realm()?, CustomerId::from_uuid(id()));
    let start = chrono::DateTime::UNIX_EPOCH;
    let at = |seconds| Some(timestamp(start + TimeDelta::seconds(seconds)));
    let act = proto::base::v1::AuditedPerson { kind: "staff".to_owned(), id: "stf_9".to_owned() };
    for told in [
        proto::base::v1::Audited { at: at(1), ..deed(realm, "stf_1", "product.created") },
        proto::base::v1::Audited { at: at(2), target: "prd_2".to_owned(), ..deed(realm, "stf_2", "product.updated") },
        proto::base::v1::Audited { at: at(3), customers: vec![ada.into()], ..deed(realm, "stf_1", "order.refunded") },
        proto::base::v1::Audited { at: at(4), impersonator: Some(act), ..deed(realm, "cus_1", "cart.changed") },
        proto::base::v1::Audited {
            at: at(5),
            ip: "2001:db8::1".to_owned(),
            request_id: "req_2".to_owned(),
            ..deed(realm, "stf_1", "review.deleted")
        },
    ] {
        shop.ledger.hear(told).await?;
    }
    let none = pb::EntryFilter::default;
    let text = str::to_owned;
    for (filter, expected) in [
        (pb::EntryFilter { from: at(2), to: at(4), ..none() }, "order.refunded product.updated"),
        (pb::EntryFilter { actor: text("stf_1"), to: at(5), ..none() }, "order.refunded product.created"),
        (pb::EntryFilter { impersonator: text("stf_9"), ..none() }, "cart.changed"),
        (pb::EntryFilter { action: text("product.updated"), ..none() }, "product.updated"),
        (pb::EntryFilter { target: text("prd_2"), ..none() }, "product.updated"),
        (pb::EntryFilter { target: ada.to_string(), ..none() }, "order.refunded"),
        (pb::EntryFilter { ip: text("2001:0db8:0:0::1"), ..none() }, "review.deleted"),
        (pb::EntryFilter { request_id: text("req_2"), ..none() }, "review.deleted"),
        (pb::EntryFilter { actor: text("stf_1"), action: text("product.updated"), ..none() }, ""),
    ] {
        assert_eq!(shop.actions(filter.clone()).await?.join(" "), expected, "{filter:?}");
    }
    let long = pb::EntryFilter { action: "x".repeat(201), ..none() };
    assert_eq!(reason(shop.ledger.listed(&shop.owner, long).await), "invalid");
    Ok(())
}

/// API §1, AD-1: pages go forth and back, also among entries of one moment.
#[tokio::test]
async fn entries_come_in_pages() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    for number in 1..=7 {
        shop.ledger.hear(deed(shop.realm()?, "stf_7", &format!("product.{number}"))).await?;
    }
    let filter = pb::EntryFilter { actor: "stf_7".to_owned(), ..pb::EntryFilter::default() };
    let ask = async |after: &str, before: &str| {
        let (after, before) = (after.to_owned(), before.to_owned());
        let page = Some(PageRequest { limit: 3, after, before, total: true });
        let request = pb::ListEntriesRequest { filter: Some(filter.clone()), page };
        let answer = shop.ledger.client().list_entries(by(&shop.owner, request)).await?.into_inner();
        let actions: Vec<_> = answer.entries.into_iter().map(|entry| entry.action).collect();
        anyhow::Ok((actions.join(" "), answer.page.unwrap_or_default()))
    };
    let (first, place) = ask("", "").await?;
    assert_eq!((first.as_str(), place.total.as_str()), ("product.7 product.6 product.5", "7"));
    let (second, place) = ask(&place.next, "").await?;
    assert_eq!(second, "product.4 product.3 product.2");
    assert_eq!(ask(&place.next, "").await?.0, "product.1");
    assert_eq!(ask("", &place.prev).await?.0, first);
    Ok(())
}

/// AD-1, PL-4: whoever lacks audit.read sees nothing, staff of another store their own, and staff of one store of a network
/// what was done in that store.
#[tokio::test]
async fn the_audit_is_for_those_who_may_read_it() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (house, realm) = (&shop.ledger.house, shop.realm()?);
    shop.ledger.hear(deed(realm, "stf_1", "product.created")).await?;
    let all = pb::EntryFilter::default;
    assert_eq!(reason(shop.ledger.listed(&shop.moderator, all()).await), "permission_required");
    let verify = || pb::VerifyChainRequest::default();
    assert_eq!(reason(shop.ledger.client().verify_chain(by(&shop.moderator, verify())).await), "permission_required");
    let review = by(&shop.moderator, pb::ReviewAccessRequest {});
    assert_eq!(reason(shop.ledger.client().review_access(review).await), "permission_required");
    let network = house.network(&["Old Books", "New Books"]).await?;
    let [old, new] = [0, 1].map(|n: usize| network.stores[n].id.clone());
    for (store, action) in [(&old, "product.created"), (&new, "product.updated")] {
        let told = deed(network.realm.parse()?, "stf_1", action);
        shop.ledger.hear(proto::base::v1::Audited { store: store.clone(), ..told }).await?;
    }
    let whole = house.exchange(&house.clerk("nora@example.com", &network.id, "owner").await?, "", "").await?;
    let part = house.exchange(&house.clerk("otto@example.com", &old, "owner").await?, "", "").await?;
    let seen = async |assertion: &str| {
        let action = "product.created product.updated";
        let entries = shop.ledger.listed(assertion, all()).await?;
        let known = entries.into_iter().map(|entry| entry.action).filter(|known| action.contains(known.as_str()));
        anyhow::Ok(known.collect::<Vec<_>>().join(" "))
    };
    assert_eq!(seen(&whole).await?, "product.updated product.created");
    assert_eq!(seen(&part).await?, "product.created");
    assert_eq!(seen(&shop.owner).await?, "product.created", "another store's are none of theirs");
    Ok(())
}

/// AD-1, ID-23, PL-7: personal values are opened for those who may see them, masked for others, and gone with the key;
/// the chain holds all the same.
#[tokio::test]
async fn personal_values_are_for_those_who_may_see_them() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (ledger, realm, ada) = (&shop.ledger, shop.realm()?, CustomerId::from_uuid(id()));
    let before = json!({ "name": "Ada Lovelace", "status": "active" });
    let after = json!({ "name": "Ada King", "status": "inactive" });
    let actor =
        ledger.house.actor(&ledger.house.clerk("kim@example.com", &shop.store.id, "owner").await?, "", "").await?;
    let entry = Entry::new("customer.updated", ("customer", ada), ledger.house.clock.now())
        .sealed_by(&ledger.house.sealer.key(ada))
        .because("Ada married")
        .changed(before, after);
    let told = entry.told(&actor, "203.0.113.7", "req_1").expect("an administrative action");
    ledger.hear(told).await?;
    let filter =
        || pb::EntryFilter { target: ada.to_string(), action: "customer.updated".to_owned(), ..Default::default() };
    let seen = ledger.listed(&shop.owner, filter()).await?.remove(0);
    assert_eq!(seen.before, r#"{"name":"Ada Lovelace","status":"active"}"#);
    assert_eq!(
        (seen.after.as_str(), seen.reason.as_str()),
        (r#"{"name":"Ada King","status":"inactive"}"#, "Ada married")
    );
    assert_eq!((seen.actor_name.as_str(), seen.redacted.len()), ("Grace", 0));
    let blind = blinded(&shop).await?;
    let masked = ledger.listed(&blind, filter()).await?.remove(0);
    assert_eq!(masked.after, r#"{"name":"***","status":"inactive"}"#);
    assert_eq!((masked.reason.as_str(), masked.redacted.join(" ").as_str()), ("***", "before after reason ip"));
    let by_address = pb::EntryFilter { ip: "203.0.113.7".to_owned(), ..filter() };
    assert_eq!(reason(ledger.listed(&blind, by_address).await), "pii_required");
    assert_eq!(masked.ip, "***");
    ledger.house.sealer.destroy(ada);
    let erased = ledger.listed(&shop.owner, filter()).await?.remove(0);
    assert_eq!(erased.after, r#"{"name":{"erased":true},"status":"inactive"}"#);
    assert_eq!(ledger.breach(realm, None).await?, None);
    Ok(())
}

/// Somebody of the shop who reads the audit, and no personal data.
async fn blinded(shop: &Shop) -> anyhow::Result<String> {
    let house = &shop.ledger.house;
    let token = house.clerk("bea@example.com", &shop.store.id, "owner").await?;
    let claims = house.claims(&token, "", "").await?;
    let perms = [Permission::AuditRead].into_iter().collect();
    let keyring = identity::signing::Keyring::new(&shop.ledger.db, &house.env.secrets);
    let claims = kit::assertion::Claims { perms, ..claims };
    Ok(keyring.sign(&claims, house.clock.now()).await?)
}

/// AD-1: verifying goes on where it stopped, tells the newest signature, and finds what differs from what was noted.
#[tokio::test]
async fn verifying_goes_on() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    for number in 1..=5 {
        shop.ledger.hear(deed(shop.realm()?, "stf_1", &format!("product.{number}"))).await?;
    }
    shop.ledger.sign().await?;
    let length = i64::try_from(shop.ledger.entries(shop.realm()?).await?.len())?;
    let verify = async |request| {
        let answer = shop.ledger.client().verify_chain(by(&shop.owner, request)).await?;
        anyhow::Ok(answer.into_inner())
    };
    let mut request = pb::VerifyChainRequest { limit: 2, ..Default::default() };
    let last = loop {
        let answer = verify(request.clone()).await?;
        assert!(answer.sound && answer.length == length);
        if answer.next.is_empty() {
            break answer;
        }
        request.after = answer.next;
    };
    assert_eq!(last.verified, length);
    let checkpoint = last.checkpoint.unwrap_or_default();
    assert_eq!((checkpoint.number, checkpoint.realm), (length, shop.store.realm.clone()));
    assert!(checkpoint.statement.contains(&checkpoint.hash) && checkpoint.public_key.len() == 64);
    let noted = pb::VerifyChainRequest { number: 2, hash: "ab".repeat(32), ..Default::default() };
    let answer = verify(noted).await?;
    let breach = answer.breach.unwrap_or_default();
    assert_eq!((answer.sound, breach.number, breach.problem.as_str()), (false, 2, "rewritten"));
    for wrong in [
        pb::VerifyChainRequest { hash: "ab".repeat(32), ..Default::default() },
        pb::VerifyChainRequest { number: 2, hash: "ab".to_owned(), ..Default::default() },
        pb::VerifyChainRequest { after: "x".to_owned(), ..Default::default() },
        pb::VerifyChainRequest { limit: 100_001, ..Default::default() },
    ] {
        let refused = shop.ledger.client().verify_chain(by(&shop.owner, wrong)).await;
        assert_eq!(reason(refused), "invalid");
    }
    Ok(())
}

/// AD-1: the access review lists who may do what, and when they last did.
#[tokio::test]
async fn the_access_review_tells_who_may_do_what() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let owner = shop.ledger.house.clerk("kim@example.com", &shop.store.id, "owner").await?;
    let kim = shop.ledger.house.actor(&owner, "", "").await?.subject;
    for action in ["product.created", "product.updated", "product.updated"] {
        shop.ledger.hear(deed(shop.realm()?, &kim, action)).await?;
    }
    let elsewhere = shop.ledger.house.store("Elsewhere").await?;
    shop.ledger.house.clerk("eve@example.com", &elsewhere.id, "owner").await?;
    let review = shop.ledger.client().review_access(by(&shop.owner, pb::ReviewAccessRequest {})).await?.into_inner();
    let emails: Vec<_> = review.access.iter().map(|access| access.email.as_str()).collect();
    assert_eq!(emails.len(), 3, "{emails:?}");
    assert!(!emails.contains(&"eve@example.com"));
    let access = review.access.iter().find(|access| access.id == kim).expect("Kim");
    let deeds: Vec<_> = access.deeds.iter().map(|deed| (deed.action.as_str(), deed.times)).collect();
    assert!(deeds.contains(&("product.updated", 2)) && deeds.contains(&("product.created", 1)), "{deeds:?}");
    assert_eq!((access.seats[0].place.as_str(), access.seats[0].role.as_str()), (shop.store.id.as_str(), "owner"));
    assert!(access.seats[0].permissions.contains(&"audit.read".to_owned()) && access.last_at.is_some());
    let moderator = review.access.iter().find(|access| access.email == "mona@example.com").expect("Mona");
    assert!(!moderator.seats[0].permissions.contains(&"customers.pii".to_owned()));
    Ok(())
}

/// AD-1, ID-24: keys of integrations stand beside staff with what each may do and when it was last used, those of the
/// network included; what has ended or was revoked may nothing and is not among them.
#[tokio::test]
async fn the_access_review_knows_the_keys() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (house, mut keys) = (&shop.ledger.house, ApiKeyServiceClient::new(shop.ledger.house.way()));
    let soon = Some(timestamp(house.clock.now() + TimeDelta::minutes(4)));
    let plan = |name: &str, expires_at| pb::CreateApiKeyRequest {
        name: name.to_owned(),
        permissions: vec!["orders.read".to_owned()],
        allowed_ips: Vec::new(),
        expires_at,
    };
    let used = keys.create_api_key(by(&shop.owner, plan("Accounting", None))).await?.into_inner();
    keys.create_api_key(by(&shop.owner, plan("For today", soon))).await?;
    let gone = keys.create_api_key(by(&shop.owner, plan("Gone", None))).await?.into_inner();
    keys.revoke_api_key(by(&shop.owner, pb::RevokeApiKeyRequest { id: gone.id })).await?;
    house.exchange(&used.secret, "", "").await?;
    let known = async || {
        let review = shop.ledger.client().review_access(by(&shop.owner, pb::ReviewAccessRequest {})).await?;
        let mut access = review.into_inner().access;
        access.retain(|access| access.kind == "api_key");
        anyhow::Ok(access)
    };
    // Written aside of the exchange.
    let seen = loop {
        if let Some(seen) = known().await?.into_iter().find(|key| key.last_at.is_some()) {
            break seen;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    assert_eq!((&seen.id, seen.seats[0].permissions.join(" ").as_str()), (&used.id, "orders.read"));
    assert_eq!((seen.seats[0].place.as_str(), seen.name.as_str()), (shop.store.id.as_str(), "Accounting"));
    assert_eq!(known().await?.len(), 2);
    house.clock.advance(TimeDelta::minutes(4));
    assert_eq!(known().await?.iter().map(|key| key.name.as_str()).collect::<Vec<_>>(), ["Accounting"]);
    let elsewhere = house.store("Elsewhere").await?;
    let stranger = house.at_work("eve@example.com", &elsewhere.id, "owner").await?;
    let review = shop.ledger.client().review_access(by(&stranger, pb::ReviewAccessRequest {})).await?.into_inner();
    assert!(review.access.iter().all(|access| access.kind == "staff"), "{review:?}");
    Ok(())
}
