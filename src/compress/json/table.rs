//! Arrays of like objects as a table: the fields said once, then a row each.
//!
//! A column named `lang="rust"` holds for every row and has no cell. Objects within the rows become columns with dots.
//! A cell is empty where the field is missing; `null` and `""` are themselves. Strings have quotes only where they could be
//! taken for something else, other values stand as JSON. An element that is no such object stands in a line of its own.

use super::links;
use super::write::{Rows, Writer};
use crate::json::{Shape, Tape, Value, is_number};
use crate::render::marker;

/// More columns than a reader can count along a row.
const COLUMNS: usize = 24;

/// More fields are no table, whatever is constant among them.
const FIELDS: usize = 64;

/// How deep objects become columns.
const DEPTH: usize = 4;

/// A field of the rows; its inner fields when it is an object in all of them.
#[derive(Debug)]
struct Field<'t> {
    /// The key with its quotes.
    key: &'t [u8],
    inner: Vec<Field<'t>>,
}

/// A leaf of the fields: a column.
#[derive(Debug)]
struct Column<'t> {
    path: Vec<&'t [u8]>,
    fate: Fate,
}

/// What becomes of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// Each row has a cell for it.
    Cells,
    /// Every row has this value.
    Constant(Value),
    /// Its links follow from others.
    Link,
}

/// The columns of an array, and the cells of each element that fits them.
#[derive(Debug)]
pub(super) struct Columns<'t> {
    columns: Vec<Column<'t>>,
    rows: Vec<Option<Vec<Option<Value>>>>,
}

impl<'t> Columns<'t> {
    /// Finds columns that nearly all elements fit; none where a table would be hard to read or ambiguous.
    pub(super) fn of(tape: &Tape<'t>, elements: &[Value], without_links: bool) -> Option<Self> {
        let objects = elements
            .iter()
            .copied()
            .filter(|&element| {
                tape.shape(element) == Shape::Object && {
                    let members = tape.members(element).collect::<Vec<_>>();
                    members.len() <= FIELDS && !repeats_a_key(tape, &members)
                }
            })
            .collect::<Vec<_>>();
        if objects.len() * 5 < elements.len() * 4 {
            return None;
        }
        let (fields, _) = fields(tape, &objects, 0)?;
        let mut columns = Vec::new();
        fields.iter().for_each(|field| field.columns(&mut Vec::new(), &mut columns));
        let mut next = objects.iter().copied().peekable();
        let rows = elements
            .iter()
            .map(|&element| {
                next.next_if_eq(&element)?;
                let mut cells = Vec::with_capacity(columns.len());
                object_cells(tape, &fields, element, &mut cells).then_some(cells)
            })
            .collect::<Vec<_>>();
        let mut table = Self { columns, rows };
        table.find_constants(tape);
        if without_links {
            table.find_links(tape);
        }
        table.is_clear().then_some(table)
    }

    /// Finds the columns that have the same value in every row.
    fn find_constants(&mut self, tape: &Tape<'_>) {
        for (at, column) in self.columns.iter_mut().enumerate() {
            let mut cells = self.rows.iter().flatten().map(|cells| cells[at]);
            let Some(Some(first)) = cells.next() else { continue };
            let raw = tape.raw(first);
            // Containers may differ in their blanks, which is not worth a comparison.
            if cells.all(|cell| cell.is_some_and(|cell| tape.raw(cell) == raw)) {
                column.fate = Fate::Constant(first);
            }
        }
    }

    /// Finds the columns of links that follow from others.
    fn find_links(&mut self, tape: &Tape<'_>) {
        for at in 0..self.columns.len() {
            let Some((key, parents)) = self.columns[at].path.split_last() else { continue };
            let beside = (0..self.columns.len())
                .filter(|&other| {
                    let path = &self.columns[other].path;
                    let own = path.last().is_some_and(|key| links::is_own(&key[1..key.len() - 1]));
                    own && path.len() == parents.len() + 1 && path.starts_with(parents)
                })
                .collect::<Vec<_>>();
            let cells = self.rows.iter().flatten();
            let cells = cells.map(|cells| (cells[at], beside.iter().filter_map(|&other| cells[other]).collect()));
            if links::is_derived(tape, &key[1..key.len() - 1], cells) {
                self.columns[at].fate = Fate::Link;
            }
        }
    }

