//! Reviews through their client, on a real database.
mod erasing;
mod fair;
mod merges;
mod networks;
mod peers;
mod reading;
mod removing;
mod submitting;
