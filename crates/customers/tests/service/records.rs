//! Making and changing records in the name of the staff.
use kit::permission::Permission;
use proto::customers::v1::{
    ChangeCustomerRequest, ContactMethod, ContactMethods, CreateCustomerRequest, Customer, Details,
    FindCustomerRequest, record_service_client::RecordServiceClient,
};
use testing::actors::{if_match, keyed};
use tonic::{Code, Request, Status};

use crate::shop::{DESK, NO_PII, PII, Shop, faults, reason};

async fn create(shop: &Shop, request: Request<CreateCustomerRequest>) -> Result<Customer, Status> {
    Ok(RecordServiceClient::new(shop.way.clone()).create_customer(request).await?.into_inner())
}

async fn change(shop: &Shop, request: Request<ChangeCustomerRequest>) -> Result<Customer, Status> {
    Ok(RecordServiceClient::new(shop.way.clone()).change_customer(request).await?.into_inner())
}

fn somebody(email: &str) -> CreateCustomerRequest {
    let details = Details { email: Some(email.to_owned()), name: Some("Ada".to_owned()), ..Details::default() };
    CreateCustomerRequest { details: Some(details), tags: vec!["fair".to_owned()] }
}

fn named(id: &str, details: Details) -> ChangeCustomerRequest {
    ChangeCustomerRequest { id: id.to_owned(), details: Some(details) }
}

fn mail(email: &str) -> Details {
    Details { email: Some(email.to_owned()), ..Details::default() }
}

async fn found(shop: &Shop, identity: &str) -> anyhow::Result<Option<String>> {
    let request = FindCustomerRequest { realm: shop.actors().realm.into(), identity: identity.to_owned() };
    let found = shop.client.clone().find_customer(shop.actors().system("identity", request)).await?.into_inner();
    Ok(found.customer.map(|customer| customer.id))
}

/// CU-8, CU-4: staff make a record with all its fields; a second one of the same e-mail, however written, is refused.
#[tokio::test]
async fn staff_make_a_record_once() -> anyhow::Result<()> {
    let (shop, other) = Shop::beside().await?;
    let made = create(&shop, shop.actors().staff(DESK, somebody("Ada@Example.com"))).await?;
    assert_eq!((made.lifecycle.as_str(), made.registration.as_str(), made.version), ("lead", "guest", 1));
    assert_eq!((made.name.as_str(), made.tags.as_slice()), ("Ada", ["fair".to_owned()].as_slice()));
    assert!(made.slug.starts_with("ada-"), "{}", made.slug);
    let status = create(&shop, shop.actors().staff(DESK, somebody("ada@example.COM"))).await.expect_err("twice");
    assert_eq!((status.code(), reason(&status).as_str()), (Code::Aborted, "email_taken"));
    let elsewhere = create(&shop, other.staff(DESK, somebody("ada@example.com"))).await?;
    assert_ne!(elsewhere.id, made.id);
    let told = shop.audited("customer.created").await?;
    assert!(
        told.after.contains("\"tags\":{") && !told.after.contains("fair") && !told.after.contains("\"Ada\""),
        "{}",
        told.after
    );
    Ok(())
}

/// CU-8: of two who make the same record at once, one does.
#[tokio::test]
async fn of_two_at_once_one_makes_it() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let make = || create(&shop, shop.actors().staff(DESK, somebody("ada@example.com")));
    let (first, second) = tokio::join!(make(), make());
    let refused: Vec<_> = [first, second].into_iter().filter_map(Result::err).collect();
    assert_eq!(refused.iter().map(reason).collect::<Vec<_>>(), ["email_taken"]);
    Ok(())
}

