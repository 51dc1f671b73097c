//! What must be in a text for a pattern to match it.
//!
//! Parses patterns the way `pattern.rs` compiles them and finds literals that are in every match, so that one automaton
//! over the literals of all rules tells which patterns are worth compiling. The build script uses this file too: the
//! literals of the built-in rules are found when the program is built.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::literal::{ExtractKind, Extractor, Seq};
use regex_syntax::hir::{Class, Hir, HirKind, Look};

/// Parses a pattern; the message says what is wrong and where.
pub fn parse(source: &str) -> Result<Hir, String> {
    let mut parser = ParserBuilder::new().unicode(false).utf8(false).multi_line(true).build();
    parser.parse(source).map_err(|error| match error {
        regex_syntax::Error::Parse(error) => format!("{} at `{}`", error.kind(), span_text(source, error.span())),
        regex_syntax::Error::Translate(error) => format!("{} at `{}`", error.kind(), span_text(source, error.span())),
        other => other.to_string(),
    })
}

fn span_text<'s>(source: &'s str, span: &regex_syntax::ast::Span) -> &'s str {
    source.get(span.start.offset..span.end.offset.max(span.start.offset + 1)).unwrap_or(source)
}

/// Literals of which at least one is in every text that the pattern matches; `None` when there are no such literals.
///
/// They are the prefilter of fingerprints: one automaton over the literals of all rules tells which patterns are worth
/// compiling. Case-insensitive parts yield none.
pub fn required_literals(source: &str) -> Option<Vec<Vec<u8>>> {
    required(&parse(source).ok()?).filter(|set| set.iter().all(|literal| literal.len() >= 3))
}

/// Whether every match of a pattern is within a line, so that it can be looked for line by line.
pub fn is_in_line(source: &str) -> bool {
    fn is_within(hir: &Hir) -> bool {
        match hir.kind() {
            HirKind::Empty => true,
            HirKind::Literal(literal) => !literal.0.contains(&b'\n'),
            HirKind::Class(Class::Bytes(class)) => {
                !class.iter().any(|range| (range.start()..=range.end()).contains(&b'\n'))
            }
            HirKind::Class(Class::Unicode(class)) => {
                !class.iter().any(|range| (range.start()..=range.end()).contains(&'\n'))
            }
            HirKind::Look(look) => !matches!(look, Look::Start | Look::End),
            HirKind::Repetition(repetition) => is_within(&repetition.sub),
            HirKind::Capture(capture) => is_within(&capture.sub),
            HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().all(is_within),
        }
    }
    parse(source).is_ok_and(|hir| is_within(&hir))
}

fn required(hir: &Hir) -> Option<Vec<Vec<u8>>> {
    match hir.kind() {
        HirKind::Literal(literal) => Some(vec![literal.0.to_vec()]),
        HirKind::Capture(capture) => required(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => required(&repetition.sub),
        HirKind::Alternation(branches) => {
            let sets = branches.iter().map(required).collect::<Option<Vec<_>>>()?;
            let all = sets.concat();
            (all.len() <= 24).then_some(all)
        }
        HirKind::Concat(parts) => {
            parts.iter().filter_map(required).chain(exact_prefix(hir)).max_by_key(|set| quality(set))
        }
        HirKind::Empty | HirKind::Class(_) | HirKind::Look(_) | HirKind::Repetition(_) => None,
    }
}

/// How well a set of literals tells texts apart: its shortest member, then its small size.
fn quality(set: &[Vec<u8>]) -> (usize, std::cmp::Reverse<usize>) {
    (set.iter().map(Vec::len).min().unwrap_or(0), std::cmp::Reverse(set.len()))
}

/// Literals that a match must begin with, when there are few.
fn exact_prefix(hir: &Hir) -> Option<Vec<Vec<u8>>> {
    let prefixes: Seq = Extractor::new().kind(ExtractKind::Prefix).limit_total(16).extract(hir);
    let literals = prefixes.literals()?;
    (!literals.is_empty()).then(|| literals.iter().map(|literal| literal.as_bytes().to_vec()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_the_ones_every_match_contains() {
        let text = |set: Option<Vec<Vec<u8>>>| {
            set.map(|set| set.into_iter().map(|l| String::from_utf8(l).unwrap()).collect::<Vec<_>>())
        };
        assert_eq!(text(required_literals(r"^=+ test session starts =+$")), Some(vec![" test session starts ".into()]));
        assert_eq!(text(required_literals(r"(?:foo|barb)x")), Some(vec!["foox".into(), "barbx".into()]));
        assert_eq!(text(required_literals(r"\d+ (passed|failed)")), Some(vec!["passed".into(), "failed".into()]));
        assert_eq!(text(required_literals(r"^\w+$")), None);
    }
    #[test]
    fn a_pattern_is_in_a_line_when_nothing_in_it_matches_a_line_end() {
        for (source, expected) in [
            (r"^\[\d+/\d+\] Compiling \S+$", true),
            (r"^error: .*\bfailed\b", true),
            (r"^Summary\n-+$", false),
            (r"^a[^b]c", false),
            (r"^a\s+b", false),
            (r"\Aonly here", false),
            (r"(?s)^a.b", false),
        ] {
            assert_eq!(is_in_line(source), expected, "{source}");
        }
    }
}
