//! What is going on, one line per step, with the time since the start.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

static STARTED: OnceLock<Instant> = OnceLock::new();

/// A step that takes a while: one line when it begins, one when it is done.
#[must_use = "a step that is not done says nothing when it ends"]
pub struct Step {
    began: Instant,
}

impl Step {
    pub fn begin(text: &str) -> Self {
        say(text);
        Self { began: Instant::now() }
    }

    pub fn done(self, text: &str) {
        say(&format!("  {text} ({})", seconds(self.began.elapsed())));
    }
}

/// Says one line, on stderr so that stdout holds results only.
pub fn say(text: &str) {
    let since = STARTED.get_or_init(Instant::now).elapsed();
    eprintln!("[{:>7}] {text}", seconds(since));
}

/// A warning that a reader must not miss.
pub fn warn(text: &str) {
    say(&format!("warning: {text}"));
}

fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}
