//! The identity service through its clients, on a real database.
mod accounts;
mod audit;
mod codes;
mod exchange;
mod house;
mod letters;
mod logging_in;
mod networks;
mod people;
mod rotation;
mod sealer;
mod sessions;
mod staff;
mod stores;
