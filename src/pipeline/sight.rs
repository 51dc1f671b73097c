//! What a rule can see of a document: the command, the kind, the ends of the text.

use std::cell::OnceCell;

use super::Request;
use crate::command::{self, Printed};
use crate::detect::{self, Detection, Kind};
use crate::document::Document;
use crate::rule::Look;

/// What rules are matched against.
pub(super) struct Sight {
    /// Whose output it is.
    pub(super) printed: Option<Printed>,
    /// The kind, once it is asked for.
    pub(super) detection: OnceCell<Detection>,
    /// What fingerprints read.
    pub(super) text: Vec<u8>,
}

impl Sight {
    pub(super) fn of(doc: &Document<'_>, request: &Request) -> Self {
        let told = |kind| Detection { kind, why: "it was told".into() };
        Self {
            printed: doc.origin().command.as_deref().and_then(command::who_printed),
            detection: request
                .kind
                .map(told)
                .or_else(|| request.detected.clone())
                .map(OnceCell::from)
                .unwrap_or_default(),
            text: fingerprint_text(doc),
        }
    }

    /// Whether the text has the outputs of several commands, so that what one of them is known by tells little.
    pub(super) fn has_outputs_of_many(&self, doc: &Document<'_>) -> bool {
        let is_log = || self.detection.get_or_init(|| detect::detect(doc)).kind == Kind::Log;
        // One tool may say which commands it runs; the log of a job names many.
        detect::is_session(doc) || detect::is_of_files(doc) || detect::is_sectioned(doc) && !is_log()
    }

    pub(super) fn look<'a>(&'a self, doc: &'a Document<'_>) -> Look<'a> {
        Look {
            command: doc.origin().command.as_deref(),
            printed: self.printed.as_ref(),
            exit_code: doc.origin().exit_code,
            text: &self.text,
            doc,
            detection: &self.detection,
        }
    }
}

/// The part of a text that fingerprints read: its first 64 KiB and its last 16 KiB, line ends plain.
fn fingerprint_text(doc: &Document<'_>) -> Vec<u8> {
    const HEAD: usize = 64 << 10;
    const TAIL: usize = 16 << 10;
    let mut text = Vec::with_capacity(doc.text().len().min(HEAD + TAIL) + 2);
    let mut next = 0;
    while next < doc.len() && text.len() < HEAD {
        text.extend_from_slice(doc.line(next));
        text.push(b'\n');
        next += 1;
    }
    let mut size = 0;
    let tail = (next..doc.len()).rev().take_while(|&line| {
        size += doc.line(line).len() + 1;
        size <= TAIL
    });
    for line in doc.len() - tail.count()..doc.len() {
        text.extend_from_slice(doc.line(line));
        text.push(b'\n');
    }
    text
}
