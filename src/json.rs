//! Reads JSON into a flat list of nodes that point into the text; nothing is decoded and nothing is copied.
//!
//! Numbers and strings stay the bytes they are (`1.0`, `1e400`, 2^63, lone surrogates, repeated keys), order stays, and no
//! depth of nesting costs stack, since the open brackets are a list.

pub(crate) mod escape;

use std::borrow::Cow;

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// `null`, `true` or `false`.
    Word,
    Number,
    String,
    Array,
    Object,
}

/// A value or a key, in the order of the text; what a container holds follows it.
#[derive(Debug, Clone, Copy)]
struct Node {
    start: u32,
    end: u32,
    /// The node after this one and all it holds.
    next: u32,
    shape: Shape,
}

/// Which value of a [`Tape`].
pub(crate) type Value = u32;

/// One document or several, read.
#[derive(Debug)]
pub(crate) struct Tape<'t> {
    text: &'t [u8],
    nodes: Vec<Node>,
    roots: Vec<Value>,
    widest: usize,
    before: usize,
}

impl<'t> Tape<'t> {
    /// The same documents, behind so many others that are not here.
    pub(crate) fn behind(self, before: usize) -> Self {
        Self { before, ..self }
    }

    /// How many documents stand before these and are not here.
    pub(crate) fn before(&self) -> usize {
        self.before
    }

    /// Reads documents that follow each other, blanks between them or not; each is an object or an array.
    pub(crate) fn read(text: &'t [u8]) -> Option<Self> {
        u32::try_from(text.len()).ok()?;
        let mut scanner = Scanner { text, at: 0, nodes: Vec::new(), open: Vec::new(), widest: 0 };
        let mut roots = Vec::new();
        loop {
            scanner.skip_blanks();
            match scanner.peek() {
                Some(b'{' | b'[') => {
                    roots.push(scanner.nodes.len() as Value);
                    scanner.document()?;
                }
                None if !roots.is_empty() => break,
                _ => return None,
            }
        }
        Some(Self { text, nodes: scanner.nodes, widest: scanner.widest.max(roots.len()), roots, before: 0 })
    }

    /// The documents.
    pub(crate) fn roots(&self) -> &[Value] {
        &self.roots
    }

    /// How many values the widest container holds.
    pub(crate) fn widest(&self) -> usize {
        self.widest
    }

    pub(crate) fn shape(&self, value: Value) -> Shape {
        self.nodes[value as usize].shape
    }

    /// The first byte of a value in the text.
    pub(crate) fn start(&self, value: Value) -> usize {
        self.nodes[value as usize].start as usize
    }

    /// A value as it was written.
    pub(crate) fn raw(&self, value: Value) -> &'t [u8] {
        let node = self.nodes[value as usize];
        &self.text[node.start as usize..node.end as usize]
    }

    /// A string without its quotes, escapes as they were written.
    pub(crate) fn inside(&self, value: Value) -> &'t [u8] {
        let raw = self.raw(value);
        &raw[1..raw.len() - 1]
    }

    /// The elements of an array.
    pub(crate) fn elements(&self, array: Value) -> impl Iterator<Item = Value> + '_ {
        let end = self.nodes[array as usize].next;
        let mut at = array + 1;
        std::iter::from_fn(move || {
            let element = at;
            (element < end).then(|| {
                at = self.nodes[element as usize].next;
                element
            })
        })
    }

    /// The keys and values of an object.
    pub(crate) fn members(&self, object: Value) -> impl Iterator<Item = (Value, Value)> + '_ {
        let mut nodes = self.elements(object);
        std::iter::from_fn(move || Some((nodes.next()?, nodes.next()?)))
    }

    /// The value of the first of some keys that an object has, as they are written.
    pub(crate) fn member(&self, object: Value, keys: &[&str]) -> Option<Value> {
        if self.shape(object) != Shape::Object {
            return None;
        }
        let is_asked = |key: Value| keys.iter().any(|asked| self.inside(key) == asked.as_bytes());
        self.members(object).find(|(key, _)| is_asked(*key)).map(|(_, value)| value)
    }

    /// The text of a string.
    pub(crate) fn string(&self, value: Value) -> Option<Cow<'t, str>> {
        (self.shape(value) == Shape::String)
            .then(|| std::str::from_utf8(self.inside(value)).ok().map(escape::decoded))?
    }

    /// The elements of an array; none of anything else.
    pub(crate) fn list(&self, value: Option<Value>) -> Vec<Value> {
        let array = value.filter(|value| self.shape(*value) == Shape::Array);
        array.map(|array| self.elements(array).collect()).unwrap_or_default()
    }

    /// Whether a container holds nothing.
    pub(crate) fn is_empty(&self, container: Value) -> bool {
        self.nodes[container as usize].next == container + 1
    }
}

