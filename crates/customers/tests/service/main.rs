//! The customers service through its client, on a real database.
mod columns;
mod ensure;
mod events;
mod keys;
mod list;
mod network;
mod order_of_events;
mod personal;
mod profile;
mod read;
mod register;
mod search;
mod shop;
