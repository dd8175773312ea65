//! Nobody finds out who has an account: neither by an answer nor by the work that is done for it (ID-7).
use proto::identity::v1::{
    self as pb, code_sign_in_service_client::CodeSignInServiceClient, contact_service_client::ContactServiceClient,
    magic_link_service_client::MagicLinkServiceClient, password_service_client::PasswordServiceClient,
};

use crate::{
    house::{House, PASSWORD, by, form, reason},
    work::{Done, Work},
};

/// A shop with an account, a guest, somebody inactive, and nobody else.
struct Town {
    house: House,
    front: String,
    key: String,
    ada: pb::SignedInAccount,
}

/// Who is asked about: an account, a guest, somebody inactive, somebody unknown.
const PEOPLE: [&str; 4] = ["ada@example.com", "guest@example.com", "gone@example.com", "nobody@example.com"];

impl Town {
    async fn build() -> anyhow::Result<Self> {
        let house = House::build().await?;
        let store = house.store("Corner Shop").await?;
        let front = house.front(&store.key).await?;
        let ada = house.register(&front, PEOPLE[0]).await?;
        house.people.meet(&store.realm, PEOPLE[1]);
        let gone = house.register(&front, PEOPLE[2]).await?;
        house.people.inactivate(&gone.customer);
        Ok(Self { house, front, key: store.key, ada })
    }

    /// That `act` does the same and answers the same for all of `PEOPLE`.
    async fn same<T: std::fmt::Debug>(&self, what: &str, act: impl AsyncFn(&str) -> T) -> Done {
        let work = Work::watch();
        act("warm-up@example.com").await; // keys and connections are fetched once
        let mut seen = Vec::new();
        for email in PEOPLE {
            let (done, answer) = work.of(&self.house, act(email)).await;
            seen.push((done, format!("{answer:?}").replace(email, "them")));
        }
        assert!(seen.windows(2).all(|pair| pair[0] == pair[1]), "{what}: {seen:#?}");
        assert!(seen[0].0.statements > 0, "nothing was counted");
        seen[0].0
    }
}

/// ID-7: login compares one hash, whoever it is, and answers the same.
#[tokio::test]
async fn login_tells_nothing() -> anyhow::Result<()> {
    let town = Town::build().await?;
    let done = town
        .same("login", async |email: &str| {
            let answer = town.house.log_in(&town.front, email, "wrong horse battery").await;
            answer.err().map(|status| (status.code(), status.message().to_owned(), status.details().to_vec()))
        })
        .await;
    assert_eq!((done.hashes, done.letters), (1, 0));
    Ok(())
}

/// ID-7: so do codes: to register with, to sign in with, for a new password. One message each.
#[tokio::test]
async fn codes_tell_nothing() -> anyhow::Result<()> {
    let town = Town::build().await?;
    let (sign_ins, passwords) =
        (town.house.client(CodeSignInServiceClient::new), town.house.client(PasswordServiceClient::new));
    let create = town.same("create", async |email: &str| {
        let request = pb::RequestCreationCodeRequest { mode: "email".to_owned(), identity: email.to_owned() };
        reason(town.house.accounts().request_creation_code(by(&town.front, request)).await)
    });
    assert_eq!(create.await.letters, 1);
    let login = town.same("login", async |email: &str| {
        let request = pb::RequestSignInCodeRequest { identity: email.to_owned() };
        sign_ins.clone().request_sign_in_code(by(&town.front, request)).await.map(tonic::Response::into_inner).ok()
    });
    assert_eq!(login.await.letters, 1);
    let reset = town.same("reset", async |email: &str| {
        let request = pb::RequestPasswordResetRequest { identity: email.to_owned() };
        reason(passwords.clone().request_password_reset(by(&town.front, request)).await)
    });
    assert_eq!((reset.await.letters, town.house.letters.all().len() > 10), (1, true));
    let links = town.house.client(MagicLinkServiceClient::new);
    let link = town.same("link", async |email: &str| {
        let request = pb::RequestMagicLinkRequest { email: email.to_owned() };
        reason(links.clone().request_magic_link(by(&town.front, request)).await)
    });
    assert_eq!(link.await.letters, 1);
    Ok(())
}

/// ID-7: and wrong codes.
#[tokio::test]
async fn wrong_codes_tell_nothing() -> anyhow::Result<()> {
    let town = Town::build().await?;
    let (sign_ins, passwords) =
        (town.house.client(CodeSignInServiceClient::new), town.house.client(PasswordServiceClient::new));
    town.same("register", async |email: &str| {
        reason(town.house.accounts().register(by(&town.front, form(email, "000000"))).await)
    })
    .await;
    town.same("sign in", async |email: &str| {
        let request = pb::VerifySignInCodeRequest { identity: email.to_owned(), code: "000000".to_owned() };
        reason(sign_ins.clone().verify_sign_in_code(by(&town.front, request)).await)
    })
    .await;
    let reset = town.same("reset", async |email: &str| {
        let (identity, code, password) = (email.to_owned(), "000000".to_owned(), PASSWORD.to_owned());
        let request = pb::ResetPasswordRequest { identity, code, password };
        reason(passwords.clone().reset_password(by(&town.front, request)).await)
    });
    assert_eq!((reset.await.hashes, town.house.letters.last().template.is_empty()), (0, false));
    Ok(())
}

/// ID-7: nor does wanting an address for oneself, or typing it when registering with a phone.
#[tokio::test]
async fn other_peoples_addresses_tell_nothing() -> anyhow::Result<()> {
    let town = Town::build().await?;
    let contacts = town.house.client(ContactServiceClient::new);
    let me = town.house.register(&town.front, "eve@example.com").await?;
    let me = town.house.exchange(&town.key, &me.token, "").await?;
    let done = town.same("contact", async |email: &str| {
        let request = pb::RequestContactCodeRequest { mode: "email".to_owned(), identity: email.to_owned() };
        reason(contacts.clone().request_contact_code(by(&me, request)).await)
    });
    assert_eq!(done.await.letters, 1);
    let phones = std::sync::atomic::AtomicU64::new(4_930_123_400);
    let done = town.same("phone", async |email: &str| {
        let phone = format!("+{}", phones.fetch_add(1, std::sync::atomic::Ordering::SeqCst));
        let request = pb::RequestCreationCodeRequest { mode: "sms".to_owned(), identity: phone.clone() };
        let asked = town.house.accounts().request_creation_code(by(&town.front, request)).await;
        let form = pb::RegisterRequest { email: email.to_owned(), ..form(&phone, &town.house.letters.code()) };
        (reason(asked), reason(town.house.accounts().register(by(&town.front, form)).await))
    });
    assert_eq!((done.await.letters, town.ada.created), (2, true));
    Ok(())
}
