//! Staff: creating them, signing them in with both factors (ID-20, ID-21).
use chrono::TimeDelta;
use identity::{NAME, attempt::Limits, password::Hasher, sign_in::create::prove};
use kit::{call::Client, failure::Told};
use proto::identity::v1::{self as pb, SignedIn, create_session_response::Outcome};
use testing::actors;
use tonic::{Code, Status};

use crate::house::{House, PASSWORD, by, clerk, faults, reason};

/// A staff member with a second factor.
struct Grace {
    house: House,
    secret: String,
    store: pb::Store,
}

impl Grace {
    async fn hire() -> anyhow::Result<Self> {
        let house = House::build().await?;
        let store = house.store("Corner Shop").await?;
        let request = pb::CreateStaffRequest { enrol_totp: true, ..clerk("grace@example.com", &store.id, "owner") };
        let secret = house.staff().create_staff(request).await?.into_inner().totp_secret;
        Ok(Self { house, secret, store })
    }

    async fn challenge(&self) -> anyhow::Result<String> {
        match log_in(&self.house, "Grace@Example.com", PASSWORD).await? {
            Outcome::Challenge(challenge) => Ok(challenge),
            Outcome::Session(_) => anyhow::bail!("the second factor was not asked for"),
        }
    }

    /// The code `seconds` from now.
    fn code(&self, seconds: i64) -> anyhow::Result<String> {
        self.house.totp(&self.secret, seconds)
    }

    async fn answer(&self, challenge: &str, code: &str) -> Result<pb::StaffSession, Status> {
        let request = pb::VerifyFactorRequest { challenge: challenge.to_owned(), code: code.to_owned() };
        Ok(self.house.sessions().verify_factor(request).await?.into_inner())
    }
}

async fn log_in(house: &House, email: &str, password: &str) -> Result<Outcome, Status> {
    let request = pb::CreateSessionRequest { email: email.to_owned(), password: password.to_owned() };
    let outcome = house.sessions().create_session(request).await?.into_inner().outcome;
    outcome.ok_or_else(|| Status::internal("nothing came of it"))
}

/// ID-20: password, then a code of the second factor, which works once even for a new challenge.
#[tokio::test]
async fn both_factors_sign_in_and_a_code_works_once() -> anyhow::Result<()> {
    let grace = Grace::hire().await?;
    let code = grace.code(0)?;
    let (first, second) = (grace.challenge().await?, grace.challenge().await?);
    let session = grace.answer(&first, &code).await?;
    assert!(session.token.starts_with("staff_"));
    let expires_at = session.expires_at.map(|at| at.seconds).unwrap_or_default();
    assert_eq!(expires_at - grace.house.clock.now().timestamp(), 24 * 3600);
    assert_eq!(grace.house.claims(&session.token, "", "").await?.amr, ["password", "otp"]);
    assert_eq!(grace.house.events::<SignedIn>().await?[0].methods, ["password", "otp"]);

    assert_eq!(reason(grace.answer(&first, &grace.code(30)?).await), "bad_challenge");
    assert_eq!(reason(grace.answer(&second, &code).await), "bad_code");
    assert_eq!(reason(grace.answer(&second, &grace.code(-30)?).await), "bad_code");
    grace.answer(&second, &grace.code(30)?).await?;
    Ok(())
}

/// ID-20: one challenge and one code that are answered twice at once sign in once.
#[tokio::test]
async fn a_race_of_answers_has_one_winner() -> anyhow::Result<()> {
    let grace = Grace::hire().await?;
    let (challenge, code) = (grace.challenge().await?, grace.code(0)?);
    let (a, b) = tokio::join!(grace.answer(&challenge, &code), grace.answer(&challenge, &code));
    assert_eq!(u8::from(a.is_ok()) + u8::from(b.is_ok()), 1);
    Ok(())
}

/// ID-20: a challenge lasts five minutes and five tries.
#[tokio::test]
async fn a_challenge_has_its_limits() -> anyhow::Result<()> {
    let grace = Grace::hire().await?;
    let challenge = grace.challenge().await?;
    grace.house.clock.advance(TimeDelta::seconds(5 * 60 - 1));
    grace.answer(&challenge, &grace.code(0)?).await?;

    grace.house.clock.advance(TimeDelta::minutes(2));
    let challenge = grace.challenge().await?;
    grace.house.clock.advance(TimeDelta::minutes(5));
    assert_eq!(reason(grace.answer(&challenge, &grace.code(0)?).await), "bad_challenge");

    let challenge = grace.challenge().await?;
    for _ in 0..5 {
        assert_eq!(reason(grace.answer(&challenge, "no code").await), "bad_code");
    }
    assert_eq!(reason(grace.answer(&challenge, &grace.code(0)?).await), "bad_challenge");
    assert_eq!(reason(grace.answer("challenge_x", &grace.code(0)?).await), "bad_challenge");
    Ok(())
}

