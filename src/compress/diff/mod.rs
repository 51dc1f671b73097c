//! The compressor for patches: changed lines stay, what repeats or surrounds them shrinks.
//!
//! Of context stays a line at each side, none when the budget is tight, and what is cheaper than a new header between two
//! changes. Headers of hunks are counted anew, so they tell the right lines without markers inside of hunks; the footer says
//! how many lines of context and of headers went. Files that nobody reads line by line become one line with counts. Very
//! long runs of added or removed lines are cut in the middle, all of them as far as a budget asks.
//!
//! The lines that repeat a file's name go as well, so what comes out is no patch for `git apply`, and the footer says so by
//! what it counts. The hunks themselves apply with `git apply --unidiff-zero` below `---` and `+++` lines.

mod bulk;
mod parse;

use std::collections::HashSet;
use std::ops::Range;

use self::parse::{File, Hunk, Line, Place};
use super::Skip;
use crate::compaction::{Draft, Reason, ReasonId};
use crate::plan::Plan;
use crate::render::marker;
use crate::store::query::Words;
use crate::tokens;

/// What another header costs, about, in tokens: context that is cheaper stays where it parts two changes.
const HEADER: usize = 15;

/// What a marker costs, about, in tokens.
const MARKER: usize = 12;

/// Shortens patches.
pub(super) fn compress(draft: &mut Draft<'_>, lines: Range<usize>, plan: &Plan) -> Result<(), Skip> {
    let live = draft.live_in(lines);
    let texts = live.iter().map(|&line| draft.text(line)).collect::<Vec<_>>();
    let files = parse::files(&texts);
    if files.is_empty() {
        return Err(if plan.budget.is_some() { Skip::NotMine } else { Skip::Nothing });
    }
    let sizes = texts.iter().map(|text| tokens::estimate(text) + 1).collect::<Vec<_>>();
    let budget = plan.budget.unwrap_or(plan.limits.diff);
    let words = plan.query.as_deref().and_then(Words::new);
    let mut work = Work { texts: &texts, sizes: &sizes, words, changes: Vec::new() };
    work.shorten(&files, budget, plan);
    let changes = work.changes;
    Writer::new(draft, &live).write(changes);
    Ok(())
}

/// What happens to a line.
#[derive(Debug)]
enum Change {
    /// It goes, for what it is.
    Drop(Gone),
    /// It gets another text that loses nothing that the rest does not say.
    Text(Vec<u8>),
    /// It stands for all the lines of its file, which go.
    Stand(Vec<u8>),
}

impl Change {
    /// What its line costs then, about, in tokens.
    fn cost(&self) -> usize {
        match self {
            Self::Drop(_) => 0,
            Self::Text(text) | Self::Stand(text) => tokens::estimate(text) + 1,
        }
    }
}

/// What goes.
#[derive(Debug, Clone, Copy)]
enum Gone {
    /// Lines that are the same before and after.
    Context,
    /// Lines of a file's header that repeat its name, and hashes.
    Header,
    /// Changed lines in the middle of a long run.
    Run(Line),
    /// Lines of a file that another line stands for.
    Body,
}

/// The lines of the patches, and what shall happen to them.
struct Work<'t> {
    texts: &'t [&'t [u8]],
    sizes: &'t [usize],
    words: Option<Words>,
    changes: Vec<(usize, Change)>,
}

