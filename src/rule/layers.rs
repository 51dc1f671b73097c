//! Which rules there are, and which one an output gets: untrusted < built-in < user < project.
//!
//! Built-in rules are parsed one by one, only when a literal of theirs says that they may match: a call pays for the two
//! or three rules that are in the race, not for all of them.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::compile::{Claim, Layer, Look, Match, Rule};
use super::diagnose::{self, RuleError};
use super::file::MatchFile;
use super::hits::{Hits, RuleHits};
use crate::command::Printed;
use crate::document::{Document, Origin};

/// A built-in rule, with what the build script found in it.
#[derive(Debug)]
pub(super) struct BuiltIn {
    /// Its name.
    id: &'static str,
    /// The rule file.
    source: &'static str,
    /// The rule without its inline tests, as JSON, which is read several times faster.
    rule: &'static str,
    /// Its priority, and when it applies, as JSON: enough to know whether it claims an output.
    priority: i32,
    matches: &'static str,
    /// Programs and first words it names; empty with `any_command` for a rule that looks at other parts of the command.
    tools: &'static [&'static str],
    /// Whether it can match a command that is none of `tools`.
    any_command: bool,
    /// For each pattern of its fingerprint the literals of which one is in every text that matches; none when there are
    /// no such literals and the pattern must be tried.
    pub(super) literals: &'static [&'static [&'static [u8]]],
    /// For each of these patterns whether its matches are within a line.
    pub(super) in_line: &'static [bool],
}

include!(concat!(env!("OUT_DIR"), "/built_in.rs"));

/// The built-in rule files by name.
pub fn built_in_sources() -> impl Iterator<Item = (&'static str, &'static str)> {
    BUILT_IN.iter().map(|rule| (rule.id, rule.source))
}

/// A rule file as it was found.
#[derive(Debug, Clone)]
pub struct Source {
    /// The file, as the user knows it.
    pub file: String,
    /// Its text.
    pub text: String,
    /// Where it was found.
    pub layer: Layer,
}

/// The rules in force.
#[derive(Debug)]
pub struct RuleSet {
    built_in: &'static [BuiltIn],
    /// Rules of users and projects: few, and parsed at once.
    own: Vec<Arc<Rule>>,
    errors: Vec<RuleError>,
}

/// The rule that an output gets, and how it was found.
#[derive(Debug, Clone)]
pub struct Found {
    /// The rule.
    pub rule: Arc<Rule>,
    /// How well it fits.
    pub claim: Claim,
}

impl Found {
    /// A rule that somebody chose.
    pub fn chosen(rule: Arc<Rule>) -> Self {
        Self { rule, claim: Claim { score: i32::MAX, by_command: true } }
    }
}

impl RuleSet {
    /// The built-in rules only.
    pub fn built_in() -> Self {
        Self { built_in: BUILT_IN, own: Vec::new(), errors: Vec::new() }
    }

    /// No rules: texts are known by their kind alone.
    pub fn none() -> Self {
        Self { built_in: &[], own: Vec::new(), errors: Vec::new() }
    }

    /// These rules and no others; of two with one name the later.
    pub fn only(rules: impl IntoIterator<Item = Rule>) -> Self {
        let mut set = Self::none();
        for rule in rules {
            set.own.retain(|known| known.id != rule.id);
            set.own.push(Arc::new(rule));
        }
        set.own.sort_by(|a, b| a.id.cmp(&b.id));
        set
    }

    /// The built-in rules and those of users and projects. Files that cannot be used are in [`RuleSet::errors`].
    pub fn with(sources: &[Source]) -> Self {
        let mut set = Self::built_in();
        for source in sources {
            match diagnose::read(&source.file, &source.text, source.layer) {
                Ok(rule) if source.layer == Layer::Untrusted && is_built_in(&rule.id) => {
                    let message = format!("it would replace the built-in rule `{}`, and is not trusted", rule.id);
                    let hint = "read it, then `hr rules trust`; or give it another `id`".to_string();
                    set.errors.push(RuleError::whole(&source.file, message, hint));
                }
                Ok(rule) => {
                    set.own.retain(|known| known.id != rule.id || known.layer > rule.layer);
                    if !set.own.iter().any(|known| known.id == rule.id) {
                        set.own.push(Arc::new(rule));
                    }
                }
                Err(error) => set.errors.push(error),
            }
        }
        set.own.sort_by(|a, b| a.id.cmp(&b.id));
        set
    }

