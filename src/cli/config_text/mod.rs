//! Changes the texts of configuration files so that everything of others stays as it is written: comments, order, blanks.
//! Texts in, texts out; reading and writing files is the caller's.

mod block;
mod json;
mod own;
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
    /// Nothing is left but this frame, which says nothing.
    Gone(String),
    /// It is not safe to change, for this reason.
    Refused(String),
}

/// Puts a change into a text; a file that is missing is an empty text. `agent` names the hook.
pub fn put(text: &str, change: &Change, agent: &str) -> Changed {
    let (form, plain) = Form::of(text);
    let done = match change {
        Change::Entry { at, value } => json::put_entry(&plain, at, value, agent),
        Change::Member { at, value } => json::put_member(&plain, at, value),
        Change::Given { key, value } => json::give(&plain, key, value),
        Change::Table { at, value } => table::put(&plain, at, value),
        Change::Block(block) => block::put(&plain, block, agent),
        Change::Own(own) => own::put(&plain, own),
        Change::Shown { why, .. } => Err((*why).into()),
    };
    match done.map(|new| form.back(new)) {
        Ok(new) if new == text => Changed::Same,
        Ok(new) => Changed::Into(new),
        Err(why) => Changed::Refused(why),
    }
}

/// Takes a change out of a text again.
pub fn take(text: &str, change: &Change, agent: &str) -> Changed {
    let (form, plain) = Form::of(text);
    let done = match change {
        Change::Entry { at, .. } => json::take_entry(&plain, at, agent),
        Change::Member { at, value } => json::take_member(&plain, at, value),
        Change::Table { at, value } => table::take(&plain, at, value),
        Change::Block(block) => block::take(&plain, block, agent),
        Change::Own(_) => own::take(&plain),
        Change::Given { .. } | Change::Shown { .. } => return Changed::Same,
    };
    match done.map(|new| form.back(new)) {
        Ok(new) if new == text => Changed::Same,
        Ok(new) if new.trim().is_empty() || json::is_empty(&new) => Changed::Gone(new),
        Ok(new) => Changed::Into(new),
        Err(why) => Changed::Refused(why),
    }
}

/// What a change would put there, for people.
pub fn snippet(change: &Change) -> String {
    match change {
        Change::Entry { at, value } => json::nested(at, &format!("[{value}]")),
        Change::Member { at, value } => json::nested(at, value),
        Change::Given { .. } => String::new(),
        Change::Table { at, value } => format!("[{}]\n{value}", at.join(".")),
        Change::Block(block) => (*block).to_string(),
        Change::Own(text) | Change::Shown { text, .. } => own::stamped(text),
    }
}

/// Whether a change is in a text.
pub fn is_in(text: &str, change: &Change, agent: &str) -> bool {
    match change {
        Change::Entry { at, .. } => json::has_entry(text, at, agent),
        Change::Member { at, .. } => json::has_server(text, at),
        Change::Table { at, .. } => table::is_in(&Form::of(text).1, at),
        Change::Block(_) => block::is_in(text, agent),
        Change::Own(_) => own::is_marked(text),
        Change::Given { .. } | Change::Shown { .. } => false,
    }
}

/// Whether something of ours is in a text where a change would be, be it for another agent.
pub fn is_ours_in(text: &str, change: &Change, agent: &str) -> bool {
    is_in(text, change, agent) || matches!(change, Change::Block(_)) && block::is_there(text)
}

/// The commands in a text that call the hook of an agent.
pub fn commands(text: &str, agent: &str) -> Vec<String> {
    json::commands(text, agent)
}

/// The elements of a JSON array that call the hook of an agent, with their places in it.
pub fn entries(text: &str, at: &[&str], agent: &str) -> Vec<(usize, Value)> {
    json::entries(text, at, agent)
}

/// A file of ours as it was before its sum went in.
pub fn unstamped(text: &str) -> String {
    own::unstamped(text).map_or_else(|| text.to_string(), |(bare, _)| bare)
}

/// What a JSON file says, also one with comments and trailing commas.
pub fn json(text: &str) -> Result<Value, String> {
    json::value(text)
}

/// How the lines of a text are written.
struct Form {
    has_bom: bool,
    has_crlf: bool,
}

impl Form {
    /// The form, and the text without it. When lines end in different ways they stay as they are.
    fn of(text: &str) -> (Self, String) {
        let plain = text.strip_prefix('\u{feff}').unwrap_or(text);
        let crlf = plain.matches("\r\n").count();
        let has_crlf = crlf > 0 && [plain.matches('\n').count(), plain.matches('\r').count()] == [crlf; 2];
        let form = Self { has_bom: plain.len() < text.len(), has_crlf };
        (form, if has_crlf { plain.replace("\r\n", "\n") } else { plain.to_string() })
    }

    fn back(&self, text: String) -> String {
        let bom = if self.has_bom { "\u{feff}" } else { "" };
        bom.to_string() + &if self.has_crlf { text.replace('\n', "\r\n") } else { text }
    }
}
