//! Writes documents shorter: without blanks, arrays of like objects as tables, objects that came before by their place,
//! and as far as a [`Cut`] allows with rows, fields and long strings left out, each counted where it was.

use super::rank::Ranks;
use super::same::{Same, Step};
use super::{links, strings, table};
use crate::json::{Shape, Tape, Value, minify};
use crate::render::marker;
use crate::tokens;

/// Deeper containers are copied as they are, so that no nesting costs stack.
pub(super) const DEEPEST: usize = 64;

/// Containers below [`DEEPEST`] with more bytes than this are left out when anything may be.
const DEEP_BYTES: usize = 2000;

/// Fewer rows make no table.
const TABLE_ROWS: usize = 3;

/// What a marker in a gap costs, in bytes.
const MARKER_BYTES: usize = 36;

/// An object with so many members, nearly all of them containers, is a list with names: its members are rows.
const MAP_MEMBERS: usize = 12;

/// How much of a document may stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cut {
    /// Elements of an array that stands in no other.
    pub(super) rows: usize,
    /// Elements of an array within a row.
    pub(super) nested: usize,
    /// Members of an object.
    pub(super) members: usize,
    /// Bytes of a string.
    pub(super) string: usize,
    /// Containers within each other.
    pub(super) depth: usize,
    /// Whether links that follow from other links, and encoded bytes, are left out.
    pub(super) tidy: bool,
    /// Whether members without a value are left out.
    pub(super) hollow: bool,
}

impl Cut {
    /// Nothing is left out.
    pub(super) const NONE: Self = Self {
        rows: usize::MAX,
        nested: usize::MAX,
        members: usize::MAX,
        string: usize::MAX,
        depth: usize::MAX,
        tidy: false,
        hollow: false,
    };

    /// Only what hardly anybody reads is left out: derived links, encoded bytes.
    pub(super) const TIDY: Self = Self { tidy: true, ..Self::NONE };

    fn is_none(&self) -> bool {
        *self == Self::NONE
    }
}

/// What was written.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) text: Vec<u8>,
    /// Whether anything was left out.
    pub(super) lost: bool,
    /// Whether it would have been longer than there was room for; then the text is good for nothing.
    pub(super) overflowed: bool,
}

/// Writes all documents of a tape into at most about `room` bytes.
pub(super) fn write<'t>(tape: &Tape<'t>, ranks: &mut Ranks<'_, 't>, cut: Cut, room: usize) -> Written {
    let mut writer = Writer {
        tape,
        ranks,
        cut,
        room,
        out: Vec::new(),
        tables: Vec::new(),
        same: Same::default(),
        rows_around: 0,
        in_table: false,
        lost: false,
    };
    match *tape.roots() {
        [root] => writer.document(root),
        _ => writer.documents(),
    }
    let mut text = writer.out;
    for table in writer.tables {
        if !text.is_empty() {
            text.push(b'\n');
        }
        text.extend_from_slice(&table);
    }
    Written { overflowed: text.len() > room, text, lost: writer.lost }
}

pub(super) struct Writer<'a, 'r, 't> {
    pub(super) tape: &'a Tape<'t>,
    ranks: &'a mut Ranks<'r, 't>,
    cut: Cut,
    room: usize,
    pub(super) out: Vec<u8>,
    tables: Vec<Vec<u8>>,
    same: Same,
    /// How many arrays and lists with names there are around.
    rows_around: usize,
    in_table: bool,
    pub(super) lost: bool,
}

/// The elements of a list that stay.
pub(super) struct Rows {
    /// Their places, counted from 0.
    pub(super) kept: Vec<usize>,
    pub(super) total: usize,
}

