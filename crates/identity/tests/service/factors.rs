//! Second factors, recovery codes and step-up (ID-20); own sessions (ID-10).
use chrono::TimeDelta;
use identity::NAME;
use proto::identity::v1::{
    self as pb, create_session_response::Outcome, factor_service_client::FactorServiceClient,
    own_session_service_client::OwnSessionServiceClient,
};
use tonic::Status;

use crate::house::{House, PASSWORD, by, clerk, reason};

/// A store with an owner who has signed in.
struct Olive {
    house: House,
    token: String,
    secret: String,
}

impl Olive {
    async fn hire() -> anyhow::Result<Self> {
        let house = House::build().await?;
        let store = house.store("Corner Shop").await?;
        let (token, secret) = house.hire("olive@example.com", &store.id, "owner").await?;
        Ok(Self { house, token, secret })
    }

    async fn at_work(&self) -> anyhow::Result<String> {
        Ok(self.house.exchange(&self.token, "", "").await?)
    }

    async fn codes(&self) -> anyhow::Result<Vec<String>> {
        let request = by(&self.at_work().await?, pb::RenewRecoveryCodesRequest {});
        Ok(FactorServiceClient::new(self.house.way()).renew_recovery_codes(request).await?.into_inner().codes)
    }

    async fn sign_in_by(&self, code: &str) -> anyhow::Result<Result<pb::StaffSession, Status>> {
        let (email, password) = ("olive@example.com".to_owned(), PASSWORD.to_owned());
        let request = pb::CreateSessionRequest { email, password };
        let outcome = self.house.sessions().create_session(request).await?.into_inner().outcome;
        let Some(Outcome::Challenge(challenge)) = outcome else { anyhow::bail!("no factor was asked for") };
        let request = pb::VerifyFactorRequest { challenge, code: code.to_owned() };
        Ok(self.house.sessions().verify_factor(request).await.map(tonic::Response::into_inner))
    }

    async fn step_up(&self, code: &str) -> anyhow::Result<Result<(), Status>> {
        let request = pb::StepUpRequest { code: code.to_owned(), password: PASSWORD.to_owned(), renew: false };
        let request = by(&self.at_work().await?, request);
        Ok(OwnSessionServiceClient::new(self.house.way()).step_up(request).await.map(|_| ()))
    }
}

/// ID-20: a recovery code signs in once, however it is written; new ones end all before; they are stored hashed.
#[tokio::test]
async fn recovery_codes_work_once() -> anyhow::Result<()> {
    let olive = Olive::hire().await?;
    let (before, codes) = (olive.codes().await?, olive.codes().await?);
    assert_eq!(codes.len(), 10);
    let stored: String = sqlx::query_scalar("select string_agg(r::text, ' ') from recovery_codes r")
        .fetch_one(olive.house.env.db(NAME)?.pool())
        .await?;
    assert!(!stored.contains(&codes[0]));
    assert_eq!(reason(olive.sign_in_by(&before[0]).await?), "bad_code");
    let session = olive.sign_in_by(&codes[0].replace('-', " ").to_uppercase()).await??;
    assert_eq!(olive.house.claims(&session.token, "", "").await?.amr, ["password", "recovery"]);
    assert_eq!(reason(olive.sign_in_by(&codes[0]).await?), "bad_code");
    let factor = by(&olive.at_work().await?, pb::GetFactorRequest {});
    let factor = FactorServiceClient::new(olive.house.way()).get_factor(factor).await?.into_inner();
    assert!(factor.enrolled && factor.recovery_codes_left == 9);
    Ok(())
}

