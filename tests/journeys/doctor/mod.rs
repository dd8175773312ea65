//! `patron doctor`: whatever was derived from events and differs is found and put right, and nothing else is.
mod access;
mod clinic;
mod healing;
mod life;
mod rebuilt;
mod sight;
