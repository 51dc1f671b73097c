//! The step `places`: findings that say the same become one finding with several places.
//!
//! A finding is a message, a line with its place, and what the tool says about it. The message stands once, below it the
//! places, each with what is special to it; places of one file about which the same is said share a line. Every place is
//! written: only advice that is said once, and the details of later findings of one sort, lose anything.

use std::collections::hash_map::Entry as Slot;
use std::collections::{HashMap, HashSet};

use super::{Pattern, Step, boxed};
use crate::compaction::{Draft, Reason};
use crate::plan::Plan;
use crate::render::marker;
use crate::rule::file::PlacesFile;

#[derive(Debug)]
struct Places {
    enter: Pattern,
    leave: Option<Pattern>,
    place: Pattern,
    tag: Option<Pattern>,
    shared: Option<Pattern>,
    join: Option<Pattern>,
    advice: Option<Pattern>,
    details: Option<Pattern>,
    most: usize,
    width: usize,
}

/// What the lines are of which only the first findings of one sort keep theirs.
const DETAILS: &str = "help lines";

pub(super) fn make(file: &PlacesFile) -> Result<Box<dyn Step>, String> {
    if !file.place.contains("(?<path>") || !file.place.contains("(?<at>") {
        return Err("`place` needs captures named `path` and `at`".into());
    }
    boxed(Places {
        enter: Pattern::new(&file.enter),
        leave: file.leave.as_deref().map(Pattern::new),
        place: Pattern::new(&file.place),
        tag: file.tag.as_deref().map(Pattern::new),
        shared: Pattern::any(&file.shared),
        join: Pattern::any(&file.join),
        advice: Pattern::any(&file.advice),
        details: Pattern::any(&file.details),
        most: file.most.unwrap_or(2),
        width: file.width.unwrap_or(12).max(1),
    })
}

/// Where something was found, as the parts of a line: `  --> `, `src/a.rs`, `:`, `9:24`.
#[derive(Debug, Clone)]
struct Spot {
    lead: Vec<u8>,
    path: Vec<u8>,
    gap: Vec<u8>,
    at: Vec<u8>,
}

/// A message with its place and the lines below; `blank` are the empty lines after it.
struct Finding {
    head: usize,
    place: usize,
    spot: Spot,
    body: Vec<usize>,
    blank: Vec<usize>,
}

/// Places of the same message about which the tool says the same; `is_cut` when details of them are left out.
struct Entry {
    spots: Vec<Spot>,
    body: Vec<usize>,
    is_cut: bool,
}

/// All findings of one message: what is said of all of them, then what is said of some.
struct Group {
    findings: Vec<Finding>,
    tags: Vec<Vec<u8>>,
    shared: Vec<usize>,
    entries: Vec<Entry>,
}

/// How often each piece of advice is given; shown ones have 0.
type Advice = HashMap<Vec<u8>, usize>;

impl Places {
    fn spot(&self, text: &[u8]) -> Option<Spot> {
        let captures = self.place.captures(text)?;
        let (path, at) = (captures.place("path")?, captures.place("at")?);
        (path.end <= at.start && at.end == text.len()).then(|| Spot {
            lead: text[..path.start].to_vec(),
            gap: text[path.end..at.start].to_vec(),
            path: text[path].to_vec(),
            at: text[at].to_vec(),
        })
    }

    /// The finding that begins at the first of these lines.
    fn finding(&self, draft: &Draft<'_>, lines: &[usize]) -> Option<Finding> {
        let (&head, &place) = (lines.first()?, lines.get(1)?);
        let enters = |line: usize| self.enter.is_match(draft.text(line));
        let spot = if enters(head) { self.spot(draft.text(place))? } else { return None };
        let leaves = |line: usize| self.leave.as_ref().is_some_and(|leave| leave.is_match(draft.text(line)));
        let whole = |line: usize| draft.doc().missing_before(line) == 0;
        let end = lines[2..].iter().position(|&line| enters(line) || leaves(line));
        let end = end.map_or(lines.len(), |end| end + 2);
        let blank = lines[end..].iter().take_while(|line| draft.text(**line).is_empty()).count();
        // What is indented after an empty line goes on with the finding: it must not part from it.
        let goes_on = lines.get(end + blank).is_some_and(|&line| draft.text(line).starts_with(b" "));
        (lines[1..end + blank].iter().all(|&line| whole(line)) && !(blank > 0 && goes_on)).then(|| Finding {
            head,
            place,
            spot,
            body: lines[2..end].to_vec(),
            blank: lines[end..end + blank].to_vec(),
        })
    }

