//! Changes the texts of configuration files so that everything of others stays as it is written: comments, order, blanks.
//! Texts in, texts out; reading and writing files is the caller's.

mod block;
mod json;
mod table;

use serde_json::Value;

use crate::hooks::setup::Change;

/// What became of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changed {
    /// It is right as it is.
    Same,
    /// It becomes this.
    Into(String),
    /// Nothing is left of it.
    Gone,
    /// It is not safe to change, for this reason; what would be put there is the second text.
    Refused(String, String),
}

/// Puts a change into a text; a file that is missing is an empty text. `agent` names the hook.
pub fn put(text: &str, change: &Change, agent: &str) -> Changed {
    let refused = |why: String, snippet: &str| Changed::Refused(why, snippet.to_string());
    let done = match change {
        Change::Entry { at, value } => json::put_entry(text, at, value, agent).map_err(|why| refused(why, value)),
        Change::Member { at, value } => json::put_member(text, at, value).map_err(|why| refused(why, value)),
        Change::Given { key, value } => json::give(text, key, value).map_err(|why| refused(why, value)),
        Change::Table { at, value } => table::put(text, at, value).map_err(|why| refused(why, value)),
        Change::Block(block) => block::put(text, block).map_err(|why| refused(why, block)),
        Change::Own(own) if text.is_empty() || is_own(text) => Ok(own.clone()),
        Change::Own(own) => Err(refused("there is a file of somebody else".into(), own)),
        Change::Shown { why, text } => Err(refused((*why).into(), text)),
    };
    match done {
        Ok(new) if new == text => Changed::Same,
        Ok(new) => Changed::Into(new),
        Err(refused) => refused,
    }
}

/// Takes a change out of a text again.
pub fn take(text: &str, change: &Change, agent: &str) -> Changed {
    let refused = |why: String| Changed::Refused(why, String::new());
    let done = match change {
        Change::Entry { at, .. } => json::take_entry(text, at, agent),
        Change::Member { at, .. } => json::take_member(text, at),
        Change::Table { at, .. } => table::take(text, at),
        Change::Block(_) => block::take(text),
        Change::Own(_) if is_own(text) => Ok(String::new()),
        Change::Own(_) | Change::Given { .. } | Change::Shown { .. } => Ok(text.to_string()),
    };
    match done {
        Ok(new) if new == text => Changed::Same,
        Ok(new) if new.trim().is_empty() || json::is_empty(&new) => Changed::Gone,
        Ok(new) => Changed::Into(new),
        Err(why) => refused(why),
    }
}

/// Whether a change is in a text.
pub fn is_in(text: &str, change: &Change, agent: &str) -> bool {
    match change {
        Change::Entry { at, .. } => json::take_entry(text, at, agent).is_ok_and(|without| without != text),
        Change::Member { at, .. } => json::take_member(text, at).is_ok_and(|without| without != text),
        Change::Table { at, .. } => table::take(text, at).is_ok_and(|without| without != text),
        Change::Block(_) => block::take(text).is_ok_and(|without| without != text),
        Change::Own(_) => is_own(text),
        Change::Given { .. } | Change::Shown { .. } => false,
    }
}

/// The commands in a text that call the hook of an agent.
pub fn commands(text: &str, agent: &str) -> Vec<String> {
    json::commands(text, agent)
}

/// The elements of a JSON array that call the hook of an agent, with their places in it.
pub fn entries(text: &str, at: &[&str], agent: &str) -> Vec<(usize, Value)> {
    json::entries(text, at, agent)
}

/// What a JSON file says, also one with comments and trailing commas.
pub fn json(text: &str) -> Result<Value, String> {
    json::value(text)
}

/// Whether a whole file is ours: everything that we write says so.
fn is_own(text: &str) -> bool {
    ["`hr init ", "hr hook ", "Lines that begin with `[hr`", "name: hr\n"].iter().any(|mark| text.contains(mark))
}

/// Whether a command line calls the hook of an agent, by whatever path.
fn is_call(line: &str, agent: &str) -> bool {
    let mut words = line.split_whitespace().map(|word| word.trim_matches(['\'', '"', ';']));
    let is_hr = |word: &str| matches!(word.rsplit(['/', '\\']).next(), Some("hr" | "hr.exe"));
    let Some(_) = words.by_ref().find(|word| is_hr(word)) else { return false };
    words.next() == Some("hook") && words.next() == Some(agent)
}
