//! Rules as they run: patterns parsed, names checked, defaults filled in.

use std::cell::OnceCell;
use std::fmt;
use std::ops::RangeInclusive;

use super::file::{ExitCodeFile, FactFile, MatchFile, RuleFile, StepFile, TestFile};
use super::pattern::Pattern;
use super::step::{self, Step};
use super::untrusted;
use crate::command::{Invocation, Printed};
use crate::detect::{self, Detection, Kind};
use crate::document::Document;

/// Where a rule comes from; later layers win.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// From the project's folder, and nobody trusted it: it comes with a cloned repository, so it may do little.
    Untrusted,
    /// Embedded in the program.
    BuiltIn,
    /// The user's own.
    User,
    /// From the project's folder, and the user trusted this very text.
    Project,
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Untrusted => "untrusted",
            Self::BuiltIn => "built-in",
            Self::User => "user",
            Self::Project => "project",
        })
    }
}

/// A rule, ready to run.
#[derive(Debug)]
pub struct Rule {
    /// Its name, `group/tool`.
    pub id: String,
    /// What the reader still gets.
    pub summary: String,
    /// Where it comes from.
    pub layer: Layer,
    /// The kind it fixes.
    pub kind: Option<Kind>,
    /// Whether all that the steps leave stays.
    pub whole: bool,
    /// Its priority among rules that match.
    pub priority: i32,
    /// When it applies.
    pub matches: Match,
    /// Lines that no step may drop.
    pub protect: Option<Pattern>,
    /// Lines that the built-in words protect by mistake.
    pub unprotect: Option<Pattern>,
    /// Signs of a failure in the text.
    pub failure: Option<Pattern>,
    /// What to do.
    pub steps: Vec<Box<dyn Step>>,
    /// What to do instead after a failure.
    pub on_failure: Option<Vec<Box<dyn Step>>>,
    /// Values to read.
    pub facts: Vec<Fact>,
    /// Inline tests.
    pub tests: Vec<TestFile>,
}

/// When a rule applies, compiled.
#[derive(Debug, Default)]
pub struct Match {
    tool: Vec<String>,
    argv0: Vec<String>,
    subcommand: Vec<String>,
    argv: Vec<String>,
    argv_any: Vec<String>,
    command: Vec<String>,
    command_any: Vec<String>,
    command_regex: Option<Pattern>,
    exit_code: Vec<RangeInclusive<i32>>,
    output: Vec<Pattern>,
    output_any: Option<Pattern>,
    fingerprint: Option<Pattern>,
    kind: Vec<Kind>,
    unless: Option<Box<Match>>,
}

/// A named value read from the output.
#[derive(Debug)]
pub struct Fact {
    /// Its name.
    pub name: String,
    /// Where it is read.
    pub pattern: Pattern,
    /// How several matches become one value.
    pub value: FactValue,
}

/// How several matches become one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactValue {
    /// The first match.
    First,
    /// The last match.
    Last,
    /// The sum of the numbers.
    Sum,
    /// How many lines match.
    Count,
}

/// What is looked at when rules are matched.
#[derive(Debug)]
pub struct Look<'a> {
    /// The command line as it was told.
    pub command: Option<&'a str>,
    /// What it was understood as.
    pub printed: Option<&'a Printed>,
    /// The exit status.
    pub exit_code: Option<i32>,
    /// The part of the text that fingerprints read.
    pub text: &'a [u8],
    /// The document, for rules that ask for its kind.
    pub doc: &'a Document<'a>,
    /// The kind, once somebody asked for it.
    pub detection: &'a OnceCell<Detection>,
}

impl Look<'_> {
    /// The kind; it is detected when it is asked for, which few rules do.
    fn kind(&self) -> Kind {
        self.detection.get_or_init(|| detect::detect(self.doc)).kind
    }
}

/// How a rule was found, and how specific that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// The specificity score.
    pub score: i32,
    /// Whether the command named the tool; otherwise the output's fingerprint did.
    pub by_command: bool,
}

/// A rule that cannot be used: the key and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRule {
    /// The text in the file that is wrong, for finding the place.
    pub culprit: String,
    /// What is wrong.
    pub message: String,
}

