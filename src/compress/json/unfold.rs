//! The inverse of the lossless form: tables become arrays again, and names of places the objects that stand there.
//!
//! It exists to prove that the form loses nothing: every document that is folded in a debug build is unfolded and compared.

use super::table::is_word;
use crate::json::{Shape, Tape, string_end};
use crate::render::marker;

/// The minified documents that a folded text stands for, a line each.
pub(super) fn unfold(text: &[u8]) -> Option<Vec<u8>> {
    let mut lines = text.split(|byte| *byte == b'\n').peekable();
    let mut documents = Vec::new();
    while let Some(line) = lines.next_if(|line| !line.starts_with(b"[hr: ")) {
        documents.push(line);
    }
    let mut tables = Vec::new();
    while let Some(header) = lines.next() {
        let table = marker::Table::parse(std::str::from_utf8(header).ok()?)?;
        let columns = columns(lines.next()?)?;
        let rows = (0..table.kept).map(|_| row(lines.next()?, &columns)).collect::<Option<Vec<_>>>()?;
        tables.push(match table.unit {
            marker::Unit::Rows => [b"[".to_vec(), rows.join(&b","[..]), b"]".to_vec()].concat(),
            marker::Unit::Lines => rows.join(&b"\n"[..]),
        });
    }
    if documents.is_empty() {
        return tables.pop().filter(|_| tables.is_empty());
    }
    let expanded = documents.into_iter().map(|line| {
        let mut out = Vec::new();
        expand(line, line, &tables, &mut out)?;
        Some(out)
    });
    Some(expanded.collect::<Option<Vec<_>>>()?.join(&b"\n"[..]))
}

/// Copies a part of a document with what its markers stand for.
fn expand(part: &[u8], document: &[u8], tables: &[Vec<u8>], out: &mut Vec<u8>) -> Option<()> {
    let mut rest = part;
    while let Some(at) = memchr::memmem::find(rest, b"\"[hr: ") {
        out.extend_from_slice(&rest[..at]);
        let end = string_end(rest, at);
        let name = std::str::from_utf8(&rest[at + 1..end - 1]).ok()?;
        match marker::place_of_same(name) {
            Some(place) => expand(at_place(document, place)?, document, tables, out)?,
            None => {
                let table = (1..=tables.len()).find(|number| marker::table_name(*number) == name)?;
                out.extend_from_slice(&tables[table - 1]);
            }
        }
        rest = &rest[end..];
    }
    out.extend_from_slice(rest);
    Some(())
}

/// The value at a place like `.items[3].owner`.
fn at_place<'t>(document: &'t [u8], place: &str) -> Option<&'t [u8]> {
    let tape = Tape::read(document)?;
    let mut value = *tape.roots().first()?;
    let mut rest = place.as_bytes();
    while let Some((&sign, name)) = rest.split_first() {
        let length = name.iter().position(|byte| matches!(byte, b'.' | b'[' | b']')).unwrap_or(name.len());
        let (name, after) = name.split_at(length);
        value = if sign == b'[' {
            let index = std::str::from_utf8(name).ok()?.parse().ok()?;
            tape.elements(value).nth(index)?
        } else {
            (tape.shape(value) == Shape::Object).then_some(())?;
            tape.members(value).find(|(key, _)| tape.inside(*key) == name)?.1
        };
        rest = after.strip_prefix(b"]").unwrap_or(after);
    }
    Some(tape.raw(value))
}

/// A column: the keys that lead to it, and the value that every row has.
struct Column {
    path: Vec<Vec<u8>>,
    constant: Option<Vec<u8>>,
}

/// Reads the names of the columns.
fn columns(line: &[u8]) -> Option<Vec<Column>> {
    let mut columns = Vec::new();
    let mut rest = line;
    loop {
        let mut column = Column { path: Vec::new(), constant: None };
        loop {
            let quoted = rest.starts_with(b"\"");
            let length = if quoted {
                string_end(rest, 0)
            } else {
                rest.iter().position(|byte| matches!(byte, b'.' | b',' | b'=')).unwrap_or(rest.len())
            };
            let name = &rest[..length];
            column.path.push(if quoted { name.to_vec() } else { quote(name) });
            rest = &rest[length..];
            match rest.strip_prefix(b".") {
                Some(inner) => rest = inner,
                None => break,
            }
        }
        if let Some(value) = rest.strip_prefix(b"=") {
            let length = cell_length(value);
            column.constant = Some(value[..length].to_vec());
            rest = &value[length..];
        }
        columns.push(column);
        match rest.split_first() {
            None => return Some(columns),
            Some((b',', more)) => rest = more,
            Some(_) => return None,
        }
    }
}

/// A line of a table as the element it stands for.
fn row(line: &[u8], columns: &[Column]) -> Option<Vec<u8>> {
    let mut cells = Vec::new();
    let mut rest = line;
    loop {
        let length = cell_length(rest);
        cells.push(&rest[..length]);
        match rest[length..].split_first() {
            None => break,
            Some((_, more)) => rest = more,
        }
    }
    let varying = columns.iter().filter(|column| column.constant.is_none()).count();
    if cells.len() != varying {
        return (cells.len() == 1).then(|| line.to_vec());
    }
    let mut cells = cells.into_iter();
    let mut out = vec![b'{'];
    let mut open: &[Vec<u8>] = &[];
    for column in columns {
        let value = match &column.constant {
            Some(value) => Some(value.clone()),
            None => value_of(cells.next()?),
        };
        let Some(value) = value else { continue };
        // Infallible: a column has a name.
        let (name, parents) = column.path.split_last()?;
        let shared = open.iter().zip(parents).take_while(|(a, b)| a == b).count();
        out.extend(std::iter::repeat_n(b'}', open.len() - shared));
        if !out.ends_with(b"{") || out.ends_with(b":{}") {
            out.push(b',');
        }
        for parent in &parents[shared..] {
            out.extend_from_slice(parent);
            out.extend_from_slice(b":{");
        }
        open = parents;
        out.extend_from_slice(name);
        out.push(b':');
        out.extend_from_slice(&value);
    }
    out.extend(std::iter::repeat_n(b'}', open.len() + 1));
    Some(out)
}

/// The JSON that a cell stands for.
fn value_of(cell: &[u8]) -> Option<Vec<u8>> {
    match cell.first()? {
        b'"' | b'{' | b'[' => Some(cell.to_vec()),
        _ if is_word(cell) => Some(cell.to_vec()),
        _ => Some(quote(cell)),
    }
}

/// How long the cell is that a line begins with: JSON to its end, other text to the comma.
fn cell_length(line: &[u8]) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    if !matches!(line.first(), Some(b'"' | b'{' | b'[')) {
        return memchr::memchr(b',', line).unwrap_or(line.len());
    }
    while at < line.len() {
        match line[at] {
            b'"' => {
                at = string_end(line, at);
                if depth == 0 {
                    return at;
                }
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
    line.len()
}

fn quote(text: &[u8]) -> Vec<u8> {
    [b"\"", text, b"\""].concat()
}