/// ID-27: wrong codes are counted over all challenges; after ten the factor waits, longer each time, and the password
/// step stays open.
#[tokio::test]
async fn factors_are_not_guessed_with_new_challenges() -> anyhow::Result<()> {
    let grace = Grace::hire().await?;
    for _ in 0..2 {
        let challenge = grace.challenge().await?;
        for _ in 0..5 {
            assert_eq!(reason(grace.answer(&challenge, "000000").await), "bad_code");
        }
    }
    let challenge = grace.challenge().await?;
    for minutes in [1, 2] {
        let Err(status) = grace.answer(&challenge, &grace.code(0)?).await else { anyhow::bail!("it did not wait") };
        let told = Told::read(&status);
        assert_eq!((status.code(), &*told.reason), (Code::ResourceExhausted, "too_many_attempts"));
        assert_eq!(told.retry_after, Some(std::time::Duration::from_mins(minutes)));
        grace.house.clock.advance(TimeDelta::minutes(minutes.try_into()?));
        if minutes == 1 {
            assert_eq!(reason(grace.answer(&challenge, "000000").await), "bad_code");
        }
    }
    grace.answer(&challenge, &grace.code(0)?).await?;
    let challenge = grace.challenge().await?;
    assert_eq!(reason(grace.answer(&challenge, "000000").await), "bad_code");
    Ok(())
}

/// ID-27: guessing a password slows down whoever guesses, and nobody at another address.
#[tokio::test]
async fn strangers_slow_only_themselves_down() -> anyhow::Result<()> {
    let house = House::build().await?;
    let store = house.store("Corner Shop").await?;
    house.clerk("grace@example.com", &store.id, "owner").await?;
    let attempt = async |ip: &str, password: &str| {
        let request = pb::CreateSessionRequest { email: "Grace@example.com".to_owned(), password: password.to_owned() };
        let request = actors::with(tonic::Request::new(request), kit::call::header::CLIENT_IP, ip);
        reason(house.sessions().create_session(request).await)
    };
    for _ in 0..10 {
        assert_eq!(attempt("192.0.2.1", "wrong horse battery").await, "bad_credentials");
    }
    assert_eq!(attempt("192.0.2.1", PASSWORD).await, "too_many_attempts");
    assert_eq!(attempt("192.0.2.2", PASSWORD).await, "it was allowed");
    house.clock.advance(TimeDelta::seconds(2));
    assert_eq!(attempt("192.0.2.1", PASSWORD).await, "it was allowed");
    assert_eq!(attempt("192.0.2.1", "wrong horse battery").await, "bad_credentials");
    assert_eq!(attempt("192.0.2.1", PASSWORD).await, "it was allowed");
    Ok(())
}

