//! How matches are written under their files, exactly or short.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::choose::{self, Chosen};
use super::read::{Item, Row};
use super::shared::{self, Paths, split_path};
use super::width::Width;
use crate::plan::Plan;
use crate::render::marker;
use crate::tokens;

/// From so many files on those of one folder stand under its name: nobody reads that many paths.
const MANY_FILES: usize = 100;

/// What the count of a file's matches costs, about, in tokens.
const MARKER: usize = 11;

/// The rows of a text, file by file.
pub(super) struct Layout<'i, 'a> {
    rows: Vec<&'i Row<'a>>,
    groups: Vec<Group>,
    has_context: bool,
}

/// Neighbouring rows of one file, as indexes.
struct Group {
    rows: Vec<usize>,
}

/// A line of a file, or several that are the same, and where they stand.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    /// The group it belongs to.
    pub group: usize,
    /// Its rows.
    pub rows: Vec<usize>,
    /// The text.
    pub text: Cow<'a, [u8]>,
    /// Tokens as a line of its own.
    pub cost: usize,
}

/// What stands in the output: texts by the line they stand for, lines that are parts of them, and lines that are gone.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// The texts.
    pub texts: BTreeMap<usize, Vec<u8>>,
    /// Lines that are parts of a text.
    pub merged: Vec<usize>,
    /// Lines that are counted only.
    pub cut: Vec<usize>,
    /// Tokens of the texts.
    pub cost: usize,
}

