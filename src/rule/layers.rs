//! Which rules there are, and which one an output gets: built-in < user < project.
//!
//! Built-in rules are parsed one by one, only when a literal of theirs says that they may match: a call pays for the two
//! or three rules that are in the race, not for all of them.

use std::sync::Arc;

use aho_corasick::AhoCorasick;

use super::compile::{Claim, Layer, Look, Match, Rule};
use super::diagnose::{self, RuleError};

/// A built-in rule, with what the build script found in it.
#[derive(Debug)]
pub(super) struct BuiltIn {
    /// Its name.
    id: &'static str,
    /// The rule file.
    source: &'static str,
    /// Its priority, and when it applies, as TOML: enough to know whether it claims an output.
    priority: i32,
    matches: &'static str,
    /// Programs and first words it names; empty with `any_command` for a rule that looks at other parts of the command.
    tools: &'static [&'static str],
    /// Whether it can match a command that is none of `tools`.
    any_command: bool,
    /// Literals of which one is in every output that its fingerprint matches.
    literals: &'static [&'static [u8]],
    /// Whether its fingerprint has no such literals and must always be tried.
    any_output: bool,
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
#[derive(Debug, Default)]
pub struct RuleSet {
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
        Self::default()
    }

    /// The built-in rules and those of users and projects. Files that cannot be used are in [`RuleSet::errors`].
    pub fn with(sources: &[Source]) -> Self {
        let mut set = Self::default();
        for source in sources {
            match diagnose::read(&source.file, &source.text, source.layer) {
                Ok(rule) if source.layer == Layer::Project && is_built_in(&rule.id) => {
                    let message = format!("a project rule cannot replace the built-in rule `{}`", rule.id);
                    let hint = "give it another `id`; a user rule can replace built-in ones".to_string();
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

    /// The rule for an output: the highest priority, then score, then the later layer, then the first by name.
    pub fn find(&self, look: &Look<'_>) -> Option<Found> {
        self.claiming(look).into_iter().find_map(|claimant| self.found(&claimant))
    }

    /// Every rule that fits, best first.
    pub fn claims(&self, look: &Look<'_>) -> Vec<Found> {
        self.claiming(look).iter().filter_map(|claimant| self.found(claimant)).collect()
    }

    fn claiming(&self, look: &Look<'_>) -> Vec<Claimant<'_>> {
        let built_in = candidates(look).filter(|rule| !self.is_replaced(rule)).filter_map(|rule| {
            // That they can be read is what a test says.
            let matches = Match::compile(&toml::from_str(rule.matches).ok()?).ok()?;
            let claim = matches.claim(look)?;
            Some(Claimant { priority: rule.priority, claim, layer: Layer::BuiltIn, rule: Known::BuiltIn(rule) })
        });
        let own = self.own.iter().filter_map(|rule| {
            let claim = rule.matches.claim(look)?;
            Some(Claimant { priority: rule.priority, claim, layer: rule.layer, rule: Known::Own(rule) })
        });
        let mut claimants = built_in.chain(own).collect::<Vec<_>>();
        claimants.sort_by(|a, b| {
            let key = |one: &Claimant<'_>| (one.priority, one.claim.score, one.layer);
            key(b).cmp(&key(a)).then_with(|| a.rule.id().cmp(b.rule.id()))
        });
        claimants
    }

    fn found(&self, claimant: &Claimant<'_>) -> Option<Found> {
        let rule = match claimant.rule {
            Known::BuiltIn(rule) => self.parse(rule)?,
            Known::Own(rule) => Arc::clone(rule),
        };
        Some(Found { rule, claim: claimant.claim })
    }

    /// A rule by its name.
    pub fn get(&self, id: &str) -> Option<Arc<Rule>> {
        let own = self.own.iter().find(|rule| rule.id == id).cloned();
        own.or_else(|| BUILT_IN.iter().find(|rule| rule.id == id).and_then(|rule| self.parse(rule)))
    }

    /// Every rule, by name.
    pub fn all(&self) -> Vec<Arc<Rule>> {
        let mut rules = BUILT_IN.iter().filter_map(|rule| self.parse(rule)).collect::<Vec<_>>();
        rules.extend(self.own.iter().cloned());
        rules.sort_by(|a, b| a.id.cmp(&b.id));
        rules
    }

    /// A built-in rule, unless another layer replaces it. That all of them parse is what a test says.
    fn parse(&self, rule: &BuiltIn) -> Option<Arc<Rule>> {
        if self.is_replaced(rule) {
            return None;
        }
        diagnose::read(rule.id, rule.source, Layer::BuiltIn).ok().map(Arc::new)
    }

    fn is_replaced(&self, rule: &BuiltIn) -> bool {
        self.own.iter().any(|own| own.id == rule.id)
    }
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

fn is_built_in(id: &str) -> bool {
    BUILT_IN.iter().any(|rule| rule.id == id)
}

/// The built-in rules that may fit: their tool is called, or one of their literals is in the text.
fn candidates(look: &Look<'_>) -> impl Iterator<Item = &'static BuiltIn> {
    let owners = BUILT_IN.iter().enumerate().flat_map(|(at, rule)| rule.literals.iter().map(move |_| at));
    let owners = owners.collect::<Vec<_>>();
    let literals = BUILT_IN.iter().flat_map(|rule| rule.literals);
    let mut hit = vec![false; BUILT_IN.len()];
    // Building fails only above limits that the catalogue is far below; then every rule is tried.
    match AhoCorasick::new(literals) {
        Ok(automaton) => automaton.find_overlapping_iter(look.text).for_each(|found| {
            hit[owners[found.pattern().as_usize()]] = true;
        }),
        Err(_) => hit.fill(true),
    }
    let calls = look.printed.map_or(&[][..], |printed| &printed.candidates);
    for (rule, hit) in BUILT_IN.iter().zip(&mut hit) {
        let called = calls.iter().any(|call| {
            let first = call.words.first().map_or("", String::as_str);
            rule.tools.iter().any(|tool| *tool == call.tool || *tool == first)
        });
        *hit |= called || rule.any_output || (rule.any_command && look.command.is_some());
    }
    BUILT_IN.iter().zip(hit).filter(|(_, hit)| *hit).map(|(rule, _)| rule)
}

/// What is wrong with a rule file, if anything.
pub fn check(source: &Source) -> Option<RuleError> {
    match diagnose::read(&source.file, &source.text, source.layer) {
        Ok(rule) => rule.check().err().map(|bad| diagnose::about(&source.file, &source.text, &bad)),
        Err(error) => Some(error),
    }
}
