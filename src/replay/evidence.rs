//! What an agent used of what tools gave it, and what of that compaction would have taken away.
//!
//! An item is used when the agent writes it, some tool result before had it, and nothing else in its context up to then: not
//! its task, not what it wrote itself. It is lost when no compacted result up to then has it. What the agent could have
//! fetched again (`hr show`) counts as lost.

use std::collections::{HashMap, HashSet};

use memchr::memmem;

use super::items::{self, Item};
use super::{Event, Session, places};

/// An item that the agent took from a tool result and used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Used<'t> {
    /// What it is.
    pub item: Item<'t>,
    /// The event in which the agent used it.
    pub event: usize,
    /// The tool result that had it last, counted from 0.
    pub output: usize,
    /// Whether no compacted result had it.
    pub lost: bool,
}

/// The context of an agent as it grows, in the form that it had and in the one it would have had.
#[derive(Default)]
struct Context<'t> {
    /// What results had, and the last result that did.
    offered: HashMap<Item<'t>, usize>,
    /// What compacted results have.
    kept: HashSet<Item<'t>>,
    /// What was told or written.
    elsewhere: HashSet<Item<'t>>,
    said: Vec<&'t str>,
    compacted: Vec<&'t str>,
}

/// Finds what the agent of a session used; `compacted` has a text for each tool result.
pub fn used<'t>(session: &'t Session, compacted: &'t [String]) -> Vec<Used<'t>> {
    let (mut context, mut used) = (Context::default(), Vec::new());
    for (event, what) in session.events.iter().enumerate() {
        match what {
            Event::Told(text) => context.say(text),
            Event::Wrote(text) => {
                let mut use_one = |ways: &[Item<'t>]| {
                    used.extend(context.take(ways).map(|(item, output, lost)| Used { item, event, output, lost }));
                };
                items::used(text, &mut use_one);
                places::used(text, |item| use_one(&[item, of_any_file(item)]));
                context.say(text);
            }
            Event::Printed(output) => {
                let command = output.command.as_deref().unwrap_or_default();
                context.print(command, &output.text, &compacted[context.compacted.len()]);
            }
        }
    }
    used
}

