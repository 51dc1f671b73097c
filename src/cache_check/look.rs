//! Runs the checks over prompts and puts what they find together.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem::Finder;
use regex::Regex;

use super::checks::cache_control;
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
    let stands = Stands::of(prompt);
    for (number, part) in prompt.parts.iter().enumerate().filter(|(_, part)| part.role != Role::Later) {
        let text = Text::new(&part.text, part.role);
        let hidden = secrets(&text);
        let mut places = part.places();
        for (check, mut spot) in in_text(&text, options) {
            let place = part.at + places.of(spot.range.start)..part.at + places.of(spot.range.end);
            let sample = sample(&spot, &masked(text.text, spot.range.clone(), &hidden));
            let severity = spot.severity.unwrap_or(check.severity);
            spot.severity = Some(severity.min(stands.most(number, part)));
            found.push(Found { check, at: (number, spot.range.start), place, sample, spot, part: Some(part) });
        }
    }
    let changes = |found: &&Found<'_>| found.spot.severity > Some(Severity::Note) && is_prefix(found);
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

/// The texts of a prompt that are looked at, and how bad it can be there that something changes.
#[derive(Debug)]
pub(super) struct Beginning<'p> {
    parts: Vec<(&'p Part<'p>, Severity)>,
}

impl<'p> Beginning<'p> {
    pub(super) fn of(prompt: &'p Prompt<'_>) -> Self {
        let stands = Stands::of(prompt);
        let parts = prompt.parts.iter().enumerate().filter(|(_, part)| part.role != Role::Later);
        Self { parts: parts.map(|(number, part)| (part, stands.most(number, part))).collect() }
    }

    /// Adds all that the tally depends on besides the options.
    pub(super) fn add_to(&self, hash: &mut blake3::Hasher) {
        hash.update(&(self.parts.len() as u64).to_le_bytes());
        for (part, most) in &self.parts {
            hash.update(&[part.role as u8, *most as u8]).update(&(part.text.len() as u64).to_le_bytes());
            hash.update(part.text.as_bytes());
        }
    }

    /// How often checks found in the texts what is more than a note, by their names: all that the verdict needs.
    pub(super) fn tally(&self, options: &Options) -> BTreeMap<&'static str, usize> {
        let mut tally = BTreeMap::new();
        for (part, most) in &self.parts {
            for (check, mut spot) in in_text(&Text::new(&part.text, part.role), options) {
                spot.severity = Some(spot.severity.unwrap_or(check.severity).min(*most));
                if options.severity(check, &spot) > Severity::Note {
                    *tally.entry(check.name).or_default() += 1;
                }
            }
        }
        tally
    }
}

/// Whether something stands where all requests should begin alike, and not in a message.
fn is_prefix(found: &Found<'_>) -> bool {
    found.part.is_some_and(|part| matches!(part.role, Role::System | Role::Tool))
}

/// How bad it can be in a message that something changes: messages come after what conversations share.
struct Stands {
    /// The last part that a breakpoint caches, when there are breakpoints.
    cached: Option<usize>,
    /// The first part of the last message.
    newest: usize,
}

impl Stands {
    fn of(prompt: &Prompt<'_>) -> Self {
        // `/messages/3` of `/messages/3/content/0`.
        fn message(pointer: &str) -> &str {
            let end = memchr::memchr_iter(b'/', pointer.as_bytes()).nth(2);
            &pointer[..end.unwrap_or(pointer.len())]
        }
        let last = prompt.parts.iter().rfind(|part| matches!(part.role, Role::Early | Role::Later));
        let last = last.map(|part| message(&part.pointer));
        let newest = last.and_then(|last| prompt.parts.iter().position(|part| message(&part.pointer) == last));
        Self { cached: cache_control::last_cached(prompt), newest: newest.unwrap_or(prompt.parts.len()) }
    }

    /// An error in the system text and in tools; nothing to do where no cache reaches, and in the newest message.
    fn most(&self, number: usize, part: &Part<'_>) -> Severity {
        match part.role {
            Role::System | Role::Tool if self.cached.is_none_or(|cached| number <= cached) => Severity::Error,
            Role::System | Role::Tool => Severity::Note,
            Role::Early | Role::Later if number >= self.newest || self.cached.is_some_and(|cached| number > cached) => {
                Severity::Note
            }
            Role::Early | Role::Later => Severity::Warning,
        }
    }
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
        let holds = |part: &Part<'_>| part.at <= place.start && place.start <= part.end() && !part.text.is_empty();
        let number = prompt.parts.iter().position(holds);
        let part = number.map(|number| &prompt.parts[number]);
        let shown = match part {
            Some(part) => {
                let text = part.text_at(place.start)..part.text_at(place.end.min(part.end()));
                masked(&part.text, text, &hidden_in(&part.text))
            }
            None => prompt.source[place.clone()].to_string(),
        };
        let sample = sample(&spot, &shown);
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
    let mut allowed = Allowed::new(text);
    let kept = kept.into_values().filter(|(check, spot)| {
        let found = &text.text[spot.range.clone()];
        !(options.allow.iter().any(|pattern| pattern.is_match(found))
            || allowed.is_allowed(check.name, spot.range.start))
    });
    kept.collect()
}

