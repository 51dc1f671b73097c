//! For people: each finding with its line and a caret below it, then the verdict.

use std::fmt::Write;
use std::io::IsTerminal;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::{Checked, Report};
use crate::cache_check::compare::{Common, Cost};
use crate::cache_check::{Finding, Severity, hidden, masked};
use crate::render::marker::counted;

/// How much of a long line is shown before and behind the place, in bytes.
const AROUND: usize = 60;

/// Writes the report.
pub(super) fn written(report: &Report<'_>) -> String {
    let renderer = if std::io::stdout().is_terminal() { Renderer::styled() } else { Renderer::plain() };
    let mut text = String::new();
    for checked in report.checked {
        let name = &checked.input.name;
        let hidden = if checked.findings.is_empty() { Vec::new() } else { hidden(&checked.prompt) };
        for finding in &checked.findings {
            let _ = writeln!(text, "{}\n", excerpt(checked, &hidden, finding, &renderer));
        }
        if let Some(common) = &checked.common {
            let _ = write!(text, "{}", compared(name, common));
        }
        let _ = writeln!(text, "{name}: about {}, {}", counted(checked.prompt.tokens(), "tokens"), checked.verdict);
    }
    let costs = report.checked.iter().filter_map(|checked| checked.common.as_ref()?.cost);
    let total = costs
        .fold(Cost::default(), |sum, cost| Cost { now: sum.now + cost.now, could_be: sum.could_be + cost.could_be });
    if total.now > 0.0 {
        let saved = total.now - total.could_be;
        let _ = writeln!(text, "input of all but the first: ${:.6}; ${saved:.6} less if nothing were lost", total.now);
    }
    let count = |severity: Severity| report.findings().filter(|(_, finding)| finding.severity == severity).count();
    let _ = writeln!(
        text,
        "{}, {}, {}",
        counted(count(Severity::Error), "errors"),
        counted(count(Severity::Warning), "warnings"),
        counted(count(Severity::Note), "notes")
    );
    text
}

/// A finding with its line, drawn.
fn excerpt(checked: &Checked<'_>, hidden: &[Range<usize>], finding: &Finding, renderer: &Renderer) -> String {
    let name = &checked.input.name;
    let Finding { line, column, check, tokens_spoiled, times, .. } = finding;
    let level = match finding.severity {
        Severity::Note => Level::NOTE,
        Severity::Warning => Level::WARNING,
        Severity::Error => Level::ERROR,
    };
    let times = if *times > 1 { format!(", {times} times in the prompt") } else { String::new() };
    let title = format!("`{}`{times}, before about {} of prefix", finding.sample, counted(*tokens_spoiled, "tokens"));
    let place = match &finding.pointer {
        Some(pointer) => format!("{name} at {pointer}"),
        None => name.clone(),
    };
    let (shown, span) = surroundings(&checked.input.text, hidden, finding.offset..finding.offset + finding.length);
    let snippet = Snippet::source(shown).line_start(*line).annotation(AnnotationKind::Primary.span(span));
    let origin = Origin::path(place).line(*line).char_column(*column);
    let groups = [
        level.primary_title(title).id(*check).element(origin).element(snippet),
        Group::with_title(Level::HELP.secondary_title(&finding.advice)),
    ];
    // The line is of the file named above it, which the renderer cannot know.
    let drawn = renderer.render(&groups);
    let is_frame = |line: &&str| anstream::adapter::strip_str(line).to_string().trim() != ":::";
    drawn.lines().filter(is_frame).collect::<Vec<_>>().join("\n")
}

/// The line of a place, of a long one what is around it, without secrets; and where in that the place is.
fn surroundings(source: &str, hidden: &[Range<usize>], place: Range<usize>) -> (String, Range<usize>) {
    let bytes = source.as_bytes();
    let mut start = place.start.saturating_sub(AROUND);
    start += memchr::memrchr(b'\n', &bytes[start..place.start]).map_or(0, |end| end + 1);
    let most = bytes.len().min(place.start + 2 * AROUND);
    let mut end = memchr::memchr(b'\n', &bytes[place.start..most]).map_or(most, |length| place.start + length);
    while !source.is_char_boundary(start) {
        start += 1;
    }
    while !source.is_char_boundary(end) {
        end -= 1;
    }
    (masked(source, start..end, hidden), place.start - start..place.end.min(end).max(place.start) - start)
}

/// What a request has in common with the one before it.
fn compared(name: &str, common: &Common) -> String {
    let Common { shared_tokens, lost_tokens, tokens, parted, cost } = common;
    let mut text = match parted {
        None => {
            format!("{name}: goes on where the request before it ends: {shared_tokens} of {tokens} tokens shared\n")
        }
        Some(parted) => format!(
            "{name}: parts from the request before it at byte {} (token {}, {}): {shared_tokens} of {tokens} tokens shared, {lost_tokens} lost\n  before: {:?}\n  now:    {:?}\n",
            parted.offset, parted.token, parted.pointer, parted.before, parted.after
        ),
    };
    if let Some(cost) = cost {
        let _ = writeln!(text, "  input costs ${:.6}; ${:.6} if nothing were lost", cost.now, cost.could_be);
    }
    text
}