/// Copies JSON without the blanks outside of strings.
pub(crate) fn minify(raw: &[u8], out: &mut Vec<u8>) {
    let mut at = 0;
    while at < raw.len() {
        let end = match raw[at] {
            b'"' => string_end(raw, at),
            b' ' | b'\t' | b'\n' | b'\r' => {
                at += 1;
                continue;
            }
            _ => raw[at..]
                .iter()
                .position(|byte| matches!(byte, b'"' | b' ' | b'\t' | b'\n' | b'\r'))
                .map_or(raw.len(), |length| at + length),
        };
        out.extend_from_slice(&raw[at..end]);
        at = end;
    }
}

/// Where the string ends that begins at `start`.
pub(crate) fn string_end(raw: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(found) = memchr::memchr2(b'"', b'\\', &raw[at.min(raw.len())..]) {
        if raw[at + found] == b'"' {
            return at + found + 1;
        }
        at += found + 2;
    }
    raw.len()
}

/// Whether bytes are a number as JSON writes it.
pub(crate) fn is_number(text: &[u8]) -> bool {
    number_length(text) == Some(text.len())
}

/// How long the number is that a text begins with.
fn number_length(text: &[u8]) -> Option<usize> {
    let digits = |from: usize| text[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut at = usize::from(text.first() == Some(&b'-'));
    let whole = digits(at);
    if whole == 0 || whole > 1 && text[at] == b'0' {
        return None;
    }
    at += whole;
    if text.get(at) == Some(&b'.') {
        let fraction = digits(at + 1);
        at += 1 + fraction;
        (fraction > 0).then_some(())?;
    }
    if matches!(text.get(at), Some(b'e' | b'E')) {
        at += 1 + usize::from(matches!(text.get(at + 1), Some(b'+' | b'-')));
        let exponent = digits(at);
        at += exponent;
        (exponent > 0).then_some(())?;
    }
    Some(at)
}

struct Scanner<'t> {
    text: &'t [u8],
    at: usize,
    nodes: Vec<Node>,
    /// The containers that are open, and how many values each has so far.
    open: Vec<(Value, usize)>,
    widest: usize,
}

impl Scanner<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Reads a document to the bracket that closes it.
    fn document(&mut self) -> Option<()> {
        loop {
            self.skip_blanks();
            let opened = self.value()?;
            self.skip_blanks();
            if !opened || self.closes() {
                if opened {
                    self.close();
                }
                if self.follow()? {
                    return Some(());
                }
            }
            self.key()?;
        }
    }

    /// Whether the bracket that closes the innermost container stands here.
    fn closes(&self) -> bool {
        let Some((container, _)) = self.open.last() else { return false };
        let bracket = if self.nodes[*container as usize].shape == Shape::Object { b'}' } else { b']' };
        self.peek() == Some(bracket)
    }

    /// What follows a value: brackets that close, then a comma, or the end of the document.
    fn follow(&mut self) -> Option<bool> {
        loop {
            self.skip_blanks();
            let Some((_, count)) = self.open.last_mut() else { return Some(true) };
            *count += 1;
            if self.closes() {
                self.close();
                continue;
            }
            (self.peek()? == b',').then_some(())?;
            self.at += 1;
            return Some(false);
        }
    }

    fn close(&mut self) {
        self.at += 1;
        let Some((container, count)) = self.open.pop() else { return };
        self.widest = self.widest.max(count);
        let next = self.nodes.len() as u32;
        let node = &mut self.nodes[container as usize];
        (node.end, node.next) = (self.at as u32, next);
    }

    /// Reads a key and its colon, when the innermost container is an object.
    fn key(&mut self) -> Option<()> {
        self.skip_blanks();
        let (container, _) = *self.open.last()?;
        if self.nodes[container as usize].shape == Shape::Object {
            (self.peek()? == b'"').then_some(())?;
            self.value()?;
            self.skip_blanks();
            (self.peek()? == b':').then_some(())?;
            self.at += 1;
        }
        Some(())
    }

    /// Reads a scalar, or the bracket that opens a container; says whether it was a bracket.
    fn value(&mut self) -> Option<bool> {
        let rest = &self.text[self.at..];
        let (shape, length) = match *rest.first()? {
            b'{' => (Shape::Object, 1),
            b'[' => (Shape::Array, 1),
            b'"' => (Shape::String, string_length(rest)?),
            b'-' | b'0'..=b'9' => (Shape::Number, number_length(rest)?),
            _ => {
                let words: [&[u8]; 3] = [b"null", b"true", b"false"];
                (Shape::Word, words.into_iter().find(|word| rest.starts_with(word))?.len())
            }
        };
        let opens = matches!(shape, Shape::Object | Shape::Array);
        let place = self.nodes.len() as u32;
        if opens {
            self.open.push((place, 0));
        }
        let start = self.at as u32;
        self.at += length;
        self.nodes.push(Node { start, end: self.at as u32, next: place + 1, shape });
        Some(opens)
    }
}

