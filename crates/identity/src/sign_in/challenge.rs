//! A challenge: a code of a second factor is asked for, by which somebody signs in or enrols it.
use chrono::TimeDelta;
use kit::ids::StaffId;
use uuid::Uuid;

/// How long a challenge can be answered.
pub const LIFETIME: TimeDelta = TimeDelta::minutes(5);
/// How often one may try.
pub const TRIES: i32 = 5;

/// A challenge that is being answered; the try has been counted.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Challenge {
    /// Its id.
    pub id: Uuid,
    /// Whose password was right.
    pub staff_id: StaffId,
    /// TOTP secret that is being enrolled, sealed.
    pub secret: Option<Vec<u8>>,
}

/// What a challenge is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Purpose {
    /// Signing in.
    SignIn,
    /// Enrolling an authenticator by somebody who is signed in.
    Enrol,
}
