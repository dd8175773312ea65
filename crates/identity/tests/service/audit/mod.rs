//! The audit (AD-1).
mod ledger;
mod looking;
mod tampering;
mod writing;
