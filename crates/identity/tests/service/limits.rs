//! How often anybody may try, be sent something or register (ID-27).
use chrono::TimeDelta;
use kit::call::header;
use proto::identity::v1::{
    self as pb, closure_service_client::ClosureServiceClient, contact_service_client::ContactServiceClient,
    password_service_client::PasswordServiceClient,
};
use testing::actors;
use tonic::{Request, Status};

use crate::house::{House, PASSWORD, by, clerk, form, reason};

/// A house with the limits that it has by default.
async fn house() -> anyhow::Result<House> {
    House::with(|settings| {
        (settings.login_burst, settings.login_rate) = (10, 5);
        (settings.message_burst, settings.message_rate) = (3, 1);
        settings.registration_rate = 5;
    })
    .await
}

fn from<T>(request: Request<T>, ip: &str) -> Request<T> {
    actors::with(request, header::CLIENT_IP, ip)
}

async fn log_in(house: &House, front: &str, (identity, ip): (&str, &str)) -> Result<pb::SignedInAccount, Status> {
    let request = pb::LogInRequest { identity: identity.to_owned(), password: PASSWORD.to_owned() };
    Ok(house.accounts().log_in(from(by(front, request), ip)).await?.into_inner())
}

async fn ask(house: &House, front: &str, (email, ip): (&str, &str)) -> String {
    let request = pb::RequestCreationCodeRequest { mode: "email".to_owned(), identity: email.to_owned() };
    reason(house.accounts().request_creation_code(from(by(front, request), ip)).await)
}

/// ID-27: ten tries from one address, whatever is tried, then five a minute; other addresses have their own.
#[tokio::test]
async fn an_address_tries_ten_times_then_five_a_minute() -> anyhow::Result<()> {
    let house = house().await?;
    let key = house.store("Corner Shop").await?.key;
    let front = house.front(&key).await?;
    house.register(&front, "ada@example.com").await?;
    for number in 0..10 {
        let stranger = format!("stranger{number}@example.com");
        let refused = reason(log_in(&house, &front, (&stranger, "192.0.2.1")).await);
        assert_eq!(refused, "bad_credentials", "{number}");
    }
    let limited = log_in(&house, &front, ("ada@example.com", "192.0.2.1")).await.expect_err("it was too often");
    assert_eq!(kit::failure::Told::read(&limited).retry_after.map(|wait| wait.as_secs()), Some(12));
    log_in(&house, &front, ("ada@example.com", "192.0.2.2")).await?;
    house.clock.advance(TimeDelta::seconds(12) - TimeDelta::milliseconds(1));
    assert_eq!(reason(log_in(&house, &front, ("ada@example.com", "192.0.2.1")).await), "too_many_attempts");
    house.clock.advance(TimeDelta::milliseconds(1));
    log_in(&house, &front, ("ada@example.com", "192.0.2.1")).await?;
    assert_eq!(reason(log_in(&house, &front, ("ada@example.com", "192.0.2.1")).await), "too_many_attempts");
    house.clock.advance(TimeDelta::seconds(60));
    let front = house.front(&key).await?;
    for _ in 0..5 {
        log_in(&house, &front, ("ada@example.com", "192.0.2.1")).await?;
    }
    assert_eq!(reason(log_in(&house, &front, ("ada@example.com", "192.0.2.1")).await), "too_many_attempts");
    Ok(())
}

/// ID-27: codes are tried as often as passwords, whatever they are for: a new one every time does not help.
#[tokio::test]
async fn codes_are_tried_ten_times() -> anyhow::Result<()> {
    let house = house().await?;
    let key = house.store("Corner Shop").await?.key;
    let front = house.front(&key).await?;
    let ada = house.register(&front, "ada@example.com").await?;
    let me = house.exchange(&key, &ada.token, "").await?;
    let code = "000000".to_owned();
    for number in 0..10 {
        let refused = if number % 2 == 0 {
            let request = pb::ConfirmClosureRequest { code: code.clone() };
            let mut closures = house.client(ClosureServiceClient::new);
            reason(closures.confirm_closure(from(by(&me, request), "192.0.2.1")).await)
        } else {
            let mode = "email".to_owned();
            let request = pb::VerifyContactRequest { mode, identity: "eve@example.com".to_owned(), code: code.clone() };
            let mut contacts = house.client(ContactServiceClient::new);
            reason(contacts.verify_contact(from(by(&me, request), "192.0.2.1")).await)
        };
        assert_eq!(refused, "bad_code", "{number}");
    }
    let identity = "bob@example.com".to_owned();
    let request = pb::RegisterRequest { identity, code, name: "Bob".to_owned(), ..Default::default() };
    let refused = reason(house.accounts().register(from(by(&front, request), "192.0.2.1")).await);
    assert_eq!(refused, "too_many_attempts");
    Ok(())
}

/// ID-27: tries that come at once are counted one by one, by every replica together.
#[tokio::test]
async fn tries_at_once_are_counted() -> anyhow::Result<()> {
    let one = house().await?;
    let other = House::on(
        kit::service::Env::new(
            (*one.env.settings).clone(),
            one.clock.clone(),
            &["identity", "customers", "carts", "notifications"],
        )
        .await?,
        one.clock.clone(),
    )?;
    let front = one.front(&one.store("Corner Shop").await?.key).await?;
    let mut tries = tokio::task::JoinSet::new();
    for number in 0..24 {
        let (house, front) = (if number % 2 == 0 { &one } else { &other }, front.clone());
        let mut accounts = house.accounts();
        tries.spawn(async move {
            let identity = format!("stranger{number}@example.com");
            let request = pb::LogInRequest { identity, password: PASSWORD.to_owned() };
            reason(accounts.log_in(from(by(&front, request), "192.0.2.1")).await)
        });
    }
    let outcomes = tries.join_all().await;
    assert_eq!(outcomes.iter().filter(|outcome| *outcome == "too_many_attempts").count(), 14, "{outcomes:?}");
    Ok(())
}

