//! Knows logs of builds, tests, services and CI by times, levels, failures and the steps that tools announce.

use super::Stretch;
use super::probes::sample;
use crate::compress::{is_logged, lines_of_traces};
use crate::signal::{Signal, Signals};

/// How the logs of CI services begin, and how they mark the sections of a job: GitHub Actions, Azure Pipelines, Travis CI,
/// GitLab CI, Jenkins.
const CI_MARKS: [&[u8]; 6] =
    [b"::group::", b"##[group]", b"##[section]", b"Worker information", b"Running with gitlab-runner ", b"[Pipeline] "];

/// A log: times, levels, failures or steps of a build on enough lines, or a long text with some of them.
pub(super) fn probe(stretch: &Stretch<'_>) -> Option<String> {
    let signals = Signals::shared();
    let lines = sample(stretch);
    let is_hit = |line: &&&[u8]| is_log(line) || is_logged(line) || signals.of(line) >= Signal::Failure;
    let hits = lines.iter().filter(is_hit).count() + lines_of_traces(&lines);
    if hits * 5 >= lines.len() && hits >= 2 {
        return Some(format!("{hits} of {} lines have a time, a level, a failure or a frame", lines.len()));
    }
    if lines.iter().any(|line| CI_MARKS.iter().any(|mark| line.starts_with(mark))) {
        return Some("it has the marks of a CI service".into());
    }
    let timed = lines.iter().filter(|line| has_time(line)).count();
    if lines.len() >= 4 && timed * 10 >= lines.len() * 8 {
        return Some(format!("{timed} of {} lines have a time or a date", lines.len()));
    }
    (stretch.len() >= 300 && hits * 50 >= lines.len())
        .then(|| format!("{} lines, some with times or failures", stretch.len()))
}

/// Whether one of the first words of a line is a time or date: seconds since 1970, `2005-06-03`, `2005.06.03`, `06/03/05`.
fn has_time(line: &[u8]) -> bool {
    line[..line.len().min(120)].split(|byte| b" \t[],".contains(byte)).take(8).any(is_time)
}

fn is_time(word: &[u8]) -> bool {
    let digits = |part: &[u8], lens: &[usize]| lens.contains(&part.len()) && part.iter().all(u8::is_ascii_digit);
    let epoch = digits(word, &[10, 13]) && word[0] == b'1';
    let parts = word.splitn(4, |byte| b"-./".contains(byte)).collect::<Vec<_>>();
    let date = match parts[..] {
        [year, month, day, ..] if digits(year, &[4]) => {
            digits(month, &[2]) && day.len() >= 2 && digits(&day[..2], &[2])
        }
        [day, month, year] => digits(day, &[2]) && digits(month, &[2]) && digits(year, &[2, 4]),
        _ => false,
    };
    epoch || date
}

/// Whether a line begins as lines of logs do: a clock, a level, a step.
pub(super) fn is_log(line: &[u8]) -> bool {
    const LEVELS: [&[u8]; 10] =
        [b"INFO", b"WARN", b"DEBUG", b"ERROR", b"[info]", b"info:", b"[debug]", b"npm ", b"warning", b"TRACE"];
    const STEPS: [&[u8]; 13] = [
        b"$ ",
        b"+ ",
        b"> ",
        b"==> ",
        b"Downloading",
        b"Downloaded",
        b"Compiling ",
        b"Collecting ",
        b"Get:",
        b"Unpacking ",
        b"Setting up ",
        b"Installing ",
        b"remote: ",
    ];
    let head = &line[..line.len().min(40)];
    let is_clock = |at: usize| {
        let digit = |at: usize| head.get(at).is_some_and(u8::is_ascii_digit);
        at >= 2 && digit(at - 2) && digit(at - 1) && digit(at + 1) && digit(at + 2)
    };
    let is_level = |at: usize| LEVELS.iter().any(|level| head[at..].starts_with(level));
    let speaks = |at: usize| match head[at] {
        b':' => is_clock(at),
        b'I' | b'W' | b'D' | b'E' | b'[' | b'i' | b'n' | b'w' | b'T' => is_level(at),
        _ => false,
    };
    (0..head.len()).any(speaks) || STEPS.iter().any(|step| line.trim_ascii_start().starts_with(step))
}
