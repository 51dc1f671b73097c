//! Shortens stack traces: own frames stay, frames of libraries are counted in place, a trace that came before is named.
//!
//! A trace is a run of frames of one language. What stands before and behind it, the message and its causes, is not
//! touched here. The frame that threw stays whoever it belongs to, where the runtime does not
//! put its own before it.

mod frame;

use std::collections::HashMap;
use std::ops::Range;

use self::frame::{Frame, Language};
use crate::compaction::{Draft, Reason};

/// How many frames make a trace.
const TRACE: usize = 3;

/// Traces of so many frames lose frames of libraries.
const LONG: usize = 6;

/// How many neighbouring frames of libraries are worth a marker.
const GAP: usize = 2;

/// How many own frames stay at either end of a trace; between them they repeat each other.
const OWN: usize = 12;

/// How many frames stay at the end that threw and at the other where no frame is known to be an own one.
const STRANGE: (usize, usize) = (3, 1);

/// How many different traces are remembered.
const REMEMBERED: usize = 2000;

/// A run of frames.
struct Trace {
    language: Language,
    frames: Vec<Frame>,
}

/// How many lines belong to the frames of traces.
pub fn count(lines: &[&[u8]]) -> usize {
    let text = |at: usize| lines.get(at).copied();
    let mut counts = (0, 0);
    let mut at = 0;
    while at < lines.len() {
        match frame::read(&text, at) {
            Some((_, frame)) => {
                counts = (counts.0 + 1, counts.1 + frame.lines.len());
                at = frame.lines.end;
            }
            None => at += 1,
        }
    }
    if counts.0 >= TRACE { counts.1 } else { 0 }
}

/// Shortens the traces among the live lines of a stretch; returns the lines that tell of each for the first time: what was
/// thrown, and the frames that stay.
pub fn fold(draft: &mut Draft<'_>, lines: Range<usize>) -> Vec<usize> {
    let live = draft.live_in(lines);
    let mut telling = Vec::new();
    let mut seen: HashMap<u64, usize> = HashMap::new();
    let mut at = 0;
    while at < live.len() {
        let Some(trace) = Trace::at(draft, &live, at) else {
            at += 1;
            continue;
        };
        let end = trace.frames.last().map_or(at + 1, |frame| frame.lines.end);
        if trace.frames.len() >= TRACE {
            let line = draft.doc().source_line(live[at]);
            match seen.get(&trace.hash(draft, &live)) {
                Some(first) => drop_repeat(draft, &live[at..end], *first),
                None => {
                    if seen.len() < REMEMBERED {
                        seen.insert(trace.hash(draft, &live), line);
                    }
                    trace.shorten(draft, &live);
                    let thrown = match trace.language {
                        Language::Python => Some(end),
                        _ => at.checked_sub(1),
                    };
                    let lines = thrown.into_iter().chain(at..end).filter_map(|at| live.get(at).copied());
                    telling.extend(lines.filter(|&line| draft.is_live(line)));
                }
            }
        }
        at = end;
    }
    telling.sort_unstable();
    telling
}

/// Leaves out all frames of a trace that came before, but the first.
fn drop_repeat(draft: &mut Draft<'_>, lines: &[usize], first: usize) {
    let reason = draft.because(Reason::dropped("trace", format!("lines of the trace at line {first}")));
    lines.iter().for_each(|&line| _ = draft.drop(line, reason));
}

impl Trace {
    /// The trace that begins at a live line.
    fn at(draft: &Draft<'_>, live: &[usize], start: usize) -> Option<Self> {
        let text = |at: usize| live.get(at).map(|&line| draft.text(line));
        let (language, first) = frame::read(&text, start)?;
        let mut frames = vec![first];
        let mut next = frames[0].lines.end;
        while let Some((_, frame)) = frame::read(&text, next).filter(|(other, _)| *other == language) {
            next = frame.lines.end;
            frames.push(frame);
        }
        Some(Self { language, frames })
    }

    /// A hash of the frames without their addresses.
    fn hash(&self, draft: &Draft<'_>, live: &[usize]) -> u64 {
        let lines = self.frames.iter().flat_map(|frame| frame.lines.clone());
        lines.fold(0, |hash, at| frame::hash(draft.text(live[at]), hash))
    }

    /// Leaves out the frames of libraries.
    fn shorten(&self, draft: &mut Draft<'_>, live: &[usize]) {
        if self.frames.len() < LONG {
            return;
        }
        let stays = self.stays();
        let first = draft.because(Reason::dropped("trace", "frames"));
        let rest = draft.because(Reason::dropped("trace", "frames").covered());
        let mut at = 0;
        while at < stays.len() {
            let gap = stays[at..].iter().take_while(|stays| !**stays).count();
            if gap >= GAP {
                for frame in &self.frames[at..at + gap] {
                    for line in frame.lines.clone() {
                        draft.drop(live[line], if line == frame.lines.start { first } else { rest });
                    }
                }
            }
            at += gap.max(1);
        }
    }

    /// Which frames stay.
    fn stays(&self) -> Vec<bool> {
        let mut stays = self.frames.iter().map(|frame| frame.own).collect::<Vec<_>>();
        let own = stays.iter().filter(|own| **own).count();
        let last = stays.len() - 1;
        let thrown_last = self.language == Language::Python;
        if own == 0 {
            let (head, tail) = if thrown_last { (STRANGE.1, STRANGE.0) } else { STRANGE };
            stays[..head].fill(true);
            stays[last + 1 - tail..].fill(true);
        } else if own > OWN * 2 {
            for (nth, stays) in stays.iter_mut().filter(|stays| **stays).enumerate() {
                *stays = nth < OWN || nth >= own - OWN;
            }
        }
        match self.language {
            Language::Python => stays[last] = true,
            Language::At | Language::Ruby | Language::Php | Language::Sanitizer | Language::Valgrind => stays[0] = true,
            // Above the program stand the frames of the panic itself.
            Language::Go | Language::Rust => {}
        }
        stays
    }
}
