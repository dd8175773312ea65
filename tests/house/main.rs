//! The shape of the house: who depends on whom, how large things are, which rules have a test, which contracts there are.
mod contracts;
mod dependencies;
mod deploy;
mod rules;
mod schemas;
mod sizes;
mod sources;