impl Work<'_> {
    fn shorten(&mut self, files: &[File], budget: usize, plan: &Plan) {
        let mut runs = Vec::new();
        let mut spent = self.sizes.iter().sum::<usize>();
        let mut open = Vec::new();
        for file in files {
            let from = self.changes.len();
            self.header(file);
            if let Some(what) = self.stands_for(file) {
                let header = self.changes[from..].iter().map(|change| self.saves(change)).sum::<usize>();
                spent -= (header + self.stand(file, what)).min(spent);
                continue;
            }
            for hunk in file.hunks.iter().filter(|hunk| !hunk.is_cut) {
                self.context(hunk, if spent > budget { 0 } else { 1 });
            }
            spent -= self.changes[from..].iter().map(|change| self.saves(change)).sum::<usize>().min(spent);
            runs.extend(file.hunks.iter().flat_map(|hunk| self.runs(hunk, self.words.as_ref())));
            open.push(file);
        }
        let mut most = self.longest(&runs, spent, budget);
        if most == 0 && self.words.is_some() {
            runs = open.iter().flat_map(|file| &file.hunks).flat_map(|hunk| self.runs(hunk, None)).collect();
            most = self.longest(&runs, spent, budget);
        }
        let most = most.clamp(1, plan.limits.diff_run);
        for run in runs {
            spent -= self.cut(run, most).min(spent);
        }
        if spent > budget && plan.budget.is_some() {
            self.fold(open, spent, budget);
            self.omit(files, budget);
        }
    }

    /// What a change saves, in tokens.
    fn saves(&self, (at, change): &(usize, Change)) -> usize {
        self.sizes[*at].saturating_sub(change.cost())
    }

    /// Lets files go until the rest fits: first those that nobody asked for and that are large.
    fn fold(&mut self, mut files: Vec<&File>, mut spent: usize, budget: usize) {
        let asked = |file: &File| {
            let texts = &self.texts[file.body()];
            self.words.as_ref().map_or(0, |words| texts.iter().map(|text| words.hits(text)).max().unwrap_or(0))
        };
        let gone = self.changes.iter().filter(|(_, change)| matches!(change, Change::Drop(_)));
        let gone = gone.map(|(at, _)| *at).collect::<HashSet<_>>();
        let size = |file: &File| file.body().filter(|at| !gone.contains(at)).map(|at| self.sizes[at]).sum::<usize>();
        files.sort_by_cached_key(|file| (asked(file), std::cmp::Reverse(size(file)), file.header.start));
        let sizes = files.iter().map(|file| size(file)).collect::<Vec<_>>();
        for (file, size) in files.into_iter().zip(sizes) {
            if spent <= budget {
                break;
            }
            let before = self.changes.len();
            self.stand(file, "changes");
            let new = self.changes.split_off(before);
            self.changes.retain(|(at, _)| !file.body().contains(at));
            self.changes.extend(new);
            spent -= size.saturating_sub(MARKER).min(spent);
        }
    }

    /// Leaves out the last files until the names of the others fit; one line counts them and their changes.
    fn omit(&mut self, files: &[File], budget: usize) {
        let mut costs = self.sizes.to_vec();
        self.changes.iter().for_each(|(at, change)| costs[*at] = change.cost());
        let mut spent = costs.iter().sum::<usize>();
        if spent <= budget {
            return;
        }
        let mut first = files.len();
        while first > 0 && spent + MARKER > budget {
            first -= 1;
            spent -= costs[files[first].header.start..files[first].body().end].iter().sum::<usize>();
        }
        let gone = &files[first..];
        let Some(start) = gone.first().map(|file| file.header.start).filter(|_| gone.len() > 1) else { return };
        let lines = gone.iter().flat_map(|file| file.header.start..file.body().end).collect::<HashSet<_>>();
        self.changes.retain(|(at, _)| !lines.contains(at));
        let [added, removed] = [Line::Added, Line::Removed].map(|kind| gone.iter().map(|file| file.count(kind)).sum());
        let count = marker::changes_left_out(&marker::counted(gone.len(), "files"), added, removed);
        self.changes.push((start, Change::Stand(count.into_bytes())));
        let rest = gone.iter().flat_map(|file| file.header.start..file.body().end).filter(|at| *at != start);
        self.changes.extend(rest.map(|at| (at, Change::Drop(Gone::Body))));
    }

    /// Takes out of a header what repeats the file's name, and hashes.
    fn header(&mut self, file: &File) {
        let git = self.texts.get(file.header.start).is_some_and(|text| text.starts_with(b"diff --"));
        for at in file.header.clone().filter(|_| git && !file.path.is_empty()) {
            let text = self.texts[at];
            let repeats = [&b"--- "[..], b"+++ ", b"index "];
            if repeats.iter().any(|start| text.starts_with(start)) {
                self.changes.push((at, Change::Drop(Gone::Header)));
            } else if text.starts_with(b"diff --git ") {
                let renamed = self.texts[file.header.clone()].iter().any(|text| text.starts_with(b"rename to "));
                let copied = self.texts[file.header.clone()].iter().any(|text| text.starts_with(b"copy to "));
                if renamed || copied || parse::twice(&text[11..]).is_some_and(|name| name == file.path) {
                    self.changes.push((at, Change::Text([b"diff --git ", &file.path[..]].concat())));
                }
            }
        }
    }

    /// What a file is, when one line may stand for its changes.
    fn stands_for(&self, file: &File) -> Option<&'static str> {
        let body = file.body();
        if body.is_empty() || self.sizes[body.clone()].iter().sum::<usize>() < 3 * MARKER {
            return None;
        }
        let texts = &self.texts[body];
        let asked = |words: &Words| texts.iter().any(|text| words.first_in(text).is_some());
        if self.words.as_ref().is_some_and(asked) {
            return None;
        }
        bulk::what(&file.path, texts.iter())
    }

    /// Lets one line stand for the changes of a file; returns the tokens that saves.
    fn stand(&mut self, file: &File, what: &str) -> usize {
        let body = file.body();
        if body.is_empty() {
            return 0;
        }
        let text = marker::changes_left_out(what, file.count(Line::Added), file.count(Line::Removed));
        self.changes.push((body.start, Change::Stand(text.into_bytes())));
        self.changes.extend((body.start + 1..body.end).map(|at| (at, Change::Drop(Gone::Body))));
        self.sizes[body].iter().sum::<usize>().saturating_sub(MARKER)
    }

    /// Leaves `most` lines of context at each side of a change.
    fn context(&mut self, hunk: &Hunk, most: usize) {
        let changed = |at: &usize| matches!(hunk.lines[*at], Line::Added | Line::Removed);
        let changes = (0..hunk.lines.len()).filter(changed).collect::<Vec<_>>();
        let (Some(&first), Some(&last)) = (changes.first(), changes.last()) else { return };
        let mut stays = vec![true; hunk.lines.len()];
        stays[..first.saturating_sub(most)].fill(false);
        // The note on a missing line end belongs to the line before it.
        let note = usize::from(hunk.lines.get(last + 1) == Some(&Line::NoNewline));
        let end = (last + 1 + note + most).min(hunk.lines.len());
        stays[end..].fill(false);
        for two in changes.windows(2) {
            let (from, to) = (two[0] + 1 + most, two[1].saturating_sub(most));
            if from < to {
                let cost = (from..to).map(|at| self.sizes[hunk.body.start + at]).sum::<usize>();
                stays[from..to].fill(cost <= HEADER);
            }
        }
        if stays.contains(&false) {
            self.count_anew(hunk, &stays);
        }
    }

    /// Writes the header of a hunk again, and one before every later part of it.
    fn count_anew(&mut self, hunk: &Hunk, stays: &[bool]) {
        let versions = hunk.place.spans.len();
        // A span without lines is told by the line before it.
        let mut next = hunk.place.spans.iter().map(|&(start, len)| start + u64::from(len == 0)).collect::<Vec<_>>();
        let mut at = 0;
        let mut is_first = true;
        while at < stays.len() {
            let moves = |at: usize| {
                parse::line(self.texts[hunk.body.start + at], versions).map_or(vec![0; versions], |(_, moves)| moves)
            };
            if !stays[at] {
                next.iter_mut().zip(moves(at)).for_each(|(next, moves)| *next += moves);
                self.changes.push((hunk.body.start + at, Change::Drop(Gone::Context)));
                at += 1;
                continue;
            }
            let start = at;
            let mut lens = vec![0; versions];
            while at < stays.len() && stays[at] {
                lens.iter_mut().zip(moves(at)).for_each(|(len, moves)| *len += moves);
                at += 1;
            }
            let span = |(next, len): (&u64, &u64)| (if *len == 0 { next.saturating_sub(1) } else { *next }, *len);
            let place = Place {
                spans: next.iter().zip(&lens).map(span).collect(),
                section: if is_first { hunk.place.section.clone() } else { Vec::new() },
            };
            next.iter_mut().zip(lens).for_each(|(next, len)| *next += len);
            let header = place.write();
            if is_first {
                self.changes.push((hunk.header, Change::Text(header)));
            } else {
                let line = hunk.body.start + start;
                self.changes.push((line, Change::Text([&header, &b"\n"[..], self.texts[line]].concat())));
            }
            is_first = false;
        }
    }

    /// The runs of changed lines of a hunk that are of one kind, without what is asked for and the lines next to it.
    fn runs(&self, hunk: &Hunk, words: Option<&Words>) -> Vec<(Line, Range<usize>)> {
        const AROUND: usize = 2;
        let asked = |at: usize| words.is_some_and(|words| words.first_in(self.texts[hunk.body.start + at]).is_some());
        let asked = (0..hunk.lines.len()).map(asked).collect::<Vec<_>>();
        let near = |at: usize| asked[at.saturating_sub(AROUND)..(at + AROUND + 1).min(asked.len())].contains(&true);
        let mut runs: Vec<(Line, Range<usize>)> = Vec::new();
        for (at, &kind) in hunk.lines.iter().enumerate() {
            let line = hunk.body.start + at;
            if !matches!(kind, Line::Added | Line::Removed) || near(at) {
                continue;
            }
            match runs.last_mut() {
                Some((last, run)) if *last == kind && run.end == line => run.end += 1,
                Some(_) | None => runs.push((kind, line..line + 1)),
            }
        }
        runs
    }

    /// How long runs may be so that all fits the budget.
    fn longest(&self, runs: &[(Line, Range<usize>)], spent: usize, budget: usize) -> usize {
        let fits = |most: usize| {
            let gone = runs
                .iter()
                .filter_map(|(_, run)| middle(run, most))
                .map(|run| self.sizes[run].iter().sum::<usize>().saturating_sub(MARKER));
            spent - gone.sum::<usize>().min(spent) <= budget
        };
        let longest = runs.iter().map(|(_, run)| run.len()).max().unwrap_or(0);
        if fits(longest) {
            return usize::MAX;
        }
        let (mut low, mut high) = (0, longest);
        while low + 1 < high {
            let most = low.midpoint(high);
            if fits(most) { low = most } else { high = most }
        }
        low
    }

    /// Cuts a run in the middle; returns the tokens that saves.
    fn cut(&mut self, (kind, run): (Line, Range<usize>), most: usize) -> usize {
        let Some(gone) = middle(&run, most) else { return 0 };
        self.changes.extend(gone.clone().map(|at| (at, Change::Drop(Gone::Run(kind)))));
        self.sizes[gone].iter().sum::<usize>().saturating_sub(MARKER)
    }
}

