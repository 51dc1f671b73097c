//! Patterns of rules: compiled when first used, matched on bytes.
//!
//! A rule set holds hundreds of patterns and a call needs a dozen, so compiling is lazy, and most patterns of the built-in
//! rules were made into automata when the program was built. `\d`, `\w`, `\s` and `\b` are
//! ASCII unless a pattern says `(?u)`: that makes compiling several times faster and never trips over invalid UTF-8.

use std::borrow::Cow;
use std::sync::{Mutex, OnceLock, PoisonError};

use regex_automata::Input;
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::meta::Regex;
use regex_automata::nfa::thompson::{self, WhichCaptures};
use regex_automata::util::syntax;
use regex_syntax::hir::{Class, Hir, HirKind};

use super::captures::{self, Captures, Effort, Engines};
use super::literals::parse;
use super::ready::{self, Ready};

/// The largest compiled pattern, in bytes; a larger one is an error.
pub(super) const SIZE_LIMIT: usize = 2 << 20;

/// A pattern with fewer elements than this is far from [`SIZE_LIMIT`]: whether it compiles need not be tried at once.
const SURELY_SMALL: usize = 4000;

/// One or more patterns of which any may match, compiled when first used.
///
/// `^` and `$` are the ends of a line. A pattern made by [`Pattern::new`] is for one line at a time, which lets an
/// anchored pattern give up at its first byte; [`Pattern::across_lines`] makes it one for whole texts.
#[derive(Debug)]
pub struct Pattern {
    sources: Vec<String>,
    lines: Lines,
    /// Finds out whether there is a match: quick to build, and most patterns are never asked more.
    matcher: OnceLock<Option<Vec<Matcher>>>,
    /// Finds out where.
    engines: Engines,
}

/// An automaton for a pattern.
#[derive(Debug)]
enum Matcher {
    /// It was made when the program was built.
    Ready(Ready),
    /// It is determinised while it runs, and knows what it has learned so far.
    Lazy(Box<(DFA, Mutex<Cache>)>),
}

/// What a pattern is matched against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lines {
    One,
    Many,
}

impl Pattern {
    /// A pattern for single lines. Whether it can be used at all is what [`Pattern::check`] says.
    pub fn new(source: &str) -> Self {
        Self::of(vec![source.to_string()])
    }

    /// Any of several patterns; `None` when there is none.
    pub fn any(sources: &[String]) -> Option<Self> {
        (!sources.is_empty()).then(|| Self::of(sources.to_vec()))
    }

    fn of(sources: Vec<String>) -> Self {
        Self { sources, lines: Lines::One, matcher: OnceLock::new(), engines: Engines::default() }
    }

    /// The same pattern for texts of many lines.
    #[must_use]
    pub fn across_lines(mut self) -> Self {
        self.lines = Lines::Many;
        self
    }

    /// Fails when the pattern does not parse or would be too large, and says which.
    pub fn check(&self) -> Result<(), String> {
        for source in &self.sources {
            let parsed = parse(source).map_err(|error| format!("pattern `{source}`: {error}"))?;
            if elements(&parsed) > SURELY_SMALL && captures::build(source, self.lines, Effort::Full).is_err() {
                return Err(format!("pattern `{source}`: too large, over {} KiB when compiled", SIZE_LIMIT >> 10));
            }
        }
        Ok(())
    }

    /// Fails when a text to put in a match's place names a capture that no source has: `$1Z` is the capture `1Z`.
    pub fn check_names_in(&self, with: &str) -> Result<(), String> {
        let sources =
            self.sources.iter().filter_map(|source| regex::bytes::Regex::new(source).ok()).collect::<Vec<_>>();
        let names = sources.iter().flat_map(regex::bytes::Regex::capture_names).flatten().collect::<Vec<_>>();
        let count = sources.iter().map(regex::bytes::Regex::captures_len).max().unwrap_or(1);
        // `$$` is a dollar.
        for rest in with.replace("$$", "").split('$').skip(1) {
            let is_of_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
            let name = match rest.strip_prefix('{') {
                Some(braced) => braced.split('}').next().unwrap_or_default(),
                None => &rest[..rest.find(|letter| !is_of_name(letter)).unwrap_or(rest.len())],
            };
            let is_known = names.contains(&name) || name.parse::<usize>().is_ok_and(|number| number < count);
            if !name.is_empty() && !is_known {
                return Err(format!(
                    "pattern `${name}`: no capture has this name; before letters and digits write `${{1}}`"
                ));
            }
        }
        Ok(())
    }