/// ID-27: staff have the same limits, and an outage costs no try.
#[tokio::test]
async fn staff_are_limited_too() -> anyhow::Result<()> {
    let house = house().await?;
    let store = house.store("Corner Shop").await?;
    house.staff().create_staff(clerk("grace@example.com", &store.id, "owner")).await?;
    let sign_in = async |email: &str, password: &str, ip: &str| {
        let request = pb::CreateSessionRequest { email: email.to_owned(), password: password.to_owned() };
        reason(house.sessions().create_session(from(Request::new(request), ip)).await)
    };
    for number in 0..10 {
        let email = format!("nobody{number}@example.com");
        assert_eq!(sign_in(&email, PASSWORD, "192.0.2.1").await, "bad_credentials");
    }
    assert_eq!(sign_in("grace@example.com", PASSWORD, "192.0.2.1").await, "too_many_attempts");
    for _ in 0..10 {
        assert_eq!(sign_in("grace@example.com", "wrong horse battery", "192.0.2.2").await, "bad_credentials");
    }
    // Strangers elsewhere lock nobody out.
    assert_eq!(sign_in("grace@example.com", PASSWORD, "192.0.2.3").await, "it was allowed");
    Ok(())
}

/// ID-27: what nobody could judge costs neither the account nor the address a try.
#[tokio::test]
async fn an_outage_costs_no_try() -> anyhow::Result<()> {
    let house = house().await?;
    let front = house.front(&house.store("Corner Shop").await?.key).await?;
    house.register(&front, "ada@example.com").await?;
    house.people.set_away(true);
    for _ in 0..30 {
        assert_eq!(reason(log_in(&house, &front, ("ada@example.com", "192.0.2.1")).await), "unavailable");
    }
    house.people.set_away(false);
    log_in(&house, &front, ("ada@example.com", "192.0.2.1")).await?;
    Ok(())
}

/// ID-27: three messages to one recipient, then one an hour, for each address that asks, whether or not they are known;
/// strangers use up their own.
#[tokio::test]
async fn messages_to_one_recipient_are_limited() -> anyhow::Result<()> {
    let house = house().await?;
    let key = house.store("Corner Shop").await?.key;
    let front = house.front(&key).await?;
    house.register(&front, "ada@example.com").await?;
    for email in ["ada@example.com", "nobody@example.com"] {
        for _ in 0..3 {
            assert_eq!(ask(&house, &front, (email, "192.0.2.1")).await, "it was allowed");
        }
        assert_eq!(ask(&house, &front, (email, "192.0.2.1")).await, "too_many_attempts");
        let (mut passwords, identity) = (house.client(PasswordServiceClient::new), email.to_owned());
        let request = by(&front, pb::RequestPasswordResetRequest { identity });
        assert_eq!(reason(passwords.request_password_reset(from(request, "192.0.2.1")).await), "too_many_attempts");
        assert_eq!(ask(&house, &front, (email, "192.0.2.2")).await, "it was allowed");
    }
    house.clock.advance(TimeDelta::hours(1));
    let front = house.front(&key).await?;
    assert_eq!(ask(&house, &front, ("ada@example.com", "192.0.2.1")).await, "it was allowed");
    assert_eq!(ask(&house, &front, ("ada@example.com", "192.0.2.1")).await, "too_many_attempts");
    Ok(())
}

/// ID-27: five accounts an hour from one address; the code of the sixth stays good for another address.
#[tokio::test]
async fn registrations_from_one_address_are_limited() -> anyhow::Result<()> {
    let house = house().await?;
    let front = house.front(&house.store("Corner Shop").await?.key).await?;
    for number in 0..6 {
        let email = format!("person{number}@example.com");
        let code = house.code(&front, &email).await?;
        let register = async |ip| reason(house.accounts().register(from(by(&front, form(&email, &code)), ip)).await);
        let expected = if number < 5 { "it was allowed" } else { "too_many_attempts" };
        assert_eq!(register("192.0.2.1").await, expected);
        if number == 5 {
            assert_eq!(register("192.0.2.2").await, "it was allowed");
        }
    }
    Ok(())
}

/// ID-27: thirty recipients from one address, then ten an hour, however new each of them is.
#[tokio::test]
async fn nobody_writes_to_the_whole_town() -> anyhow::Result<()> {
    let house = house().await?;
    let key = house.store("Corner Shop").await?.key;
    let front = house.front(&key).await?;
    for number in 0..30 {
        let email = format!("person{number}@example.com");
        assert_eq!(ask(&house, &front, (&email, "192.0.2.1")).await, "it was allowed", "{number}");
    }
    assert_eq!(ask(&house, &front, ("one@example.com", "192.0.2.1")).await, "too_many_attempts");
    assert_eq!(ask(&house, &front, ("one@example.com", "192.0.2.2")).await, "it was allowed");
    house.clock.advance(TimeDelta::minutes(6));
    let front = house.front(&key).await?;
    assert_eq!(ask(&house, &front, ("two@example.com", "192.0.2.1")).await, "it was allowed");
    assert_eq!(ask(&house, &front, ("three@example.com", "192.0.2.1")).await, "too_many_attempts");
    Ok(())
}
