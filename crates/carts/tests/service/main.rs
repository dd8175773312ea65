//! Carts through their client, on a real database.
mod access;
mod codes;
mod contact;
mod deals;
mod guests;
mod holders;
mod idle;
mod life;
mod lines;
mod links;
mod lists;
mod merges;
mod plans;
mod prices;
mod rows;
mod shop;
mod wishes;
