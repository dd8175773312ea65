//! The orders service through its clients, on a real database, between carts and customers that the test decides about.
mod access;
mod begin;
mod capture;
mod ledger;
mod lists;
mod merges;
mod peers;
mod races;
mod reaper;
mod redirect;
mod shop;
