//! Passwords that are forgotten, reset and set (ID-11).
use chrono::TimeDelta;
use identity::{
    NAME,
    session::{
        Subject,
        open::{OpenSession, open_session},
    },
};
use kit::call::Client;
use proto::identity::v1::{self as pb, SessionRevoked, password_service_client::PasswordServiceClient};
use testing::actors;

use crate::house::{House, PASSWORD, by, faults, form, reason};

const OTHER: &str = "another horse battery";

fn reset(code: &str, password: &str) -> pb::ResetPasswordRequest {
    let (code, password) = (code.to_owned(), password.to_owned());
    pb::ResetPasswordRequest { identity: "ada@example.com".to_owned(), code, password }
}

async fn forget(house: &House, front: &str) -> anyhow::Result<String> {
    let request = pb::RequestPasswordResetRequest { identity: "Ada@example.com".to_owned() };
    house.client(PasswordServiceClient::new).request_password_reset(by(front, request)).await?;
    Ok(house.letters.code())
}

/// ID-11, ID-10: a code sets a new password; the former one is gone, and so are all sessions. The owner is told.
#[tokio::test]
async fn a_forgotten_password_is_reset() -> anyhow::Result<()> {
    let house = House::build().await?;
    let key = house.store("Corner Shop").await?.key;
    let front = house.front(&key).await?;
    let ada = house.register(&front, "ada@example.com").await?;
    let second = house.log_in(&front, "ada@example.com", PASSWORD).await?;
    let code = forget(&house, &front).await?;
    assert_eq!(house.letters.last().template, "password_code");
    let mut passwords = house.client(PasswordServiceClient::new);
    let told = faults(passwords.reset_password(by(&front, reset(&code, "football1"))).await);
    assert_eq!(told, [("/password".to_owned(), "too_common".to_owned())]);
    let request = || actors::keyed(by(&front, reset(&code, OTHER)), "key-1", "reset");
    passwords.reset_password(request()).await?;
    passwords.reset_password(request()).await?; // PL-3: repeated it answers the same
    for token in [&ada.token, &second.token] {
        assert_eq!(reason(house.exchange(&key, token, "").await), "unauthenticated");
    }
    assert_eq!(house.events::<SessionRevoked>().await?.len(), 2);
    assert_eq!(reason(house.log_in(&front, "ada@example.com", PASSWORD).await), "bad_credentials");
    house.log_in(&front, "ada@example.com", OTHER).await?;
    let told = house.letters.last();
    assert_eq!((&*told.template, &*told.to), ("password_changed", "ada@example.com"));
    assert_eq!(reason(passwords.reset_password(by(&front, reset(&code, PASSWORD))).await), "bad_code");
    Ok(())
}

/// ID-10: whose former password was found right just before it was reset does not come in just after.
#[tokio::test]
async fn a_sign_in_under_way_ends_with_a_reset() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    let front = house.front(&store.key).await?;
    let ada = house.register(&front, "ada@example.com").await?;
    let (subject, came_at) = (Subject::Customer(store.realm.parse()?, ada.customer.parse()?), house.clock.now());
    house.clock.advance(TimeDelta::seconds(1));
    let code = forget(&house, &front).await?;
    house.client(PasswordServiceClient::new).reset_password(by(&front, reset(&code, OTHER))).await?;
    let mut tx = house.env.db(NAME)?.begin_own().await?;
    let late = OpenSession { subject, methods: &["password"], client: &Client::default(), now: came_at };
    let (_, late) = open_session(&mut tx, late).await?;
    tx.commit().await?;
    assert_eq!(reason(house.exchange(&store.key, &late, "").await), "unauthenticated");
    let now = house.log_in(&front, "ada@example.com", OTHER).await?;
    house.claims(&store.key, &now.token, "").await?;
    Ok(())
}