    /// The rule files that cannot be used.
    pub fn errors(&self) -> &[RuleError] {
        &self.errors
    }

    /// The rule for an output: one that nobody trusted after all others, one that the command names before one that only
    /// the output names, then the highest priority, then score, then the later layer, then the first by name.
    pub fn find(&self, look: &Look<'_>) -> Option<Found> {
        let claimants = self.claiming(look);
        if is_of_many(&claimants, look) {
            return None;
        }
        claimants.iter().find_map(|claimant| self.found(claimant))
    }

    /// The first rule that the command alone names: what it prints is known, whatever it is going to be.
    pub fn names(&self, command: &str, printed: &Printed) -> Option<String> {
        let doc = Document::new(b"", Origin::default());
        let detection = OnceCell::new();
        let look = Look {
            command: Some(command),
            printed: Some(printed),
            exit_code: None,
            text: b"",
            doc: &doc,
            detection: &detection,
        };
        let own = self.own.iter().filter(|rule| rule.layer != Layer::Untrusted && rule.matches.is_meant(&look));
        let built_in = self.built_in.iter().filter(|rule| {
            let read = || Match::compile(&part(rule.matches)?).ok();
            is_named(rule, &look) && !self.is_replaced(rule) && read().is_some_and(|matches| matches.is_meant(&look))
        });
        own.map(|rule| rule.id.clone()).chain(built_in.map(|rule| rule.id.to_string())).next()
    }

    /// Every rule that fits, best first.
    pub fn claims(&self, look: &Look<'_>) -> Vec<Found> {
        self.claiming(look).iter().filter_map(|claimant| self.found(claimant)).collect()
    }

