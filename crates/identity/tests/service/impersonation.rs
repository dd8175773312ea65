//! Being logged in as a customer (ID-25).
use chrono::TimeDelta;
use identity::{NAME, signing::Keyring};
use kit::{actor::Kind, assertion::Claims, call::header, permission::Permission};
use proto::identity::v1::{
    self as pb, SignedIn, closure_service_client::ClosureServiceClient, contact_service_client::ContactServiceClient,
    impersonation_service_client::ImpersonationServiceClient, password_service_client::PasswordServiceClient,
};
use testing::actors;
use tonic::Status;

use crate::house::{House, by, faults, reason};

/// A store with somebody who looks after customers, and a guest.
struct Desk {
    house: House,
    store: pb::Store,
    token: String,
    guest: String,
}

impl Desk {
    async fn open() -> anyhow::Result<Self> {
        let house = House::build().await?;
        let store = house.store("Corner Shop").await?;
        let token = house.clerk("carl@example.com", &store.id, "customer_service").await?;
        let guest = house.people.meet(&store.realm, "ada@example.com");
        Ok(Self { house, store, token, guest })
    }

    async fn start_as(&self, who: &str, customer: &str, why: &str) -> Result<pb::Impersonation, Status> {
        let request = pb::StartImpersonationRequest {
            customer: customer.to_owned(),
            reason: why.to_owned(),
            ticket: String::new(),
        };
        Ok(ImpersonationServiceClient::new(self.house.way()).start_impersonation(by(who, request)).await?.into_inner())
    }

    async fn start(&self) -> anyhow::Result<pb::Impersonation> {
        let carl = self.house.exchange(&self.token, "", "").await?;
        Ok(self.start_as(&carl, &self.guest, "Cannot find the download.").await?)
    }
}

/// ID-25: the session carries both persons and the reason, and lasts a quarter of an hour, used or not.
#[tokio::test]
async fn both_persons_are_named() -> anyhow::Result<()> {
    let desk = Desk::open().await?;
    let (carl, opened) = (desk.house.claims(&desk.token, "", "").await?, desk.start().await?);
    assert_eq!((&opened.impersonator, &opened.customer), (&carl.sub, &desk.guest));
    for minute in [0, 5, 9] {
        desk.house.clock.advance(TimeDelta::minutes(minute));
        let claims = desk.house.claims(&desk.store.key, &opened.token, "").await?;
        assert_eq!(
            (claims.kind, &claims.sub, &claims.amr[..]),
            (Kind::Customer, &desk.guest, &["impersonation".to_owned()][..])
        );
        let act = claims.act.ok_or_else(|| anyhow::anyhow!("nobody acts"))?;
        assert_eq!(
            (act.kind, Some(act.sub), Some(act.session)),
            (Kind::Staff, Some(carl.sub.clone()), carl.sid.clone())
        );
        assert_eq!(act.reason, "Cannot find the download.");
        assert!(claims.perms.slugs().is_empty());
    }
    desk.house.clock.advance(TimeDelta::seconds(59));
    let claims = desk.house.claims(&desk.store.key, &opened.token, "").await?;
    assert_eq!(claims.exp - desk.house.clock.now().timestamp(), 1);
    desk.house.clock.advance(TimeDelta::seconds(1));
    assert_eq!(reason(desk.house.exchange(&desk.store.key, &opened.token, "").await), "unauthenticated");
    Ok(())
}

/// ID-25: it needs the permission, a reason, and a recent second factor; an integration never does, nor a customer, nor
/// whoever impersonates already; the inactive are nobody's (ID-9).
#[tokio::test]
async fn not_everybody_may() -> anyhow::Result<()> {
    let desk = Desk::open().await?;
    let house = &desk.house;
    let carl = house.exchange(&desk.token, "", "").await?;
    assert_eq!(faults(desk.start_as(&carl, &desk.guest, " ").await), [("/reason".to_owned(), "required".to_owned())]);
    let agent = house.at_work("sam@example.com", &desk.store.id, "sales_agent").await?;
    assert_eq!(reason(desk.start_as(&agent, &desk.guest, "why").await), "permission_required");
    let claims =
        house.claims(&house.clerk("bea@example.com", &desk.store.id, "customer_service").await?, "", "").await?;
    let perms = [Permission::CustomersImpersonate, Permission::CustomersRead].into_iter().collect();
    let keyring = Keyring::new(&house.env.db(NAME)?, &house.env.secrets);
    let blind = keyring.sign(&Claims { perms, ..claims }, house.clock.now()).await?;
    assert_eq!(reason(desk.start_as(&blind, &desk.guest, "why").await), "permission_required", "no personal data");
    let other = house.store("Far Shop").await?;
    let stranger = house.at_work("otto@example.com", &other.id, "owner").await?;
    assert_eq!(reason(desk.start_as(&stranger, &desk.guest, "why").await), "customer_not_found");
    assert_eq!(reason(desk.start_as(&carl, "cus_nonsense", "why").await), "customer_not_found");
    let within = house.exchange(&desk.store.key, &desk.start().await?.token, "").await?;
    assert_eq!(reason(desk.start_as(&within, &desk.guest, "why").await), "impersonated");
    house.people.inactivate(&desk.guest);
    assert_eq!(reason(desk.start_as(&carl, &desk.guest, "why").await), "customer_inactive");
    house.clock.advance(TimeDelta::minutes(15));
    let carl = house.exchange(&desk.token, "", "").await?;
    assert_eq!(reason(desk.start_as(&carl, &desk.guest, "why").await), "step_up_required");
    Ok(())
}

