//! E-mail address and phone number of an account, changed by proving the new one (ID-11).
pub mod grpc;
pub mod request;
pub mod verify;