    /// The findings by their message; a line that belongs to none parts those before it from those after it.
    fn find(&self, draft: &Draft<'_>) -> Vec<Vec<Finding>> {
        let live = draft.live();
        let mut index: HashMap<Vec<u8>, usize> = HashMap::new();
        let mut found: Vec<Vec<Finding>> = Vec::new();
        let mut at = 0;
        while at < live.len() {
            let text = draft.text(live[at]);
            if draft.doc().missing_before(live[at]) > 0 {
                index = HashMap::new();
            }
            if let Some(finding) = self.finding(draft, &live[at..]) {
                at += 2 + finding.body.len() + finding.blank.len();
                let group = *index.entry(text.to_vec()).or_insert_with(|| {
                    found.push(Vec::new());
                    found.len() - 1
                });
                found[group].push(finding);
            } else {
                if !text.is_empty() {
                    index = HashMap::new();
                }
                at += 1;
            }
        }
        found
    }

    /// Puts together what is the same in the findings of one message.
    fn group(&self, draft: &Draft<'_>, findings: Vec<Finding>) -> Group {
        let mut tags: Vec<Vec<u8>> = Vec::new();
        let mut named = HashSet::new();
        let mut bodies: Vec<Vec<usize>> = Vec::with_capacity(findings.len());
        for finding in &findings {
            let mut own = Vec::new();
            for &line in &finding.body {
                match self.tag.as_ref().and_then(|tag| tag.captures(draft.text(line))) {
                    Some(tag) => {
                        let name = tag.get(1).unwrap_or_default().to_vec();
                        if named.insert(name.clone()) {
                            tags.push(name);
                        }
                    }
                    None => own.push(line),
                }
            }
            bodies.push(own);
        }
        let (before, after) = self.common(draft, &bodies);
        let tail = bodies[0].len() - after;
        let shared = [&bodies[0][..before], &bodies[0][tail..]].concat();
        let entries = findings.iter().zip(bodies).map(|(finding, body)| Entry {
            spots: vec![finding.spot.clone()],
            body: body[before..body.len() - after].to_vec(),
            is_cut: false,
        });
        let entries = joined(draft, entries.collect());
        Group { findings, tags, shared, entries }
    }

    /// Leaves out the details of all but the first findings of each sort, and says how many lines that were; messages
    /// that differ only in what they quote are of one sort. Notes that have a place stay.
    fn cut(&self, draft: &mut Draft<'_>, groups: &mut [Group]) -> Option<String> {
        let details = self.details.as_ref()?;
        let mut sorts: HashMap<Vec<u8>, usize> = HashMap::new();
        let (mut cut, mut lines, mut bytes) = (Vec::new(), 0, 0);
        for (at, group) in groups.iter().enumerate() {
            let whole = sorts.entry(unquoted(draft.text(group.findings[0].head))).or_default();
            for (entry, Entry { spots, body, .. }) in group.entries.iter().enumerate() {
                let is_place = |line: Option<&usize>| line.is_some_and(|&line| self.place.is_match(draft.text(line)));
                let goes = |index: &usize| {
                    let named = is_place(body.get(*index)) || is_place(body.get(index + 1));
                    !named && details.is_match(draft.text(body[*index]))
                };
                let gone = (0..body.len()).filter(goes).map(|index| body[index]).collect::<Vec<_>>();
                if gone.is_empty() {
                    continue;
                }
                *whole += 1;
                if *whole > self.most {
                    lines += gone.len() * spots.len();
                    bytes += gone.iter().map(|&line| draft.text(line).len()).sum::<usize>();
                    cut.push((at, entry, gone));
                }
            }
        }
        let said = format!(" {}", marker::left_out(lines, DETAILS, None));
        if bytes <= said.len() {
            return None;
        }
        let reason = draft.because(Reason::dropped("places", DETAILS));
        for (at, entry, gone) in cut {
            let entry = &mut groups[at].entries[entry];
            entry.body.retain(|line| !gone.contains(line));
            entry.is_cut = true;
            gone.into_iter().for_each(|line| draft.merge(line, reason));
        }
        for group in groups {
            group.entries = joined(draft, std::mem::take(&mut group.entries));
        }
        Some(said)
    }

