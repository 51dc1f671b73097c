//! Golden cases: a recorded output, what comes out of it, and the laws that hold for every output.
//!
//! Pure: reading and blessing folders is the command line's (`cli/cases.rs`). `hr test`, and through it the crate's own
//! test suite, run the same code.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::detect::Kind;
use crate::document::{Document, Origin};
use crate::pipeline::{Compaction, Form, Request, compact, decide, draft};
use crate::rule::{Rule, RuleSet};
use crate::tokens;

/// One recorded output and what is expected of it.
#[derive(Debug, Clone, Default)]
pub struct Case {
    /// `group/case`.
    pub name: String,
    /// The command line.
    pub command: Option<String>,
    /// Its exit status.
    pub exit_code: Option<i32>,
    /// The kind, when the case tells it.
    pub kind: Option<Kind>,
    /// What the reader looks for.
    pub query: Option<String>,
    /// A budget in tokens.
    pub budget: Option<usize>,
    /// What the tool printed.
    pub input: Vec<u8>,
    /// The exact text that comes out.
    pub expected: Option<Vec<u8>>,
    /// Texts that must be in what comes out.
    pub keep: Vec<String>,
    /// What is expected about the output.
    pub facts: Option<CaseFacts>,
}

/// `facts.json` of a case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseFacts {
    /// The rule that the command picks.
    pub rule: Option<String>,
    /// The rule that the output alone picks.
    pub blind: Option<String>,
    /// The kind of the content.
    pub kind: String,
    /// The values that the rule reads.
    #[serde(default)]
    pub facts: BTreeMap<String, String>,
}

/// What is wrong with a case; empty when it passes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The text that came out is another one.
    Differs {
        /// What was expected.
        expected: Vec<u8>,
        /// What came out.
        actual: Vec<u8>,
    },
    /// Texts that must be in the output and are not.
    Lost(Vec<String>),
    /// Facts that are not as expected, as JSON.
    Facts {
        /// What was expected.
        expected: String,
        /// What came out.
        actual: String,
    },
    /// A law that does not hold.
    Law(&'static str),
}

/// The result of one case.
#[derive(Debug)]
pub struct Verdict {
    /// What is wrong.
    pub failures: Vec<Failure>,
    /// What came out, footer included.
    pub text: Vec<u8>,
    /// What is known about it.
    pub facts: CaseFacts,
}

/// Runs a case through the rules in force.
pub fn run(case: &Case, rules: &RuleSet) -> Verdict {
    let compaction = compact(&case.input, &request(case), rules);
    let blind = Case { command: None, exit_code: None, ..case.clone() };
    let facts = CaseFacts {
        rule: compaction.rule.clone(),
        blind: rule_of(&blind, rules),
        kind: compaction.kind.name().to_string(),
        facts: compaction.facts.iter().cloned().collect(),
    };
    let mut failures = broken_laws(case, &compaction, rules).into_iter().map(Failure::Law).collect::<Vec<_>>();
    let lost = lost(&case.keep, &compaction.text);
    if !lost.is_empty() {
        failures.push(Failure::Lost(lost));
    }
    if let Some(expected) = case.facts.as_ref().filter(|expected| **expected != facts) {
        failures.push(Failure::Facts { expected: pretty(expected), actual: pretty(&facts) });
    }
    if let Some(expected) = case.expected.as_ref().filter(|expected| **expected != compaction.text) {
        failures.push(Failure::Differs { expected: expected.clone(), actual: compaction.text.clone() });
    }
    Verdict { failures, text: compaction.text, facts }
}