    fn count(&self, is: impl Fn(Fate) -> bool) -> usize {
        self.columns.iter().filter(|column| is(column.fate)).count()
    }

    /// Whether rows can be told apart from lines of their own, nearly all elements are rows, and a reader can follow them.
    fn is_clear(&self) -> bool {
        let varying = self.count(|fate| fate == Fate::Cells);
        let fitting = self.rows.iter().flatten().count();
        let every_cell = || {
            let is_there = |cells: &Vec<Option<Value>>| {
                cells.iter().zip(&self.columns).all(|(cell, column)| column.fate != Fate::Cells || cell.is_some())
            };
            self.rows.iter().all(|row| row.as_ref().is_some_and(is_there))
        };
        (2..=COLUMNS).contains(&varying) && fitting * 5 >= self.rows.len() * 4 || varying == 1 && every_cell()
    }

    /// Writes the header, the names of the columns, and a line for each row.
    pub(super) fn write(
        &self,
        writer: &mut Writer<'_, '_, '_>,
        elements: &[Value],
        rows: &Rows,
        number: usize,
        unit: marker::Unit,
    ) {
        let numbered = rows.kept.len() < rows.total;
        let constants = self.count(|fate| matches!(fate, Fate::Constant(_))) > 0;
        let links = self.count(|fate| fate == Fate::Link);
        writer.lost |= links > 0;
        let header = marker::Table { number, kept: rows.kept.len(), total: rows.total, unit, constants, links };
        writer.out.extend_from_slice(header.to_string().as_bytes());
        writer.out.push(b'\n');
        if numbered {
            writer.out.extend_from_slice(b"#,");
        }
        for (at, column) in self.columns.iter().filter(|column| column.fate != Fate::Link).enumerate() {
            if at > 0 {
                writer.out.push(b',');
            }
            column.write_name(&mut writer.out);
            if let Fate::Constant(value) = column.fate {
                writer.out.push(b'=');
                writer.value(value);
            }
        }
        for ((row, &element), &place) in self.rows.iter().zip(elements).zip(&rows.kept) {
            if writer.is_full() {
                return;
            }
            writer.out.push(b'\n');
            if numbered {
                writer.out.extend_from_slice(format!("{},", place + 1).as_bytes());
            }
            writer.row(element, |writer| match row {
                Some(cells) => self.write_cells(writer, cells),
                None => writer.value(element),
            });
        }
    }

    fn write_cells(&self, writer: &mut Writer<'_, '_, '_>, cells: &[Option<Value>]) {
        let mut first = true;
        for (cell, _) in cells.iter().zip(&self.columns).filter(|(_, column)| column.fate == Fate::Cells) {
            if !std::mem::take(&mut first) {
                writer.out.push(b',');
            }
            let Some(value) = *cell else { continue };
            let start = writer.out.len();
            writer.value(value);
            let written = &writer.out[start..];
            if written.len() > 2 && written[0] == b'"' && is_plain(&written[1..written.len() - 1]) {
                writer.out.remove(start);
                writer.out.pop();
            }
        }
    }
}

impl<'t> Field<'t> {
    /// Lists the columns of a field, in order.
    fn columns(&self, path: &mut Vec<&'t [u8]>, columns: &mut Vec<Column<'t>>) {
        path.push(self.key);
        if self.inner.is_empty() {
            columns.push(Column { path: path.clone(), fate: Fate::Cells });
        }
        self.inner.iter().for_each(|inner| inner.columns(path, columns));
        path.pop();
    }

    fn width(&self) -> usize {
        self.inner.iter().map(Field::width).sum::<usize>().max(1)
    }

    /// The cells of a value of this field; says whether it fits.
    fn cells(&self, tape: &Tape<'_>, value: Option<Value>, cells: &mut Vec<Option<Value>>) -> bool {
        match value {
            Some(object) if !self.inner.is_empty() => {
                // Without any member it could not be told from a missing one.
                !tape.is_empty(object) && object_cells(tape, &self.inner, object, cells)
            }
            Some(_) => {
                cells.push(value);
                true
            }
            None => {
                cells.resize(cells.len() + self.width(), None);
                true
            }
        }
    }
}

