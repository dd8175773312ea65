//! See `stripe_event` in `tests/input/parsers.rs`.
#![no_main]

#[expect(dead_code, reason = "each target takes one of them")]
#[path = "../../input/parsers.rs"]
mod parsers;

libfuzzer_sys::fuzz_target!(|data: &[u8]| parsers::stripe_event(data));
