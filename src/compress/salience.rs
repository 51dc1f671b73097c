//! The compressor for logs and for text of unknown kind: what matters stays, within a budget.
//!
//! Failures with their surroundings, the beginning and the end always stay; then warnings, first occurrences and the
//! lines before the end fill what the budget leaves. Lines of one template count against each other, so that one message
//! repeated a thousand times does not push everything else out. Blocks that answer a query stay like failures do.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::shorten_line;
use crate::compaction::{Draft, Reason};
use crate::detect::Kind;
use crate::plan::Plan;
use crate::render::marker;
use crate::rule::step::template_hash;
use crate::signal::{Signal, Signals};
use crate::store::query::{Words, best_blocks};
use crate::tokens;

/// What a marker costs, about, in tokens: a gap that saves less is not made.
pub(super) const MARKER: usize = 10;

/// How many lines with a failure of one template stay, and how many when each names its place in a file; the rest of them
/// only if the budget has room.
const SAME_FAILURE: (u32, u32) = (6, 24);

/// Shortens the live lines of a draft to the budget of its kind; `telling` lines, in order, stay while there is room for failures.
pub(super) fn compress(kind: Kind, draft: &mut Draft<'_>, lines: Range<usize>, telling: &[usize], plan: &Plan) {
    for line in draft.live_in(lines.clone()) {
        shorten_line(draft, line, plan.limits.line_width);
    }
    fold(draft, lines.clone(), Same::Text);
    let whole = costs(draft, &draft.live_in(lines.clone()));
    let total: usize = whole.iter().sum();
    let budget = budget(kind, total, plan);
    if total <= budget + MARKER {
        return;
    }
    fold(draft, lines.clone(), Same::Template);
    let live = draft.live_in(lines);
    let costs = costs(draft, &live);
    let mut weights = weigh(draft, &live);
    if kind == Kind::Text {
        let texts = live.iter().map(|&line| draft.text(line)).collect::<Vec<_>>();
        let sections = super::sections::weights(&texts).unwrap_or_default();
        weights.iter_mut().zip(sections).for_each(|(weight, section)| *weight = (*weight).max(section));
    }
    if let Some(words) = plan.query.as_deref().and_then(Words::new) {
        let texts = live.iter().map(|&line| draft.text(line)).collect::<Vec<_>>();
        for block in best_blocks(&texts, &words, budget / 2) {
            weights[block].iter_mut().for_each(|weight| *weight = (*weight).max(MUST));
        }
    }
    // The first of every failure weighs more than what must stay for its place.
    let fails = weights.iter().any(|weight| *weight > MUST);
    let room = Room::of(kind, fails, budget, plan);
    let mut stays = choose(&weights, &costs, &room);
    let told = (0..live.len()).filter(|&at| telling.binary_search(&live[at]).is_ok());
    add(told, &costs, room.failures, &mut stays);
    bridge(&mut stays, &costs);
    let reason = draft.because(Reason::dropped("salience", "lines"));
    for (at, &line) in live.iter().enumerate() {
        if !stays[at] {
            draft.drop(line, reason);
        }
    }
}

/// What each of some lines costs, in tokens.
pub(super) fn costs(draft: &Draft<'_>, lines: &[usize]) -> Vec<usize> {
    lines.iter().map(|&line| tokens::estimate(draft.text(line)) + 1).collect()
}

/// What neighbours must share to be folded, and how many of them there must be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Same {
    /// Every byte.
    Text,
    /// All but numbers, times, paths and the like.
    Template,
}

impl Same {
    fn least(self) -> usize {
        match self {
            Self::Text => 3,
            Self::Template => 5,
        }
    }
}