/// ID-7, ID-20: a wrong password and an unknown person get one answer.
#[tokio::test]
async fn every_refusal_is_the_same() -> anyhow::Result<()> {
    let grace = Grace::hire().await?;
    let mut answers = Vec::new();
    for (email, password) in
        [("grace@example.com", "wrong horse battery"), ("nobody@example.com", PASSWORD), ("nobody", PASSWORD)]
    {
        let Err(status) = log_in(&grace.house, email, password).await else { anyhow::bail!("{email} got in") };
        assert_eq!(status.code(), Code::Unauthenticated);
        answers.push((status.message().to_owned(), status.details().to_vec()));
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(faults(log_in(&grace.house, "", PASSWORD).await), [("/email".to_owned(), "required".to_owned())]);
    Ok(())
}

/// ID-20: a password that is the only factor is longer; an e-mail is one person's; place and role exist.
#[tokio::test]
async fn staff_are_made_of_things_that_exist() -> anyhow::Result<()> {
    let grace = Grace::hire().await?;
    let (house, store) = (&grace.house, &grace.store.id);
    let ada = || clerk("ada@example.com", store, "owner");
    let short = "fourteen chars".to_owned();
    let cases = [
        (pb::CreateStaffRequest { password: short.clone(), ..ada() }, "/password", "too_short"),
        (pb::CreateStaffRequest { password: "x".to_owned(), enrol_totp: true, ..ada() }, "/password", "too_short"),
        (pb::CreateStaffRequest { place: "everywhere".to_owned(), ..ada() }, "/place", "malformed"),
        (
            pb::CreateStaffRequest { place: "net_00000000000000000000000000000000".to_owned(), ..ada() },
            "/place",
            "unknown",
        ),
        (
            pb::CreateStaffRequest { place: "sto_00000000000000000000000000000000".to_owned(), ..ada() },
            "/place",
            "unknown",
        ),
        (pb::CreateStaffRequest { more_places: vec![store.clone()], ..ada() }, "/more_places/0", "duplicate"),
        (pb::CreateStaffRequest { role: "root".to_owned(), ..ada() }, "/role", "unknown"),
        (pb::CreateStaffRequest { email: "ada".to_owned(), ..ada() }, "/email", "malformed"),
    ];
    for (request, pointer, code) in cases {
        let told = faults(house.staff().create_staff(request).await);
        assert_eq!(told, [(pointer.to_owned(), code.to_owned())]);
    }
    let again = house.staff().create_staff(clerk("GRACE@example.com", store, "owner")).await;
    assert_eq!(reason(again), "email_taken");
    house.staff().create_staff(pb::CreateStaffRequest { password: short, enrol_totp: true, ..ada() }).await?;
    Ok(())
}

/// ID-21: staff see themselves with their memberships, permissions and stores, and end their session themselves.
#[tokio::test]
async fn staff_see_themselves() -> anyhow::Result<()> {
    let house = House::build().await?;
    let network = house.network(&["One", "Two"]).await?;
    let token = house.clerk("Joan@example.com", &network.id, "moderator").await?;
    let staff = house.exchange(&token, "", "").await?;
    let me = house.staff().get_current_staff(by(&staff, pb::GetCurrentStaffRequest {})).await?.into_inner();
    assert_eq!((&*me.name, &*me.email, me.memberships.len()), ("Grace", "Joan@example.com", 1));
    let membership = &me.memberships[0];
    assert_eq!((&membership.place, &*membership.role), (&network.id, "moderator"));
    assert_eq!(membership.stores.iter().map(|store| &*store.name).collect::<Vec<_>>(), ["One", "Two"]);
    assert!(membership.permissions.contains(&"reviews.moderate".to_owned()) && membership.permissions.len() == 6);

    let session = house.sessions().get_session(by(&staff, pb::GetSessionRequest {})).await?.into_inner();
    assert_eq!((session.staff, session.token), (Some(me), String::new()));
    let front = house.front(&network.key).await?;
    assert_eq!(reason(house.sessions().get_session(by(&front, pb::GetSessionRequest {})).await), "wrong_caller");
    house.sessions().delete_session(by(&staff, pb::DeleteSessionRequest {})).await?;
    assert_eq!(reason(house.exchange(&token, "", "").await), "unauthenticated");
    assert_eq!(reason(house.sessions().get_session(by(&staff, pb::GetSessionRequest {})).await), "unauthenticated");
    Ok(())
}

/// ID-20, ID-27: a try that the house could not judge, because it was too busy or a part of it away, is none.
#[tokio::test]
async fn an_outage_is_no_wrong_try() -> anyhow::Result<()> {
    let grace = Grace::hire().await?;
    let (house, db) = (&grace.house, grace.house.env.db(NAME)?);
    let tries = async || {
        let tries: Option<i32> = sqlx::query_scalar("select max(tries) from attempts").fetch_one(db.pool()).await?;
        anyhow::Ok(tries.unwrap_or_default())
    };
    let attempt = async |password: &str, hasher: &Hasher| {
        let request = pb::CreateSessionRequest { email: "grace@example.com".to_owned(), password: password.to_owned() };
        let limits = Limits::new(&house.env.settings);
        let desk = (&db, hasher, &house.env.secrets, &limits);
        prove(desk, &request, &Client::default(), house.clock.now()).await
    };
    assert!(attempt("wrong horse battery", &Hasher::default()).await.is_err());
    assert_eq!(tries().await?, 1);
    assert!(attempt(PASSWORD, &Hasher::new(0)).await.is_err_and(|error| error.is_outage()));
    assert_eq!(tries().await?, 1);

    sqlx::query("alter table staff rename to away").execute(db.pool()).await?;
    assert!(attempt(PASSWORD, &Hasher::default()).await.is_err());
    sqlx::query("alter table away rename to staff").execute(db.pool()).await?;
    assert_eq!(tries().await?, 1);
    Ok(())
}