impl Rule {
    /// Compiles a rule file. Its patterns are compiled when first used; those of built-in rules are checked by a test, all
    /// others here.
    pub fn compile(file: RuleFile, layer: Layer) -> Result<Self, BadRule> {
        let restricted = (layer == Layer::Untrusted).then(|| untrusted::restricted(file.clone()));
        let rule = Self::unchecked(file, layer)?;
        if layer != Layer::BuiltIn {
            rule.check()?;
        }
        restricted.map_or(Ok(rule), |file| Self::unchecked(file, layer))
    }

    /// Says which pattern cannot be used.
    pub fn check(&self) -> Result<(), BadRule> {
        let patterns = self.patterns();
        patterns.into_iter().try_for_each(|pattern| pattern.check().map_err(|error| culprit_of("pattern", error)))?;
        let mut steps = self.steps.iter().chain(self.on_failure.iter().flatten());
        steps.try_for_each(|step| step.check().map_err(|error| culprit_of("replace", error)))?;
        let capital = self.matches.tool.iter().find(|tool| tool.contains(|letter: char| letter.is_ascii_uppercase()));
        capital.map_or(Ok(()), |tool| {
            let message = format!("tools are compared in small letters: write `{}`", tool.to_ascii_lowercase());
            Err(BadRule { culprit: tool.clone(), message })
        })
    }

    fn unchecked(file: RuleFile, layer: Layer) -> Result<Self, BadRule> {
        let bad = |culprit: &str, message: String| BadRule { culprit: culprit.to_string(), message };
        if file.id.is_empty() || file.id.contains(char::is_whitespace) {
            return Err(bad("id", "`id` must be a name without blanks, such as `rust/cargo-test`".into()));
        }
        let kind = file.kind.as_deref().map(str::parse).transpose();
        Ok(Self {
            kind: kind.map_err(|error: String| bad("kind", error))?,
            matches: Match::compile(&file.matches)?,
            protect: Pattern::any(&file.protect),
            unprotect: Pattern::any(&file.unprotect),
            failure: Pattern::any(&file.failure).map(Pattern::across_lines),
            steps: steps(&file.step)?,
            on_failure: if file.on_failure.is_empty() { None } else { Some(steps(&file.on_failure)?) },
            facts: file.fact.iter().map(Fact::compile).collect::<Result<_, _>>()?,
            id: file.id,
            summary: file.summary,
            layer,
            whole: file.whole,
            priority: file.priority,
            tests: file.test,
        })
    }

    /// Every pattern of the rule, for `hr rules check`.
    pub fn patterns(&self) -> Vec<&Pattern> {
        let steps = self.steps.iter().chain(self.on_failure.iter().flatten());
        let own = [&self.protect, &self.unprotect, &self.failure].into_iter().flatten();
        own.chain(self.facts.iter().map(|fact| &fact.pattern))
            .chain(self.matches.patterns())
            .chain(steps.flat_map(|step| step.patterns()))
            .collect()
    }
}

fn steps(files: &[StepFile]) -> Result<Vec<Box<dyn Step>>, BadRule> {
    files.iter().map(|file| step::make(file).map_err(|error| culprit_of("[[step]]", error))).collect()
}

/// The pattern that a message names stands in the file: that is the place. Without one, it is the key.
fn culprit_of(key: &str, message: String) -> BadRule {
    let named = message.split_once("pattern `").and_then(|(_, rest)| rest.split_once("`: "));
    BadRule { culprit: named.map_or(key, |(pattern, _)| pattern).to_string(), message }
}

impl Fact {
    fn compile(file: &FactFile) -> Result<Self, BadRule> {
        let value = match file.value.as_deref() {
            None | Some("last") => FactValue::Last,
            Some("first") => FactValue::First,
            Some("sum") => FactValue::Sum,
            Some("count") => FactValue::Count,
            Some(other) => {
                let message = format!("`value` is \"first\", \"last\", \"sum\" or \"count\", not \"{other}\"");
                return Err(BadRule { culprit: other.to_string(), message });
            }
        };
        Ok(Self { name: file.name.clone(), pattern: Pattern::new(&file.pattern), value })
    }
}

