//! Links that follow from another link of the same object: the sub-resources that APIs spell out.
//!
//! `https://api.example.com/repos/a/b/forks` says nothing beside `https://api.example.com/repos/a/b` and the key
//! `forks_url`. The object's own links stay, and so do links with a query, since those may be the next page.

use super::write::Fate;
use crate::json::{Shape, Tape, Value};

/// Fewer links cost less than their marker.
const LEAST: usize = 2;

/// An address shorter than this is a host, from which nothing follows.
const BASE: usize = 12;

/// Marks the members that are links which follow from others.
pub(super) fn find(tape: &Tape<'_>, members: &[(Value, Value)], fates: &mut [Fate]) {
    let addresses = members.iter().map(|(_, value)| address(tape, *value)).collect::<Vec<_>>();
    if addresses.iter().flatten().count() < LEAST {
        return;
    }
    let bases = members
        .iter()
        .zip(&addresses)
        .filter(|((key, _), _)| is_own(tape.inside(*key)))
        .filter_map(|(_, address)| *address)
        .filter(|address| address.len() >= BASE)
        .collect::<Vec<_>>();
    let mut found = Vec::new();
    for (at, (key, value)) in members.iter().enumerate() {
        let key = tape.inside(*key);
        let derived = match addresses[at] {
            Some(address) => !is_own(key) && (follows(address, &bases) || is_picture(key)),
            None => leads_to_known(tape, *value, &addresses, &bases),
        };
        if derived {
            found.push(at);
        }
    }
    if found.len() >= LEAST {
        found.into_iter().for_each(|at| fates[at] = Fate::Link);
    }
}

/// Whether the links in a column of a table follow in every row from those in the columns beside it.
pub(super) fn is_derived(
    tape: &Tape<'_>,
    key: &[u8],
    cells: impl Iterator<Item = (Option<Value>, Vec<Value>)>,
) -> bool {
    let mut any = false;
    !is_own(key)
        && cells.filter_map(|(cell, beside)| cell.map(|cell| (cell, beside))).all(|(cell, beside)| {
            let bases = beside.iter().filter_map(|value| address(tape, *value)).collect::<Vec<_>>();
            any = true;
            address(tape, cell).is_some_and(|address| follows(address, &bases) || is_picture(key))
        })
        && any
}

/// Whether a key names the address of the object itself.
pub(super) fn is_own(key: &[u8]) -> bool {
    matches!(
        key,
        b"url" | b"html_url" | b"href" | b"self" | b"link" | b"webUrl" | b"web_url" | b"self_link" | b"selfLink"
    )
}

/// How many links the marked members have.
pub(super) fn count(tape: &Tape<'_>, members: &[(Value, Value)], fates: &[Fate]) -> usize {
    let links = |value: Value| match tape.shape(value) {
        Shape::Object => tape.members(value).count(),
        _ => 1,
    };
    members.iter().zip(fates).filter(|(_, fate)| **fate == Fate::Link).map(|((_, value), _)| links(*value)).sum()
}

/// The part of a link after its scheme: `https://host/path`, `git@host:path`.
fn address<'t>(tape: &Tape<'t>, value: Value) -> Option<&'t [u8]> {
    if tape.shape(value) != Shape::String {
        return None;
    }
    let text = tape.inside(value);
    if text.contains(&b' ') {
        return None;
    }
    let scheme = text.iter().take(8).take_while(|byte| byte.is_ascii_lowercase()).count();
    text[scheme..].strip_prefix(b"://").or_else(|| text.strip_prefix(b"git@")).filter(|_| scheme >= 3)
}

fn is_picture(key: &[u8]) -> bool {
    matches!(key, b"avatar_url" | b"gravatar_url" | b"avatarUrl" | b"icon_url")
}

/// Whether an address is below one of the bases, or the base in another form.
fn follows(address: &[u8], bases: &[&[u8]]) -> bool {
    bases.iter().any(|base| {
        let same =
            address.len() >= base.len() && address.iter().zip(*base).all(|(a, b)| a == b || *a == b':' && *b == b'/');
        let rest = address.get(base.len()..).unwrap_or_default();
        same && (rest.is_empty() || matches!(rest[0], b'/' | b'{') || rest == b".git")
    })
}

/// Whether an object holds nothing but links that the object around it has as well.
fn leads_to_known(tape: &Tape<'_>, value: Value, addresses: &[Option<&[u8]>], bases: &[&[u8]]) -> bool {
    if tape.shape(value) != Shape::Object || tape.is_empty(value) {
        return false;
    }
    tape.members(value).all(|(_, value)| {
        let mut inner = value;
        if tape.shape(value) == Shape::Object {
            let mut members = tape.members(value);
            match (members.next(), members.next()) {
                (Some((key, only)), None) if is_own(tape.inside(key)) => inner = only,
                _ => return false,
            }
        }
        address(tape, inner).is_some_and(|link| addresses.contains(&Some(link)) || follows(link, bases))
    })
}
