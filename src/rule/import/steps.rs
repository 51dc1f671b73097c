//! What the peers do with lines, in the order that all of them have, and the steps of ours that do it.

use super::keys::Notes;
use super::patterns::is_blank;
use crate::rule::file::{DedupeFile, DropFile, KeepFile, ReplaceFile, ShortFile, StepFile, TruncateFile, WindowFile};

/// What is said of every key whose lines may be error lines.
pub(super) const PROTECTED: &str = "lines that tell of errors and failures stay, whatever it says";
/// What is said of a list of lines to keep.
pub(super) const KEEP: &str = "when no line matches, all stay; lines that tell of errors and failures stay too";
/// What is said of a message that stands for a whole output.
pub(super) const MESSAGE: &str =
    "the message comes only with exit status 0, and only when every line is one that the rule knows";
/// What is said of a message for an empty output.
pub(super) const EMPTY: &str =
    "the message comes only with exit status 0, and only when the rule drops every line; no output stays no output";

/// What a peer does with the lines of an output.
#[derive(Debug, Clone, Default)]
pub(super) struct Steps {
    /// Changes of lines.
    pub replace: Vec<ReplaceFile>,
    /// Patterns of lines that go.
    pub skip: Vec<String>,
    /// What is said when nothing else is left.
    pub on_empty: Option<String>,
    /// Messages for outputs with lines that match.
    pub messages: Vec<ShortFile>,
    /// Patterns of lines that stay.
    pub keep: Vec<String>,
    /// How repeats are folded.
    pub dedupe: Option<DedupeFile>,
    /// Patterns of lines that go after all this.
    pub skip_late: Vec<String>,
    /// The longest line.
    pub truncate: Option<usize>,
    /// How many lines stay at both ends.
    pub window: Option<(usize, usize)>,
}

impl Steps {
    /// The steps for a success.
    pub fn written(&self) -> Vec<StepFile> {
        let mut steps = Vec::new();
        let mut add = |step: Option<StepFile>| steps.extend(step);
        for replace in &self.replace {
            add(Some(StepFile { replace: Some(replace.clone()), ..StepFile::default() }));
        }
        add(self.empty());
        add(drop_blank(&self.skip));
        add(drop_lines(&self.skip));
        for short in &self.messages {
            add(Some(StepFile { short: Some(short.clone()), ..StepFile::default() }));
        }
        add((!self.keep.is_empty()).then(|| {
            let keep = KeepFile { lines: self.keep.clone(), before: 0, after: 0, label: None };
            StepFile { keep: Some(keep), ..StepFile::default() }
        }));
        add(self.dedupe.clone().map(|dedupe| StepFile { dedupe: Some(dedupe), ..StepFile::default() }));
        add(drop_blank(&self.skip_late));
        add(drop_lines(&self.skip_late));
        add(self.truncate.map(|width| {
            let truncate = TruncateFile { width, only: Vec::new() };
            StepFile { truncate: Some(truncate), ..StepFile::default() }
        }));
        add(self.window.map(|(head, tail)| {
            let window = WindowFile { head, tail, label: None };
            StepFile { window: Some(window), ..StepFile::default() }
        }));
        steps
    }

    /// The steps for a failure: the same, without what only a success has.
    pub fn written_for_failure(&self) -> Vec<StepFile> {
        Self { on_empty: None, messages: Vec::new(), ..self.clone() }.written()
    }

    /// The message for an output of which every line would go.
    fn empty(&self) -> Option<StepFile> {
        let message = self.on_empty.clone()?;
        let lines = self.skip.iter().chain(&self.skip_late).cloned().collect::<Vec<_>>();
        let short = ShortFile { lines, message };
        (!short.lines.is_empty()).then(|| StepFile { short: Some(short), ..StepFile::default() })
    }

    /// Sets the message for an empty output, where one can come out.
    pub fn say_when_empty(&mut self, message: Option<String>, key: &str, notes: &mut Notes) {
        let Some(message) = message else { return };
        if self.skip.is_empty() && self.skip_late.is_empty() {
            notes.left(key, "no line is dropped by a pattern, so nothing can become empty");
        } else if let Some(message) = literal(message, key, notes) {
            notes.changed(key, EMPTY);
            self.on_empty = Some(message);
        }
    }

    /// Keeps so many lines at the ends and no more than `most`; a third of `most` is from the end.
    pub fn set_window(&mut self, head: Option<usize>, tail: Option<usize>, most: Option<usize>, notes: &mut Notes) {
        let ends = (head.is_some() || tail.is_some()).then(|| (head.unwrap_or(0), tail.unwrap_or(0)));
        self.window = match (ends, most) {
            (Some((head, tail)), Some(most)) if head + tail > most => {
                notes.changed("max_lines", "the lines are taken from both ends, so that what comes last stays");
                let tail = tail.min(most.div_ceil(3));
                Some((head.min(most - tail), tail))
            }
            (None, Some(most)) => {
                notes.changed("max_lines", "a third of the lines is from the end, so that what comes last stays");
                Some((most - most / 3, most / 3))
            }
            (ends, _) => ends,
        };
    }
}

/// A message that is printed as it stands. One that looks like a template of ours would never be printed.
pub(super) fn literal(message: String, key: &str, notes: &mut Notes) -> Option<String> {
    let mut after = message.split('$').skip(1);
    if after.any(|rest| rest.starts_with(|c: char| c == '{' || c == '_' || c.is_alphanumeric())) {
        notes.left(key, "a `$` before a word is the name of a capture here, so the message cannot say it");
        return None;
    }
    Some(message)
}

/// Blank lines go without a word: nothing is lost by it.
fn drop_blank(skip: &[String]) -> Option<StepFile> {
    if !skip.iter().any(|pattern| is_blank(pattern)) {
        return None;
    }
    let drop = DropFile {
        lines: vec![r"^\s*$".into()],
        unless: Vec::new(),
        indented: 0,
        label: None,
        mark_each: false,
        layout: true,
    };
    Some(StepFile { drop: Some(drop), ..StepFile::default() })
}

fn drop_lines(skip: &[String]) -> Option<StepFile> {
    let lines = skip.iter().filter(|pattern| !is_blank(pattern)).cloned().collect::<Vec<_>>();
    let drop = DropFile { lines, unless: Vec::new(), indented: 0, label: None, mark_each: false, layout: false };
    (!drop.lines.is_empty()).then(|| StepFile { drop: Some(drop), ..StepFile::default() })
}

/// Folds neighbours that are equal, or equal lines at most `window` apart.
pub(super) fn dedupe(window: Option<usize>) -> DedupeFile {
    DedupeFile { by: Some("line".into()), window, keep: None, only: Vec::new(), indented: 0, label: None }
}