/// ID-20: a step-up needs the factor, not the password, and opens dangerous actions for a quarter of an hour.
#[tokio::test]
async fn a_step_up_needs_the_factor() -> anyhow::Result<()> {
    let olive = Olive::hire().await?;
    let used = olive.house.totp(&olive.secret, 0)?;
    assert_eq!(reason(olive.step_up(&used).await?), "bad_code", "it signed in already");
    olive.house.clock.advance(TimeDelta::hours(1));
    let renew = async || {
        let request = by(&olive.at_work().await?, pb::RenewRecoveryCodesRequest {});
        anyhow::Ok(FactorServiceClient::new(olive.house.way()).renew_recovery_codes(request).await.map(|_| ()))
    };
    assert_eq!(reason(renew().await?), "step_up_required");
    assert_eq!(reason(olive.step_up("").await?), "bad_code");
    assert_eq!(reason(olive.step_up("000000").await?), "bad_code");
    olive.step_up(&olive.house.totp(&olive.secret, 0)?).await??;
    renew().await??;
    olive.house.clock.advance(TimeDelta::minutes(15));
    assert_eq!(reason(renew().await?), "step_up_required");
    Ok(())
}

/// ID-20, ID-27: codes are not guessed by stepping up, either.
#[tokio::test]
async fn a_step_up_is_not_guessed() -> anyhow::Result<()> {
    let olive = Olive::hire().await?;
    for _ in 0..10 {
        assert_eq!(reason(olive.step_up("000000").await?), "bad_code");
    }
    olive.house.clock.advance(TimeDelta::seconds(30));
    assert_eq!(reason(olive.step_up(&olive.house.totp(&olive.secret, 0)?).await?), "too_many_attempts");
    Ok(())
}

/// ID-20: another authenticator takes the place of the first by a code of it; other sessions end, the codes are new.
#[tokio::test]
async fn an_authenticator_is_replaced() -> anyhow::Result<()> {
    let olive = Olive::hire().await?;
    let codes = olive.codes().await?;
    let other = olive.sign_in_by(&codes[0]).await??.token;
    let mut factors = FactorServiceClient::new(olive.house.way());
    let begin = by(&olive.at_work().await?, pb::BeginEnrolmentRequest::default());
    let enrolment = factors.begin_enrolment(begin).await?.into_inner();
    let confirm = async |code: String| {
        let request = pb::ConfirmEnrolmentRequest { challenge: enrolment.challenge.clone(), code };
        let request = by(&olive.at_work().await?, request);
        anyhow::Ok(FactorServiceClient::new(olive.house.way()).confirm_enrolment(request).await)
    };
    assert_eq!(reason(confirm(olive.house.totp(&olive.secret, 30)?).await?), "bad_code");
    let fresh = confirm(olive.house.totp(&enrolment.secret, 0)?).await??.into_inner().codes;
    assert_eq!(reason(confirm(olive.house.totp(&enrolment.secret, 30)?).await?), "bad_challenge");
    assert_eq!(reason(olive.house.exchange(&other, "", "").await), "unauthenticated");
    olive.house.claims(&olive.token, "", "").await?;
    assert_eq!(reason(olive.sign_in_by(&olive.house.totp(&olive.secret, 30)?).await?), "bad_code");
    assert_eq!(reason(olive.sign_in_by(&codes[1]).await?), "bad_code");
    olive.sign_in_by(&fresh[0]).await??;
    olive.sign_in_by(&olive.house.totp(&enrolment.secret, 30)?).await??;
    Ok(())
}