/// CU-4, CU-8: a change names fields, the others stay; an empty one is taken away, meta is merged.
#[tokio::test]
async fn what_is_not_named_stays() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = create(&shop, shop.actors().staff(DESK, somebody("ada@example.com"))).await?;
    let contacts = vec![ContactMethod { kind: "telegram".to_owned(), value: "@ada".to_owned() }];
    let details = Details {
        phone: Some("030 901820".to_owned()),
        fax: Some("030 901821".to_owned()),
        username: Some("countess".to_owned()),
        photo_url: Some("https://img.example.com/ada.jpg".to_owned()),
        business: Some("Analytical Engines".to_owned()),
        contacts: Some(ContactMethods { contacts: contacts.clone() }),
        language: Some("en-GB".to_owned()),
        meta: Some(r#"{"a":{"b":1},"c":2}"#.to_owned()),
        library_all: Some(true),
        directory: Some(true),
        ..Details::default()
    };
    let changed = change(&shop, shop.actors().staff(DESK, named(&ada.id, details))).await?;
    assert_eq!((changed.phone.as_str(), changed.fax.as_str()), ("+4930901820", "+4930901821"));
    assert_eq!((changed.contacts.as_slice(), changed.business.as_str()), (contacts.as_slice(), "Analytical Engines"));
    assert!(changed.library_all && changed.directory && changed.version == 2 && changed.name == "Ada");
    let details = Details {
        business: Some(String::new()),
        contacts: Some(ContactMethods::default()),
        meta: Some(r#"{"a":{"b":null,"d":3},"c":null}"#.to_owned()),
        ..Details::default()
    };
    let changed = change(&shop, shop.actors().staff(DESK, named(&ada.id, details.clone()))).await?;
    assert_eq!((changed.business.as_str(), changed.meta.as_str()), ("", r#"{"a":{"d":3}}"#));
    assert!(changed.contacts.is_empty() && changed.username == "countess");
    let same = change(&shop, shop.actors().staff(DESK, named(&ada.id, details))).await?;
    assert_eq!((same.version, shop.published("patron.customers.v1.CustomerLoginMoved").await?), (3, 0));
    Ok(())
}

/// CU-8: the login is where the new address is, and whoever keeps logins hears of it; somebody else's is refused.
#[tokio::test]
async fn another_email_moves_the_login() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let (ada, grace) = (shop.register("ada@example.com").await?, shop.register("grace@example.com").await?);
    let taken = change(&shop, shop.actors().staff(DESK, named(&ada.id, mail("GRACE@example.com")))).await;
    assert_eq!(reason(&taken.expect_err("another's")), "email_taken");
    let moved = change(&shop, shop.actors().staff(DESK, named(&ada.id, mail("countess@example.com")))).await?;
    assert_eq!(moved.email, "countess@example.com");
    assert_eq!(found(&shop, "ada@example.com").await?, None);
    assert_eq!(found(&shop, "countess@example.com").await?, Some(ada.id.clone()));
    assert_eq!(shop.published("patron.customers.v1.CustomerLoginMoved").await?, 1);
    let told = shop.audited("customer.updated").await?;
    assert!(told.before.contains("\"sealed\"") && !format!("{told:?}").contains("@example.com"), "{told:?}");
    // The address that she gave up is free for somebody else.
    let back = change(&shop, shop.actors().staff(DESK, named(&grace.id, mail("ada@example.com")))).await?;
    assert_eq!(back.email, "ada@example.com");
    Ok(())
}

/// PL-3: a stale version is refused, a repeated request gets its answer again; two changes at once both stay.
#[tokio::test]
async fn versions_and_repetitions_are_heeded() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.meet("ada@example.com", "Ada").await?;
    let rename = |name: &str| named(&ada.id, Details { name: Some(name.to_owned()), ..Details::default() });
    let request = |name: &str| keyed(shop.clerk(rename(name)), "k1", name);
    let first = change(&shop, if_match(request("Ada King"), 1)).await?;
    assert_eq!(change(&shop, if_match(request("Ada King"), 1)).await?, first);
    assert_eq!(reason(&change(&shop, request("Countess")).await.expect_err("another")), "idempotency_mismatch");
    let stale = change(&shop, if_match(shop.actors().staff(DESK, rename("Countess")), 1)).await;
    assert_eq!(reason(&stale.expect_err("stale")), "stale_version");
    let language = named(&ada.id, Details { language: Some("fr".to_owned()), ..Details::default() });
    let business = named(&ada.id, Details { business: Some("Engines".to_owned()), ..Details::default() });
    let (one, other) = tokio::join!(
        change(&shop, shop.actors().staff(DESK, language)),
        change(&shop, shop.actors().staff(DESK, business)),
    );
    one?;
    other?;
    let seen = shop.get(PII, &ada.id).await?;
    assert_eq!((seen.language.as_str(), seen.business.as_str(), seen.version), ("fr", "Engines", 4));
    Ok(())
}

/// ID-22, ID-23, ID-30: it takes customers.write, and for what is masked customers.pii; nobody changes another realm's.
#[tokio::test]
async fn only_those_change_who_may() -> anyhow::Result<()> {
    let (shop, other) = Shop::beside().await?;
    let ada = shop.meet("ada@example.com", "Ada").await?;
    let write = &[Permission::CustomersRead, Permission::CustomersWrite];
    let language = || named(&ada.id, Details { language: Some("de".to_owned()), ..Details::default() });
    let seen = change(&shop, shop.actors().staff(write, language())).await?;
    assert_eq!((seen.language.as_str(), seen.name.as_str()), ("de", "A***"));
    let guess = named(&ada.id, Details { name: Some("Ada".to_owned()), ..Details::default() });
    for request in [
        shop.actors().staff(write, guess.clone()),
        shop.actors().staff(NO_PII, language()),
        shop.actors().customer(crate::shop::id(&ada), guess),
    ] {
        assert_eq!(change(&shop, request).await.expect_err("may not").code(), Code::PermissionDenied);
    }
    let status = create(&shop, shop.actors().staff(write, somebody("eve@example.com"))).await.expect_err("no pii");
    assert_eq!(reason(&status), "permission_required");
    let status = change(&shop, other.staff(DESK, language())).await.expect_err("another realm's");
    assert_eq!(reason(&status), "customer_not_found");
    Ok(())
}

/// Malformed input: every fault is named at once, and nothing is changed.
#[tokio::test]
async fn malformed_changes_are_refused() -> anyhow::Result<()> {
    let shop = Shop::open().await?;
    let ada = shop.meet("ada@example.com", "Ada").await?;
    let details = Details {
        name: Some("x".repeat(201)),
        email: Some("nobody".to_owned()),
        meta: Some(r#"{"a":"\u0000"}"#.to_owned()),
        ..Details::default()
    };
    let status = change(&shop, shop.actors().staff(DESK, named(&ada.id, details))).await.expect_err("malformed");
    let expected = [("/name", "too_long"), ("/email", "malformed"), ("/meta", "malformed")];
    assert_eq!(faults(&status), expected.map(|(pointer, code)| (pointer.to_owned(), code.to_owned())));
    let status = create(&shop, shop.actors().staff(DESK, CreateCustomerRequest::default())).await.expect_err("nobody");
    assert_eq!(faults(&status), [("/email".to_owned(), "required".to_owned())]);
    assert_eq!(shop.get(PII, &ada.id).await?.version, 1);
    Ok(())
}
