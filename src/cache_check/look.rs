//! Runs the checks over prompts and puts what they find together.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use regex::Regex;

use super::finding::{Finding, Severity, Spot};
use super::prompt::{Part, Prompt, Role};
use super::survey::Text;
use super::verdict::Thresholds;
use super::{CHECKS, Check, Look};
use crate::tokens;

/// What is looked for, and how it counts.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Severities that differ from the checks' own; `None` switches a check off.
    pub severity: BTreeMap<&'static str, Option<Severity>>,
    /// What is found but matches one of these is allowed.
    pub allow: Vec<Regex>,
    /// For the verdict.
    pub thresholds: Thresholds,
}

impl Options {
    fn is_on(&self, check: &Check) -> bool {
        self.severity.get(check.name) != Some(&None)
    }

    fn severity(&self, check: &Check, spot: &Spot) -> Severity {
        self.severity.get(check.name).copied().flatten().or(spot.severity).unwrap_or(check.severity)
    }
}

/// How long a sample is at most, in characters.
const SAMPLE: usize = 80;

/// What the checks find in a prompt, by place.
pub fn check(prompt: &Prompt<'_>, options: &Options) -> Vec<Finding> {
    let mut found: Vec<Found<'_>> = Vec::new();
    for (number, part) in prompt.parts.iter().enumerate().filter(|(_, part)| part.role != Role::Later) {
        let text = Text::new(&part.text, part.role);
        let mut places = part.places();
        for (check, spot) in in_text(&text, options) {
            let place = part.at + places.of(spot.range.start)..part.at + places.of(spot.range.end);
            let sample = sample(&spot, &text.text[spot.range.clone()]);
            found.push(Found { check, at: (number, spot.range.start), place, sample, spot, part: Some(part) });
        }
    }
    let changes = |found: &&Found<'_>| options.severity(found.check, &found.spot) > Severity::Note;
    let dynamic = found.iter().filter(changes).map(|found| found.at).collect::<Vec<_>>();
    for check in CHECKS.iter().filter(|check| options.is_on(check)) {
        if let Look::Prompt(look) = check.look {
            let mut spots = Vec::new();
            look(prompt, &dynamic, &mut spots);
            found.extend(spots.into_iter().map(|spot| Found::in_source(prompt, check, spot)));
        }
    }
    finished(prompt, found, options)
}

/// What changed since the prompt before, by place in the later one.
pub fn compare_pair(before: &Prompt<'_>, prompt: &Prompt<'_>, options: &Options) -> Vec<Finding> {
    let mut found: Vec<Found<'_>> = Vec::new();
    for check in CHECKS.iter().filter(|check| options.is_on(check)) {
        if let Look::Pair(look) = check.look {
            let mut spots = Vec::new();
            look(before, prompt, &mut spots);
            found.extend(spots.into_iter().map(|spot| Found::in_source(prompt, check, spot)));
        }
    }
    finished(prompt, found, options)
}

/// What one check found.
struct Found<'p> {
    check: &'static Check,
    spot: Spot,
    /// Which part, and where in its text.
    at: (usize, usize),
    /// The bytes of the source.
    place: Range<usize>,
    sample: String,
    part: Option<&'p Part<'p>>,
}

impl<'p> Found<'p> {
    fn in_source(prompt: &'p Prompt<'_>, check: &'static Check, spot: Spot) -> Self {
        let place = spot.range.clone();
        let sample = sample(&spot, &prompt.source[place.clone()]);
        let ends = |part: &Part<'_>| part.place(part.text.len());
        let number = prompt.parts.iter().position(|part| part.at <= place.start && place.start <= ends(part));
        let part = number.map(|number| &prompt.parts[number]);
        let next = || prompt.parts.iter().position(|part| part.at > place.start).unwrap_or(prompt.parts.len());
        let at = part.map_or(0, |part| part.text_at(place.start));
        Self { check, at: (number.unwrap_or_else(next), at), place, sample, spot, part }
    }
}

/// What the checks find in one text: in each place only the first that has found something, nothing that is allowed.
fn in_text(text: &Text<'_>, options: &Options) -> Vec<(&'static Check, Spot)> {
    let mut kept: BTreeMap<usize, (&'static Check, Spot)> = BTreeMap::new();
    for check in CHECKS.iter().filter(|check| options.is_on(check)) {
        let Look::Text(look) = check.look else { continue };
        let mut spots = Vec::new();
        look(text, &mut spots);
        for spot in spots {
            let before = kept.range(..spot.range.end).next_back();
            let is_taken = before.is_some_and(|(_, (_, other))| other.range.end > spot.range.start);
            if !is_taken {
                kept.insert(spot.range.start, (check, spot));
            }
        }
    }
    let has_allowed = memchr::memmem::find(text.bytes(), ALLOW.as_bytes()).is_some();
    let kept = kept.into_values().filter(|(check, spot)| {
        let found = &text.text[spot.range.clone()];
        let is_allowed = options.allow.iter().any(|allowed| allowed.is_match(found));
        !(is_allowed || has_allowed && is_allowed_here(text, check.name, spot))
    });
    kept.collect()
}

/// What stands before the names of checks that are allowed.
const ALLOW: &str = "hr-allow:";

/// Whether `hr-allow: NAME` stands on the line of a place, or alone on the line above.
fn is_allowed_here(text: &Text<'_>, name: &str, spot: &Spot) -> bool {
    let allows = |line: &str| {
        line.split_once(ALLOW).is_some_and(|(_, names)| {
            let names = names.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '-'));
            names.filter(|word| !word.is_empty()).any(|word| word == name || word == "all")
        })
    };
    let line = text.line(spot.range.start);
    let above = line.start.checked_sub(1).map(|end| text.line(end)).map(|line| text.text[line].trim());
    let above = above.filter(|line| {
        let body = line.trim_start_matches(|letter: char| !letter.is_ascii_alphanumeric());
        body.starts_with(ALLOW)
    });
    allows(&text.text[line]) || above.is_some_and(allows)
}