/// Folds neighbours that say the same: the first stays and says how many more there were.
fn fold(draft: &mut Draft<'_>, lines: Range<usize>, same: Same) {
    let reason = draft.because(Reason::dropped("fold", "repeats"));
    let signals = Signals::shared();
    let live = draft.live_in(lines);
    let templates = match same {
        Same::Text => Vec::new(),
        Same::Template => live.iter().map(|&line| template_hash(draft.text(line))).collect(),
    };
    let mut at = 0;
    while at < live.len() {
        let first = live[at];
        let run = match same {
            Same::Text => live[at..].iter().take_while(|&&line| draft.text(line) == draft.text(first)).count(),
            Same::Template => templates[at..].iter().take_while(|&template| *template == templates[at]).count(),
        };
        let text = draft.text(first);
        // Bare numbers and paths are data, not one message with other numbers in it.
        let speaks = same == Same::Template
            && (draft.is_protected(first) || signals.of(text) >= Signal::Hint || !has_words(text));
        if run >= same.least() && !text.is_empty() && !speaks {
            // Of lines that differ in their numbers the last tells how far it went.
            let folded = if same == Same::Text { run - 1 } else { run - 2 };
            draft.rewrite(first, [text, marker::repeats(folded).as_bytes()].concat(), reason);
            live[at + 1..=at + folded].iter().for_each(|&line| draft.merge(line, reason));
        }
        at += run.max(1);
    }
}

/// Whether a line has a word that is no part of a path or number.
fn has_words(text: &[u8]) -> bool {
    text.split(u8::is_ascii_whitespace)
        .any(|word| word.len() >= 3 && word[..3].iter().all(u8::is_ascii_alphabetic) && !word.contains(&b'/'))
}

/// What a text of a kind may keep.
pub(super) fn budget(kind: Kind, total: usize, plan: &Plan) -> usize {
    let limits = &plan.limits;
    if let Some(asked) = plan.budget {
        return asked;
    }
    match kind {
        _ if plan.ruled => (total * limits.ruled_percent / 100).clamp(limits.ruled_least, limits.ruled_most),
        Kind::Log => (total * limits.log_percent / 100).clamp(limits.log_least, limits.log_most),
        Kind::Text | Kind::Json | Kind::Search | Kind::Diff | Kind::Html | Kind::Code => limits.text,
    }
}

/// What the lines of a text may take, in tokens.
struct Room {
    /// Those for which nothing speaks.
    plain: usize,
    /// Those and all others but failures.
    all: usize,
    /// All with failures.
    failures: usize,
}

impl Room {
    /// A budget that was asked for is meant; what a kind allows is exceeded for failures, and a log that nobody knows and
    /// that fails is not filled up with whatever it says first.
    fn of(kind: Kind, fails: bool, budget: usize, plan: &Plan) -> Self {
        let limits = &plan.limits;
        let asked = plan.budget.is_some();
        let plain = (budget * limits.log_plain_percent / 100).max(limits.log_plain_least).min(budget);
        Self {
            plain: if asked || plan.ruled || !fails || kind != Kind::Log { budget } else { plain },
            all: budget,
            failures: if asked { budget } else { budget * ON_TOP },
        }
    }
}

/// What speaks for a line; 0 is nothing, 100 and more is kept whatever the budget.
pub(super) type Weight = u32;

/// Kept whatever the budget says, up to [`ON_TOP`].
const MUST: Weight = 100;

/// Kept in any case.
const PROTECTED: Weight = 200;

/// What a line weighs at most for which nothing speaks but that it is there.
const PLAIN: Weight = 12;

/// What a line weighs that was there before, letter for letter, and is no failure.
const AGAIN: Weight = 4;

/// How many times the budget failures may take.
const ON_TOP: usize = 3;

/// Weighs every live line.
fn weigh(draft: &Draft<'_>, live: &[usize]) -> Vec<Weight> {
    let signals = Signals::shared();
    let signal = live.iter().map(|&line| signals.of(draft.text(line))).collect::<Vec<_>>();
    let mut weights = own_weights(draft, live, &signal);
    spread(draft, live, &signal, &mut weights);
    ends(draft, live, &signal, &mut weights);
    weights
}