/// ID-20: a password alone replaces no factor, and gives nothing where one is required.
#[tokio::test]
async fn a_required_factor_is_enrolled_first() -> anyhow::Result<()> {
    let olive = Olive::hire().await?;
    let house = &olive.house;
    let store = house.claims(&olive.token, "", "").await?.store.unwrap_or_default();
    let request = pb::CreateSessionRequest { email: "olive@example.com".to_owned(), password: PASSWORD.to_owned() };
    let outcome = house.sessions().create_session(request).await?.into_inner();
    let Some(Outcome::Challenge(challenge)) = outcome.outcome else { anyhow::bail!("no factor was asked for") };
    assert!(!outcome.enrolment_required);
    let begin = pb::BeginEnrolmentRequest { challenge };
    assert_eq!(reason(FactorServiceClient::new(house.way()).begin_enrolment(begin).await), "bad_challenge");

    house.staff().create_staff(clerk("nina@example.com", &store, "moderator")).await?;
    let sign_in = async || {
        let request = pb::CreateSessionRequest { email: "nina@example.com".to_owned(), password: PASSWORD.to_owned() };
        anyhow::Ok(house.sessions().create_session(request).await?.into_inner())
    };
    let outcome = sign_in().await?;
    assert!(outcome.enrolment_required && matches!(outcome.outcome, Some(Outcome::Challenge(_))));

    let db = house.env.db(NAME)?;
    sqlx::query("update stores set factor_required = false").execute(db.pool()).await?;
    let Some(Outcome::Session(session)) = sign_in().await?.outcome else { anyhow::bail!("a factor was asked for") };
    assert_eq!(house.claims(&session.token, "", "").await?.perms.slugs().len(), 6);
    // As when a house of before there were factors is brought up to date: the session is over, and signing in anew leads
    // to enrolling one.
    sqlx::query("update stores set factor_required = true").execute(db.pool()).await?;
    assert_eq!(reason(house.exchange(&session.token, "", "").await), "unauthenticated");
    assert!(sign_in().await?.enrolment_required);
    Ok(())
}

/// ID-10: staff see their own sessions with where they were opened, end one of them, and all; nobody else's.
#[tokio::test]
async fn staff_look_after_their_sessions() -> anyhow::Result<()> {
    let olive = Olive::hire().await?;
    let codes = olive.codes().await?;
    let other = olive.sign_in_by(&codes[0]).await??.token;
    let own = olive.at_work().await?;
    let mut sessions = OwnSessionServiceClient::new(olive.house.way());
    let list = sessions.list_own_sessions(by(&own, pb::ListOwnSessionsRequest {})).await?.into_inner().sessions;
    assert_eq!((list.len(), list.iter().filter(|session| session.current).count()), (2, 1));
    let id = list.iter().find(|session| !session.current).map(|session| session.id.clone()).unwrap_or_default();
    let stranger = olive.house.store("Far Shop").await?;
    let stranger = olive.house.at_work("otto@example.com", &stranger.id, "owner").await?;
    let end = |who: &str| by(who, pb::EndOwnSessionRequest { id: id.clone() });
    assert_eq!(reason(sessions.end_own_session(end(&stranger)).await), "session_not_found");
    sessions.end_own_session(end(&own)).await?;
    assert_eq!(reason(olive.house.exchange(&other, "", "").await), "unauthenticated");
    olive.house.claims(&olive.token, "", "").await?;
    sessions.end_own_sessions(by(&own, pb::EndOwnSessionsRequest {})).await?;
    assert_eq!(reason(olive.house.exchange(&olive.token, "", "").await), "unauthenticated");
    Ok(())
}

/// ID-20, ID-10: a new password ends the other sessions; where it is the only factor it is longer.
#[tokio::test]
async fn a_password_is_changed() -> anyhow::Result<()> {
    let olive = Olive::hire().await?;
    let codes = olive.codes().await?;
    let other = olive.sign_in_by(&codes[0]).await??.token;
    let change = async |password: &str| {
        let request = by(&olive.at_work().await?, pb::ChangePasswordRequest { password: password.to_owned() });
        anyhow::Ok(OwnSessionServiceClient::new(olive.house.way()).change_password(request).await.map(|_| ()))
    };
    for guess in ["Corner Shop", "olive@example.com", "short"] {
        assert_eq!(reason(change(guess).await?), "invalid", "{guess}");
    }
    change("another horse").await??;
    assert_eq!(reason(olive.house.exchange(&other, "", "").await), "unauthenticated");
    assert!(olive.sign_in_by(&codes[1]).await.is_err(), "the old password is over");
    olive.house.clock.advance(TimeDelta::minutes(15));
    assert_eq!(reason(change("yet another horse").await?), "step_up_required");
    Ok(())
}