    /// How many lines at the beginning and at the end of all bodies are the same and may stand above the places; none
    /// when the bodies do not differ.
    fn common(&self, draft: &Draft<'_>, bodies: &[Vec<usize>]) -> (usize, usize) {
        let text = |line: usize| draft.text(line);
        let same = |one: &[usize], other: &[usize]| one.iter().map(|&l| text(l)).eq(other.iter().map(|&l| text(l)));
        let first = &bodies[0];
        let Some(shared) = &self.shared else { return (0, 0) };
        if bodies.iter().all(|body| same(body, first)) {
            return (0, 0);
        }
        let shortest = bodies.iter().map(Vec::len).min().unwrap_or(0);
        // A line with a place below it belongs to that place.
        let is_free = |body: &[usize], at: usize| body.get(at + 1).is_none_or(|&next| !self.place.is_match(text(next)));
        let opens = |at: usize| {
            let line = text(first[at]);
            shared.is_match(line) && bodies.iter().all(|body| text(body[at]) == line && is_free(body, at))
        };
        let before = (0..shortest).take_while(|&at| opens(at)).count();
        let closes = |back: usize| {
            let line = text(first[first.len() - 1 - back]);
            shared.is_match(line) && bodies.iter().all(|body| text(body[body.len() - 1 - back]) == line)
        };
        (before, (0..shortest - before).take_while(|&back| closes(back)).count())
    }

    /// Whether a line may be said once: advice that has no place of its own in the next line.
    fn is_advice(&self, text: &[u8], next: Option<&[u8]>) -> bool {
        self.advice.as_ref().is_some_and(|advice| advice.is_match(text))
            && !next.is_some_and(|next| self.place.is_match(next))
    }

    /// Counts the advice in what the groups are going to show.
    fn advice(&self, draft: &Draft<'_>, groups: &[Group]) -> Advice {
        let mut advice = Advice::new();
        let bodies =
            groups.iter().flat_map(|group| group.entries.iter().map(|entry| &entry.body).chain([&group.shared]));
        for body in bodies {
            for (at, &line) in body.iter().enumerate() {
                let text = draft.text(line);
                if self.is_advice(text, body.get(at + 1).map(|&next| draft.text(next))) {
                    *advice.entry(text.to_vec()).or_default() += 1;
                }
            }
        }
        // Folding must be shorter than the marker that says so.
        advice.retain(|text, count| (*count - 1) * (text.len() + 1) > marker::repeats(*count).len());
        advice
    }

    /// The texts of the lines that stay; folded advice is merged here, with loss.
    fn shown(&self, draft: &mut Draft<'_>, lines: &[usize], advice: &mut Advice) -> Vec<Vec<u8>> {
        let folded = draft.because(Reason::dropped("places", "repeats"));
        let mut shown = Vec::with_capacity(lines.len());
        for (at, &line) in lines.iter().enumerate() {
            let mut text = draft.text(line).to_vec();
            let counts = self.is_advice(&text, lines.get(at + 1).map(|&next| draft.text(next)));
            match advice.get_mut(&text).filter(|_| counts).map(std::mem::take) {
                Some(0) => {
                    draft.merge(line, folded);
                    continue;
                }
                Some(count) => text.extend_from_slice(marker::repeats(count - 1).as_bytes()),
                None => {}
            }
            shown.push(text);
        }
        shown
    }

    /// The new text of a group; the first place whose details are left out says so.
    fn write(&self, draft: &mut Draft<'_>, group: &Group, advice: &mut Advice, cut: &mut Option<String>) -> Vec<u8> {
        let mut head = draft.text(group.findings[0].head).to_vec();
        for tag in &group.tags {
            head.extend([b" [", &tag[..], b"]"].concat());
        }
        let mut out = vec![head];
        out.extend(self.shown(draft, &group.shared, advice));
        let lead = &group.findings[0].spot.lead;
        for entry in &group.entries {
            let mut body = self.shown(draft, &entry.body, advice);
            if group.entries.len() > 1 {
                body = self.attach(body, lead);
            }
            let mut places = self.places(&entry.spots, lead);
            if let ([text], [place]) = (&body[..], &mut places[..])
                && self.join.as_ref().is_some_and(|join| join.is_match(text))
            {
                place.extend([b"  ", text.trim_ascii_start()].concat());
                body.clear();
            }
            if let Some(place) = places.last_mut().filter(|_| entry.is_cut)
                && let Some(said) = cut.take()
            {
                place.extend_from_slice(said.as_bytes());
            }
            out.append(&mut places);
            out.append(&mut body);
        }
        out.join(&b'\n')
    }

