//! A date or a time as people and mail headers write it.
//!
//! Found are the forms of RFC 2822 (`Mon, 17 Aug 2026 16:24:32 +0000`), of logs (`Aug 17 16:24:32`), of many languages'
//! calendars (`17.08.2026, 16:24`, `8/17/2026`), dates in words (`Monday, August 17, 2026`) and the hour (`Current time:
//! 16:24`), if the calendar knows the day, and a time of day or words such as `today` say that it is the current one: most prompts
//! name days that do not move.
//!
//! Example: `Today is Monday, August 17, 2026.`
//!
//! What to do: move it into the first user message, behind the breakpoint, or leave it out.

use jiff::civil;

use crate::cache_check::finding::Spot;
use crate::cache_check::survey::{Word, has_word};
use crate::cache_check::{Check, Counted, Look, Severity, Text};

pub(in crate::cache_check) const CHECK: Check = Check {
    name: "date-time",
    severity: Severity::Error,
    advice: "move it below the cache breakpoint, or leave it out",
    counted: Some(Counted::Timestamp),
    is_secret: false,
    source: documented!("date_time.rs"),
    look: Look::Text(look),
};

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// Words that say of a date or a time that it is the current one.
const CURRENT: [&str; 11] = [
    "today",
    "todays",
    "now",
    "current",
    "currently",
    "timestamp",
    "datetime",
    "updated",
    "generated",
    "started",
    "rendered",
];

/// What stands before an example, or before a day that does not move.
const FIXED: [&str; 12] = [
    "e.g", "example", "such as", "format", "cutoff", "cut-off", "cut off", "due", "release", "birth", "since",
    "opening",
];

/// How far before a date such words are looked for, in bytes.
const REACH: usize = 48;

fn look(text: &Text<'_>, spots: &mut Vec<Spot>) {
    let mut free = 0;
    for (at, word) in text.words.iter().enumerate() {
        if word.start < free {
            continue;
        }
        let found = in_words(text, &text.words[at..]).or_else(|| in_numbers(text, &text.words[at..]));
        if let Some(spot) = found.or_else(|| hour(text, *word)) {
            free = spot.range.end;
            spots.push(spot);
        }
    }
}

/// Whether words before a date, or right behind it, say that it is the current one.
pub(super) fn is_current(text: &Text<'_>, start: usize, end: usize) -> bool {
    let before = text.before(start, REACH).replace(['\'', '\u{2019}'], "");
    // What stands before a full stop is about something else.
    let near = before.rsplit(". ").next().unwrap_or_default();
    let label = near.trim_end_matches([' ', '*', '"', '`']);
    let is_label = ["date:", "date is", "time:", "time is", "stand:"].iter().any(|known| label.ends_with(known));
    let is_said = is_label || has_word(near, &CURRENT) || near.contains("as of ");
    is_said && !FIXED.iter().any(|fixed| near.contains(fixed)) && text.right(end) != Some(b'-')
}

/// A day and a month in words: `August 17, 2026`, `17 Aug 2026`, `Aug 17 16:24:32`.
fn in_words(text: &Text<'_>, words: &[Word]) -> Option<Spot> {
    let day = words[0];
    let digits = text.word(day).bytes().take_while(u8::is_ascii_digit).count();
    let suffix = &text.word(day)[digits..];
    if !(1..=2).contains(&digits) || !["", "st", "nd", "rd", "th"].contains(&suffix) {
        return None;
    }
    let number: i8 = text.text[day.start..day.start + digits].parse().ok()?;
    let month_before = letters_before(text, day.start).filter(|word| month(&text.text[word.clone()]).is_some());
    if let Some(name) = month_before {
        let start = weekday_before(text, name.start).unwrap_or(name.start);
        let month = month(&text.text[name])?;
        let year = words.get(1).filter(|word| is_year(text, **word) && is_between(text, day.end, word.start));
        let end = year.map_or(day.end, |word| word.end);
        let clocked = clock(text, skip(text, end, b" ,"));
        return dated(text, start, (year, month, number), end, clocked);
    }
    let behind = skip(text, day.end, b" -");
    let length = text.run_from(behind, |byte| byte.is_ascii_alphabetic());
    let month = month(text.text.get(behind..behind + length)?)?;
    let start = weekday_before(text, day.start).unwrap_or(day.start);
    let name_end = behind + length;
    let year = words.get(1).filter(|word| is_year(text, **word) && is_between(text, name_end, word.start));
    let end = year.map_or(name_end, |word| word.end);
    let clocked = clock(text, skip(text, end, b" ,:"));
    dated(text, start, (year, month, number), end, clocked)
}

