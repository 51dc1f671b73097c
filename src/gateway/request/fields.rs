//! Looks up what stands in JSON: members by their keys, lists, texts.
//!
//! Readers of JSON differ in what they make of a key that stands twice, in other capitals, or in two spellings; an object
//! in which a key that is asked for does so is not read.

use std::borrow::Cow;
use std::ops::Range;

use super::{Text, Unread};
use crate::json::{Shape, Tape, Value, escape};

/// Which strings are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::gateway) enum Of {
    /// All.
    All,
    /// All but those that a protocol uses to name things, to say where they are, and for files.
    Words,
}

/// Looks up members by their keys.
pub(in crate::gateway) struct Fields<'r, 'b> {
    pub(in crate::gateway) tape: &'r Tape<'b>,
    pub(in crate::gateway) body: &'b str,
}

impl<'b> Fields<'_, 'b> {
    /// The value of a key, if the object has it; `null` is none.
    pub(in crate::gateway) fn get(&self, object: Value, key: &str) -> Result<Option<Value>, Unread> {
        self.one(object, &[key])
    }

    /// The value of a key that has several spellings.
    pub(in crate::gateway) fn one(&self, object: Value, keys: &[&str]) -> Result<Option<Value>, Unread> {
        if self.tape.shape(object) != Shape::Object {
            return Ok(None);
        }
        let mut found = None;
        for (name, value) in self.tape.members(object) {
            let inside = self.tape.inside(name);
            let mut is_it = keys.iter().any(|key| key.as_bytes() == inside);
            if !is_it {
                if !may_be_alike(inside, keys) {
                    continue;
                }
                let name = self.key(name);
                is_it = keys.contains(&&*name);
                if !is_it && !keys.iter().any(|key| is_alike(&name, key)) {
                    continue;
                }
            }
            if !is_it || found.replace(value).is_some() {
                return Err(Unread::RepeatedKey);
            }
        }
        Ok(found.filter(|value| self.tape.raw(*value) != b"null"))
    }

    /// The value of the first of some keys that the object has.
    pub(in crate::gateway) fn first(&self, object: Value, keys: &[&str]) -> Result<Option<Value>, Unread> {
        for key in keys {
            if let Some(value) = self.get(object, key)? {
                return Ok(Some(value));
            }
        }
        Ok(None)
    }

    /// The text of a key whose value is a string.
    pub(in crate::gateway) fn string(&self, object: Value, key: &str) -> Result<Option<Cow<'b, str>>, Unread> {
        Ok(self.get(object, key)?.and_then(|value| self.text(value)).map(|text| text.decoded()))
    }

    /// What a list that a key has holds.
    pub(in crate::gateway) fn list(&self, object: Value, key: &str) -> Result<Vec<Value>, Unread> {
        Ok(self.each(self.get(object, key)?))
    }

    /// What a list holds; an object in its place is what it would hold.
    pub(in crate::gateway) fn each(&self, list: Option<Value>) -> Vec<Value> {
        let one = list.filter(|list| self.tape.shape(*list) == Shape::Object);
        one.map_or_else(|| self.tape.list(list), |one| vec![one])
    }

    /// The members of an object that have a value, by the texts of their keys.
    pub(in crate::gateway) fn members(&self, object: Value) -> Vec<(Cow<'b, str>, Value)> {
        if self.tape.shape(object) != Shape::Object {
            return Vec::new();
        }
        let members = self.tape.members(object).filter(|(_, value)| self.tape.raw(*value) != b"null");
        members.map(|(key, value)| (self.key(key), value)).collect()
    }

    fn key(&self, key: Value) -> Cow<'b, str> {
        let start = self.tape.start(key) + 1;
        escape::decoded(&self.body[start..start + self.tape.inside(key).len()])
    }

    /// The string that a value is.
    pub(in crate::gateway) fn text(&self, value: Value) -> Option<Text<'b>> {
        (self.tape.shape(value) == Shape::String).then(|| {
            let start = self.tape.start(value) + 1;
            Text::new(self.body, start..start + self.tape.inside(value).len())
        })
    }

    /// Where a value stands.
    pub(in crate::gateway) fn span(&self, value: Value) -> Range<usize> {
        let start = self.tape.start(value);
        start..start + self.tape.raw(value).len()
    }

    /// A value as JSON, or the text of a string.
    pub(in crate::gateway) fn json(&self, value: Value) -> Cow<'b, str> {
        self.text(value).map_or_else(|| Cow::Borrowed(&self.body[self.span(value)]), |text| text.decoded())
    }

    /// The strings in a value, in order and however deep; what begins at a byte that is `skipped` is left out.
    pub(in crate::gateway) fn strings(&self, value: Value, of: Of, skipped: impl Fn(usize) -> bool) -> Vec<Text<'b>> {
        let mut texts = Vec::new();
        let mut open = vec![(value, false)];
        while let Some((value, is_reference)) = open.pop() {
            if skipped(self.tape.start(value)) {
                continue;
            }
            let held = open.len();
            match self.tape.shape(value) {
                Shape::String => {
                    let text = self.text(value).filter(|text| !text.inside.is_empty());
                    texts.extend(text.filter(|text| !(is_reference && is_opaque(text.inside))));
                }
                Shape::Array => open.extend(self.tape.elements(value).map(|element| (element, is_reference))),
                Shape::Object => {
                    let members = self.members(value);
                    let is_text = members.iter().any(|(key, value)| self.says_text(key, *value));
                    let is_reference =
                        |key: &str| of == Of::Words && is_reference_key(key) && !(is_text && key == "data");
                    open.extend(members.into_iter().map(|(key, value)| (value, is_reference(&key))));
                }
                Shape::Number | Shape::Word => {}
            }
            open[held..].reverse();
        }
        texts
    }

    /// Whether a member says that the data beside it is text.
    fn says_text(&self, key: &str, value: Value) -> bool {
        let is_kind = matches!(key, "type" | "media_type" | "mime_type" | "mimeType");
        let kind = if is_kind { self.text(value) } else { None };
        kind.is_some_and(|kind| kind.inside == "text" || is_text_kind(&kind.decoded()))
    }
}