    /// What claims an output, best first. Where the command names a rule, the output is not searched for others.
    fn claiming(&self, look: &Look<'_>) -> Vec<Claimant<'_>> {
        let named = self.built_in.iter().filter(|rule| is_named(rule, look));
        let named = named.filter_map(|rule| self.claim(rule, By::Command, look));
        let mut claimants = named.chain(self.own_claims(look)).collect::<Vec<_>>();
        let is_named = |claimant: &Claimant<'_>| claimant.claim.by_command && claimant.layer != Layer::Untrusted;
        if !claimants.iter().any(is_named) && !self.built_in.is_empty() {
            let hits = Hits::of(self.built_in, look.text);
            let hit = self.built_in.iter().enumerate();
            claimants.extend(hit.filter_map(|(at, rule)| self.claim(rule, By::Output(hits.of_rule(at)?), look)));
        }
        claimants.sort_by(|a, b| {
            let trusted = |one: &Claimant<'_>| one.layer != Layer::Untrusted;
            let key =
                |one: &Claimant<'_>| (trusted(one), one.claim.by_command, one.priority, one.claim.score, one.layer);
            key(b).cmp(&key(a)).then_with(|| a.rule.id().cmp(b.rule.id()))
        });
        claimants
    }

    /// The claim of a built-in rule, if it has one of this kind.
    fn claim(&self, rule: &'static BuiltIn, by: By<'_>, look: &Look<'_>) -> Option<Claimant<'_>> {
        if self.is_replaced(rule) {
            return None;
        }
        let mut file: MatchFile = part(rule.matches)?;
        if let By::Output(hits) = by
            && hits.len() == file.fingerprint.len()
        {
            let mut at = 0;
            file.fingerprint.retain(|source| {
                at += 1;
                hits.may_match(at - 1, source)
            });
            if file.fingerprint.is_empty() {
                return None;
            }
        }
        let matches = Match::compile(&file).ok()?;
        if matches!(by, By::Command) && !matches.names(look) {
            return None;
        }
        let claim = matches.claim(look)?;
        Some(Claimant { priority: rule.priority, claim, layer: Layer::BuiltIn, rule: Known::BuiltIn(rule) })
    }

    fn own_claims(&self, look: &Look<'_>) -> impl Iterator<Item = Claimant<'_>> {
        self.own.iter().filter_map(|rule| {
            let claim = rule.matches.claim(look)?;
            Some(Claimant { priority: rule.priority, claim, layer: rule.layer, rule: Known::Own(rule) })
        })
    }

    fn found(&self, claimant: &Claimant<'_>) -> Option<Found> {
        let rule = match claimant.rule {
            Known::BuiltIn(rule) => Arc::new(Rule::compile(part(rule.rule)?, Layer::BuiltIn).ok()?),
            Known::Own(rule) => Arc::clone(rule),
        };
        Some(Found { rule, claim: claimant.claim })
    }

    /// A rule by its name.
    pub fn get(&self, id: &str) -> Option<Arc<Rule>> {
        let own = self.own.iter().find(|rule| rule.id == id).cloned();
        own.or_else(|| self.built_in.iter().find(|rule| rule.id == id).and_then(|rule| self.parse(rule)))
    }

    /// Every rule, by name.
    pub fn all(&self) -> Vec<Arc<Rule>> {
        let mut rules = self.built_in.iter().filter_map(|rule| self.parse(rule)).collect::<Vec<_>>();
        rules.extend(self.own.iter().cloned());
        rules.sort_by(|a, b| a.id.cmp(&b.id));
        rules
    }

    /// A built-in rule, unless another layer replaces it. That all of them parse is what a test says.
    fn parse(&self, rule: &BuiltIn) -> Option<Arc<Rule>> {
        if self.is_replaced(rule) {
            return None;
        }
        if BUILT_IN.is_empty() { None } else { diagnose::read(rule.id, rule.source, Layer::BuiltIn).ok().map(Arc::new) }
    }

    fn is_replaced(&self, rule: &BuiltIn) -> bool {
        self.own.iter().any(|own| own.id == rule.id)
    }
}

/// Whether a long text looks like the output of several tools of different kinds, as the log of a CI job does, so that no
/// one rule knows what may go.
fn is_of_many(claimants: &[Claimant<'_>], look: &Look<'_>) -> bool {
    const LONG: usize = 16 << 10;
    const KINDS: usize = 3;
    if look.text.len() < LONG || claimants.first().is_none_or(|best| best.claim.by_command) {
        return false;
    }
    let groups = claimants.iter().filter_map(|claimant| claimant.rule.id().split('/').next());
    groups.collect::<BTreeSet<_>>().len() >= KINDS
}

/// What a claim rests on.
#[derive(Clone, Copy)]
enum By<'h> {
    /// The command.
    Command,
    /// The output: which patterns of the fingerprint can match at all.
    Output(RuleHits<'h>),
}

/// A rule that claims an output.
struct Claimant<'r> {
    priority: i32,
    claim: Claim,
    layer: Layer,
    rule: Known<'r>,
}

/// A rule as it is known before it is read whole.
#[derive(Clone, Copy)]
enum Known<'r> {
    BuiltIn(&'static BuiltIn),
    Own(&'r Arc<Rule>),
}

impl Known<'_> {
    fn id(&self) -> &str {
        match self {
            Self::BuiltIn(rule) => rule.id,
            Self::Own(rule) => &rule.id,
        }
    }
}

/// Reads a part of a built-in rule; that it can be read is what a test says. The module for gateways has no rules, and with
/// them goes their reader.
fn part<T: DeserializeOwned>(json: &str) -> Option<T> {
    if BUILT_IN.is_empty() { None } else { serde_json::from_str(json).ok() }
}

fn is_built_in(id: &str) -> bool {
    BUILT_IN.iter().any(|rule| rule.id == id)
}

/// Whether a command may be one that a rule names.
fn is_named(rule: &BuiltIn, look: &Look<'_>) -> bool {
    let calls = look.printed.map_or(&[][..], |printed| &printed.candidates);
    let called = calls.iter().any(|call| {
        let first = call.words.first().map_or("", String::as_str);
        rule.tools.iter().any(|tool| *tool == call.tool || *tool == first)
    });
    called || (rule.any_command && look.command.is_some())
}

/// What is wrong with a rule file, if anything.
pub fn check(source: &Source) -> Option<RuleError> {
    match diagnose::read(&source.file, &source.text, source.layer) {
        Ok(rule) => rule.check().err().map(|bad| diagnose::about(&source.file, &source.text, &bad)),
        Err(error) => Some(error),
    }
}