/// What stands before the names of checks that are allowed.
const ALLOW: &str = "hr-allow:";

/// Which checks are allowed where: `hr-allow: NAME` stands on the line of a place, or alone on the line above.
struct Allowed<'t> {
    text: &'t Text<'t>,
    has_any: bool,
    /// The line that was looked at last, and what is allowed on it.
    line: std::ops::Range<usize>,
    names: Vec<&'t str>,
}

impl<'t> Allowed<'t> {
    fn new(text: &'t Text<'t>) -> Self {
        static FINDER: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(ALLOW));
        let has_any = FINDER.find(text.bytes()).is_some();
        Self { text, has_any, line: 0..0, names: Vec::new() }
    }

    /// Whether a check may find something in a place.
    fn is_allowed(&mut self, name: &str, at: usize) -> bool {
        if self.has_any && !self.line.contains(&at) {
            self.line = self.text.line(at);
            self.names = names_allowed(&self.text.text[self.line.clone()]);
            let above = self.line.start.checked_sub(1).map(|end| &self.text.text[self.text.line(end)]);
            let is_alone = |line: &&str| {
                line.trim_start_matches(|letter: char| !letter.is_ascii_alphanumeric()).starts_with(ALLOW)
            };
            self.names.extend(above.filter(is_alone).map(names_allowed).unwrap_or_default());
        }
        self.has_any && self.names.contains(&name)
    }
}

/// The names behind `hr-allow:`, up to the first word that is none.
fn names_allowed(line: &str) -> Vec<&str> {
    let Some((_, names)) = line.split_once(ALLOW) else { return Vec::new() };
    let words = names.split([' ', ',', '\t']).filter(|word| !word.is_empty());
    words.take_while(|word| Check::named(word).is_some()).collect()
}

/// Where secrets stand in a text, whatever is switched off.
pub(super) fn hidden_in(text: &str) -> Vec<Range<usize>> {
    secrets(&Text::new(text, Role::System))
}

fn secrets(text: &Text<'_>) -> Vec<Range<usize>> {
    let mut spots = Vec::new();
    for check in CHECKS.iter().filter(|check| check.is_secret) {
        if let Look::Text(look) = check.look {
            look(text, &mut spots);
        }
    }
    spots.into_iter().map(|spot| spot.range).collect()
}

/// Where secrets stand in the source of a prompt.
pub fn hidden(prompt: &Prompt<'_>) -> Vec<Range<usize>> {
    let of_part = |part: &Part<'_>| {
        let mut places = part.places();
        let mut ranges = hidden_in(&part.text);
        ranges.sort_by_key(|range| range.start);
        let ranges = ranges.into_iter().map(|range| part.at + places.of(range.start)..part.at + places.of(range.end));
        ranges.collect::<Vec<_>>()
    };
    prompt.parts.iter().flat_map(of_part).collect()
}

/// A stretch of a text with what is hidden starred out; it is as long as before.
pub fn masked(text: &str, shown: Range<usize>, hidden: &[Range<usize>]) -> String {
    let near = hidden.iter().filter(|range| range.start < shown.end && range.end > shown.start).collect::<Vec<_>>();
    let letters = text[shown.clone()].char_indices();
    letters.fold(String::with_capacity(shown.len()), |mut masked, (at, letter)| {
        if near.iter().any(|range| range.contains(&(shown.start + at))) {
            masked.push_str(&"*".repeat(letter.len_utf8()));
        } else {
            masked.push(letter);
        }
        masked
    })
}

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
    let mut places = Places {
        source: prompt.source,
        start: (prompt.start, prompt.line),
        at: prompt.start,
        line: prompt.line,
        column: 1,
    };
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
    each_once(prompt.source, findings)
}

/// Of a value that stands in several places the first one: it is what ends the prefix.
fn each_once(source: &str, findings: Vec<Finding>) -> Vec<Finding> {
    let mut once: Vec<Finding> = Vec::with_capacity(findings.len());
    let mut seen: HashMap<(&str, Severity, &str), usize> = HashMap::new();
    for finding in findings {
        let is_value = Check::named(finding.check).is_some_and(|check| matches!(check.look, Look::Text(_)));
        if !is_value {
            once.push(finding);
            continue;
        }
        let value = &source[finding.offset..finding.offset + finding.length];
        match seen.entry((finding.check, finding.severity, value)) {
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
    /// Where a line begins, and which.
    start: (usize, usize),
    at: usize,
    line: usize,
    column: usize,
}

impl Places<'_> {
    fn of(&mut self, at: usize) -> (usize, usize) {
        if at < self.at {
            (self.at, self.line, self.column) = (self.start.0, self.start.1, 1);
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
