//! Taking up an invitation: by somebody new with a password of their choice, or by somebody known with the one they have.
use chrono::{DateTime, Utc};
use kit::{
    Call, Db, Error as KitError, Tx,
    actor::Kind,
    audit::{self, Entry},
    call::Client,
    email::Email,
    failure::Violation,
    ids::StaffId,
    secret::Secrets,
};
use proto::identity::v1::AcceptInvitationRequest;

use super::{Invitation, store};
use crate::{
    Error,
    attempt::{self, Limits, Tries},
    input,
    membership::{self, Membership},
    password::{Hasher, Password, hasher::Verdict},
    sign_in::create::{Outcome, Proven, create_session},
    staff::{self, password::SHORTEST, store::Login},
};

/// Somebody who may take an invitation up.
#[derive(Debug)]
pub struct Accepted {
    invitation: Invitation,
    email: Email,
    who: Who,
    /// Where tries of their password are counted.
    tries: Tries,
}

#[derive(Debug)]
enum Who {
    New { name: String, password_hash: String },
    Known(Login),
}

/// Fewest characters of a new password for the place of `invitation`.
#[must_use]
pub fn shortest(invitation: &Invitation) -> usize {
    if invitation.factor_required { SHORTEST.0 } else { SHORTEST.1 }
}

/// Whoever presents the token of an invitation, with the password they choose or have.
pub async fn prove(
    (db, hasher, secrets, limits): (&Db, &Hasher, &Secrets, &Limits),
    request: &AcceptInvitationRequest,
    client: &Client,
    now: DateTime<Utc>,
) -> Result<Accepted, Error> {
    let invitation = store::find_by_token(db.pool(), &request.token, now).await?.ok_or(Error::BadInvitation)?;
    let email = Email::parse(&invitation.email).map_err(|_| Error::BadInvitation)?;
    let tries = limits.password(secrets, &["staff", email.canonical()], client);
    let who = match staff::store::find_login(db.pool(), &email).await? {
        None => newcomer(hasher, &invitation, request).await?,
        Some(login) => {
            attempt::store::try_password(db.pool(), &tries, now).await?;
            match hasher.verify(Some(&login.password_hash), &Password::given(&request.password)).await {
                Ok(Verdict::Wrong) => return Err(Error::BadCredentials),
                Ok(_) => Who::Known(login),
                Err(error) => {
                    attempt::store::take_back(db.pool(), &tries, now).await?;
                    return Err(error.into());
                }
            }
        }
    };
    Ok(Accepted { invitation, email, who, tries })
}

async fn newcomer(hasher: &Hasher, invitation: &Invitation, request: &AcceptInvitationRequest) -> Result<Who, Error> {
    let mut faults = input::Faults::default();
    let name = faults.take(input::text("/name", &request.name, 120));
    let words = [invitation.email.as_str(), request.name.as_str(), invitation.place_name.as_str()];
    let password = if request.password.is_empty() {
        Err::<Password, Violation>(input::required("/password"))
    } else {
        Password::choose(&request.password, shortest(invitation), &words)
    };
    match (name, faults.take(password)) {
        (Some(name), Some(password)) => Ok(Who::New { name, password_hash: hasher.hash(&password).await? }),
        _ => Err(faults.into()),
    }
}

/// Uses the invitation up and makes the person a member; then they are as somebody whose password was right.
pub async fn accept_invitation(
    tx: &mut Tx,
    accepted: Accepted,
    call: &Call,
    now: DateTime<Utc>,
) -> Result<Outcome, Error> {
    let Accepted { invitation, email, who, tries } = accepted;
    if !store::delete(tx, invitation.id).await? {
        return Err(Error::BadInvitation);
    }
    let place = invitation.place().ok_or(Error::BadInvitation)?;
    let id = match &who {
        Who::Known(login) => login.id,
        Who::New { name, password_hash } => {
            let id = StaffId::new(now);
            staff::store::insert(tx, &staff::store::Entry { id, name, email: &email, password_hash, now }).await?;
            id
        }
    };
    let membership = Membership { staff: id, place, role: invitation.assigned() };
    membership::store::insert(tx, &membership, now).await?;
    let realm = membership::store::realm_of(tx, place).await?.ok_or(Error::BadInvitation)?;
    let entry = Entry::new("invitation.accepted", ("invitation", invitation.id), now).within(realm, place.store());
    audit::record(tx, call, entry.by(Kind::Staff, id).created(invitation.audited()))?;
    let login = staff::store::find_login(&mut **tx, &email).await?;
    let login = login.ok_or_else(|| KitError::Internal("a new staff member is not there".to_owned()))?;
    create_session(tx, Proven::new(login, tries), call.client(), now).await
}
