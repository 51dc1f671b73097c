//! The step `dedupe`: folds repeated lines, by their text or by their template.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher, Hasher};

use super::lines::indentation;
use super::{Pattern, Step, boxed};
use crate::compaction::{Draft, Reason, ReasonId};
use crate::plan::Plan;
use crate::render::marker;
use crate::rule::file::DedupeFile;

/// What two lines must share to be the same.
#[derive(Debug, Clone, Copy)]
enum By {
    Line,
    Template,
}

#[derive(Debug)]
struct Dedupe {
    by: By,
    window: usize,
    keep: usize,
    only: Option<Pattern>,
    indented: usize,
    /// How repeats are dropped; without it they become a part of the line that stays, which counts them.
    dropped: Option<Reason>,
}

pub(super) fn make(file: &DedupeFile) -> Result<Box<dyn Step>, String> {
    let by = match file.by.as_deref() {
        None | Some("line") => By::Line,
        Some("template") => By::Template,
        Some(other) => return Err(format!("`by` is \"line\" or \"template\", not \"{other}\"")),
    };
    boxed(Dedupe {
        by,
        window: file.window.unwrap_or(1),
        keep: file.keep.unwrap_or(1).max(1),
        only: Pattern::any(&file.only),
        indented: file.indented,
        dropped: file.label.as_ref().map(|label| Reason::dropped("dedupe", label).once()),
    })
}

/// The occurrences of one text.
struct Seen {
    last: usize,
    line: usize,
    shown: usize,
    folded: usize,
}

impl Step for Dedupe {
    fn name(&self) -> &'static str {
        "dedupe"
    }

    fn apply(&self, draft: &mut Draft<'_>, _: &Plan) {
        let reason = self.dropped.clone().unwrap_or_else(|| Reason::dropped("dedupe", "repeats"));
        let reason = draft.because(reason);
        let mut seen: HashMap<u64, Seen, BuildHasherDefault<DefaultHasher>> = HashMap::default();
        let mut counted: Vec<(usize, usize)> = Vec::new();
        let live = draft.live();
        for (at, &line) in live.iter().enumerate() {
            let text = draft.text(line);
            // What went with a folded line is gone already.
            if !draft.is_live(line) || text.is_empty() || self.only.as_ref().is_some_and(|only| !only.is_match(text)) {
                continue;
            }
            let hash = match self.by {
                By::Line => seen.hasher().hash_one(text),
                By::Template => template_hash(text),
            };
            let entry = seen.entry(hash).or_insert(Seen { last: at, line, shown: 0, folded: 0 });
            if self.window > 0 && at - entry.last > self.window {
                counted.push((entry.line, entry.folded));
                *entry = Seen { last: at, line, shown: 0, folded: 0 };
            }
            entry.last = at;
            if entry.shown < self.keep {
                entry.shown += 1;
                entry.line = line;
            } else {
                entry.folded += usize::from(self.dropped.is_none());
                // Folded lines do not stand between neighbours.
                self.fold(draft, line, reason);
                self.merge_deeper(draft, line, &live[at + 1..], reason);
            }
        }
        counted.extend(seen.into_values().map(|entry| (entry.line, entry.folded)));
        for (line, folded) in counted.into_iter().filter(|(_, folded)| *folded > 0) {
            let mut text = draft.text(line).to_vec();
            text.extend_from_slice(marker::repeats(folded).as_bytes());
            draft.rewrite(line, text, reason);
        }
    }

    fn patterns(&self) -> Vec<&Pattern> {
        self.only.iter().collect()
    }
}

impl Dedupe {
    fn fold(&self, draft: &mut Draft<'_>, line: usize, reason: ReasonId) {
        if self.dropped.is_some() {
            draft.drop(line, reason);
        } else {
            draft.merge(line, reason);
        }
    }

    /// Makes the deeper indented lines after a folded line a part of it.
    fn merge_deeper(&self, draft: &mut Draft<'_>, line: usize, after: &[usize], reason: ReasonId) {
        let depth = indentation(draft.text(line));
        for &next in after.iter().take(self.indented) {
            if indentation(draft.text(next)) <= depth {
                break;
            }
            self.fold(draft, next, reason);
        }
    }
}

/// A hash of a line with its variable parts masked: numbers, hex, uuids, timestamps and paths.
///
/// Lines that differ in nothing else have the same hash.
pub fn template_hash(line: &[u8]) -> u64 {
    let mut template = Vec::with_capacity(line.len());
    let mut at = 0;
    while at < line.len() {
        let byte = line[at];
        if byte.is_ascii_alphanumeric() || byte == b'/' || byte >= 0x80 {
            let end = at + line[at..].iter().take_while(|byte| is_word(**byte)).count().max(1);
            match mask(&line[at..end]) {
                Some(masked) => template.push(masked),
                None => template.extend_from_slice(&line[at..end]),
            }
            at = end;
        } else {
            // Runs of blanks count as one: columns are padded.
            if byte != b' ' || at == 0 || line[at - 1] != b' ' {
                template.push(byte);
            }
            at += 1;
        }
    }
    let mut hash = DefaultHasher::new();
    hash.write(&template);
    hash.finish()
}

/// Whether a byte belongs to a word that is masked as one: words, numbers, paths, versions, uuids.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'/' | b'-' | b'.' | b'+' | b'@' | b'%') || byte >= 0x80
}

/// What a variable word is masked with; `None` for a word that belongs to the template.
fn mask(word: &[u8]) -> Option<u8> {
    let digits = word.iter().filter(|byte| byte.is_ascii_digit()).count();
    let is_number = |byte: &u8| byte.is_ascii_hexdigit() || matches!(byte, b'-' | b'.' | b'x' | b'+' | b'%');
    if word.len() > 1 && word.contains(&b'/') {
        return Some(b'P');
    }
    let varies = word.iter().all(is_number)
        || digits * 2 >= word.len()
        || (word.len() >= 12 && digits >= 3)
        || word[0].is_ascii_digit();
    (digits > 0 && varies).then_some(b'N')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_ignore_what_varies() {
        for (one, other, same) in [
            ("worker 12 took 3.5ms", "worker 7 took 13.25ms", true),
            ("GET /a/b 200", "GET /c 404", true),
            ("id 3f9a1c2b-0000-4000-8000-000000000000 done", "id 11111111-2222-3333-4444-555555555555 done", true),
            ("2026-01-02T03:04:05Z start", "2025-11-12T13:14:15Z start", true),
            ("user alice", "user bob", false),
            ("a  b", "a b", true),
        ] {
            assert_eq!(template_hash(one.as_bytes()) == template_hash(other.as_bytes()), same, "{one} / {other}");
        }
    }
}
