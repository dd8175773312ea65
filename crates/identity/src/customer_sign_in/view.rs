//! How a customer signs in.
use kit::{clock::timestamp, email::Email, ids::RealmId, redact};
use proto::identity::v1 as pb;

use super::store;
use crate::{
    Error,
    account::{Desk, desk::Person},
    attempt::attempt::whose,
    provider::{Provider, Providers},
    session::{
        Subject,
        store::{Opened, of_subject},
    },
};

/// What stands for the accounts that tries of `person`'s password are counted for.
pub fn accounts(desk: &Desk, realm: RealmId, person: &Person) -> Vec<[u8; 32]> {
    let realm = String::from(realm);
    let email = Email::parse(&person.email).map(|email| email.canonical().to_owned());
    let known = [email.unwrap_or_default(), person.phone.clone()].into_iter().filter(|name| !name.is_empty());
    known.map(|name| whose(&desk.secrets, &[&realm, &name])).collect()
}

/// Methods, last sign-in and open sessions of `person`; addresses masked unless the reader `sees_pii`.
pub async fn view(
    (desk, providers): (&Desk, &Providers),
    realm: RealmId,
    person: &Person,
    sees_pii: bool,
) -> Result<pb::CustomerSignIn, Error> {
    let (db, now) = (desk.db.pool(), desk.clock.now());
    let account = store::account(db, realm, person.id).await?;
    let locked_until = store::locked_until(db, &accounts(desk, realm, person), now).await?;
    let sessions = of_subject(db, Subject::Customer(realm, person.id), now).await?;
    let (registered, known) = (account.is_some(), account.unwrap_or_default());
    Ok(mask(
        pb::CustomerSignIn {
            customer: person.id.into(),
            registered,
            methods: methods(&known, providers),
            email_proved: known.has_email,
            registered_at: registered.then(|| timestamp(known.registered_at)),
            last_login_at: known.last_login_at.map(timestamp),
            locked_until: locked_until.map(timestamp),
            sessions: sessions.into_iter().map(told).collect(),
            redacted: Vec::new(),
        },
        sees_pii,
    ))
}

fn methods(account: &store::Account, providers: &Providers) -> Vec<String> {
    let own = [(account.has_password, "password"), (account.has_email, "email"), (account.has_phone, "phone")];
    let own = own.into_iter().filter_map(|(has, name)| has.then_some(name));
    let elsewhere = account.issuers.iter().filter_map(|issuer| providers.of_issuer(issuer)).map(Provider::slug);
    own.chain(elsewhere).map(str::to_owned).collect()
}

fn told(session: Opened) -> pb::Session {
    pb::Session {
        id: session.id.into(),
        current: false,
        methods: session.methods,
        opened_at: Some(timestamp(session.authenticated_at)),
        used_at: Some(timestamp(session.touched_at)),
        expires_at: Some(timestamp(session.expires_at)),
        ip: session.ip,
        agent: session.agent,
    }
}

/// Network addresses and programs say where somebody is (ID-23).
fn mask(mut seen: pb::CustomerSignIn, sees_pii: bool) -> pb::CustomerSignIn {
    if !sees_pii {
        for session in &mut seen.sessions {
            session.ip = redact::text(&session.ip);
            session.agent = redact::text(&session.agent);
        }
        if !seen.sessions.is_empty() {
            seen.redacted = vec!["sessions.ip".to_owned(), "sessions.agent".to_owned()];
        }
    }
    seen
}
