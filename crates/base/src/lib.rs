//! The words every service speaks: ids, money, e-mail, phone, time, secrets, actors and what they may do.
//! Pure values without I/O; services reach them through `kit`.
pub mod actor;
pub mod address;
pub mod assertion;
pub mod attribution;
pub mod audit;
pub mod clock;
pub mod comparison;
pub mod customer_key;
pub mod denied;
pub mod email;
pub mod failure;
pub mod ids;
pub mod label;
pub mod money;
pub mod page;
pub mod permission;
pub mod personal;
pub mod phone;
pub mod reconcile;
pub mod redact;
pub mod rows;
pub mod sealed;
pub mod secret;
pub mod seen;
pub mod signature;