/// ID-10, ID-25: it ends with the session it was opened from, and when its opener says so; nobody else ends it.
#[tokio::test]
async fn it_ends_with_its_opener() -> anyhow::Result<()> {
    let desk = Desk::open().await?;
    let house = &desk.house;
    let (carl, first, second) = (house.exchange(&desk.token, "", "").await?, desk.start().await?, desk.start().await?);
    let mut service = ImpersonationServiceClient::new(house.way());
    let open = service.list_impersonations(by(&carl, pb::ListImpersonationsRequest {})).await?.into_inner();
    assert_eq!(open.impersonations.len(), 2);
    let other = house.at_work("olive@example.com", &desk.store.id, "owner").await?;
    let end = |who: &str| by(who, pb::EndImpersonationRequest { id: first.id.clone() });
    assert_eq!(reason(service.end_impersonation(end(&other)).await), "session_not_found");
    service.end_impersonation(end(&carl)).await?;
    assert_eq!(reason(house.exchange(&desk.store.key, &first.token, "").await), "unauthenticated");
    house.claims(&desk.store.key, &second.token, "").await?;
    house.sessions().delete_session(by(&carl, pb::DeleteSessionRequest {})).await?;
    assert_eq!(reason(house.exchange(&desk.store.key, &second.token, "").await), "unauthenticated");
    Ok(())
}

/// AD-1, ID-25: every event that comes of it names who acts; what a client says about that is not believed.
#[tokio::test]
async fn events_name_who_acts() -> anyhow::Result<()> {
    let desk = Desk::open().await?;
    let house = &desk.house;
    let opened = desk.start().await?;
    let within = house.exchange(&desk.store.key, &opened.token, "").await?;
    house.accounts().log_out(by(&within, pb::LogOutRequest {})).await?;
    let acting = async |subject: &str| {
        let header: Option<String> = sqlx::query_scalar(
            "select headers ->> 'patron-acting' from outbox where subject = $1 order by id desc limit 1",
        )
        .bind(subject)
        .fetch_one(house.env.db(NAME)?.pool())
        .await?;
        anyhow::Ok(header.unwrap_or_default())
    };
    let carl = house.claims(&desk.token, "", "").await?;
    let expected = format!("staff {} {}", carl.sub, carl.sid.unwrap_or_default());
    assert_eq!(acting("patron.identity.v1.SessionRevoked").await?, expected);

    let front = house.front(&desk.store.key).await?;
    house.register(&front, "eve@example.com").await?;
    let request =
        pb::LogInRequest { identity: "eve@example.com".to_owned(), password: crate::house::PASSWORD.to_owned() };
    let request = actors::with(by(&front, request), "patron-acting", "staff stf_1 ses_1");
    house.accounts().log_in(actors::with(request, header::REQUEST_ID, "req_1")).await?;
    assert_eq!(house.events::<SignedIn>().await?.last().map(|event| event.subject.starts_with("cus_")), Some(true));
    assert_eq!(acting("patron.identity.v1.SignedIn").await?, "");
    Ok(())
}

/// AD-1, PL-7: why somebody logs in as a customer leaves sealed with that customer's key.
#[tokio::test]
async fn the_reason_leaves_sealed() -> anyhow::Result<()> {
    let desk = Desk::open().await?;
    let carl = desk.house.exchange(&desk.token, "", "").await?;
    desk.start_as(&carl, &desk.guest, "Ada Lovelace cannot find the download.").await?;
    let told = desk.house.audited("impersonation.started").await?.pop();
    let told = told.ok_or_else(|| anyhow::anyhow!("nothing was told"))?;
    assert_eq!(told.customers, std::slice::from_ref(&desk.guest));
    assert!(!told.reason.contains("Lovelace") && !told.reason.is_empty(), "{}", told.reason);
    let mut reason: serde_json::Value = serde_json::from_str(&told.reason)?;
    let key = desk.house.sealer.key(desk.guest.parse()?);
    kit::sealed::open(&mut reason, &|_, bytes| key.open(kit::sealed::PURPOSE, bytes).ok());
    assert_eq!(reason, "Ada Lovelace cannot find the download.");
    Ok(())
}

/// ID-25: whoever is logged in as somebody changes neither e-mail nor phone nor password of theirs, and closes nothing;
/// not in two steps either.
#[tokio::test]
async fn what_is_for_the_person_alone_is_refused() -> anyhow::Result<()> {
    let desk = Desk::open().await?;
    let house = &desk.house;
    let within = house.exchange(&desk.store.key, &desk.start().await?.token, "").await?;
    let mut contacts = house.client(ContactServiceClient::new);
    for (mode, identity) in [("email", "carl@example.com"), ("sms", "+4930901820")] {
        let (mode, identity, code) = (mode.to_owned(), identity.to_owned(), "000000".to_owned());
        let asked = pb::RequestContactCodeRequest { mode: mode.clone(), identity: identity.clone() };
        assert_eq!(reason(contacts.request_contact_code(by(&within, asked)).await), "impersonated", "{mode}");
        let verified = pb::VerifyContactRequest { mode, identity, code };
        assert_eq!(reason(contacts.verify_contact(by(&within, verified)).await), "impersonated");
    }
    let password = pb::SetPasswordRequest { password: "a long enough password".to_owned(), current: String::new() };
    let set = house.client(PasswordServiceClient::new).set_password(by(&within, password)).await;
    assert_eq!(reason(set), "impersonated");
    let mut closures = house.client(ClosureServiceClient::new);
    assert_eq!(reason(closures.begin_closure(by(&within, pb::BeginClosureRequest {})).await), "impersonated");
    let confirm = pb::ConfirmClosureRequest { code: "000000".to_owned() };
    assert_eq!(reason(closures.confirm_closure(by(&within, confirm)).await), "impersonated");
    Ok(())
}
