//! Carts through their client, on a real database.
mod access;
mod contact;
mod life;
mod lines;
mod links;
mod lists;
mod merges;
mod prices;
mod shop;
mod wishes;
