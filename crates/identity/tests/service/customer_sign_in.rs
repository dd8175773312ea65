//! How customers sign in, as staff see and manage it.
use chrono::TimeDelta;
use identity::{NAME, consumer::Events};
use kit::{
    clock::timestamp,
    ids,
    inbox::{Consumer, Event},
    transport::Transport,
};
use proto::{
    base::v1::Audited,
    customers::v1::CustomerLoginMoved,
    identity::v1::{
        self as pb, CustomerSignIn, SessionRevoked, customer_sign_in_service_client::CustomerSignInServiceClient,
    },
};
use tonic::{Code, Status};

use crate::house::{House, PASSWORD, by, reason};

fn sign_ins(house: &House) -> CustomerSignInServiceClient<Transport> {
    house.client(CustomerSignInServiceClient::new)
}

async fn seen(house: &House, who: &str, customer: &str) -> Result<CustomerSignIn, Status> {
    let request = pb::GetCustomerSignInRequest { customer: customer.to_owned() };
    Ok(sign_ins(house).get_customer_sign_in(by(who, request)).await?.into_inner())
}

fn ending(customer: &str, session: &str) -> pb::EndCustomerSessionsRequest {
    pb::EndCustomerSessionsRequest { customer: customer.to_owned(), session: session.to_owned() }
}

/// CU-8: methods, last sign-in and sessions are seen; one session is ended, then all, and gateways hear of each.
#[tokio::test]
async fn staff_see_and_end_what_is_open() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let front = house.front(&store.key).await?;
    let ada = house.register(&front, "ada@example.com").await?;
    house.clock.advance(TimeDelta::minutes(1));
    let second = house.log_in(&front, "ada@example.com", PASSWORD).await?;
    let carl = house.at_work("carl@example.com", &store.id, "customer_service").await?;
    let known = seen(&house, &carl, &ada.customer).await?;
    assert_eq!((known.registered, known.email_proved, known.sessions.len()), (true, true, 2));
    assert_eq!(known.methods, ["password", "email"]);
    assert_eq!(known.last_login_at, Some(timestamp(house.clock.now())));
    let newest = known.sessions[0].id.clone();
    let ended = sign_ins(&house).end_customer_sessions(by(&carl, ending(&ada.customer, &newest))).await?.into_inner();
    assert_eq!(ended.sessions, std::slice::from_ref(&newest));
    assert_eq!(reason(house.exchange(&store.key, &second.token, "").await), "unauthenticated");
    house.claims(&store.key, &ada.token, "").await?;
    let again = sign_ins(&house).end_customer_sessions(by(&carl, ending(&ada.customer, &newest))).await;
    assert_eq!(reason(again), "session_not_found");
    sign_ins(&house).end_customer_sessions(by(&carl, ending(&ada.customer, ""))).await?;
    assert_eq!(reason(house.exchange(&store.key, &ada.token, "").await), "unauthenticated");
    assert_eq!(house.events::<SessionRevoked>().await?.len(), 2);
    assert!(seen(&house, &carl, &ada.customer).await?.sessions.is_empty());
    Ok(())
}

/// CU-8, ID-11: the mail for a new password goes to the customer, and the code in it sets one; a guest has none to set.
#[tokio::test]
async fn staff_have_a_reset_sent() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let front = house.front(&store.key).await?;
    let ada = house.register(&front, "ada@example.com").await?;
    let guest = house.people.meet(&store.realm, "guest@example.com");
    let carl = house.at_work("carl@example.com", &store.id, "customer_service").await?;
    let naming = |customer: &str| pb::SendPasswordResetRequest { customer: customer.to_owned() };
    sign_ins(&house).send_password_reset(by(&carl, naming(&ada.customer))).await?;
    let letter = house.letters.last();
    assert_eq!((letter.to.as_str(), letter.template.as_str()), ("ada@example.com", "password_code"));
    let mut passwords = house.client(pb::password_service_client::PasswordServiceClient::new);
    let request = pb::ResetPasswordRequest {
        identity: "ada@example.com".to_owned(),
        code: house.letters.code(),
        password: "another long password".to_owned(),
    };
    passwords.reset_password(by(&front, request)).await?;
    house.log_in(&front, "ada@example.com", "another long password").await?;
    assert_eq!(reason(sign_ins(&house).send_password_reset(by(&carl, naming(&guest))).await), "not_registered");
    house.people.inactivate(&ada.customer);
    let closed = sign_ins(&house).send_password_reset(by(&carl, naming(&ada.customer))).await;
    assert_eq!(reason(closed), "customer_inactive");
    Ok(())
}

