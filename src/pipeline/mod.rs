//! The whole flow: bytes in, [`Compaction`] out.

mod facts;
mod fit;
mod sight;

use std::fmt;
use std::sync::Arc;

use sight::Sight;

use crate::command::Printed;
use crate::compaction::{Draft, Dropped, Reason};
use crate::compress;
use crate::detect::{self, Detection, Kind, Part};
use crate::document::{Document, Origin};
use crate::guard;
use crate::plan::{Limits, Outcome, Plan};
use crate::render::marker::{self, Footer};
use crate::render::text;
use crate::rule::{Found, Layer, Rule, RuleSet};
use crate::shown::{self, Shown};
use crate::signal::{Signal, Signals};
use crate::tokens;

/// What the caller wants, besides the text itself.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Where the text came from.
    pub origin: Origin,
    /// How much may stay.
    pub limits: Limits,
    /// A budget in tokens instead of what the kind allows.
    pub budget: Option<usize>,
    /// What the reader looks for, in words: what is most about it stays.
    pub query: Option<String>,
    /// The kind, when the caller knows it.
    pub kind: Option<Kind>,
    /// What was detected, when the caller had it detected before.
    pub detected: Option<Detection>,
    /// The rule, when the caller chooses it.
    pub rule: Option<Arc<Rule>>,
    /// Under which handle the caller keeps the original. Without one nothing is lost: the text is only cleaned.
    pub handle: Option<String>,
    /// Whether the footer goes below the text.
    pub footer: FooterPlace,
    /// Handles that the caller's store knows: text that names one of them went through us before.
    pub known: Vec<String>,
    /// What the reader was shown before, and need not be shown again.
    pub shown: Option<Arc<Shown>>,
}

/// Where the facts go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FooterPlace {
    /// Below the text.
    #[default]
    Text,
    /// The caller prints [`Compaction::footer`] elsewhere, or not at all.
    Apart,
}

/// Which form of the text went out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The bytes as they came.
    Raw,
    /// Cleaned without loss.
    Cleaned,
    /// Shortened; the original is needed for the rest.
    Compacted,
}

impl Form {
    /// The name in the JSON form.
    pub fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Cleaned => "cleaned",
            Self::Compacted => "compacted",
        }
    }
}

/// What comes out.
#[derive(Debug, Clone)]
pub struct Compaction {
    /// The text to print.
    pub text: Vec<u8>,
    /// The footer, when there is something to say.
    pub footer: Option<String>,
    /// Which form the text has.
    pub form: Form,
    /// The kind that was detected.
    pub kind: Kind,
    /// The rule that applied.
    pub rule: Option<String>,
    /// The exit status, as it was told.
    pub exit_code: Option<i32>,
    /// Named values.
    pub facts: Vec<(String, String)>,
    /// What is not in the text.
    pub dropped: Vec<Dropped>,
    /// The handle of the original, when it is needed.
    pub handle: Option<String>,
    /// Lines before and after.
    pub lines: (usize, usize),
    /// Bytes before and after.
    pub bytes: (usize, usize),
    /// Estimated tokens before and after.
    pub tokens: (usize, usize),
}

/// Everything that was decided about a text, for `hr explain`.
#[derive(Debug, Clone)]
pub struct Decision {
    /// Whose output it is.
    pub printed: Option<Printed>,
    /// The plan.
    pub plan: Plan,
    /// The stretches of one kind each; one when the rule or the caller tells the kind.
    pub parts: Vec<Part>,
    /// The rule, and how it was found.
    pub rule: Option<Found>,
    /// Why the text is left as it is, if it is.
    pub leave: Option<Leave>,
    /// What the reader was shown before.
    pub shown: Option<Arc<Shown>>,
}

/// Why a text is left as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leave {
    /// It is binary data.
    Binary,
    /// It went through us before.
    Known,
    /// It is a file that is read in order to be edited: nothing goes but what the reader was shown before.
    FileRead,
}

impl fmt::Display for Leave {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Binary => "it is binary data",
            Self::Known => "it went through hr before",
            Self::FileRead => "it is a file that is read in order to be edited",
        })
    }
}

/// From so many tokens on the footer names rule, facts, sizes, and everything that went by its name.
const LARGE: usize = 2500;

/// Compacts a text.
pub fn compact(raw: &[u8], request: &Request, rules: &RuleSet) -> Compaction {
    compact_document(&Document::new(raw, request.origin.clone()), request, rules)
}

/// Compacts a document, for callers that read it themselves.
pub fn compact_document(doc: &Document<'_>, request: &Request, rules: &RuleSet) -> Compaction {
    let decision = decide(doc, request, rules);
    if let (Some(Leave::FileRead), Some(shown)) = (decision.leave, &request.shown) {
        return file_read(doc, &decision, shown, request);
    }
    carried_out(doc, &decision, request).1
}

