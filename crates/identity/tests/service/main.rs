//! The identity service through its clients, on a real database.
mod accounts;
mod api_keys;
mod codes;
mod exchange;
mod factors;
mod house;
mod invitations;
mod letters;
mod logging_in;
mod members;
mod networks;
mod people;
mod rotation;
mod sessions;
mod staff;
mod stores;