/// The lines in the middle that go so that `most` stay, two thirds of them before.
fn middle(run: &Range<usize>, most: usize) -> Option<Range<usize>> {
    let head = most.div_ceil(3).saturating_mul(2).min(most);
    (run.len() > most.saturating_add(2)).then(|| run.start + head..run.end - (most - head))
}

/// Writes changes into the ledger.
struct Writer<'w, 'd> {
    draft: &'w mut Draft<'d>,
    live: Vec<usize>,
    told: ReasonId,
    context: ReasonId,
    header: ReasonId,
    body: ReasonId,
    added: ReasonId,
    removed: ReasonId,
}

impl<'w, 'd> Writer<'w, 'd> {
    fn new(draft: &'w mut Draft<'d>, live: &[usize]) -> Self {
        let because = |label: &str| Reason::dropped("diff", label);
        let (context, header) = (because("context lines").once(), because("header lines").once());
        let (body, added, removed) =
            (because("changed lines").covered(), because("added lines"), because("removed lines"));
        Self {
            told: draft.because(Reason::layout("diff")),
            context: draft.because(context),
            header: draft.because(header),
            body: draft.because(body),
            added: draft.because(added),
            removed: draft.because(removed),
            live: live.to_vec(),
            draft,
        }
    }

    fn write(mut self, changes: Vec<(usize, Change)>) {
        for (at, change) in changes {
            let line = self.live[at];
            match change {
                Change::Text(text) => self.draft.rewrite(line, text, self.told),
                Change::Stand(text) => self.draft.rewrite(line, text, self.body),
                Change::Drop(gone) => {
                    let reason = self.reason(gone);
                    self.draft.drop(line, reason);
                }
            }
        }
    }

    fn reason(&mut self, gone: Gone) -> ReasonId {
        match gone {
            Gone::Context => self.context,
            Gone::Header => self.header,
            Gone::Body => self.body,
            Gone::Run(Line::Removed) => self.removed,
            Gone::Run(Line::Added | Line::Context | Line::NoNewline) => self.added,
        }
    }
}
