//! The compressor for text of no other kind: prose, help pages, tables, lists.
//!
//! What fits the budget stays. Of what does not, lists of paths become a tree by folder first, which loses nothing but the
//! form in which a path can be copied; then failures, headings and the beginnings of sections stay, and the two ends.
//! The names in a folder stand side by side, as `ls` prints them on a terminal.

use std::ops::Range;

use super::{Skip, salience};
use crate::compaction::Draft;
use crate::detect::{Kind, is_listed_path};
use crate::plan::Plan;
use crate::rule::step::{by_folder, side_by_side};

/// So many paths make a list.
const PATHS: usize = 12;

/// How long a row of names gets, in bytes.
const WIDTH: usize = 400;

/// Keeps what matters within the budget.
pub(super) fn compress(draft: &mut Draft<'_>, lines: Range<usize>, plan: &Plan) -> Result<(), Skip> {
    let live = draft.live_in(lines.clone());
    if are_names(draft, &live) {
        side_by_side(draft, live, " ", WIDTH, |_| true);
        return salience_of(draft, lines, plan);
    }
    let size: usize = salience::costs(draft, &live).iter().sum();
    let paths = live.iter().filter(|&&line| is_listed_path(draft.text(line))).count();
    let is_large = size > plan.budget.unwrap_or(plan.limits.text);
    if is_large && paths >= PATHS && paths * 10 >= live.len() * 9 {
        by_folder(draft, live, usize::MAX, |text| is_listed_path(text).then_some(text));
    }
    salience_of(draft, lines, plan)
}

fn salience_of(draft: &mut Draft<'_>, lines: Range<usize>, plan: &Plan) -> Result<(), Skip> {
    salience::compress(Kind::Text, draft, lines, &[], plan);
    Ok(())
}

/// Whether lines are the names in a folder: one word each, in order, one of them with an extension.
fn are_names(draft: &Draft<'_>, lines: &[usize]) -> bool {
    let is_of_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.+@~".contains(byte);
    let is_name = |name: &[u8]| !name.is_empty() && name.iter().all(is_of_name);
    let has_extension = |name: &[u8]| memchr::memchr(b'.', name).is_some_and(|dot| dot > 0 && dot + 1 < name.len());
    let folded = |name: &[u8]| name.to_ascii_lowercase();
    let letters = |name: &[u8]| folded(name).into_iter().filter(u8::is_ascii_alphanumeric).collect::<Vec<_>>();
    let names = || lines.iter().map(|&line| draft.text(line));
    lines.len() >= PATHS
        && names().all(is_name)
        && names().any(has_extension)
        && (names().is_sorted_by(|a, b| a < b)
            || names().map(folded).is_sorted_by(|a, b| a < b)
            || names().map(letters).is_sorted())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Document, Origin};

    #[test]
    fn names_of_a_folder_are_in_order_and_one_has_an_extension() {
        let names = "Makefile README.md app.py base.py cart.py docs fees.py gate.py hub.py ink.py jobs.py tests";
        let table = [
            (names.to_string(), true),
            (names.replace("docs", "2 docs"), false),
            (names.replace("docs", "zoo"), false),
            (names.replace(".py", "py").replace(".md", ""), false),
            (names.replace("docs", "base.py"), false),
            (names.replace("Makefile ", ""), false),
        ];
        for (names, expected) in table {
            let text = names.replace(' ', "\n").replace("2\n", "2 ");
            let doc = Document::new(text.as_bytes(), Origin::default());
            let draft = Draft::new(&doc);
            assert_eq!(are_names(&draft, &draft.live()), expected, "{text}");
        }
    }
}