    /// The lines that list places; each begins with the file's name.
    fn places(&self, spots: &[Spot], lead: &[u8]) -> Vec<Vec<u8>> {
        let of_files = spots.chunk_by(|one, other| one.path == other.path);
        let parts = of_files.flat_map(|of_file| of_file.chunks(self.width));
        parts
            .map(|part| {
                let list = part.iter().map(|spot| &spot.at[..]).collect::<Vec<_>>().join(&b", "[..]);
                [lead, &part[0].path, &part[0].gap, &list].concat()
            })
            .collect()
    }

    /// Puts places that belong to a note behind it, so that a line that begins with a place is one of the message.
    fn attach(&self, body: Vec<Vec<u8>>, lead: &[u8]) -> Vec<Vec<u8>> {
        let mut out: Vec<Vec<u8>> = Vec::with_capacity(body.len());
        for text in body {
            match (self.spot(&text), out.last_mut()) {
                (Some(spot), Some(note)) if spot.lead.trim_ascii() == lead.trim_ascii() => {
                    note.extend([b" ", text.trim_ascii_start()].concat());
                }
                _ => out.push(text),
            }
        }
        out
    }
}

/// Puts entries of which the same is said together.
fn joined(draft: &Draft<'_>, entries: Vec<Entry>) -> Vec<Entry> {
    let mut index: HashMap<Vec<u8>, usize> = HashMap::new();
    let mut out: Vec<Entry> = Vec::new();
    for entry in entries {
        let key = entry.body.iter().map(|&line| draft.text(line)).collect::<Vec<_>>().join(&b'\n');
        match index.entry(key) {
            Slot::Occupied(at) => {
                let known = &mut out[*at.get()];
                known.spots.extend(entry.spots);
                known.is_cut |= entry.is_cut;
            }
            Slot::Vacant(free) => {
                free.insert(out.len());
                out.push(entry);
            }
        }
    }
    out
}

/// A message without what stands in it between backticks.
fn unquoted(text: &[u8]) -> Vec<u8> {
    text.split(|byte| *byte == b'`').step_by(2).collect::<Vec<_>>().join(&b'`')
}

impl Step for Places {
    fn name(&self) -> &'static str {
        "places"
    }

    fn apply(&self, draft: &mut Draft<'_>, _: &Plan) {
        let found = self.find(draft);
        let mut groups = found.into_iter().map(|findings| self.group(draft, findings)).collect::<Vec<_>>();
        let mut cut = self.cut(draft, &mut groups);
        let mut advice = self.advice(draft, &groups);
        let placed = draft.because(Reason::layout("places"));
        for group in &groups {
            let first = &group.findings[0];
            let as_it_was = [&[first.head, first.place], &first.body[..]].concat();
            let as_it_was = as_it_was.iter().map(|&line| draft.text(line)).collect::<Vec<_>>().join(&b'\n');
            let text = self.write(draft, group, &mut advice, &mut cut);
            if text == as_it_was {
                continue;
            }
            for finding in &group.findings {
                let is_first = finding.head == first.head;
                let head = (!is_first).then_some(&finding.head);
                let blank = if is_first { &[][..] } else { &finding.blank };
                for &line in head.into_iter().chain([&finding.place]).chain(&finding.body).chain(blank) {
                    draft.merge(line, placed);
                }
            }
            draft.rewrite(first.head, text, placed);
        }
    }

    fn patterns(&self) -> Vec<&Pattern> {
        let optional = [&self.leave, &self.tag, &self.shared, &self.join, &self.advice, &self.details];
        [&self.enter, &self.place].into_iter().chain(optional.into_iter().flatten()).collect()
    }
}
