//! Reads the facts of a rule: named values of an output.

use crate::document::{Document, Whole};
use crate::rule::{Fact, FactValue};

/// What is known of all lines of a text of which only a part is here.
pub(super) fn of_all(whole: Whole) -> impl Iterator<Item = (String, String)> {
    let counts = [("lines", whole.lines), ("error-lines", whole.failures)];
    counts.into_iter().filter(|(_, count)| *count > 0).map(|(name, count)| (name.to_string(), count.to_string()))
}

/// Reads the facts of a rule from a document.
pub(super) fn read(doc: &Document<'_>, facts: &[Fact]) -> Vec<(String, String)> {
    facts.iter().filter_map(|fact| read_one(doc, fact).map(|value| (fact.name.clone(), value))).collect()
}

fn read_one(doc: &Document<'_>, fact: &Fact) -> Option<String> {
    let value = |line: &[u8]| {
        let captures = fact.pattern.captures(line)?;
        let group = captures.get(1).or_else(|| captures.get(0))?;
        Some(String::from_utf8_lossy(group).trim().to_string())
    };
    match fact.value {
        FactValue::First => doc.lines().find_map(value),
        FactValue::Last => doc.lines().rev().find_map(value),
        FactValue::Count => Some(doc.lines().filter(|line| fact.pattern.is_match(line)).count())
            .filter(|count| *count > 0)
            .map(|count| count.to_string()),
        FactValue::Sum => {
            let numbers = doc.lines().filter_map(value).map(|text| text.parse::<u64>().ok()).collect::<Vec<_>>();
            let all = numbers.into_iter().collect::<Option<Vec<_>>>()?;
            (!all.is_empty()).then(|| all.iter().sum::<u64>().to_string())
        }
    }
}