/// A file that is read in order to be edited: what stays, stays byte for byte.
fn file_read(doc: &Document<'_>, decision: &Decision, shown: &Shown, request: &Request) -> Compaction {
    let doc = Document::verbatim(doc.raw(), doc.origin().clone());
    let mut draft = Draft::new(&doc);
    shown::drop(&mut draft, shown);
    finish(&draft, decision, request)
}

/// Carries a decision out: what became of every line, and what comes of it.
pub fn carried_out<'d>(doc: &'d Document<'d>, decision: &Decision, request: &Request) -> (Draft<'d>, Compaction) {
    if let Some(budget) = request.budget {
        return fit::fitted(doc, decision, request, budget);
    }
    let draft = draft(doc, decision);
    let compaction = finish(&draft, decision, request);
    (draft, compaction)
}

/// Decides what happens to a document: kind, rule, plan.
pub fn decide(doc: &Document<'_>, request: &Request, rules: &RuleSet) -> Decision {
    let sight = Sight::of(doc, request);
    let rule = match &request.rule {
        Some(rule) => Some(Found::chosen(Arc::clone(rule))),
        None => rules
            .find(&sight.look(doc))
            .filter(|found| knows_form(found, doc))
            .filter(|found| found.claim.by_command || !sight.has_outputs_of_many(doc)),
    };
    let told = |kind| Detection { kind, why: "the rule says so".into() };
    let fixed = rule.as_ref().and_then(|found| found.rule.kind).filter(|_| request.kind.is_none());
    let is_told = request.kind.is_some() || fixed.is_some();
    let detection = fixed.map(told).unwrap_or_else(|| sight.detection.get_or_init(|| detect::detect(doc)).clone());
    let outcome = outcome(doc.origin().exit_code, rule.as_ref().map(|found| &*found.rule), &sight.text);
    let plan = Plan {
        detection,
        outcome,
        limits: request.limits.clone(),
        budget: request.budget,
        told: is_told,
        ruled: rule.is_some(),
        query: request.query.clone(),
    };
    let leave = leave(doc, request, sight.printed.as_ref());
    let parts = if leave.is_none() && !is_told {
        detect::parts(doc, &plan.detection)
    } else {
        vec![Part { lines: 0..doc.len(), detection: plan.detection.clone() }]
    };
    Decision { printed: sight.printed, plan, parts, rule, leave, shown: request.shown.clone() }
}

/// Whether a rule can know a document by its form: tools that print JSON when they are asked to do not print what a rule
/// for lines knows, and a rule for JSON that nobody told knows nothing of what stands around a document.
fn knows_form(found: &Found, doc: &Document<'_>) -> bool {
    match found.rule.kind {
        None => true,
        Some(Kind::Json) => found.claim.by_command || detect::is_json_document(doc),
        Some(_) => !detect::is_json_document(doc),
    }
}

/// Every rule that fits a document, best first.
pub fn claims(doc: &Document<'_>, request: &Request, rules: &RuleSet) -> Vec<Found> {
    rules.claims(&Sight::of(doc, request).look(doc))
}

/// Why a text is left as it is, if it is.
fn leave(doc: &Document<'_>, request: &Request, printed: Option<&Printed>) -> Option<Leave> {
    let asked = request.budget.is_some() || request.rule.is_some() || request.kind.is_some() || request.query.is_some();
    let head = &doc.raw()[..doc.raw().len().min(8192)];
    if memchr::memchr(0, head).is_some() && !detect::has_nul_paths(head) {
        Some(Leave::Binary)
    } else if marker::handles(doc.text())
        .iter()
        .any(|handle| request.known.iter().any(|known| known.starts_with(handle)))
    {
        Some(Leave::Known)
    } else if !asked && printed.is_some_and(|printed| printed.reads_file) {
        Some(Leave::FileRead)
    } else {
        None
    }
}

fn outcome(exit_code: Option<i32>, rule: Option<&Rule>, text: &[u8]) -> Outcome {
    match exit_code {
        Some(0) => Outcome::Success,
        Some(_) => Outcome::Failure,
        None => match rule.and_then(|rule| rule.failure.as_ref()) {
            Some(failure) if failure.is_match(text) => Outcome::Failure,
            Some(_) | None => Outcome::Unknown,
        },
    }
}