/// Runs the inline tests of a rule: name and what is wrong.
pub fn run_inline(rule: &std::sync::Arc<Rule>, rules: &RuleSet) -> Vec<(String, Vec<Failure>)> {
    rule.tests
        .iter()
        .map(|test| {
            let case = Case {
                name: format!("{}: {}", rule.id, test.name),
                command: test.command.clone(),
                exit_code: test.exit_code,
                input: test.input.clone().into_bytes(),
                ..Case::default()
            };
            let mut request = request(&case);
            // Inline inputs are short; what they show must not depend on the smallest size worth cutting.
            request.limits.small_ruled = 0;
            request.limits.small_short = 0;
            request.footer = crate::pipeline::FooterPlace::Apart;
            request.rule = test.command.is_none().then(|| std::sync::Arc::clone(rule));
            let doc = Document::new(&case.input, request.origin.clone());
            let decision = decide(&doc, &request, rules);
            let text = crate::render::text::body(&draft(&doc, &decision));
            let mut failures = Vec::new();
            let picked = decision.rule.map(|found| found.rule.id.clone());
            if picked.as_deref() != Some(&rule.id) {
                failures.push(Failure::Facts {
                    expected: rule.id.clone(),
                    actual: picked.unwrap_or_else(|| "no rule".into()),
                });
            }
            let lost = lost(&test.expect_contains, &text);
            if !lost.is_empty() {
                failures.push(Failure::Lost(lost));
            }
            if test.expect_lacks.iter().any(|lacking| memchr::memmem::find(&text, lacking.as_bytes()).is_some()) {
                failures.push(Failure::Law("a text of `expect-lacks` is in the output"));
            }
            if let Some(expected) =
                test.expect.as_ref().filter(|expected| expected.trim_end().as_bytes() != text.trim_ascii_end())
            {
                failures.push(Failure::Differs { expected: expected.clone().into_bytes(), actual: text });
            }
            (test.name.clone(), failures)
        })
        .collect()
}

/// `facts.json` as it is written.
pub fn pretty(facts: &CaseFacts) -> String {
    // Strings and maps of strings always serialise.
    serde_json::to_string_pretty(facts).unwrap_or_default() + "\n"
}

fn request(case: &Case) -> Request {
    Request {
        origin: Origin { command: case.command.clone(), exit_code: case.exit_code },
        handle: Some(blake3::hash(&case.input).to_hex()[..8].to_string()),
        kind: case.kind,
        query: case.query.clone(),
        budget: case.budget,
        ..Request::default()
    }
}

fn rule_of(case: &Case, rules: &RuleSet) -> Option<String> {
    let request = request(case);
    let doc = Document::new(&case.input, request.origin.clone());
    decide(&doc, &request, rules).rule.map(|found| found.rule.id.clone())
}

fn lost(keep: &[String], text: &[u8]) -> Vec<String> {
    let folded = fold(text);
    keep.iter().filter(|fact| memchr::memmem::find(&folded, &fold(fact.as_bytes())).is_none()).cloned().collect()
}

/// White space folded: grouping and indenting lose nothing.
fn fold(text: &[u8]) -> Vec<u8> {
    text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(&b' ')
}

/// The laws that do not hold for a compaction.
fn broken_laws(case: &Case, compaction: &Compaction, rules: &RuleSet) -> Vec<&'static str> {
    let mut broken = Vec::new();
    let mut law = |holds: bool, text: &'static str| {
        if !holds {
            broken.push(text);
        }
    };
    let request = request(case);
    let doc = Document::new(&case.input, request.origin.clone());
    let draft = draft(&doc, &decide(&doc, &request, rules));
    law(draft.is_sound(), "every line has one fate, and no protected line is dropped");
    law(tokens::estimate(&compaction.text) <= tokens::estimate(&case.input), "the output has no more tokens");
    law(compaction.form != Form::Compacted || compaction.handle.is_some(), "what is lossy names the original");
    law(compact(&case.input, &request, rules).text == compaction.text, "the same input gives the same bytes");
    let known = compaction.handle.iter().cloned().collect();
    if compaction.form != Form::Raw {
        let again = Request { known, ..self::request(&Case { input: compaction.text.clone(), ..case.clone() }) };
        let again = compact(&compaction.text, &again, rules);
        law(again.text == compaction.text || compaction.form == Form::Cleaned, "compacting twice changes nothing");
    }
    broken
}