/// CU-8, ID-27: an account that waits after wrong passwords is seen to, and let go on.
#[tokio::test]
async fn staff_unlock_an_account() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let front = house.front(&store.key).await?;
    let ada = house.register(&front, "Ada@example.com").await?;
    let carl = house.at_work("carl@example.com", &store.id, "customer_service").await?;
    for _ in 0..10 {
        assert_eq!(reason(house.log_in(&front, "ada@example.com", "wrong password").await), "bad_credentials");
    }
    assert_eq!(reason(house.log_in(&front, "ada@example.com", PASSWORD).await), "too_many_attempts");
    let locked = seen(&house, &carl, &ada.customer).await?.locked_until;
    assert_eq!(locked, Some(timestamp(house.clock.now() + TimeDelta::seconds(2))));
    let request = pb::UnlockCustomerRequest { customer: ada.customer.clone() };
    sign_ins(&house).unlock_customer(by(&carl, request)).await?;
    assert!(seen(&house, &carl, &ada.customer).await?.locked_until.is_none());
    house.log_in(&front, "ada@example.com", PASSWORD).await?;
    let told = house.events::<Audited>().await?;
    assert!(told.iter().any(|entry| entry.action == "customer.unlocked"), "{told:?}");
    Ok(())
}

/// ID-22, ID-23: seeing takes customers.read, with addresses masked; everything else customers.write.
#[tokio::test]
async fn only_those_manage_who_may() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let front = house.front(&store.key).await?;
    let ada = house.register(&front, "ada@example.com").await?;
    let moderator = house.at_work("mona@example.com", &store.id, "moderator").await?;
    let known = seen(&house, &moderator, &ada.customer).await?;
    assert_eq!(known.redacted, ["sessions.ip", "sessions.agent"]);
    assert!(known.sessions.iter().all(|session| session.ip.is_empty() || session.ip == "***"));
    let refused = sign_ins(&house).end_customer_sessions(by(&moderator, ending(&ada.customer, ""))).await;
    assert_eq!(refused.expect_err("a moderator").code(), Code::PermissionDenied);
    let unlock = pb::UnlockCustomerRequest { customer: ada.customer.clone() };
    let refused = sign_ins(&house).unlock_customer(by(&moderator, unlock)).await;
    assert_eq!(refused.expect_err("a moderator").code(), Code::PermissionDenied);
    let own = house.front(&store.key).await?;
    assert_eq!(seen(&house, &own, &ada.customer).await.expect_err("a visitor").code(), Code::PermissionDenied);
    house.claims(&store.key, &ada.token, "").await?;
    Ok(())
}

/// CU-8: when staff give a customer another address, what was open ends and the new one is unproved; a proof that came
/// since then stays, however late the word is.
#[tokio::test]
async fn another_address_is_unproved() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let front = house.front(&store.key).await?;
    let ada = house.register(&front, "ada@example.com").await?;
    let eve = house.register(&front, "eve@example.com").await?;
    let carl = house.at_work("carl@example.com", &store.id, "customer_service").await?;
    let moved = |customer: &str, at| {
        let (realm, customer, at) = (store.realm.clone(), customer.to_owned(), Some(timestamp(at)));
        CustomerLoginMoved { realm, customer, email: true, phone: false, at }
    };
    let before = house.clock.now() - TimeDelta::minutes(1);
    house.clock.advance(TimeDelta::seconds(1));
    for event in [moved(&ada.customer, house.clock.now()), moved(&eve.customer, before)] {
        let mut tx = house.env.db(NAME)?.begin_own().await?;
        let event = Event::new(ids::uuid(house.clock.now()), &event);
        Events { clock: house.clock.clone() }.apply(&mut tx, &event).await?;
        tx.commit().await?;
    }
    assert_eq!(reason(house.exchange(&store.key, &ada.token, "").await), "unauthenticated");
    let known = seen(&house, &carl, &ada.customer).await?;
    assert_eq!((known.email_proved, known.methods.as_slice()), (false, ["password".to_owned()].as_slice()));
    assert!(seen(&house, &carl, &eve.customer).await?.email_proved, "proven after she was given it");
    let request = pb::SendPasswordResetRequest { customer: ada.customer.clone() };
    sign_ins(&house).send_password_reset(by(&carl, request)).await?;
    let request = pb::ResetPasswordRequest {
        identity: "ada@example.com".to_owned(),
        code: house.letters.code(),
        password: "another long password".to_owned(),
    };
    house.client(pb::password_service_client::PasswordServiceClient::new).reset_password(by(&front, request)).await?;
    assert!(seen(&house, &carl, &ada.customer).await?.email_proved, "whoever has the code has the address");
    Ok(())
}