    /// All sources as one.
    fn joined(&self) -> Cow<'_, str> {
        match &self.sources[..] {
            [one] => one.into(),
            many => many.iter().map(|source| format!("(?:{source})")).collect::<Vec<_>>().join("|").into(),
        }
    }

    fn engine(&self, text: &[u8]) -> Option<&Regex> {
        self.engines.for_text(text.len(), self.lines, || self.joined().into_owned())
    }

    /// Whether the text matches; a pattern that cannot be compiled never does.
    pub fn is_match(&self, text: &[u8]) -> bool {
        let matchers = self.matcher.get_or_init(|| self.matchers());
        let told = matchers.as_ref().and_then(|matchers| {
            matchers.iter().try_fold(false, |found, matcher| if found { Some(true) } else { matcher.is_match(text) })
        });
        told.unwrap_or_else(|| self.engine(text).is_some_and(|regex| regex.is_match(text)))
    }

    /// The automata of which any may match; `None` when only the full engine understands the pattern.
    fn matchers(&self) -> Option<Vec<Matcher>> {
        let joined = self.joined();
        let ready = |source: &str| ready::find(source, self.lines).map(Matcher::Ready);
        if let Some(whole) = ready(&joined) {
            return Some(vec![whole]);
        }
        let parts = self.sources.iter().map(|source| ready(source)).collect::<Vec<_>>();
        if parts.iter().all(Option::is_none) {
            return Some(vec![Matcher::lazy(&joined, self.lines)?]);
        }
        let each = parts.into_iter().zip(&self.sources);
        each.map(|(ready, source)| ready.or_else(|| Matcher::lazy(source, self.lines))).collect()
    }

    /// Whether the automata of the pattern were made when the program was built.
    pub fn is_ready(&self) -> bool {
        self.matchers().is_some_and(|all| all.iter().all(|matcher| matches!(matcher, Matcher::Ready(_))))
    }

    /// The captures of the first match.
    pub fn captures<'t>(&self, text: &'t [u8]) -> Option<Captures<'t>> {
        if self.is_match(text) { Captures::first(self.engine(text)?, text) } else { None }
    }

    /// Replaces every match; `None` when there is none.
    pub fn replace_all(&self, text: &[u8], with: &str) -> Option<Vec<u8>> {
        if self.is_match(text) { captures::replace_all(self.engine(text)?, text, with) } else { None }
    }
}

impl Matcher {
    /// `None` for a pattern that only the full engine understands.
    fn lazy(source: &str, lines: Lines) -> Option<Self> {
        let syntax = syntax::Config::new().unicode(false).utf8(false).multi_line(lines == Lines::Many);
        let nfa =
            thompson::Config::new().utf8(false).which_captures(WhichCaptures::None).nfa_size_limit(Some(SIZE_LIMIT));
        let dfa = DFA::builder().syntax(syntax).thompson(nfa).build(source).ok()?;
        let cache = Mutex::new(dfa.create_cache());
        Some(Self::Lazy(Box::new((dfa, cache))))
    }

    /// `None` when the automaton gave up; the full engine never does.
    fn is_match(&self, text: &[u8]) -> Option<bool> {
        match self {
            Self::Ready(ready) => Some(ready.is_match(text)),
            Self::Lazy(lazy) => {
                let (dfa, cache) = &**lazy;
                let mut cache = cache.lock().unwrap_or_else(PoisonError::into_inner);
                let found = dfa.try_search_fwd(&mut cache, &Input::new(text).earliest(true));
                found.ok().map(|found| found.is_some())
            }
        }
    }
}

/// About how many elements a pattern has when its repetitions are written out.
fn elements(hir: &Hir) -> usize {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 1,
        HirKind::Literal(literal) => literal.0.len(),
        HirKind::Class(Class::Bytes(_)) => 1,
        HirKind::Class(Class::Unicode(class)) => 4 * class.ranges().len(),
        HirKind::Repetition(repetition) => {
            let times = repetition.max.unwrap_or(repetition.min).max(1) as usize;
            times.saturating_mul(elements(&repetition.sub))
        }
        HirKind::Capture(capture) => elements(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().fold(0, |sum, part| sum.saturating_add(elements(part)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn non_ascii_literals_and_bad_bytes_match() {
        let pattern = Pattern::new(r"^\s*(?:✓|✔) (\w+)");
        assert!(pattern.is_match("  ✓ works".as_bytes()));
        assert!(!pattern.is_match(b"\xff\xfe works"));
    }

    #[test]
    fn patterns_too_large_to_compile_are_refused_at_once() {
        for (source, is_fine) in [
            ("(a{1000}){1000}", false),
            (r"(?u)\w{5000}", false),
            (r"(?u)\w{10}", true),
            (r"^[^\s]{1,255}:\d{1,9}", true),
            ("x{5000}", true),
        ] {
            assert_eq!(Pattern::new(source).check().is_ok(), is_fine, "{source}");
        }
    }
}