/// How long the string is that a text begins with, if its escapes are sound and it ends.
fn string_length(text: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        match *text.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => {
                let length = match *text.get(at + 1)? {
                    b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => 2,
                    b'u' => text.get(at + 2..at + 6)?.iter().all(u8::is_ascii_hexdigit).then_some(6)?,
                    _ => return None,
                };
                at += length;
            }
            0..0x20 => return None,
            _ => at += 1 + plain(&text[at + 1..]),
        }
    }
}

/// How many bytes of a string stand for themselves, counted in eights: neither a quote nor a backslash nor a control
/// character is among them.
fn plain(text: &[u8]) -> usize {
    const EACH: u64 = u64::MAX / 255;
    // The lowest bit that is set belongs to a byte below the limit; those above it may not.
    let below = |word: u64, limit: u64| word.wrapping_sub(EACH * limit) & !word & (EACH * 0x80);
    let (eights, _) = text.as_chunks::<8>();
    for (number, eight) in eights.iter().enumerate() {
        let word = u64::from_le_bytes(*eight);
        let is = |byte: u8| below(word ^ (EACH * u64::from(byte)), 1);
        let found = below(word, 0x20) | is(b'"') | is(b'\\');
        if found != 0 {
            return number * 8 + found.trailing_zeros() as usize / 8;
        }
    }
    eights.len() * 8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minified(text: &str) -> Option<String> {
        let tape = Tape::read(text.as_bytes())?;
        let mut out = Vec::new();
        tape.roots().iter().for_each(|&root| minify(tape.raw(root), &mut out));
        String::from_utf8(out).ok()
    }

    #[test]
    fn values_stay_the_bytes_they_are() {
        for text in [
            r#"{"a":1.0,"a":1e400,"b":9223372036854775808,"c":-0,"d":"\ud800 \u0041\\\" é"}"#,
            r#"[[],{},[{}],"",null,true,false,0.10,1E+2]"#,
        ] {
            assert_eq!(minified(text).as_deref(), Some(text));
        }
        assert_eq!(minified(" { \"a b\" : [ 1 , 2 ] } \n\n [ ]\t{}").as_deref(), Some(r#"{"a b":[1,2]}[]{}"#));
    }

    #[test]
    fn strings_end_where_they_end() {
        for before in 0..20 {
            for (inside, is_sound) in [
                ("\\\"", true),
                ("\\u00e9", true),
                ("\u{7f}\u{80}\u{ff}", true),
                ("\u{1f}", false),
                ("\0", false),
                ("\\", false),
            ] {
                let string = format!("\"{}{inside}{}\"", "#".repeat(before), "[".repeat(20 - before));
                let length = string_length(format!("{string}\"\\").as_bytes());
                assert_eq!(length, is_sound.then_some(string.len()), "{string}");
            }
        }
    }

    #[test]
    fn what_is_no_json_is_refused() {
        for text in [
            "",
            " ",
            "1",
            "\"a\"",
            "{",
            "[1",
            "[1,]",
            "[,1]",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{a:1}",
            "[01]",
            "[1.]",
            "[.5]",
            "[1e]",
            "[-]",
            "[+1]",
            "[nul]",
            "[\"\n\"]",
            "[\"\\x\"]",
            "[\"\\u12\"]",
            "[\"a]",
            "[1}",
            "{]",
            "[1] x",
            "[NaN]",
            "[1 2]",
            "{\"a\" 1}",
            "[]]",
        ] {
            assert!(Tape::read(text.as_bytes()).is_none(), "{text}");
        }
    }
}
