//! Erasing a person (CU-15): nothing is left of them anywhere, whatever they left and whoever was at work.
mod columns;
pub mod gone;
mod interrupted;
mod own_data;
mod rich;
pub mod traces;
