//! E-mail address and phone number, changed by proving the new one (ID-11).
use chrono::TimeDelta;
use identity::NAME;
use proto::identity::v1::{self as pb, contact_service_client::ContactServiceClient};

use crate::house::{House, PASSWORD, by, reason};

struct Ada {
    house: House,
    key: String,
    front: String,
    account: pb::SignedInAccount,
}

impl Ada {
    async fn settle() -> anyhow::Result<Self> {
        let house = House::build().await?;
        let key = house.store("Corner Shop").await?.key;
        let front = house.front(&key).await?;
        let account = house.register(&front, "ada@example.com").await?;
        Ok(Self { house, key, front, account })
    }

    async fn ask(&self, mode: &str, identity: &str) -> anyhow::Result<String> {
        let me = self.house.exchange(&self.key, &self.account.token, "").await?;
        let request = pb::RequestContactCodeRequest { mode: mode.to_owned(), identity: identity.to_owned() };
        Ok(reason(self.house.client(ContactServiceClient::new).request_contact_code(by(&me, request)).await))
    }

    async fn prove(&self, token: &str, (mode, identity): (&str, &str), code: &str) -> anyhow::Result<String> {
        let me = self.house.exchange(&self.key, token, "").await?;
        let (mode, identity, code) = (mode.to_owned(), identity.to_owned(), code.to_owned());
        let request = pb::VerifyContactRequest { mode, identity, code };
        Ok(reason(self.house.client(ContactServiceClient::new).verify_contact(by(&me, request)).await))
    }
}

/// ID-11: a proven phone signs in; the code goes there and nowhere else, and the owner is told.
#[tokio::test]
async fn a_phone_is_proven() -> anyhow::Result<()> {
    let ada = Ada::settle().await?;
    let phone = ("sms", "030 123456");
    assert_eq!(ada.ask("sms", "030 123456").await?, "it was allowed");
    let sent = ada.house.letters.last();
    assert_eq!((&*sent.template, &*sent.channel, &*sent.to), ("verification_code", "sms", "+4930123456"));
    assert_eq!(reason(ada.house.log_in(&ada.front, "+4930123456", PASSWORD).await), "bad_credentials");
    assert_eq!(ada.prove(&ada.account.token, phone, &ada.house.letters.code()).await?, "it was allowed");
    let told = ada.house.letters.last();
    assert_eq!((&*told.template, &*told.to), ("contact_changed", "ada@example.com"));
    let signed_in = ada.house.log_in(&ada.front, "+4930123456", PASSWORD).await?;
    assert_eq!(signed_in.customer, ada.account.customer);
    Ok(())
}

/// ID-11, ID-15: a proven e-mail address takes the place of the former one, for signing in and for the portal.
#[tokio::test]
async fn an_email_is_proven() -> anyhow::Result<()> {
    let ada = Ada::settle().await?;
    assert_eq!(ada.ask("email", "ada@new.example").await?, "it was allowed");
    let code = ada.house.letters.code();
    let before: Vec<u8> = shopper(&ada.house).await?;
    assert_eq!(ada.prove(&ada.account.token, ("email", "ada@new.example"), &code).await?, "it was allowed");
    assert_eq!(ada.house.letters.last().to, "ada@example.com", "the former address is told");
    ada.house.log_in(&ada.front, "ada@new.example", PASSWORD).await?;
    assert_eq!(reason(ada.house.log_in(&ada.front, "ada@example.com", PASSWORD).await), "bad_credentials");
    assert_ne!(shopper(&ada.house).await?, before);
    assert_eq!(ada.prove(&ada.account.token, ("email", "ada@new.example"), &code).await?, "bad_code");
    Ok(())
}

async fn shopper(house: &House) -> anyhow::Result<Vec<u8>> {
    let hash = sqlx::query_scalar("select email_hash from shoppers");
    Ok(hash.fetch_one(house.env.db(NAME)?.pool()).await?)
}

/// ID-7, ID-11: what is somebody else's stays theirs; whoever wants it is not told that it is.
#[tokio::test]
async fn nobody_takes_what_is_somebody_elses() -> anyhow::Result<()> {
    let ada = Ada::settle().await?;
    let eve = ada.house.register(&ada.front, "eve@example.com").await?;
    assert_eq!(ada.ask("email", "eve@example.com").await?, "it was allowed");
    let sent = ada.house.letters.last();
    assert_eq!((&*sent.template, &*sent.to, sent.secrets.len()), ("contact_taken", "eve@example.com", 0));
    assert_eq!(ada.prove(&ada.account.token, ("email", "eve@example.com"), "000000").await?, "bad_code");

    // A code is good for whoever asked for it only, and not when somebody else was faster.
    ada.ask("email", "free@example.com").await?;
    let code = ada.house.letters.code();
    assert_eq!(ada.prove(&eve.token, ("email", "free@example.com"), &code).await?, "bad_code");
    let realm = ada.house.people.records()[0].realm.clone();
    ada.house.people.meet(&realm, "free@example.com");
    assert_eq!(ada.prove(&ada.account.token, ("email", "free@example.com"), &code).await?, "bad_code");
    ada.house.log_in(&ada.front, "ada@example.com", PASSWORD).await?;
    Ok(())
}

/// ID-11, ID-25: it needs a recent sign-in: a token that was stolen does not become a way to sign in.
#[tokio::test]
async fn an_old_session_changes_nothing() -> anyhow::Result<()> {
    let ada = Ada::settle().await?;
    ada.house.clock.advance(TimeDelta::minutes(15));
    assert_eq!(ada.ask("email", "ada@new.example").await?, "it was allowed");
    ada.house.clock.advance(TimeDelta::seconds(1));
    assert_eq!(ada.ask("email", "ada@new.example").await?, "recent_sign_in_required");
    Ok(())
}
