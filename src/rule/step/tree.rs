//! The step `tree`: a list of paths is printed by folder, the folder once.

use std::collections::HashMap;

use super::{Pattern, Step, boxed};
use crate::compaction::{Draft, Loss, Place, Reason};
use crate::plan::Plan;
use crate::render::marker;
use crate::rule::file::TreeFile;

#[derive(Debug)]
struct Tree {
    pattern: Option<Pattern>,
    most: usize,
}

pub(super) fn make(file: &TreeFile) -> Result<Box<dyn Step>, String> {
    boxed(Tree { pattern: file.pattern.as_deref().map(Pattern::new), most: file.most.unwrap_or(usize::MAX) })
}

impl Step for Tree {
    fn name(&self) -> &'static str {
        "tree"
    }

    fn apply(&self, draft: &mut Draft<'_>, _: &Plan) {
        let lines = draft.live();
        by_folder(draft, lines, self.most, |text| self.path(text));
    }

    fn patterns(&self) -> Vec<&Pattern> {
        self.pattern.iter().collect()
    }
}

/// Prints paths by folder: where the first of a folder stood, the folder and below it the names in it, `most` of them.
pub fn by_folder(
    draft: &mut Draft<'_>,
    lines: Vec<usize>,
    most: usize,
    path_in: impl for<'p> Fn(&'p [u8]) -> Option<&'p [u8]>,
) {
    let mut index: HashMap<Vec<u8>, usize> = HashMap::new();
    let mut folders: Vec<(Vec<u8>, Vec<usize>)> = Vec::new();
    for line in lines {
        let Some(path) = path_in(draft.text(line)) else { continue };
        let folder = path[..folder_len(path)].to_vec();
        let at = *index.entry(folder.clone()).or_insert_with(|| {
            folders.push((folder, Vec::new()));
            folders.len() - 1
        });
        folders[at].1.push(line);
    }
    let moved = Reason { step: "tree", label: "paths".into(), loss: Loss::None, place: Place::EachGap };
    let moved = draft.because(moved);
    let cut = draft.because(Reason::dropped("tree", "paths"));
    for (folder, lines) in folders.iter().filter(|(folder, lines)| lines.len() > 1 && !folder.is_empty()) {
        let mut text = folder.clone();
        for &line in lines.iter().take(most) {
            let path = path_in(draft.text(line)).unwrap_or_default();
            text.extend_from_slice(b"\n  ");
            text.extend_from_slice(&path[folder.len()..]);
        }
        let hidden = lines.len().saturating_sub(most);
        if hidden > 0 {
            text.extend_from_slice(b"\n  ");
            text.extend_from_slice(marker::left_out(hidden, "paths", None).as_bytes());
        }
        let reason = if hidden > 0 { cut } else { moved };
        draft.rewrite(lines[0], text, reason);
        for &line in &lines[1..] {
            draft.merge(line, reason);
        }
    }
}

impl Tree {
    /// The path in a line.
    fn path<'t>(&self, text: &'t [u8]) -> Option<&'t [u8]> {
        match &self.pattern {
            Some(pattern) => Some(pattern.captures(text)?.name("path")?),
            None => (!text.is_empty()).then_some(text),
        }
    }
}

/// The length of the folder part of a path, its last slash included.
fn folder_len(path: &[u8]) -> usize {
    let body = path.strip_suffix(b"/").unwrap_or(path);
    memchr::memrchr(b'/', body).map_or(0, |slash| slash + 1)
}