/// ID-6, ID-9: the code is a code: ten minutes, nobody else's, nothing for the inactive.
#[tokio::test]
async fn a_password_code_is_a_code() -> anyhow::Result<()> {
    let house = House::build().await?;
    let key = house.store("Corner Shop").await?.key;
    let front = house.front(&key).await?;
    let ada = house.register(&front, "ada@example.com").await?;
    house.register(&front, "eve@example.com").await?;
    let mut passwords = house.client(PasswordServiceClient::new);
    let code = forget(&house, &front).await?;
    let other = pb::ResetPasswordRequest { identity: "eve@example.com".to_owned(), ..reset(&code, OTHER) };
    assert_eq!(reason(passwords.reset_password(by(&front, other)).await), "bad_code");
    house.clock.advance(TimeDelta::minutes(10));
    let front = house.front(&key).await?;
    assert_eq!(reason(passwords.reset_password(by(&front, reset(&code, OTHER))).await), "bad_code");
    let code = forget(&house, &front).await?;
    house.people.inactivate(&ada.customer);
    assert_eq!(reason(passwords.reset_password(by(&front, reset(&code, OTHER))).await), "bad_code");
    Ok(())
}

/// ID-11: another password needs the one so far; the other sessions end, this one stays.
#[tokio::test]
async fn a_password_is_changed_with_the_former_one() -> anyhow::Result<()> {
    let house = House::build().await?;
    let key = house.store("Corner Shop").await?.key;
    let front = house.front(&key).await?;
    let first = house.register(&front, "ada@example.com").await?;
    let second = house.log_in(&front, "ada@example.com", PASSWORD).await?;
    let me = house.exchange(&key, &second.token, "").await?;
    let set = async |current: &str, password: &str| {
        let request = pb::SetPasswordRequest { password: password.to_owned(), current: current.to_owned() };
        house.client(PasswordServiceClient::new).set_password(by(&me, request)).await
    };
    assert_eq!(faults(set("", OTHER).await), [("/current_password".to_owned(), "required".to_owned())]);
    assert_eq!(faults(set(PASSWORD, "ada.example").await).len(), 0);
    assert_eq!(faults(set(OTHER, "ada@example.com").await), [("/password".to_owned(), "guessable".to_owned())]);
    assert_eq!(reason(set("wrong horse battery", OTHER).await), "bad_password");
    set("ada.example", OTHER).await?;
    assert_eq!(reason(house.exchange(&key, &first.token, "").await), "unauthenticated");
    house.claims(&key, &second.token, "").await?;
    house.log_in(&front, "ada@example.com", OTHER).await?;
    for _ in 0..9 {
        assert_eq!(reason(set("wrong horse battery", PASSWORD).await), "bad_password");
    }
    assert_eq!(reason(set("wrong horse battery", PASSWORD).await), "bad_password");
    assert_eq!(reason(set(OTHER, PASSWORD).await), "too_many_attempts", "guessing waits here, too (ID-27)");
    Ok(())
}

/// ID-11, ID-25: the first password needs a sign-in of the last quarter of an hour, and nobody sets it for a customer.
#[tokio::test]
async fn a_first_password_needs_a_recent_sign_in() -> anyhow::Result<()> {
    let house = House::build().await?;
    let key = house.store("Corner Shop").await?.key;
    let front = house.front(&key).await?;
    let code = house.code(&front, "ada@example.com").await?;
    let bare = pb::RegisterRequest { password: String::new(), ..form("ada@example.com", &code) };
    let ada = house.accounts().register(by(&front, bare)).await?.into_inner();
    let set = async || {
        let me = house.exchange(&key, &ada.token, "").await?;
        let request = pb::SetPasswordRequest { password: PASSWORD.to_owned(), current: String::new() };
        Ok::<_, anyhow::Error>(reason(house.client(PasswordServiceClient::new).set_password(by(&me, request)).await))
    };
    house.clock.advance(TimeDelta::minutes(15) + TimeDelta::seconds(1));
    assert_eq!(set().await?, "recent_sign_in_required");
    house.clock.advance(TimeDelta::seconds(-2));
    assert_eq!(set().await?, "it was allowed");
    house.log_in(&house.front(&key).await?, "ada@example.com", PASSWORD).await?;
    Ok(())
}