/// Runs the steps of the rule, then the compressor of the kind.
pub fn draft<'d>(doc: &'d Document<'d>, decision: &Decision) -> Draft<'d> {
    let mut draft = Draft::new(doc);
    if decision.leave.is_some() {
        return draft;
    }
    neutralise(&mut draft);
    let rule = decision.rule.as_ref().map(|found| &*found.rule);
    if let Some(rule) = rule {
        draft.protect(protected(doc, rule));
        draft.hold(rule.layer == Layer::Untrusted);
        for step in steps(rule, decision.plan.outcome) {
            step.apply(&mut draft, &decision.plan);
        }
        draft.hold(false);
    }
    squeeze_blank_runs(&mut draft, decision);
    if decision.plan.budget.is_some() {
        draft.unprotect();
    }
    if decision.plan.budget.is_some() || !stays_whole(doc, decision) {
        compress::compress_parts(&decision.parts, &mut draft, &decision.plan);
        compress::bound(decision.plan.detection.kind, &mut draft, &decision.plan);
    }
    compress::shorten_cut_lines(&mut draft);
    if let Some(shown) = &decision.shown {
        shown::drop(&mut draft, shown);
    }
    draft
}

/// Whether all that the steps of the rule left stays, because the rule says so and the output is surely the tool's.
fn stays_whole(doc: &Document<'_>, decision: &Decision) -> bool {
    /// A longer text that only looks like a tool's, in bytes, may have much else in it.
    const SURE: usize = 32 << 10;
    let says = |found: &Found| found.rule.whole && (found.claim.by_command || doc.text().len() <= SURE);
    decision.rule.as_ref().is_some_and(says)
}

/// The steps for an outcome.
fn steps(rule: &Rule, outcome: Outcome) -> &[Box<dyn crate::rule::step::Step>] {
    match (outcome, &rule.on_failure) {
        (Outcome::Failure, Some(steps)) => steps,
        (Outcome::Failure, None) | (Outcome::Success | Outcome::Unknown, _) => &rule.steps,
    }
}

/// Which lines no step of a rule may drop: its own `protect`, and failures by the built-in words unless it says otherwise.
fn protected(doc: &Document<'_>, rule: &Rule) -> Vec<bool> {
    let signals = Signals::shared();
    doc.lines()
        .map(|line| {
            rule.protect.as_ref().is_some_and(|pattern| pattern.is_match(line))
                || (signals.of(line) == Signal::Failure
                    && !rule.unprotect.as_ref().is_some_and(|pattern| pattern.is_match(line)))
        })
        .collect()
}

/// Takes the edge off lines that imitate our markers.
fn neutralise(draft: &mut Draft<'_>) {
    if !marker::imitates(draft.doc().text()) {
        return;
    }
    let reason = draft.because(Reason { label: "imitated markers".into(), ..Reason::layout("neutralise") });
    for line in 0..draft.len() {
        if let Some(text) = marker::neutralised(draft.text(line)) {
            draft.rewrite(line, text, reason);
        }
    }
}

/// Leaves one blank line of a run of them, and none at the beginning.
///
/// Blank lines of a patch are lines of its files, and its headers count them.
fn squeeze_blank_runs(draft: &mut Draft<'_>, decision: &Decision) {
    if decision.plan.detection.kind == Kind::Diff {
        return;
    }
    let reason = draft.because(Reason::layout("blank-lines"));
    let mut after_blank = true;
    let others = decision.parts.iter().filter(|part| part.detection.kind != Kind::Diff);
    for line in others.flat_map(|part| part.lines.clone()) {
        if draft.is_live(line) {
            let blank = draft.text(line).is_empty();
            if blank && after_blank {
                draft.drop(line, reason);
            }
            after_blank = blank;
        }
    }
}

/// Chooses the form that goes out: compacted, else cleaned, else raw.
fn finish(draft: &Draft<'_>, decision: &Decision, request: &Request) -> Compaction {
    let doc = draft.doc();
    let out = without_text(doc, decision);
    if decision.leave.is_some() && !draft.lost_meaning() {
        return out.raw(doc);
    }
    let before = out.tokens.0;
    let small = match &decision.rule {
        Some(_) if draft.is_one_message() => request.limits.small_short,
        Some(_) => request.limits.small_ruled,
        None => request.limits.small,
    };
    // What is not even here cannot go out.
    let is_part = doc.whole().is_some_and(|whole| whole.bytes > doc.raw().len());
    if is_part || draft.lost_meaning() && before >= small && request.handle.is_some() {
        let compacted = compacted(draft, out.clone(), request);
        if is_part || guard::is_worth_it(draft, before, compacted.with_footer) {
            return compacted.compaction;
        }
    }
    if decision.leave.is_some() {
        return out.raw(doc);
    }
    let cleaned = if draft.lost_meaning() || before < small { cleaned(doc) } else { lossless(draft) };
    // Trailing blanks alone are not worth a change of bytes.
    let after = tokens::estimate(&cleaned);
    if after + 4 < before || after <= before && marker::imitates(doc.text()) {
        out.with(Form::Cleaned, cleaned, after)
    } else {
        out.raw(doc)
    }
}

