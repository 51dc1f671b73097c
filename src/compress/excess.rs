//! Bounds what no step may make small: where everything is protected, a hundred thousand failures would all stay.
//!
//! Beginning and end stay as they are; of what is between, the first lines of every template stay, failures first.

use std::collections::HashMap;

use super::salience::{MARKER, costs};
use crate::compaction::{Draft, Reason};
use crate::rule::step::template_hash;
use crate::signal::{Signal, Signals};

/// How many lines of one template stay at most between beginning and end.
const SAME: u32 = 3;

/// Leaves out live lines, protected ones too, until the rest is no larger than `most` tokens.
pub(super) fn bound(draft: &mut Draft<'_>, most: usize) {
    let live = draft.live();
    // Fewer bytes than this are never that many tokens.
    if live.iter().map(|&line| draft.text(line).len() + 1).sum::<usize>() <= most {
        return;
    }
    let costs = costs(draft, &live);
    if costs.iter().sum::<usize>() <= most {
        return;
    }
    let stays = choose(draft, &live, &costs, most);
    let reason = draft.because(Reason::dropped("excess", "lines"));
    for (&line, _) in live.iter().zip(&stays).filter(|(_, stays)| !**stays) {
        draft.give_up(line, reason);
    }
}

fn choose(draft: &Draft<'_>, live: &[usize], costs: &[usize], most: usize) -> Vec<bool> {
    let mut stays = vec![false; live.len()];
    let mut spent = 0;
    // A line behind a gap has a marker before it.
    let cost = |at: usize| costs[at] + if at > 0 && live[at] != live[at - 1] + 1 { MARKER } else { 0 };
    for (at, stays) in stays.iter_mut().enumerate() {
        if spent + cost(at) > most / 4 {
            break;
        }
        (*stays, spent) = (true, spent + cost(at));
    }
    for at in (0..live.len()).rev() {
        if stays[at] || spent + cost(at) > most / 2 {
            break;
        }
        (stays[at], spent) = (true, spent + cost(at));
    }
    let mut seen: HashMap<u64, u32> = HashMap::new();
    let signals = Signals::shared();
    let ranked = live.iter().enumerate().filter_map(|(at, &line)| {
        let text = draft.text(line);
        let count = seen.entry(template_hash(text)).or_insert(0);
        *count += 1;
        (*count <= SAME && !stays[at]).then(|| (*count, signals.of(text) != Signal::Failure, at))
    });
    let mut ranked = ranked.collect::<Vec<_>>();
    ranked.sort_unstable();
    for (.., at) in ranked {
        // Each of them may stand alone between two markers.
        if spent + costs[at] + MARKER <= most {
            (stays[at], spent) = (true, spent + costs[at] + MARKER);
        }
    }
    stays
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Document, Origin};
    use crate::render::text;
    use crate::tokens;

    #[test]
    fn a_flood_of_protected_lines_is_bounded_and_counted() {
        let line = |n: usize| match n {
            9_000 => "src/rare.c:1:1: error: this one is different\n".to_string(),
            _ => format!("src/file{n}.c:{n}:3: error: field {n} has no type\n"),
        };
        let text = (0..20_000).map(line).collect::<String>();
        let doc = Document::new(text.as_bytes(), Origin::default());
        let mut draft = Draft::new(&doc);
        draft.protect(vec![true; doc.len()]);
        bound(&mut draft, usize::MAX);
        assert_eq!(draft.live().len(), 20_000);
        bound(&mut draft, 5_000);
        assert!(draft.is_sound());
        let live = draft.live();
        assert!(live.contains(&0) && live.contains(&9_000) && live.contains(&19_999));
        let out = text::body(&draft);
        assert!((2_000..5_000).contains(&tokens::estimate(&out)), "{}", tokens::estimate(&out));
        let left_out = draft.dropped().iter().map(|dropped| dropped.lines[1] - dropped.lines[0] + 1).sum::<usize>();
        assert_eq!(left_out + live.len(), 20_000);
    }
}