/// Weights by a line's own text: its signal, and how often its template came before.
fn own_weights(draft: &Draft<'_>, live: &[usize], signal: &[Signal]) -> Vec<Weight> {
    let mut seen: HashMap<u64, u32> = HashMap::with_capacity(1024);
    let mut told = HashSet::with_capacity(1024);
    live.iter()
        .zip(signal)
        .map(|(&line, signal)| {
            let text = draft.text(line);
            if text.is_empty() {
                return 0;
            }
            let count = seen.entry(template_hash(text)).or_insert(0);
            *count += 1;
            let repeats = (*count - 1).min(9);
            let most = if *signal == Signal::Failure && has_location(text) { SAME_FAILURE.1 } else { SAME_FAILURE.0 };
            let weight = match signal {
                _ if draft.is_protected(line) => PROTECTED,
                // First occurrences come before repeats where there are too many failures for any budget.
                Signal::Failure if *count <= most => MUST + SAME_FAILURE.0.saturating_sub(*count),
                Signal::Failure => 66 - repeats * 2,
                Signal::Hint => 46_u32.saturating_sub(repeats * 5),
                Signal::None | Signal::Warning if has_location(text) => 40_u32.saturating_sub(repeats * 3),
                Signal::Warning => 34_u32.saturating_sub(repeats * 5),
                Signal::None => PLAIN.saturating_sub(repeats * 2),
            };
            let again = *signal < Signal::Failure && (PLAIN + 1..MUST).contains(&weight) && !told.insert(text);
            if again { AGAIN } else { weight }
        })
        .collect()
}

/// Whether a line names a place in a file: `path.ext:12`, `path.ext(12`, `File "path.ext", line 12`.
fn has_location(text: &[u8]) -> bool {
    memchr::memchr2_iter(b':', b'(', &text[..text.len().min(1024)]).any(|at| {
        let name = &text[..at];
        let extension = name.iter().rev().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        let dotted = (1..=5).contains(&extension) && name.len() > extension && name[name.len() - extension - 1] == b'.';
        dotted && name[name.len() - extension].is_ascii_alphabetic() && text.get(at + 1).is_some_and(u8::is_ascii_digit)
    }) || memchr::memchr_iter(b'"', text).any(|at| text[at..].starts_with(b"\", line "))
}

/// Lends weight to the surroundings of failures: what explains them stands right after them, what names them before.
fn spread(draft: &Draft<'_>, live: &[usize], signal: &[Signal], weights: &mut [Weight]) {
    for at in 0..live.len() {
        if signal[at] < Signal::Failure || weights[at] < MUST {
            continue;
        }
        let depth = indentation(draft.text(live[at]));
        for (distance, next) in (at + 1..live.len().min(at + 13)).enumerate() {
            let text = draft.text(live[next]);
            let belongs = is_continuation(text, depth);
            if text.is_empty() && distance > 3 || !belongs && distance > 4 {
                break;
            }
            let lent = if belongs { 88 } else { 62 } - distance as Weight * 3;
            weights[next] = weights[next].max(lent);
        }
        for (distance, before) in (at.saturating_sub(3)..at).rev().enumerate() {
            weights[before] = weights[before].max(66 - distance as Weight * 8);
        }
    }
}

/// Whether a line goes on with what a line indented by `depth` began: deeper, or a frame, a caret, a note.
fn is_continuation(text: &[u8], depth: usize) -> bool {
    const STARTS: [&[u8]; 12] =
        [b"at ", b"File \"", b"|", b"^", b"-->", b"= ", b"note:", b"help:", b"Caused by", b"...", b"+", b"~"];
    let body = text.trim_ascii_start();
    indentation(text) > depth || STARTS.iter().any(|start| body.starts_with(start))
}

fn indentation(text: &[u8]) -> usize {
    text.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}