impl Match {
    /// Compiles the part of a rule that says when it applies.
    pub fn compile(file: &MatchFile) -> Result<Self, BadRule> {
        let one = |source: &String| Pattern::new(source).across_lines();
        let any = |sources: &[String]| Pattern::any(sources).map(Pattern::across_lines);
        let kind = |name: &String| name.parse().map_err(|message| BadRule { culprit: name.clone(), message });
        let code =
            |code: &ExitCodeFile| code.0.clone().map_err(|message| BadRule { culprit: "exit-code".into(), message });
        Ok(Self {
            tool: file.tool.clone(),
            argv0: file.argv0.clone(),
            subcommand: file.subcommand.clone(),
            argv: file.argv.clone(),
            argv_any: file.argv_any.clone(),
            command: file.command.clone(),
            command_any: file.command_any.clone(),
            command_regex: file.command_regex.as_ref().map(one),
            exit_code: file.exit_code.iter().map(code).collect::<Result<_, _>>()?,
            output: file.output.iter().map(one).collect(),
            output_any: any(&file.output_any),
            fingerprint: any(&file.fingerprint),
            kind: file.kind.iter().map(kind).collect::<Result<_, _>>()?,
            unless: file.unless.as_deref().map(Self::compile).transpose()?.map(Box::new),
        })
    }

    fn patterns(&self) -> Vec<&Pattern> {
        let own = self.command_regex.iter().chain(&self.output).chain(&self.output_any).chain(&self.fingerprint);
        own.chain(self.unless.iter().flat_map(|unless| unless.patterns())).collect()
    }

    /// Whether the rule looks at the command at all.
    fn names_command(&self) -> bool {
        !(self.tool.is_empty()
            && self.argv0.is_empty()
            && self.subcommand.is_empty()
            && self.argv.is_empty()
            && self.argv_any.is_empty()
            && self.command.is_empty()
            && self.command_any.is_empty()
            && self.command_regex.is_none())
    }

    /// Whether the rule can be told by the output alone.
    fn has_fingerprint(&self) -> bool {
        self.fingerprint.is_some() || self.output_any.is_some() || !self.output.is_empty()
    }

    /// Whether the command is one that the rule names.
    pub fn names(&self, look: &Look<'_>) -> bool {
        self.names_command() && self.command_score(look).is_some()
    }

    /// Whether the command, of which nothing is printed yet, is one that the rule is made for.
    pub(super) fn is_meant(&self, look: &Look<'_>) -> bool {
        self.names(look) && !self.unless.as_ref().is_some_and(|unless| unless.any_holds(look))
    }

    /// Whether and how well the rule fits; `None` when it does not.
    ///
    /// The score adds up what was named, whatever the number of alternatives: 100 for `tool` or `argv0`, 60 for
    /// `subcommand`, 20 for each word of `argv`, 15 for `argv-any`, 15 for each of `command`, 10 for `command-any`, 20 for
    /// `command-regex`, 10 for `exit-code`, 5 for `kind`, 40 for `output`, 30 for `output-any`, 25 for a fingerprint that
    /// was needed. A rule that the command names beats one that only the output names.
    pub fn claim(&self, look: &Look<'_>) -> Option<Claim> {
        let named = if self.names_command() { self.command_score(look) } else { None };
        let certain = look.printed.is_some_and(|printed| printed.certain);
        if named.is_none() && !self.has_fingerprint() {
            return None;
        }
        let mut score = self.circumstances(look)?;
        score += self.output_score(look)?;
        match named {
            Some(points) if certain => score += points + 1000,
            Some(points) => score += points + 1000 + self.fingerprint_score(look)?,
            None if self.has_fingerprint() && !(look.printed.is_some_and(|printed| printed.reads_file)) => {
                score += self.fingerprint_score(look)?;
            }
            None => return None,
        }
        let excluded = self.unless.as_ref().is_some_and(|unless| unless.any_holds(look));
        (!excluded).then_some(Claim { score, by_command: named.is_some() })
    }

    /// Points for exit status and kind; `None` when one does not hold.
    fn circumstances(&self, look: &Look<'_>) -> Option<i32> {
        let code = self.exit_code.is_empty()
            || look.exit_code.is_some_and(|code| self.exit_code.iter().any(|range| range.contains(&code)));
        let kind = self.kind.is_empty() || self.kind.contains(&look.kind());
        (code && kind).then(|| 10 * i32::from(!self.exit_code.is_empty()) + 5 * i32::from(!self.kind.is_empty()))
    }