/// A date that the calendar knows, with its time when it has one.
fn dated(
    text: &Text<'_>,
    start: usize,
    (year, month, day): (Option<&Word>, i8, i8),
    end: usize,
    clocked: Option<usize>,
) -> Option<Spot> {
    // Without a year and a time it is a day of any year; without a year a leap year is assumed.
    (year.is_some() || clocked.is_some()).then_some(())?;
    let year_number = year.and_then(|word| text.word(*word).parse().ok()).unwrap_or(2024);
    civil::Date::new(year_number, month, day).ok()?;
    let spot = Spot::at(start..clocked.unwrap_or(end));
    (clocked.is_some() || is_current(text, start, end)).then_some(spot)
}

/// A date in numbers: `17.08.2026`, `8/17/2026`, `2026/08/17`; with a time, or said to be the current one.
fn in_numbers(text: &Text<'_>, words: &[Word]) -> Option<Spot> {
    let [first, second, third, ..] = *words else { return None };
    let by = text.right(first.end)?;
    let joined = b"./".contains(&by)
        && second.start == first.end + 1
        && text.right(second.end) == Some(by)
        && third.start == second.end + 1;
    let is_edge = text.left(first.start).is_none_or(|byte| !b"./-_".contains(&byte));
    if !joined || !is_edge || !words[..3].iter().all(|word| word.is_number() && matches!(word.len(), 1 | 2 | 4)) {
        return None;
    }
    let number = |word: Word| text.word(word).parse::<i16>().ok();
    let (a, b, c) = (number(first)?, number(second)?, number(third)?);
    let orders = if first.len() == 4 { [(a, b, c), (a, c, b)] } else { [(c, b, a), (c, a, b)] };
    let is_date = |(year, month, day): (i16, i16, i16)| {
        (1970..2100).contains(&year)
            && i8::try_from(month)
                .is_ok_and(|month| i8::try_from(day).is_ok_and(|day| civil::Date::new(year, month, day).is_ok()))
    };
    orders.into_iter().any(is_date).then_some(())?;
    let clocked = clock(text, skip(text, third.end, b" ,"));
    (clocked.is_some() || is_current(text, first.start, third.end))
        .then(|| Spot::at(first.start..clocked.unwrap_or(third.end)))
}

/// The hour alone, said to be the current one.
fn hour(text: &Text<'_>, word: Word) -> Option<Spot> {
    let end = clock(text, word.start)?;
    let before = text.before(word.start, REACH);
    let said = ["time is", "time now", "now:", "is now", "current time", "local time"];
    let said = said.iter().any(|said| before.contains(said)) && before.len() < REACH;
    said.then(|| Spot::at(word.start..end))
}

/// The end of a time of day that begins here: hours and minutes, seconds, half of the day, zone.
pub(super) fn clock(text: &Text<'_>, at: usize) -> Option<usize> {
    let bytes = text.bytes();
    let digits = |at: usize| if at < bytes.len() { text.run_from(at, |byte| byte.is_ascii_digit()) } else { 0 };
    let value = |at: usize, length: usize| text.text.get(at..at + length)?.parse::<u8>().ok();
    let hours = digits(at);
    if !(1..=2).contains(&hours) || value(at, hours)? > 24 || bytes.get(at + hours) != Some(&b':') {
        return None;
    }
    let mut end = at + hours + 1;
    if digits(end) != 2 || value(end, 2)? > 59 {
        return None;
    }
    end += 2;
    if bytes.get(end) == Some(&b':') && digits(end + 1) == 2 && value(end + 1, 2)? <= 60 {
        end += 3;
        if matches!(bytes.get(end), Some(b'.' | b',')) && digits(end + 1) > 0 {
            end += 1 + digits(end + 1);
        }
    }
    Some(zone(text, half(text, end)))
}

