//! Creating a staff member with their memberships.
use chrono::{DateTime, TimeDelta, Utc};
use kit::{Tx, email::Email, failure::Violation, ids::StaffId, secret::Secrets};
use proto::identity::v1 as pb;

use super::{Staff, password::SHORTEST, store};
use crate::{
    Error,
    factor::{self, Totp},
    input,
    membership::{self, Assigned, Membership, Place, Role},
    password::{Hasher, Password},
};

/// A staff member to create.
#[derive(Debug)]
pub struct CreateStaff {
    name: String,
    email: Email,
    password: Password,
    enrol_totp: bool,
    /// The first one is where they work when they choose none.
    places: Vec<Place>,
    role: Role,
    now: DateTime<Utc>,
}

impl CreateStaff {
    /// Reads a request.
    pub fn parse(request: &pb::CreateStaffRequest, now: DateTime<Utc>) -> Result<Self, Error> {
        let mut faults = input::Faults::default();
        let shortest = if request.enrol_totp { SHORTEST.0 } else { SHORTEST.1 };
        let personal = [request.email.as_str(), request.name.as_str()];
        let name = faults.take(input::text("/name", &request.name, 120));
        let email = faults.take(input::email("/email", &request.email));
        let password = faults.take(Password::choose(&request.password, shortest, &personal));
        let places = faults.take(places(request));
        let role = request.role.parse().map_err(|_| Violation::new("/role", "unknown", "there is no such role"));
        let role = faults.take(role);
        match (name, email, password, places, role) {
            (Some(name), Some(email), Some(password), Some(places), Some(role)) => {
                Ok(Self { name, email, password, enrol_totp: request.enrol_totp, places, role, now })
            }
            _ => Err(faults.into()),
        }
    }

    /// Hash of the password; slow, so it is made before the transaction.
    pub async fn hash(&self, hasher: &Hasher) -> Result<String, Error> {
        Ok(hasher.hash(&self.password).await?)
    }
}

/// The places of a request, each once.
fn places(request: &pb::CreateStaffRequest) -> Result<Vec<Place>, Violation> {
    let mut places = Vec::new();
    for (index, text) in std::iter::once(&request.place).chain(&request.more_places).enumerate() {
        let pointer = index.checked_sub(1).map_or_else(|| "/place".to_owned(), |more| format!("/more_places/{more}"));
        match text.parse::<Place>() {
            Ok(place) if places.contains(&place) => {
                return Err(Violation::new(pointer, "duplicate", "this place is named twice"));
            }
            Ok(place) => places.push(place),
            Err(_) => return Err(Violation::new(pointer, "malformed", "name a store or network")),
        }
    }
    Ok(places)
}

/// Creates a staff member; answers the TOTP secret, if one was enrolled.
pub async fn create_staff(
    tx: &mut Tx,
    input: CreateStaff,
    password_hash: &str,
    secrets: &Secrets,
) -> Result<(Staff, Option<Totp>), Error> {
    let (id, now) = (StaffId::new(input.now), input.now);
    store::insert(tx, &store::Entry { id, name: &input.name, email: &input.email, password_hash, now }).await?;
    for (place, order) in input.places.into_iter().zip(0..) {
        let membership = Membership { staff: id, place, role: Assigned::BuiltIn(input.role) };
        membership::store::insert(tx, &membership, now + TimeDelta::microseconds(order)).await?;
    }
    let totp = input.enrol_totp.then(Totp::fresh);
    if let Some(totp) = &totp {
        factor::store::insert(tx, id, &totp.seal(id, secrets), now).await?;
    }
    let staff = store::find(&mut **tx, id).await?;
    let staff = staff.ok_or_else(|| kit::Error::Internal("a new staff member is not there".to_owned()))?;
    Ok((staff, totp))
}
