//! Signing in with a code (ID-3).
use chrono::TimeDelta;
use proto::identity::v1::{self as pb, code_sign_in_service_client::CodeSignInServiceClient};

use crate::house::{House, PASSWORD, by, form, reason};

struct Street {
    house: House,
    key: String,
    front: String,
}

impl Street {
    /// A shop where Ada has an account with a proven phone, and with an e-mail address that is proven or not.
    async fn build(email_proven: bool) -> anyhow::Result<(Self, String)> {
        let house = House::build().await?;
        let key = house.store("Corner Shop").await?.key;
        let front = house.front(&key).await?;
        let request = pb::RequestCreationCodeRequest { mode: "sms".to_owned(), identity: "+4930123456".to_owned() };
        house.accounts().request_creation_code(by(&front, request)).await?;
        let form =
            pb::RegisterRequest { email: "ada@example.com".to_owned(), ..form("+4930123456", &house.letters.code()) };
        let ada = house.accounts().register(by(&front, form)).await?.into_inner();
        if email_proven {
            let me = house.exchange(&key, &ada.token, "").await?;
            let (mode, identity) = ("email".to_owned(), "ada@example.com".to_owned());
            let request = pb::VerifyContactRequest { mode, identity, code: house.letters.code() };
            let mut contacts = house.client(pb::contact_service_client::ContactServiceClient::new);
            contacts.verify_contact(by(&me, request)).await?;
        }
        Ok((Self { house, key, front }, ada.customer))
    }

    async fn ask(&self, identity: &str) -> anyhow::Result<String> {
        let request = pb::RequestSignInCodeRequest { identity: identity.to_owned() };
        let mut sign_ins = self.house.client(CodeSignInServiceClient::new);
        Ok(sign_ins.request_sign_in_code(by(&self.front, request)).await?.into_inner().method)
    }

    async fn enter(&self, identity: &str, code: &str) -> Result<pb::SignedInAccount, tonic::Status> {
        let request = pb::VerifySignInCodeRequest { identity: identity.to_owned(), code: code.to_owned() };
        let mut sign_ins = self.house.client(CodeSignInServiceClient::new);
        Ok(sign_ins.verify_sign_in_code(by(&self.front, request)).await?.into_inner())
    }
}

/// ID-3: a code by text message signs in, once.
#[tokio::test]
async fn a_text_message_signs_in() -> anyhow::Result<()> {
    let (street, ada) = Street::build(false).await?;
    assert_eq!(street.ask("030 123456").await?, "sms");
    let sent = street.house.letters.last();
    assert_eq!((&*sent.template, &*sent.channel, &*sent.to), ("login_code", "sms", "+4930123456"));
    let code = street.house.letters.code();
    let signed_in = street.enter("+49 30 123456", &code).await?;
    assert_eq!((&signed_in.customer, signed_in.created), (&ada, false));
    assert_eq!(street.house.claims(&street.key, &signed_in.token, "").await?.amr, ["code"]);
    assert_eq!(reason(street.enter("+4930123456", &code).await), "bad_code");
    Ok(())
}

/// ID-3: while text messages do not go out, the code goes to the proven e-mail address, and the answer says so, to
/// whomever; an address that nobody proved gets no code.
#[tokio::test]
async fn the_code_falls_back_to_mail() -> anyhow::Result<()> {
    for proven in [true, false] {
        let (street, ada) = Street::build(proven).await?;
        street.house.letters.set_stuck(true);
        assert_eq!(street.ask("+4930123456").await?, "email");
        let sent = street.house.letters.last();
        let to = if proven { ("email", "ada@example.com") } else { ("sms", "+4930123456") };
        assert_eq!((&*sent.template, (&*sent.channel, &*sent.to)), ("login_code", to));
        assert_eq!(street.enter("+4930123456", &street.house.letters.code()).await?.customer, ada);

        assert_eq!(street.ask("+4930999999").await?, "email", "nobody's number answers the same");
        let sent = street.house.letters.last();
        assert_eq!((&*sent.template, &*sent.channel, sent.secrets.len()), ("no_account", "sms", 0));
    }
    Ok(())
}

/// ID-3: an e-mail address gets its code by mail.
#[tokio::test]
async fn mail_signs_in() -> anyhow::Result<()> {
    let (street, ada) = Street::build(true).await?;
    assert_eq!(street.ask("ADA@example.com").await?, "email");
    assert_eq!(street.enter("ada@example.com", &street.house.letters.code()).await?.customer, ada);
    Ok(())
}

/// ID-6, ID-8, ID-9: codes of guests and of the inactive open nothing, nor does one asked for before they were.
#[tokio::test]
async fn guests_and_the_inactive_stay_outside() -> anyhow::Result<()> {
    let (street, ada) = Street::build(true).await?;
    let realm = street.house.people.records()[0].realm.clone();
    street.house.people.meet(&realm, "guest@example.com");
    street.ask("guest@example.com").await?;
    assert_eq!(street.house.letters.last().template, "no_account");
    assert_eq!(reason(street.enter("guest@example.com", "000000").await), "bad_code");
    street.ask("ada@example.com").await?;
    let code = street.house.letters.code();
    street.house.people.inactivate(&ada);
    assert_eq!(reason(street.enter("ada@example.com", &code).await), "bad_code");
    street.ask("ada@example.com").await?;
    assert_eq!(street.house.letters.last().template, "no_account");
    Ok(())
}

/// ID-6: a sign-in code lives ten minutes, takes five tries, and is for signing in only.
#[tokio::test]
async fn a_sign_in_code_is_a_code() -> anyhow::Result<()> {
    let (street, _) = Street::build(true).await?;
    street.ask("ada@example.com").await?;
    let code = street.house.letters.code();
    street.house.clock.advance(TimeDelta::minutes(10));
    let street = Street { front: street.house.front(&street.key).await?, ..street };
    assert_eq!(reason(street.enter("ada@example.com", &code).await), "bad_code");
    street.ask("ada@example.com").await?;
    let code = street.house.letters.code();
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for _ in 0..5 {
        assert_eq!(reason(street.enter("ada@example.com", wrong).await), "bad_code");
    }
    assert_eq!(reason(street.enter("ada@example.com", &code).await), "bad_code");
    street.ask("ada@example.com").await?;
    let (identity, code, password) = ("ada@example.com".to_owned(), street.house.letters.code(), PASSWORD.to_owned());
    let mut passwords = street.house.client(pb::password_service_client::PasswordServiceClient::new);
    let request = pb::ResetPasswordRequest { identity, code: code.clone(), password };
    assert_eq!(reason(passwords.reset_password(by(&street.front, request)).await), "bad_code");
    let (one, other) = tokio::join!(street.enter("ada@example.com", &code), street.enter("ada@example.com", &code));
    assert_eq!(u8::from(one.is_ok()) + u8::from(other.is_ok()), 1, "of two who race, one gets in");
    Ok(())
}
