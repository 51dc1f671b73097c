//! Compacts so that a bug of ours costs nobody a line: what breaks on a text lets it pass as it came.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::output;
use crate::document::Document;
use crate::pipeline::{self, Compaction, Decision, Request};
use crate::rule::RuleSet;

/// Compacts a text; one that cannot be compacted comes out as it is, and standard error says why.
pub fn compact(raw: &[u8], request: &Request, rules: &RuleSet) -> Compaction {
    let compaction = unbroken(|| pipeline::compact(raw, request, rules));
    compaction.unwrap_or_else(|| Compaction::untouched(raw, &request.origin))
}

/// Compacts a document of which only a part is held; nothing when that breaks.
pub fn compact_document(doc: &Document<'_>, request: &Request, rules: &RuleSet) -> Option<Compaction> {
    unbroken(|| pipeline::compact_document(doc, request, rules))
}

/// Decides about a document; nothing when that breaks.
pub fn decide(doc: &Document<'_>, request: &Request, rules: &RuleSet) -> Option<Decision> {
    unbroken(|| pipeline::decide(doc, request, rules))
}

/// What a function returns, unless it panics: the panic is on standard error by then.
fn unbroken<T>(work: impl FnOnce() -> T) -> Option<T> {
    // What was half done when it broke is not looked at again.
    let done = catch_unwind(AssertUnwindSafe(work)).ok();
    if done.is_none() {
        output::complain("hr: the text passes as it came, since it broke `hr`; please report what it was");
    }
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_breaks_returns_nothing_and_goes_on() {
        assert_eq!(unbroken(|| 7), Some(7));
        assert_eq!(unbroken(|| -> u8 { panic!("a test of what happens then") }), None);
    }
}