/// Whether a key needs a second look: most are of another length, or begin with another letter.
fn may_be_alike(inside: &[u8], keys: &[&str]) -> bool {
    let first = |key: &[u8]| key.first().map(u8::to_ascii_lowercase);
    keys.iter().any(|key| key.len() == inside.len() && first(key.as_bytes()) == first(inside))
        || inside.iter().any(|byte| *byte == b'\\' || !byte.is_ascii())
}

/// Whether some reader takes one key for the other: capitals do not matter, nor do the two letters beyond ASCII whose
/// capital or small letter is ASCII.
fn is_alike(name: &str, key: &str) -> bool {
    let plain = |letter: char| match letter {
        'ſ' => 's',
        '\u{212a}' => 'k',
        letter => letter.to_ascii_lowercase(),
    };
    name.eq_ignore_ascii_case(key) || !name.is_ascii() && name.chars().map(plain).eq(key.chars().map(plain))
}

/// Whether the value of a key names something, or is the data of a file.
fn is_reference_key(key: &str) -> bool {
    const KEYS: [&str; 6] = ["name", "role", "status", "ttl", "detail", "format"];
    const ENDS: [&str; 6] = ["id", "url", "uri", "data", "type", "signature"];
    let key = key.to_ascii_lowercase();
    KEYS.contains(&&*key) || key.starts_with("encrypted") || ENDS.iter().any(|end| key.ends_with(end))
}

/// Whether a string holds no words: nothing but ASCII without blanks, as names, addresses and base64 are.
fn is_opaque(inside: &str) -> bool {
    let is_word = |(at, byte): (usize, u8)| {
        // Some writers escape every slash.
        byte.is_ascii_graphic() && (byte != b'\\' || inside.as_bytes().get(at + 1) == Some(&b'/'))
    };
    inside.bytes().enumerate().all(is_word) && !is_text_address(inside)
}

/// Whether an address holds its own data, and that is text.
fn is_text_address(inside: &str) -> bool {
    const FILES: [&str; 6] = ["image/", "audio/", "video/", "font/", "application/pdf", "application/vnd"];
    let inside = inside.get(..64).unwrap_or(inside).to_ascii_lowercase().replace('\\', "");
    inside.strip_prefix("data:").is_some_and(|rest| !FILES.iter().any(|kind| rest.starts_with(kind)))
}

fn is_text_kind(kind: &str) -> bool {
    let kind = kind.to_ascii_lowercase();
    kind.starts_with("text/") || ["json", "xml", "yaml", "javascript"].iter().any(|form| kind.ends_with(form))
}
