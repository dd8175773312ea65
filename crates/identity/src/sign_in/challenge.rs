//! A challenge: the password was right, the second factor is still asked for.
use chrono::TimeDelta;
use kit::ids::StaffId;
use uuid::Uuid;

/// How long a challenge can be answered.
pub const LIFETIME: TimeDelta = TimeDelta::minutes(5);
/// How often one may try.
pub const TRIES: i32 = 5;

/// A challenge that is being answered; the try has been counted.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct Challenge {
    /// Its id.
    pub id: Uuid,
    /// Whose password was right.
    pub staff_id: StaffId,
}
