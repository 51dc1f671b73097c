//! Reads the events of `rg --json`.

use serde::Deserialize;

use super::read::{Item, Row};

/// One event; a path or text that is no UTF-8 comes as base64 and leaves the event as it is.
#[derive(Deserialize)]
struct Event<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    #[serde(borrow)]
    data: Data<'a>,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow, default)]
    path: Option<Text<'a>>,
    #[serde(borrow, default)]
    lines: Option<Text<'a>>,
    #[serde(default)]
    line_number: Option<u64>,
}

#[derive(Deserialize)]
struct Text<'a> {
    #[serde(borrow, default)]
    text: Option<std::borrow::Cow<'a, str>>,
}

/// Reads lines of which most are events.
pub(super) fn read<'a>(lines: &[(usize, &'a [u8])]) -> Option<Vec<Item<'a>>> {
    if !lines.first()?.1.starts_with(b"{\"") {
        return None;
    }
    let mut items = Vec::with_capacity(lines.len());
    for &(line, text) in lines {
        match event(line, text) {
            Some(rows) => items.extend(rows),
            None => items.push(Item::Other(line)),
        }
    }
    Some(items)
}

/// The rows of an event: one for each line of a match that spans several.
fn event(line: usize, text: &[u8]) -> Option<Vec<Item<'static>>> {
    let event = serde_json::from_slice::<Event<'_>>(text).ok()?;
    let mark = match event.kind {
        "begin" | "end" | "summary" => return Some(vec![Item::Event(line)]),
        "match" => b':',
        "context" => b'-',
        _ => return None,
    };
    let path = event.data.path?.text?.into_owned().into_bytes();
    let body = event.data.lines?.text?;
    let row = |(at, text): (usize, &str)| {
        let place = event.data.line_number.map_or_else(Vec::new, |first| (first + at as u64).to_string().into_bytes());
        let text = text.as_bytes().to_vec();
        Item::Row(Row { line, path: path.clone().into(), place: place.into(), mark, text: text.into() })
    };
    Some(body.lines().enumerate().map(row).collect())
}