/// Lends weight to the beginning, to the end, and to what stands before the line that tells the end of the command.
fn ends(draft: &Draft<'_>, live: &[usize], signal: &[Signal], weights: &mut [Weight]) {
    let told = |at: usize| !draft.text(live[at]).is_empty();
    for (rank, at) in (0..live.len()).filter(|&at| told(at)).take(4).enumerate() {
        weights[at] = weights[at].max(58 - rank as Weight * 8);
    }
    for (rank, at) in (0..live.len()).rev().filter(|&at| told(at)).take(40).enumerate() {
        let lent = if rank < 6 { MUST } else { 86 - rank as Weight };
        weights[at] = weights[at].max(lent);
    }
    // A failed run stops at its last failure and where an exit status is reported: what led there stands right before.
    let last = (0..live.len()).rev().find(|&at| signal[at] == Signal::Failure);
    let hints = [Finder::new("exit"), Finder::new("return")];
    let exits = (0..live.len()).rev().filter(|&at| {
        let text = draft.text(live[at]);
        hints.iter().any(|hint| hint.find(text).is_some()) && is_exit(text)
    });
    let exits = exits.take(2);
    for stop in exits.chain(last).collect::<Vec<_>>() {
        for (rank, at) in (0..stop).rev().filter(|&at| told(at)).take(30).enumerate() {
            weights[at] = weights[at].max(84 - rank as Weight);
        }
    }
}

/// Whether a line reports that a command ended with another status than 0.
fn is_exit(text: &[u8]) -> bool {
    const SAYS: [&str; 5] = ["exited with ", "exit code ", "exit status ", "returned non-zero", "return code "];
    static FINDERS: LazyLock<[Finder<'_>; 5]> = LazyLock::new(|| SAYS.map(Finder::new));
    SAYS.iter().zip(&*FINDERS).any(|(says, finder)| {
        finder.find(text).is_some_and(|at| {
            let told = &text[at + says.len()..];
            let number = told.iter().skip_while(|byte| !byte.is_ascii_digit()).take_while(|byte| byte.is_ascii_digit());
            number.copied().ne(*b"0")
        })
    })
}

/// Chooses lines by weight, earlier ones first, until the budget is spent; failures may take several times as much, what is protected all it needs.
fn choose(weights: &[Weight], costs: &[usize], room: &Room) -> Vec<bool> {
    let mut order = (0..weights.len()).filter(|&at| weights[at] > 0).collect::<Vec<_>>();
    order.sort_by_key(|&at| (std::cmp::Reverse(weights[at]), at));
    let mut stays = vec![false; weights.len()];
    let mut spent = 0;
    for at in order {
        let most = match weights[at] {
            PROTECTED.. => usize::MAX,
            MUST.. => room.failures,
            ..=PLAIN => room.plain,
            _ => room.all,
        };
        if spent + costs[at] > most {
            continue;
        }
        stays[at] = true;
        spent += costs[at];
    }
    stays
}

/// Adds lines to those that stay, in their order, while all of them together fit.
fn add(lines: impl Iterator<Item = usize>, costs: &[usize], room: usize, stays: &mut [bool]) {
    let mut spent = costs.iter().zip(&*stays).filter(|(_, stays)| **stays).map(|(cost, _)| cost).sum::<usize>();
    for at in lines {
        if !stays[at] && spent + costs[at] <= room {
            stays[at] = true;
            spent += costs[at];
        }
    }
}

/// Keeps lines in gaps that cost no more than their marker would.
fn bridge(stays: &mut [bool], costs: &[usize]) {
    let mut at = 0;
    while at < stays.len() {
        if stays[at] {
            at += 1;
            continue;
        }
        let end = stays[at..].iter().position(|&stays| stays).map_or(stays.len(), |len| at + len);
        if costs[at..end].iter().sum::<usize>() <= MARKER {
            stays[at..end].fill(true);
        }
        at = end;
    }
}