impl Writer<'_, '_, '_> {
    /// One document, and below it the tables that it names.
    fn document(&mut self, root: Value) {
        self.value(root);
        // A document that is nothing but a table needs no line that names it.
        if self.tables.len() == 1 && self.out == quoted(&marker::table_name(1)) {
            self.out.clear();
        }
    }

    /// Documents after each other: a table, or a line each.
    fn documents(&mut self) {
        let roots = self.tape.roots();
        let kept = self.ranks.documents(self.cut.rows);
        let rows = Rows { kept, total: roots.len() };
        let lost = rows.kept.len() < rows.total;
        self.rows_around = 1;
        let mut next = 0;
        for &at in &rows.kept {
            self.gap_line(next, at);
            self.same = Same::default();
            self.row(roots[at], |writer| writer.value(roots[at]));
            self.out.push(b'\n');
            next = at + 1;
        }
        self.gap_line(next, rows.total);
        self.out.pop();
        // The rows of a table are counted from its first.
        if rows.kept.len() >= TABLE_ROWS && !self.is_full() && self.tape.before() == 0 {
            let elements = rows.kept.iter().map(|&at| roots[at]).collect::<Vec<_>>();
            let lines = std::mem::take(&mut self.out);
            let lost_lines = std::mem::take(&mut self.lost);
            match self.table(&elements, &rows, marker::Unit::Lines) {
                Some(table) if tokens::estimate(&table) < tokens::estimate(&lines) => self.tables.push(table),
                _ => (self.out, self.lost) = (lines, lost_lines),
            }
        }
        self.lost |= lost;
    }

    /// Says between lines which documents are left out.
    fn gap_line(&mut self, from: usize, to: usize) {
        let before = self.tape.before();
        if from < to {
            self.out.extend_from_slice(marker::places_left_out("row", before + from + 1, before + to).as_bytes());
            self.out.push(b'\n');
        }
    }

    /// Writes a row, or a part of it; all of it if a query is about the row.
    pub(super) fn row(&mut self, row: Value, write: impl FnOnce(&mut Self)) {
        let cut = self.cut;
        if self.ranks.is_wanted(row) {
            self.cut = Cut::NONE;
        }
        write(self);
        self.cut = cut;
    }

    /// A value as JSON.
    pub(super) fn value(&mut self, value: Value) {
        if self.is_full() {
            return;
        }
        match self.tape.shape(value) {
            Shape::Word | Shape::Number => self.out.extend_from_slice(self.tape.raw(value)),
            Shape::String => self.string(value),
            Shape::Array | Shape::Object if self.tape.is_empty(value) => minify(self.tape.raw(value), &mut self.out),
            Shape::Array | Shape::Object if self.same.depth() >= self.cut.depth.min(DEEPEST) => self.deep(value),
            Shape::Array => self.array(value),
            Shape::Object => self.object(value),
        }
    }

    /// Whether there is more text than room.
    pub(super) fn is_full(&self) -> bool {
        self.out.len() > self.room
    }

    fn string(&mut self, value: Value) {
        let inside = self.tape.inside(value);
        self.out.push(b'"');
        match strings::shortened(inside, self.cut.string, self.cut.tidy) {
            Some(short) => {
                self.lost = true;
                self.out.extend_from_slice(&short);
            }
            None => self.out.extend_from_slice(inside),
        }
        self.out.push(b'"');
    }

    /// A container that is too deep: counted, or copied where nothing may be left out.
    fn deep(&mut self, value: Value) {
        let raw = self.tape.raw(value);
        if self.cut.is_none() || self.cut.depth > DEEPEST && raw.len() <= DEEP_BYTES {
            return minify(raw, &mut self.out);
        }
        self.lost = true;
        let marker = if self.tape.shape(value) == Shape::Array {
            format!("[\"{}\"]", marker::left_out(self.tape.elements(value).count(), "rows", None))
        } else {
            let count = self.tape.members(value).count();
            format!("{{{}}}", marker::member_left_out(&[(count, "fields")]))
        };
        self.out.extend_from_slice(marker.as_bytes());
    }

    fn array(&mut self, array: Value) {
        let elements = self.tape.elements(array).collect::<Vec<_>>();
        let most = if self.rows_around == 0 { self.cut.rows } else { self.cut.nested };
        let kept = bridged(self.tape, &elements, self.ranks.elements(array, &elements, most));
        let rows = Rows { kept, total: elements.len() };
        let elements = rows.kept.iter().map(|&at| elements[at]).collect::<Vec<_>>();
        self.lost |= rows.kept.len() < rows.total;
        let (start, mark, lost) = (self.out.len(), self.same.mark(), self.lost);
        self.rows_around += 1;
        self.plain_array(&elements, &rows);
        self.rows_around -= 1;
        let may_table = self.rows_around == 0 && elements.len() >= TABLE_ROWS && !self.is_full();
        let lost_plain = std::mem::replace(&mut self.lost, lost);
        let table = may_table.then(|| self.table(&elements, &rows, marker::Unit::Rows)).flatten();
        let lost_table = std::mem::replace(&mut self.lost, lost_plain);
        let Some(table) = table else { return };
        if tokens::estimate(&table) + marker::TABLE_NAME_TOKENS < tokens::estimate(&self.out[start..]) {
            self.same.forget_since(mark);
            self.out.truncate(start);
            self.lost = lost_table;
            self.tables.push(table);
            self.out.extend_from_slice(&quoted(&marker::table_name(self.tables.len())));
        }
    }

    fn plain_array(&mut self, elements: &[Value], rows: &Rows) {
        let is_row = |&value: &Value| matches!(self.tape.shape(value), Shape::Object | Shape::Array);
        let unit = if elements.iter().any(is_row) { "row" } else { "value" };
        self.out.push(b'[');
        let mut next = 0;
        for (&element, &at) in elements.iter().zip(&rows.kept) {
            self.gap(unit, next, at);
            self.same.enter(Step::Index(at));
            self.row(element, |writer| writer.value(element));
            self.same.leave();
            self.out.push(b',');
            next = at + 1;
        }
        self.gap(unit, next, rows.total);
        if self.out.last() == Some(&b',') {
            self.out.pop();
        }
        self.out.push(b']');
    }

    /// Says as an element which elements are left out.
    fn gap(&mut self, unit: &str, from: usize, to: usize) {
        if from < to {
            self.out.extend_from_slice(&quoted(&marker::places_left_out(unit, from + 1, to)));
            self.out.push(b',');
        }
    }

    fn table(&mut self, elements: &[Value], rows: &Rows, unit: marker::Unit) -> Option<Vec<u8>> {
        let columns = table::Columns::of(self.tape, elements, self.cut.tidy)?;
        let (out, before) = (std::mem::take(&mut self.out), (self.in_table, self.rows_around));
        (self.in_table, self.rows_around) = (true, 1);
        columns.write(self, elements, rows, self.tables.len() + 1, unit);
        (self.in_table, self.rows_around) = before;
        let full = self.is_full();
        let table = std::mem::replace(&mut self.out, out);
        (!full).then_some(table)
    }

    fn object(&mut self, object: Value) {
        let members = self.tape.members(object).collect::<Vec<_>>();
        if table::repeats_a_key(self.tape, &members) {
            return minify(self.tape.raw(object), &mut self.out);
        }
        if !self.in_table
            && let Some(place) = self.same.seen(self.tape, object)
        {
            return self.out.extend_from_slice(&quoted(&marker::same_as(place)));
        }
        let is_map = members.len() >= MAP_MEMBERS && {
            let containers =
                members.iter().filter(|(_, value)| matches!(self.tape.shape(*value), Shape::Object | Shape::Array));
            containers.count() * 10 >= members.len() * 9
        };
        let fates = self.fates(object, &members, is_map);
        self.rows_around += usize::from(is_map);
        self.out.push(b'{');
        for (&(key, value), _) in members.iter().zip(&fates).filter(|(_, fate)| **fate == Fate::Keep) {
            self.out.extend_from_slice(self.tape.raw(key));
            self.out.push(b':');
            self.same.enter(Step::Key(key));
            self.row(value, |writer| writer.value(value));
            self.same.leave();
            self.out.push(b',');
        }
        let count = |wanted: Fate| fates.iter().filter(|fate| **fate == wanted).count();
        let counts = [
            (links::count(self.tape, &members, &fates), "links"),
            (count(Fate::Hollow), "empty fields"),
            (count(Fate::Cut), "fields"),
        ];
        if counts.iter().any(|(count, _)| *count > 0) {
            self.lost = true;
            self.out.extend_from_slice(marker::member_left_out(&counts).as_bytes());
        } else if self.out.last() == Some(&b',') {
            self.out.pop();
        }
        self.out.push(b'}');
        self.rows_around -= usize::from(is_map);
    }

    /// Decides which members of an object stay.
    fn fates(&mut self, object: Value, members: &[(Value, Value)], is_map: bool) -> Vec<Fate> {
        let mut fates = vec![Fate::Keep; members.len()];
        if self.cut.tidy {
            links::find(self.tape, members, &mut fates);
        }
        if self.cut.hollow {
            for (fate, (_, value)) in fates.iter_mut().zip(members) {
                if *fate == Fate::Keep && matches!(self.tape.raw(*value), b"null" | b"\"\"" | b"[]" | b"{}") {
                    *fate = Fate::Hollow;
                }
            }
        }
        let most = match (is_map, self.rows_around) {
            (true, 0) => self.cut.rows.max(1),
            (true, _) => self.cut.nested,
            (false, _) => self.cut.members,
        };
        let live = (0..members.len()).filter(|&at| fates[at] == Fate::Keep).collect::<Vec<_>>();
        if live.len() > most {
            let values = live.iter().map(|&at| members[at].1).collect::<Vec<_>>();
            let keys = live.iter().map(|&at| members[at].0).collect::<Vec<_>>();
            let kept = self.ranks.members(object, &keys, &values, most, is_map);
            live.iter().for_each(|&at| fates[at] = Fate::Cut);
            kept.iter().for_each(|&at| fates[live[at]] = Fate::Keep);
        }
        fates
    }
}

/// Keeps the elements in gaps that cost no more than their marker would.
fn bridged(tape: &Tape<'_>, elements: &[Value], kept: Vec<usize>) -> Vec<usize> {
    if kept.is_empty() || kept.len() == elements.len() {
        return kept;
    }
    let mut all = Vec::with_capacity(kept.len());
    let mut next = 0;
    for at in kept.into_iter().chain([elements.len()]) {
        let gap = next..at;
        let cost = gap.clone().take(MARKER_BYTES).map(|place| tape.raw(elements[place]).len() + 1).sum::<usize>();
        if cost <= MARKER_BYTES {
            all.extend(gap);
        }
        all.extend((at < elements.len()).then_some(at));
        next = at + 1;
    }
    all
}

/// What becomes of a member of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Keep,
    /// A link that follows from others.
    Link,
    /// Nothing in it.
    Hollow,
    /// No room for it.
    Cut,
}

/// A marker as a JSON string; markers need no escapes.
fn quoted(marker: &str) -> Vec<u8> {
    format!("\"{marker}\"").into_bytes()
}