    /// Points for `output` and `output-any`; `None` when one does not hold.
    fn output_score(&self, look: &Look<'_>) -> Option<i32> {
        let all = self.output.iter().all(|pattern| pattern.is_match(look.text));
        let any = self.output_any.as_ref().is_none_or(|pattern| pattern.is_match(look.text));
        (all && any).then(|| 40 * i32::from(!self.output.is_empty()) + 30 * i32::from(self.output_any.is_some()))
    }

    /// Points for the fingerprint where the command alone does not decide; `None` when it does not hold.
    fn fingerprint_score(&self, look: &Look<'_>) -> Option<i32> {
        match &self.fingerprint {
            Some(fingerprint) => fingerprint.is_match(look.text).then_some(25),
            None => (self.output_any.is_some() || !self.output.is_empty()).then_some(0),
        }
    }

    /// Points for the command; `None` when no candidate fits.
    fn command_score(&self, look: &Look<'_>) -> Option<i32> {
        let line = look.command?;
        let holds = self.command.iter().all(|part| line.contains(part.as_str()))
            && (self.command_any.is_empty() || self.command_any.iter().any(|part| line.contains(part.as_str())))
            && self.command_regex.as_ref().is_none_or(|regex| regex.is_match(line.as_bytes()));
        if !holds || !look.printed?.candidates.iter().any(|candidate| self.fits(candidate)) {
            return None;
        }
        let mut score = 100 * i32::from(!self.tool.is_empty() || !self.argv0.is_empty());
        score += 60 * i32::from(!self.subcommand.is_empty());
        score += 20 * self.argv.len() as i32 + 15 * i32::from(!self.argv_any.is_empty());
        score += 15 * self.command.len() as i32 + 10 * i32::from(!self.command_any.is_empty());
        Some(score + 20 * i32::from(self.command_regex.is_some()))
    }

    /// Whether one program call fits the words that are named.
    fn fits(&self, call: &Invocation) -> bool {
        let is_one = |names: &[String], name: &str| names.is_empty() || names.iter().any(|one| one == name);
        is_one(&self.tool, &call.tool)
            && is_one(&self.argv0, call.words.first().map_or("", String::as_str))
            && (self.subcommand.is_empty() || call.subcommand().is_some_and(|name| is_one(&self.subcommand, name)))
            && (self.argv.is_empty() || call.has_words_in_order(&self.argv))
            && (self.argv_any.is_empty() || self.argv_any.iter().any(|word| call.words.contains(word)))
    }

    /// Whether any dimension that is named holds: the reading of `unless`.
    fn any_holds(&self, look: &Look<'_>) -> bool {
        let alone = |part: fn(&mut Self, &Self)| {
            let mut only = Self::default();
            part(&mut only, self);
            only
        };
        let by_command = [
            alone(|only, all| only.tool.clone_from(&all.tool)),
            alone(|only, all| only.argv0.clone_from(&all.argv0)),
            alone(|only, all| only.subcommand.clone_from(&all.subcommand)),
            alone(|only, all| only.argv.clone_from(&all.argv)),
            alone(|only, all| only.argv_any.clone_from(&all.argv_any)),
            alone(|only, all| only.command.clone_from(&all.command)),
            alone(|only, all| only.command_any.clone_from(&all.command_any)),
        ];
        let regex = match (&self.command_regex, look.command) {
            (Some(regex), Some(line)) => regex.is_match(line.as_bytes()),
            _ => false,
        };
        regex
            || by_command.iter().any(|only| only.names_command() && only.command_score(look).is_some())
            || (!self.exit_code.is_empty()
                && look.exit_code.is_some_and(|code| self.exit_code.iter().any(|range| range.contains(&code))))
            || self.output.iter().any(|pattern| pattern.is_match(look.text))
            || self.output_any.as_ref().is_some_and(|pattern| pattern.is_match(look.text))
            || (!self.kind.is_empty() && self.kind.contains(&look.kind()))
    }
}