/// Behind `AM` and `PM`.
fn half(text: &Text<'_>, end: usize) -> usize {
    let at = skip(text, end, b" ");
    let is_half =
        text.text.get(at..at + 2).is_some_and(|half| ["am", "pm"].contains(&half.to_ascii_lowercase().as_str()));
    if is_half && text.right(at + 2).is_none_or(|byte| !byte.is_ascii_alphanumeric()) { at + 2 } else { end }
}

/// Behind `Z`, `+02:00`, `-0500`, `UTC`, `GMT`, `CEST`.
fn zone(text: &Text<'_>, end: usize) -> usize {
    let bytes = text.bytes();
    if matches!(bytes.get(end), Some(b'Z' | b'z')) {
        return end + 1;
    }
    let at = skip(text, end, b" ");
    let is_zone = |name: &str| {
        ["UTC", "GMT", "CET", "CEST", "EST", "EDT", "CST", "CDT", "MST", "MDT", "PST", "PDT", "JST", "IST", "BST"]
            .contains(&name)
    };
    if let Some(b'+' | b'-') = bytes.get(at) {
        let digits = text.run_from(at + 1, |byte| byte.is_ascii_digit() || byte == b':');
        if matches!(digits, 4 | 5) && (digits == 4 || bytes[at + 3] == b':') {
            return at + 1 + digits;
        }
    }
    let letters = text.run_from(at, |byte| byte.is_ascii_uppercase());
    if is_zone(&text.text[at..at + letters]) { at + letters } else { end }
}

/// Which month a word is, in full or in three letters.
fn month(word: &str) -> Option<i8> {
    let word = word.to_ascii_lowercase();
    let is_it = |name: &str| {
        word == *name || word.len() == 3 && name.starts_with(&word) || word == "sept" && name == "september"
    };
    MONTHS.iter().position(|name| is_it(name)).and_then(|at| i8::try_from(at + 1).ok())
}

/// The start of a weekday right before a place.
fn weekday_before(text: &Text<'_>, at: usize) -> Option<usize> {
    let word = letters_before(text, at)?;
    let name = text.text[word.clone()].to_ascii_lowercase();
    let is_it = WEEKDAYS.iter().any(|day| *day == name || name.len() == 3 && day.starts_with(&name));
    is_it.then_some(word.start)
}

/// The letters before a place, blanks and one comma or stop between.
fn letters_before(text: &Text<'_>, at: usize) -> Option<std::ops::Range<usize>> {
    let gap = text.run_before(at, |byte| b" ,.".contains(&byte));
    let end = at - gap;
    let length = text.run_before(end, |byte| byte.is_ascii_alphabetic());
    ((1..=3).contains(&gap) && length >= 3).then(|| end - length..end)
}

fn is_year(text: &Text<'_>, word: Word) -> bool {
    word.is_number() && word.len() == 4 && text.word(word).parse::<u16>().is_ok_and(|year| (1970..2100).contains(&year))
}

/// Whether only blanks and commas stand between.
fn is_between(text: &Text<'_>, from: usize, to: usize) -> bool {
    from <= to && to - from <= 3 && text.bytes()[from..to].iter().all(|byte| b" ,.-".contains(byte))
}

fn skip(text: &Text<'_>, at: usize, what: &[u8]) -> usize {
    at + text.bytes()[at.min(text.text.len())..].iter().take(2).take_while(|byte| what.contains(byte)).count()
}
