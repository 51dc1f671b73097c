//! A date or a time as ISO 8601 and RFC 3339 write it.
//!
//! The clock goes on between two requests, so that a time in the prefix ends the cache at its place, once a day when it is
//! a date alone. Found is what the calendar knows: `2025-02-30` is no date. A date without a time is a note, unless words
//! such as `today`, `now` or `Date:` on its line say that it is the current one.
//!
//! Example: `Current time: 2025-09-24T07:34:55Z`.
//!
//! What to do: move it into the first user message, behind the breakpoint, or round it to the day.

use jiff::civil;

use crate::cache_check::finding::Spot;
use crate::cache_check::survey::Word;
use crate::cache_check::{Check, Counted, Look, Severity, Text};

use super::date_time::{clock, is_current};

pub(in crate::cache_check) const CHECK: Check = Check {
    name: "iso-timestamp",
    severity: Severity::Error,
    advice: "move it below the cache breakpoint, or round it to the day",
    counted: Some(Counted::Timestamp),
    is_secret: false,
    source: documented!("iso_timestamp.rs"),
    look: Look::Text(look),
};

fn look(text: &Text<'_>, spots: &mut Vec<Spot>) {
    for (at, word) in text.words.iter().enumerate() {
        let is_year = word.is_number() && word.len() == 4;
        spots.extend(if is_year { extended(text, &text.words[at..]) } else { basic(text, *word) });
    }
}

/// `2025-09-24`, with or without a time.
fn extended(text: &Text<'_>, words: &[Word]) -> Option<Spot> {
    let [year, month, day, ..] = *words else { return None };
    let is_edge = |byte: Option<u8>| byte.is_none_or(|byte| !b"-./_".contains(&byte));
    let joined = text.right(year.end) == Some(b'-') && text.right(month.end) == Some(b'-');
    if !joined || month.start != year.end + 1 || day.start != month.end + 1 || !is_edge(text.left(year.start)) {
        return None;
    }
    let day_digits = text.word(day).bytes().take_while(u8::is_ascii_digit).count();
    let number = |word: Word, length: usize| text.text[word.start..word.start + length].parse::<i16>().ok();
    if !month.is_number() || month.len() != 2 || day_digits != 2 {
        return None;
    }
    let (month, day_number) = (number(month, 2)? as i8, number(day, 2)? as i8);
    civil::Date::new(number(year, 4)?, month, day_number).ok().filter(|date| (1970..2100).contains(&date.year()))?;
    let end = day.start + 2;
    let separated = matches!(text.right(end), Some(b'T' | b't' | b' '));
    if let Some(end) = separated.then(|| clock(text, end + 1)).flatten() {
        return Some(Spot::at(year.start..end));
    }
    let ends = day.len() == 2 && text.right(end).is_none_or(|byte| byte != b'-' && byte != b'_');
    let spot = Spot::at(year.start..end);
    ends.then(|| if is_current(text, year.start, end) { spot } else { spot.with(Severity::Note) })
}

/// `20250924T073455Z`, the basic form.
fn basic(text: &Text<'_>, word: Word) -> Option<Spot> {
    let form = text.word(word);
    let (date, time) = form.split_once(['T', 't']).filter(|(date, time)| date.len() == 8 && time.len() >= 6)?;
    let number = |range: std::ops::Range<usize>, of: &str| of.get(range)?.parse::<i8>().ok();
    let date = civil::Date::new(date.get(..4)?.parse().ok()?, number(4..6, date)?, number(6..8, date)?).ok()?;
    let time = civil::Time::new(number(0..2, time)?, number(2..4, time)?, number(4..6, time)?, 0);
    (time.is_ok() && (1970..2100).contains(&date.year())).then(|| Spot::at(word.range()))
}