impl Column<'_> {
    /// Writes the name of a column; keys that could be taken for something else keep their quotes.
    fn write_name(&self, out: &mut Vec<u8>) {
        for (at, key) in self.path.iter().enumerate() {
            if at > 0 {
                out.push(b'.');
            }
            let inside = &key[1..key.len() - 1];
            let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-@$/:".contains(byte);
            let plain = !inside.is_empty() && inside.iter().all(is_name);
            out.extend_from_slice(if plain { inside } else { key });
        }
    }
}

/// Whether a string can do without quotes: nothing in it ends a cell or makes it look like another value.
fn is_plain(inside: &[u8]) -> bool {
    let ends = |byte: &u8| matches!(byte, b' ' | b'[' | b'{' | b'"' | b'#');
    !inside.is_empty()
        && !inside.iter().any(|byte| matches!(byte, b',' | b'"' | b'\\'))
        && !inside.first().is_some_and(ends)
        && inside.last() != Some(&b' ')
        && !is_word(inside)
}

/// Whether text is a number, `null`, `true` or `false`.
pub(super) fn is_word(text: &[u8]) -> bool {
    matches!(text, b"null" | b"true" | b"false") || is_number(text)
}

/// The fields of objects in an order that the keys of each follow, as far as they agree; and whether all do.
fn fields<'t>(tape: &Tape<'t>, objects: &[Value], depth: usize) -> Option<(Vec<Field<'t>>, bool)> {
    let mut found: Vec<(&'t [u8], Vec<Value>)> = Vec::new();
    let mut agree = true;
    for &object in objects {
        let mut at = 0;
        for (key, value) in tape.members(object) {
            let key = tape.raw(key);
            let place = match found.get(at) {
                Some((known, _)) if *known == key => Some(at),
                _ => found.iter().position(|(known, _)| *known == key),
            };
            match place {
                Some(place) if place < at => agree = false,
                Some(place) => {
                    found[place].1.push(value);
                    at = place + 1;
                }
                None if found.len() == FIELDS => return None,
                None => {
                    found.insert(at, (key, vec![value]));
                    at += 1;
                }
            }
        }
    }
    let fields = found.into_iter().map(|(key, values)| Field { key, inner: inner(tape, &values, depth) }).collect();
    Some((fields, agree))
}

/// The inner fields of a field, when all its values are objects that are much alike.
fn inner<'t>(tape: &Tape<'t>, values: &[Value], depth: usize) -> Vec<Field<'t>> {
    let is_like = |&value: &Value| {
        tape.shape(value) == Shape::Object && !tape.is_empty(value) && {
            let members = tape.members(value).take(COLUMNS + 1).collect::<Vec<_>>();
            members.len() <= COLUMNS && !repeats_a_key(tape, &members)
        }
    };
    if depth >= DEPTH || !values.iter().all(is_like) {
        return Vec::new();
    }
    match fields(tape, values, depth + 1) {
        Some((inner, true)) => {
            let cells = values.iter().map(|&value| tape.members(value).count()).sum::<usize>();
            // Names of things instead of fields would make a column each.
            if cells * 3 >= inner.len() * values.len() * 2 { inner } else { Vec::new() }
        }
        _ => Vec::new(),
    }
}

/// The cells of an object; says whether it fits the fields, in their order.
fn object_cells(tape: &Tape<'_>, fields: &[Field<'_>], object: Value, cells: &mut Vec<Option<Value>>) -> bool {
    let mut members = tape.members(object).peekable();
    for field in fields {
        let value = members.next_if(|(key, _)| tape.raw(*key) == field.key).map(|(_, value)| value);
        if !field.cells(tape, value, cells) {
            return false;
        }
    }
    members.next().is_none()
}

/// Whether an object has a key twice.
pub(super) fn repeats_a_key(tape: &Tape<'_>, members: &[(Value, Value)]) -> bool {
    if members.len() <= 8 {
        let key = |at: usize| tape.raw(members[at].0);
        return (1..members.len()).any(|at| (0..at).any(|before| key(before) == key(at)));
    }
    let mut keys = members.iter().map(|(key, _)| tape.raw(*key)).collect::<Vec<_>>();
    keys.sort_unstable();
    keys.windows(2).any(|two| two[0] == two[1])
}
