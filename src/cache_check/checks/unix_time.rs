//! Seconds, milliseconds, microseconds or nanoseconds since 1970.
//!
//! Ten digits alone are as well an order number; they count when words on the line before them speak of time (`started
//! at`, `timestamp`, `expires`, `iat`) and the moment lies between 2009 and 2037.
//!
//! Example: `Request started at 1786113828`.
//!
//! What to do: move it behind the last cache breakpoint, or leave it out.

use crate::cache_check::finding::Spot;
use crate::cache_check::survey::has_word;
use crate::cache_check::{Check, Counted, Look, Severity, Text};

pub(in crate::cache_check) const CHECK: Check = Check {
    name: "unix-time",
    severity: Severity::Error,
    advice: "move it below the cache breakpoint, or leave it out",
    counted: Some(Counted::Timestamp),
    is_secret: false,
    source: documented!("unix_time.rs"),
    look: Look::Text(look),
};

/// Words that speak of time.
const TIME: [&str; 27] = [
    "time",
    "timestamp",
    "ts",
    "epoch",
    "unix",
    "date",
    "datetime",
    "at",
    "since",
    "until",
    "now",
    "today",
    "started",
    "start",
    "created",
    "updated",
    "modified",
    "expires",
    "expiry",
    "exp",
    "iat",
    "nbf",
    "seconds",
    "millis",
    "milliseconds",
    "mtime",
    "ctime",
];

/// How far before the number they stand at most, in bytes.
const REACH: usize = 40;

/// From 2009 to 2037, in seconds.
const MOMENTS: std::ops::Range<u64> = 1_230_000_000..2_145_000_000;

fn look(text: &Text<'_>, spots: &mut Vec<Spot>) {
    for word in text.words.iter().filter(|word| word.is_number()) {
        let unit = match word.len() {
            10 => 1,
            13 => 1_000,
            16 => 1_000_000,
            19 => 1_000_000_000,
            _ => continue,
        };
        let is_moment = text.word(*word).parse::<u64>().is_ok_and(|number| MOMENTS.contains(&(number / unit)));
        let before = text.before(word.start, REACH);
        // `createdAt` and `start_time` are words, too.
        let speaks = || {
            let name = before.trim_end_matches(|letter: char| !letter.is_alphanumeric());
            has_word(&before, &TIME) || ["time", "at", "timestamp", "date", "_ts"].iter().any(|end| is_key(name, end))
        };
        let fraction = matches!(text.left(word.start), Some(b'.' | b'-' | b'_' | b'/'));
        if is_moment && !fraction && speaks() {
            spots.push(Spot::at(word.range()));
        }
    }
}

/// Whether a name of several words, such as a key, ends with one.
fn is_key(name: &str, end: &str) -> bool {
    let word = name.rsplit(|letter: char| !(letter.is_alphanumeric() || letter == '_')).next().unwrap_or_default();
    word.len() > end.len() && word.ends_with(end) && word.len() <= 24
}
