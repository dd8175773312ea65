//! Erasing a person (CU-15): nothing is left of them anywhere, whatever they left and whoever was at work.
mod columns;
mod gone;
mod interrupted;
mod rich;
mod traces;