/// A stretch of a text with the secrets in it, or reaching into it, starred out; it is as long as before.
pub fn masked(text: &str, shown: Range<usize>) -> String {
    let (mut start, mut end) = (shown.start.saturating_sub(SECRET), text.len().min(shown.end + SECRET));
    while !text.is_char_boundary(start) {
        start += 1;
    }
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let around = Text::new(&text[start..end], Role::System);
    let mut spots = Vec::new();
    for check in CHECKS.iter().filter(|check| check.is_secret) {
        if let Look::Text(look) = check.look {
            look(&around, &mut spots);
        }
    }
    let is_secret =
        |at: usize| spots.iter().any(|spot| (spot.range.start + start..spot.range.end + start).contains(&at));
    let letters = text[shown.clone()].char_indices();
    letters.map(|(at, letter)| if is_secret(shown.start + at) { '*' } else { letter }).collect()
}

/// How far secrets reach, in bytes.
const SECRET: usize = 2048;

/// What is printed of a place: its first line, cut.
fn sample(spot: &Spot, found: &str) -> String {
    let text = spot.sample.as_deref().unwrap_or_else(|| found.lines().next().unwrap_or_default());
    match text.char_indices().nth(SAMPLE) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_string(),
    }
}

/// Findings by place, each value once, with lines, columns and what they cost.
fn finished(prompt: &Prompt<'_>, mut found: Vec<Found<'_>>, options: &Options) -> Vec<Finding> {
    found.sort_by_key(|found| (found.at, found.place.start));
    let spoiled = spoiled(prompt, &found);
    let mut places = Places::new(prompt.source);
    let mut findings = Vec::with_capacity(found.len());
    for (found, tokens_spoiled) in found.into_iter().zip(spoiled) {
        let (line, column) = places.of(found.place.start);
        findings.push(Finding {
            line,
            column,
            offset: found.place.start,
            length: found.place.len(),
            pointer: found.part.filter(|_| prompt.request.is_some()).map(|part| part.pointer.clone()),
            check: found.check.name,
            severity: options.severity(found.check, &found.spot),
            sample: found.sample,
            tokens_spoiled,
            advice: found.spot.advice.unwrap_or_else(|| found.check.advice.to_string()),
            times: 1,
        });
    }
    each_once(findings)
}

/// Of a value that stands in several places the first one: it is what ends the prefix.
fn each_once(findings: Vec<Finding>) -> Vec<Finding> {
    let mut once: Vec<Finding> = Vec::with_capacity(findings.len());
    let mut seen: HashMap<(&str, String), usize> = HashMap::new();
    for finding in findings {
        let is_value = Check::named(finding.check).is_some_and(|check| matches!(check.look, Look::Text(_)));
        if !is_value {
            once.push(finding);
            continue;
        }
        match seen.entry((finding.check, finding.sample.clone())) {
            Entry::Occupied(first) => once[*first.get()].times += 1,
            Entry::Vacant(place) => {
                place.insert(once.len());
                once.push(finding);
            }
        }
    }
    once
}

/// How many tokens stand from each finding on, to the end of the prompt.
fn spoiled(prompt: &Prompt<'_>, found: &[Found<'_>]) -> Vec<usize> {
    let mut spoiled = vec![0; found.len()];
    let mut behind = 0;
    let mut next = found.len();
    for (number, part) in prompt.parts.iter().enumerate().rev() {
        let mut end = part.text.len();
        while let Some((of, at)) = next.checked_sub(1).map(|last| found[last].at).filter(|(of, _)| *of >= number) {
            let at = if of == number { at.min(end) } else { end };
            behind += tokens::estimate(&part.text.as_bytes()[at..end]);
            end = at;
            next -= 1;
            spoiled[next] = behind;
        }
        behind += part.tokens_to(end);
    }
    spoiled[..next].fill(behind);
    spoiled
}

/// Lines and columns of places, counted on from the place before where that is nearer than the beginning.
struct Places<'s> {
    source: &'s str,
    at: usize,
    line: usize,
    column: usize,
}

impl<'s> Places<'s> {
    fn new(source: &'s str) -> Self {
        Self { source, at: 0, line: 1, column: 1 }
    }

    fn of(&mut self, at: usize) -> (usize, usize) {
        if at < self.at {
            *self = Self::new(self.source);
        }
        let passed = &self.source.as_bytes()[self.at..at];
        if let Some(end) = memchr::memrchr(b'\n', passed) {
            self.line += memchr::memchr_iter(b'\n', passed).count();
            self.column = 1 + self.source[self.at + end + 1..at].chars().count();
        } else {
            self.column += self.source[self.at..at].chars().count();
        }
        self.at = at;
        (self.line, self.column)
    }
}