impl<'i, 'a> Layout<'i, 'a> {
    /// Groups rows: neighbours of one file, as long as the numbers grow.
    pub fn new(items: &'i [Item<'a>]) -> Self {
        let rows = items.iter().filter_map(|item| match item {
            Item::Row(row) => Some(row),
            Item::Layout(_) | Item::Event(_) | Item::Note(..) | Item::Other(_) => None,
        });
        let rows = rows.collect::<Vec<_>>();
        let mut groups: Vec<Group> = Vec::new();
        for (at, row) in rows.iter().enumerate() {
            let goes_on = at > 0 && rows[at - 1].path == row.path && rows[at - 1].number() <= row.number();
            match groups.last_mut() {
                Some(group) if goes_on => group.rows.push(at),
                Some(_) | None => groups.push(Group { rows: vec![at] }),
            }
        }
        let has_context = rows.iter().any(|row| !row.is_match());
        Self { rows, groups, has_context }
    }

    /// Whether lines have numbers, so that blank lines and `--` between blocks say nothing.
    pub fn is_numbered(&self) -> bool {
        self.rows.iter().any(|row| !row.place.is_empty())
    }

    /// The form that loses nothing; none when a line holds several rows, as events do.
    pub fn exact(&self) -> Option<Written> {
        if self.rows.windows(2).any(|two| two[0].line == two[1].line) {
            return None;
        }
        let mut out = Written::default();
        for (at, group) in self.groups.iter().enumerate() {
            let entries = self.entries(at, group, |row| Cow::Borrowed(&*row.text));
            out.texts.insert(self.rows[group.rows[0]].line, self.group_text(self.path(at), &entries, 0));
        }
        Some(self.closed(out))
    }

    /// The short form, within the budget.
    pub fn short(&self, plan: &Plan, command: Option<&str>) -> Written {
        let width = Width::new(self.rows.iter().map(|row| &*row.text), plan, command);
        let mut own = Vec::new();
        for (at, group) in self.groups.iter().enumerate() {
            let shorten = |row: &Row<'a>| match width.cut(&row.text) {
                Some(text) => Cow::Owned(text),
                None if self.has_context => Cow::Owned(row.text.to_vec()),
                None => Cow::Owned(indented_once(&row.text)),
            };
            own.extend(self.entries(at, group, shorten));
        }
        let mut shared = Vec::new();
        if !self.has_context {
            (shared, own) = shared::split(own, &self.rows, self.paths());
        }
        self.written(choose::choose(own, shared, self, plan))
    }

    /// The rows.
    pub fn rows(&self) -> &[&'i Row<'a>] {
        &self.rows
    }

    /// Whether matches stand between lines of context.
    pub fn has_context(&self) -> bool {
        self.has_context
    }

    /// How paths are written.
    fn paths(&self) -> Paths {
        if self.groups.len() < MANY_FILES { Paths::Whole } else { Paths::ByFolder }
    }

    /// Whether the rows are messages about places, as compilers and linters print them: ` text` behind the colon.
    pub fn is_messages(&self) -> bool {
        let is_message = |row: &&&Row<'_>| {
            let digits = row.text.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let text = row.text[digits..].strip_prefix(b":").filter(|_| digits > 0).unwrap_or(&row.text);
            text.starts_with(b" ") && text.get(1).is_some_and(|byte| !matches!(byte, b' ' | b'*'))
        };
        self.rows.iter().filter(is_message).count() * 10 > self.rows.len() * 6
    }

    /// How many groups there are.
    pub fn group_count(&self) -> usize {
        self.groups.len()
    }

    /// The path of a group.
    pub fn path(&self, group: usize) -> &[u8] {
        &self.rows[self.groups[group].rows[0]].path
    }

    /// The lines of a group; those that are the same become one with several numbers where no context stands between.
    fn entries<'t>(
        &'t self,
        at: usize,
        group: &Group,
        text_of: impl Fn(&'t Row<'a>) -> Cow<'t, [u8]>,
    ) -> Vec<Entry<'t>> {
        let mut entries: Vec<Entry<'t>> = Vec::with_capacity(group.rows.len());
        let mut known: HashMap<Cow<'t, [u8]>, usize> = HashMap::new();
        for &row in &group.rows {
            let text = text_of(self.rows[row]);
            if !self.has_context && self.is_numbered() {
                if let Some(&same) = known.get(&text) {
                    entries[same].rows.push(row);
                    continue;
                }
                known.insert(text.clone(), entries.len());
            }
            let cost = tokens::estimate(&text) + tokens::estimate(&self.rows[row].place) + 2;
            entries.push(Entry { group: at, rows: vec![row], text, cost });
        }
        entries
    }

    /// A group under its path, or a single match as grep writes it.
    fn group_text(&self, path: &[u8], entries: &[Entry<'_>], left_out: usize) -> Vec<u8> {
        let mut text = Vec::new();
        let alone = entries.len() == 1 && left_out == 0 && !path.is_empty() && entries[0].rows.len() == 1;
        if !path.is_empty() {
            text.extend_from_slice(path);
            text.push(b':');
        }
        if alone {
            self.push_entry(&mut text, &entries[0]);
            return text;
        }
        for entry in entries {
            if !text.is_empty() {
                text.push(b'\n');
            }
            if !path.is_empty() && self.rows[entry.rows[0]].place.is_empty() {
                text.push(if self.has_context { self.rows[entry.rows[0]].mark } else { b' ' });
            }
            self.push_entry(&mut text, entry);
        }
        if left_out > 0 {
            text.push(if entries.is_empty() && !path.is_empty() { b' ' } else { b'\n' });
            text.extend_from_slice(marker::left_out(left_out, "matches", None).as_bytes());
        }
        text
    }

    /// `12,15:text`, or the text alone.
    fn push_entry(&self, text: &mut Vec<u8>, entry: &Entry<'_>) {
        for (nth, &row) in entry.rows.iter().enumerate() {
            if nth > 0 {
                text.push(b',');
            }
            text.extend_from_slice(&self.rows[row].place);
        }
        let first = self.rows[entry.rows[0]];
        if !first.place.is_empty() {
            text.push(first.mark);
        }
        text.extend_from_slice(&entry.text);
    }

    /// Writes what was chosen; files of which nothing stays are named as far as there is room.
    fn written(&self, Chosen { own, shared, cut, mut room }: Chosen<'_>) -> Written {
        let mut out = Written::default();
        let mut left_out = vec![0; self.groups.len()];
        let mut kept: Vec<Vec<Entry<'_>>> = self.groups.iter().map(|_| Vec::new()).collect();
        own.into_iter().for_each(|entry| kept[entry.group].push(entry));
        let group_of = self.groups.iter().enumerate();
        let group_of = group_of.flat_map(|(at, group)| group.rows.iter().map(move |&row| (row, at)));
        let group_of = group_of.collect::<HashMap<_, _>>();
        for &row in &cut {
            left_out[group_of[&row]] += usize::from(self.rows[row].is_match());
        }
        let gone = cut.iter().copied().collect::<BTreeSet<_>>();
        let (mut matches, mut files) = (0, 0);
        let mut is_named = |at: usize| {
            let cost = tokens::estimate(self.path(at)) + MARKER;
            if kept[at].is_empty() && cost > room {
                matches += left_out[at];
                files += 1;
                return false;
            }
            room -= if kept[at].is_empty() && room < usize::MAX { cost } else { 0 };
            true
        };
        let said = (0..self.groups.len()).filter(|&at| !kept[at].is_empty() || left_out[at] > 0);
        let said = said.filter(|&at| is_named(at)).collect::<Vec<_>>();
        let mut folder: &[u8] = b"";
        for (nth, &at) in said.iter().enumerate() {
            let (here, name) = split_path(self.path(at));
            let goes_on = here == folder;
            let begins = said.get(nth + 1).is_some_and(|&next| split_path(self.path(next)).0 == here);
            let in_folder = self.paths() == Paths::ByFolder && !here.is_empty() && (goes_on || begins);
            folder = if in_folder { here } else { b"" };
            let mut text = Vec::new();
            if in_folder && !goes_on {
                text.extend_from_slice(&[here, b"\n"].concat());
            }
            let heading = if in_folder { [b" ", name].concat() } else { self.path(at).to_vec() };
            text.extend_from_slice(&self.group_text(&heading, &kept[at], left_out[at]));
            let first = kept[at].iter().filter_map(|entry| entry.rows.first()).min();
            let first = first.or_else(|| self.groups[at].rows.iter().find(|row| gone.contains(row)));
            if let Some(&first) = first {
                out.texts.insert(self.rows[first].line, text);
            }
        }
        // What many files have comes before the files.
        let blocks = shared.iter().map(|block| shared::text(block, &self.rows, self.paths())).collect::<Vec<_>>();
        if let (Some(first), false) = (self.rows.first(), blocks.is_empty()) {
            let own = out.texts.remove(&first.line);
            let all = blocks.into_iter().chain(own).collect::<Vec<_>>();
            out.texts.insert(first.line, all.join(&b'\n'));
        }
        if files > 0 {
            let rest = marker::matches_left_out(matches, files);
            match out.texts.last_entry() {
                Some(mut last) => last.get_mut().extend_from_slice(&[b"\n", rest.as_bytes()].concat()),
                None => drop(out.texts.insert(self.rows[0].line, rest.into_bytes())),
            }
        }
        out.cut = cut.iter().map(|&row| self.rows[row].line).filter(|line| !out.texts.contains_key(line)).collect();
        self.closed(out)
    }

    /// Fills in what follows from the texts.
    fn closed(&self, mut out: Written) -> Written {
        let gone = out.cut.iter().copied().collect::<BTreeSet<_>>();
        let merged = self.rows.iter().map(|row| row.line);
        out.merged = merged.filter(|line| !out.texts.contains_key(line) && !gone.contains(line)).collect();
        out.cost = out.texts.values().map(|text| tokens::estimate(text) + 1).sum();
        out
    }
}

/// A text whose indentation is one blank.
fn indented_once(text: &[u8]) -> Vec<u8> {
    let body = text.trim_ascii_start();
    if body.len() == text.len() { body.to_vec() } else { [b" ", body].concat() }
}