/// What is known about a text, before anything is done to it.
fn without_text(doc: &Document<'_>, decision: &Decision) -> Compaction {
    let whole = doc.whole();
    let before = whole.map_or_else(|| tokens::estimate(doc.raw()), |whole| whole.tokens);
    let (lines, bytes) = whole.map_or((doc.len(), doc.raw().len()), |whole| (whole.lines, whole.bytes));
    let rule = decision.rule.as_ref().map(|found| &*found.rule);
    let mut facts = rule.map_or_else(Vec::new, |rule| facts::read(doc, &rule.facts));
    facts.extend(whole.into_iter().flat_map(facts::of_all));
    Compaction {
        text: Vec::new(),
        footer: None,
        form: Form::Raw,
        kind: decision.plan.detection.kind,
        rule: rule.map(|rule| rule.id.clone()),
        exit_code: doc.origin().exit_code,
        facts,
        dropped: Vec::new(),
        handle: None,
        lines: (lines, lines),
        bytes: (bytes, bytes),
        tokens: (before, before),
    }
}

/// A text that is shortened, and what it costs with its footer, wherever that goes.
struct Shortened {
    compaction: Compaction,
    with_footer: usize,
}

fn compacted(draft: &Draft<'_>, mut out: Compaction, request: &Request) -> Shortened {
    // What needs no place of its own is counted in the footer, so that markers do not tear the text apart.
    let (mut text, left_out) = if request.footer == FooterPlace::Text {
        text::body_and_counts(draft)
    } else {
        (text::body(draft), Vec::new())
    };
    out.tokens.1 = tokens::estimate(&text);
    let footer = footer(&out, &left_out, request);
    text.extend_from_slice(footer.as_bytes());
    text.push(b'\n');
    let with_footer = tokens::estimate(&text);
    let after = if request.footer == FooterPlace::Apart {
        text.truncate(text.len() - footer.len() - 1);
        out.tokens.1
    } else {
        with_footer
    };
    out.footer = Some(footer);
    out.handle.clone_from(&request.handle);
    out.dropped = draft.dropped();
    out.lines.1 = memchr::memchr_iter(b'\n', &text).count();
    Shortened { compaction: out.with(Form::Compacted, text, after), with_footer }
}

impl Compaction {
    /// A text as it came, of which nothing is known.
    pub fn untouched(raw: &[u8], origin: &Origin) -> Self {
        let (lines, tokens) = (memchr::memchr_iter(b'\n', raw).count(), tokens::estimate(raw));
        Self {
            text: raw.to_vec(),
            footer: None,
            form: Form::Raw,
            kind: Kind::Text,
            rule: None,
            exit_code: origin.exit_code,
            facts: Vec::new(),
            dropped: Vec::new(),
            handle: None,
            lines: (lines, lines),
            bytes: (raw.len(), raw.len()),
            tokens: (tokens, tokens),
        }
    }

    fn raw(mut self, doc: &Document<'_>) -> Self {
        self.text = doc.raw().to_vec();
        self
    }

    fn with(mut self, form: Form, text: Vec<u8>, tokens: usize) -> Self {
        self.tokens.1 = tokens;
        self.bytes.1 = text.len();
        self.form = form;
        self.text = text;
        self
    }
}

/// The text cleaned and nothing more.
fn cleaned(doc: &Document<'_>) -> Vec<u8> {
    let mut draft = Draft::new(doc);
    neutralise(&mut draft);
    lossless(&draft)
}

/// The text of a draft that lost nothing; a missing line end stays missing.
fn lossless(draft: &Draft<'_>) -> Vec<u8> {
    let doc = draft.doc();
    let mut text = text::body(draft);
    if !doc.raw().ends_with(b"\n") {
        text.pop();
    }
    text
}

/// The footer of a compaction: short for short texts.
fn footer(out: &Compaction, left_out: &[(usize, String)], request: &Request) -> String {
    let (before, after) = out.tokens;
    let large = before >= LARGE;
    let sum = [(left_out.iter().map(|(count, _)| count).sum(), "lines".to_string())];
    marker::footer(&Footer {
        handle: request.handle.as_deref(),
        rule: out.rule.as_deref().filter(|_| large),
        exit_code: out.exit_code.filter(|code| *code != 0),
        facts: if large { &out.facts } else { &[] },
        tokens: large.then_some((before, after)),
        left_out: if large || left_out.len() < 2 { left_out } else { &sum },
    })
}