/// A line number of a file that the output did not name.
fn of_any_file(item: Item<'_>) -> Item<'_> {
    match item {
        Item::Line(_, number) => Item::Line("", number),
        Item::Path(_) | Item::Identifier(_) | Item::Value(_) => item,
    }
}

impl<'t> Context<'t> {
    fn say(&mut self, text: &'t str) {
        items::each(text, |item| {
            self.elsewhere.insert(item);
        });
        places::used(text, |item| {
            self.elsewhere.insert(item);
        });
        self.said.push(text);
    }

    fn print(&mut self, command: &'t str, text: &'t str, compacted: &'t str) {
        let number = self.compacted.len();
        items::each(text, |item| {
            self.offered.insert(item, number);
        });
        places::offered(text, command, |item| {
            self.offered.insert(item, number);
        });
        items::each(compacted, |item| {
            self.kept.insert(item);
        });
        places::offered(compacted, command, |item| {
            self.kept.insert(item);
        });
        self.compacted.push(compacted);
    }

    /// Uses an item that can be named in several ways; nothing when it is new, or known from elsewhere.
    fn take(&mut self, ways: &[Item<'t>]) -> Option<(Item<'t>, usize, bool)> {
        let item = *ways.iter().find(|item| self.offered.contains_key(item))?;
        let output = self.offered[&item];
        // From now on the agent has it from itself.
        let known = !self.elsewhere.insert(item);
        let is_in = |texts: &[&str]| item.text().is_some_and(|word| texts.iter().any(|text| has_word(text, word)));
        if known || is_in(&self.said) {
            return None;
        }
        let kept = self.kept.contains(&item) || is_in(&self.compacted) || self.has_parts(item);
        Some((item, output, !kept))
    }

    /// Whether a compacted result has a path in two parts: the folder as a heading, the rest below it.
    fn has_parts(&self, item: Item<'_>) -> bool {
        let Item::Path(path) = item else { return false };
        let parts = || path.match_indices('/').map(|(at, _)| (&path[..=at], &path[at + 1..]));
        self.compacted.iter().any(|text| parts().any(|(folder, rest)| !rest.is_empty() && below(text, folder, rest)))
    }
}

/// Whether a word stands in a text behind a line that begins with a folder and says no more than it and a count.
fn below(text: &str, folder: &str, rest: &str) -> bool {
    let name = folder.trim_end_matches('/');
    memmem::find_iter(text.as_bytes(), name.as_bytes()).any(|at| {
        let line = text[..at].rsplit('\n').next().unwrap_or_default();
        let behind = text[at + name.len()..].strip_prefix('/').unwrap_or(&text[at + name.len()..]);
        let is_heading = behind.starts_with([':', '\n', ' ', '\t', ',', '{', '(']);
        line.trim_start_matches(['.', '/', ' ', '-', '|', '`', '\t']).is_empty() && is_heading && has_word(behind, rest)
    })
}

/// Whether a word stands in a text and is no part of a longer one.
fn has_word(text: &str, word: &str) -> bool {
    let text = text.as_bytes();
    let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    memmem::find_iter(text, word.as_bytes()).any(|at| {
        let before = at.checked_sub(1).map(|at| text[at]);
        !before.as_ref().is_some_and(is_letter) && !text.get(at + word.len()).is_some_and(is_letter)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::Output;

    fn session(events: Vec<Event>) -> Session {
        Session { name: "s".into(), agent: "steps", events }
    }

    fn printed(text: &str) -> Event {
        Event::Printed(Output { text: text.into(), ..Output::default() })
    }

    fn wrote(text: &str) -> Event {
        Event::Wrote(text.into())
    }

    fn losses(session: &Session, compacted: &[&str]) -> Vec<(String, bool)> {
        let compacted: Vec<String> = compacted.iter().map(ToString::to_string).collect();
        used(session, &compacted).into_iter().map(|used| (used.item.to_string(), used.lost)).collect()
    }

    #[test]
    fn what_is_used_and_missing_is_lost() {
        let session =
            session(vec![printed("src/a.py:120: load_all\nsrc/b.py:7: keep_one"), wrote("edit load_all and keep_one")]);
        let wanted = vec![("load_all".to_owned(), true), ("keep_one".to_owned(), false)];
        assert_eq!(losses(&session, &["src/b.py:7: keep_one"]), wanted);
    }

    #[test]
    fn what_is_known_from_elsewhere_is_not_evidence() {
        let session = session(vec![
            Event::Told("fix load_all".into()),
            wrote("look for keep_one"),
            printed("load_all keep_one"),
            wrote("load_all keep_one new_name"),
        ]);
        assert_eq!(losses(&session, &[""]), vec![]);
    }

    #[test]
    fn what_a_later_result_has_as_well_is_not_lost() {
        let session =
            session(vec![printed("load_all"), printed("load_all again"), wrote("load_all"), wrote("load_all")]);
        assert_eq!(losses(&session, &["", "load_all again"]), vec![("load_all".to_owned(), false)]);
        assert_eq!(losses(&session, &["", ""]), vec![("load_all".to_owned(), true)]);
    }

    #[test]
    fn paths_below_a_heading_are_there() {
        let session =
            session(vec![printed("app/db/models.py\napp/db/query.py"), wrote("cat /testbed/app/db/query.py")]);
        assert_eq!(
            losses(&session, &["app/db/\n  models.py\n  query.py"]),
            vec![("app/db/query.py".to_owned(), false)]
        );
        assert_eq!(losses(&session, &["app/db/\n  models.py"]), vec![("app/db/query.py".to_owned(), true)]);
    }
}
