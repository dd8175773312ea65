//! The first step: e-mail and password.
use chrono::{DateTime, Utc};
use kit::{
    Db, Tx,
    call::Client,
    email::Email,
    secret::{self, Secrets},
};
use proto::identity::v1::CreateSessionRequest;

use super::{challenge::Purpose, store::Entry};
use crate::{
    Error,
    attempt::{self, Limits, Tries, attempt::PASSWORD},
    input,
    password::{Hasher, Password, hasher::Verdict},
    session::{
        Session, Subject,
        open::{OpenSession, open_session},
    },
    staff::{self, store::Login},
};

/// A password was right.
#[derive(Debug)]
pub struct Proven {
    login: Login,
    /// Where the tries were counted.
    tries: Tries,
    /// The stored hash and a stronger one of the same password, when it is weak.
    rehash: Option<[String; 2]>,
}

impl Proven {
    /// Somebody whose password was right, by `login`, with `tries` counted.
    #[must_use]
    pub fn new(login: Login, tries: Tries) -> Self {
        Self { login, tries, rehash: None }
    }
}

/// What the password comes to.
#[derive(Debug)]
pub enum Outcome {
    /// Signed in: the session and its token.
    Session(Box<Session>, String),
    /// The second factor is asked for.
    Challenge(String),
    /// A second factor is to be enrolled first.
    Enrolment(String),
}

/// Counts a try, then compares the password; as much work for unknown people (ID-7).
pub async fn prove(
    (db, hasher, secrets, limits): (&Db, &Hasher, &Secrets, &Limits),
    request: &CreateSessionRequest,
    client: &Client,
    now: DateTime<Utc>,
) -> Result<Proven, Error> {
    let mut faults = input::Faults::default();
    let given = faults.take(input::text("/email", &request.email, 1000));
    let given = given.filter(|_| faults.take(present(&request.password)).is_some());
    let given = given.ok_or(faults)?;
    let email = Email::parse(&given).ok();
    let account = email.as_ref().map_or(&*given, Email::canonical);
    // Looked up first: when the database is away, nothing was counted.
    let login = match &email {
        Some(email) => staff::store::find_login(db.pool(), email).await?,
        None => None,
    };
    let tries = limits.password(secrets, &["staff", account], client);
    attempt::store::try_password(db.pool(), &tries, now).await?;
    let proven = judge(hasher, login, &Password::given(&request.password)).await;
    if proven.as_ref().is_err_and(Error::is_outage) {
        attempt::store::take_back(db.pool(), &tries, now).await?;
    }
    let (login, rehash) = proven?;
    Ok(Proven { login, tries, rehash })
}

/// Whose password it is, and its hash with a stronger one when that is weak.
async fn judge(
    hasher: &Hasher,
    login: Option<Login>,
    password: &Password,
) -> Result<(Login, Option<[String; 2]>), Error> {
    let verdict = hasher.verify(login.as_ref().map(|login| &*login.password_hash), password).await?;
    let login = login.filter(|_| verdict != Verdict::Wrong).ok_or(Error::BadCredentials)?;
    let rehash = if verdict == Verdict::RightButWeak {
        Some([login.password_hash.clone(), hasher.hash(password).await?])
    } else {
        None
    };
    Ok((login, rehash))
}

fn present(password: &str) -> Result<(), kit::failure::Violation> {
    if password.is_empty() { Err(input::required("/password")) } else { Ok(()) }
}

/// Opens a session, or asks for the second factor when one is enrolled.
pub async fn create_session(
    tx: &mut Tx,
    proven: Proven,
    client: &Client,
    now: DateTime<Utc>,
) -> Result<Outcome, Error> {
    let id = proven.login.id;
    attempt::store::forget(tx, &PASSWORD, &proven.tries.account).await?;
    if let Some(hash) = &proven.rehash {
        staff::store::rehash(tx, id, hash).await?;
    }
    if proven.login.has_factor || proven.login.needs_factor {
        let token = secret::token("challenge");
        let entry = Entry { staff: id, purpose: Purpose::SignIn, token: &token, secret: None, now };
        super::store::insert(tx, &entry).await?;
        return Ok(if proven.login.has_factor { Outcome::Challenge(token) } else { Outcome::Enrolment(token) });
    }
    let open = OpenSession { subject: Subject::Staff(id), methods: &["password"], client, now };
    let (session, token) = open_session(tx, open).await?;
    Ok(Outcome::Session(Box::new(session), token))
}
