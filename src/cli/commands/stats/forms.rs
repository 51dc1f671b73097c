//! The report as text with bars, JSON, CSV and a page.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use super::exact::Exact;
use super::sums::{By, Row, Sum};
use crate::cli::error::CliError;
use crate::cli::journal;
use crate::cli::page::{Bar, Page, bar, cut, grouped};

/// Everything there is to say.
pub(super) struct Told {
    /// How many days were asked for; 0 for all.
    pub days: u64,
    /// The first and the last day with a call.
    pub first: Option<String>,
    pub last: Option<String>,
    /// How many calls were counted exactly, when that was asked for.
    pub exact: Option<Exact>,
    /// Lines of the journal that cannot be read.
    pub unread: usize,
    pub total: Sum,
    pub lists: Vec<(By, Vec<Row>)>,
}

impl By {
    fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Rule => "rule",
            Self::Project => "project",
            Self::Agent => "agent",
            Self::Command => "command",
        }
    }
}

impl Told {
    /// The days, and how the tokens were counted.
    fn heading(&self) -> String {
        let days = match (&self.first, &self.last) {
            (Some(first), Some(last)) => format!("{first} to {last} (UTC)"),
            _ => "no day".to_owned(),
        };
        let counted = match self.exact {
            None => "tokens are estimated".to_owned(),
            Some(Exact { counted, estimated }) => {
                format!("tokens of {counted} shortened texts are exact, of {estimated} and of all others estimated")
            }
        };
        format!("{days}; {counted}")
    }

    /// The lines of the account: what came in, went out, and is left in the end.
    fn account(&self) -> Vec<(&'static str, i64, String)> {
        let Sum { calls, compacted, worse, before, after, markers, retrievals, retrieved, net, .. } = &self.total;
        let number = |count: &u64| grouped(*count as i64);
        let mut account = vec![
            ("came in", *before as i64, format!("{} calls", number(calls))),
            (
                "went out",
                -(*after as i64),
                format!(
                    "{} shortened, {} longer than before; markers take {}",
                    number(compacted),
                    number(worse),
                    number(markers)
                ),
            ),
            ("read after all", -(*retrieved as i64), format!("{} times hr show", number(retrievals))),
        ];
        let seen = self.total.net_seen();
        if seen != *net {
            let all = crate::replay::report::percent(*net as f64, *before as f64);
            account.push(("saved, in full", *net, format!("{all:.1} %")));
            let cut = grouped(journal::GIVEN as i64);
            account.push((
                "saved, as cut",
                seen,
                format!("each result counts up to {cut} characters: more an agent is not given"),
            ));
        }
        account.push(("saved in the end", self.total.saved, format!("{:.1} %", self.total.percent())));
        account
    }
}

/// For people.
pub(super) fn text(told: &Told, rows: usize) -> String {
    let mut text = format!("{}\n\n", told.heading());
    for (name, tokens, note) in told.account() {
        let _ = writeln!(text, "{name:18} {:>14}  {note}", grouped(tokens));
    }
    if told.unread > 0 {
        let _ = writeln!(text, "{} lines of the journal cannot be read", told.unread);
    }
    for (by, list) in told.lists.iter().filter(|(_, list)| !list.is_empty()) {
        let most = list.iter().map(|row| row.sum.saved.unsigned_abs()).max().unwrap_or(0).max(1) as f64;
        let _ = writeln!(
            text,
            "\n{:36} {:>6} {:>12} {:>9} {:>12} {:>8}",
            by.name().to_uppercase(),
            "CALLS",
            "IN",
            "SHOWN",
            "SAVED",
            ""
        );
        for Row { name, sum, net_percent } in shown(*by, list, rows) {
            let line = format!(
                "{:36} {:>6} {:>12} {:>9} {:>12} {net_percent:>6.1} %  {}",
                cut(name, 36),
                grouped(sum.calls as i64),
                grouped(sum.before as i64),
                grouped(sum.retrieved as i64),
                grouped(sum.saved),
                bar(sum.saved as f64 / most, 24)
            );
            let _ = writeln!(text, "{}", line.trim_end());
        }
        if list.len() > rows {
            let _ = writeln!(text, "and {} more (--rows)", list.len() - rows);
        }
    }
    text
}

/// The rows that a list shows: the last days, the first of others.
fn shown(by: By, list: &[Row], rows: usize) -> &[Row] {
    match by {
        By::Day => &list[list.len().saturating_sub(rows)..],
        By::Rule | By::Project | By::Agent | By::Command => &list[..rows.min(list.len())],
    }
}

/// One object.
pub(super) fn json(told: &Told) -> Result<String, CliError> {
    let lists = told.lists.iter().map(|(by, list)| (by.name().to_owned(), json!(list)));
    let object = json!({
        "schema": 1,
        "days": told.days,
        "first_day": told.first,
        "last_day": told.last,
        "tokens": if told.exact.is_some() { "exact where counted" } else { "estimated" },
        "exact": told.exact,
        "unread_lines": told.unread,
        "total": told.total,
        "net_percent": told.total.percent(),
        "by": lists.collect::<Map<String, Value>>(),
    });
    serde_json::to_string_pretty(&object).map(|text| text + "\n").map_err(|error| CliError::input(error.to_string()))
}

/// A line a row.
pub(super) fn csv(told: &Told) -> String {
    let tokens = if told.exact.is_some() { "mixed" } else { "estimated" };
    let mut text = String::from(
        "by,name,calls,compacted,worse,before,after,markers,retrievals,retrieved,net,seen_before,seen_after,seen_retrieved,saved,net_percent,tokens\n",
    );
    for (by, row) in told.lists.iter().flat_map(|(by, list)| list.iter().map(move |row| (by, row))) {
        let Sum { calls, compacted, worse, before, after, markers, retrievals, retrieved, seen, net, saved } = &row.sum;
        let [seen_before, seen_after, seen_retrieved] = seen;
        let (by, name) = (by.name(), quoted(&row.name));
        let _ = writeln!(
            text,
            "{by},{name},{calls},{compacted},{worse},{before},{after},{markers},{retrievals},{retrieved},{net},{seen_before},{seen_after},{seen_retrieved},{saved},{:.2},{tokens}",
            row.net_percent
        );
    }
    text
}

/// A field of CSV (RFC 4180); one that a spreadsheet would take for a formula begins with an apostrophe.
fn quoted(field: &str) -> String {
    let field = if field.starts_with(['=', '+', '@']) { format!("'{field}") } else { field.to_owned() };
    if field.contains([',', '"', '\n', '\r']) { format!("\"{}\"", field.replace('"', "\"\"")) } else { field }
}

/// A page with charts.
pub(super) fn html(told: &Told, rows: usize) -> String {
    let mut page = Page::new("hr stats");
    page.remark(&told.heading());
    page.table(
        &["", "#tokens", ""],
        told.account().into_iter().map(|(name, tokens, note)| vec![name.to_owned(), grouped(tokens), note]),
    );
    for (by, list) in told.lists.iter().filter(|(_, list)| !list.is_empty()) {
        page.heading(&format!("Tokens saved in the end by {}", by.name()));
        let bars = shown(*by, list, rows).iter().map(|row| Bar {
            name: row.name.clone(),
            value: row.sum.saved as f64,
            note: format!(
                "{} of {} ({:.1} %)",
                grouped(row.sum.saved),
                grouped(row.sum.before as i64),
                row.net_percent
            ),
        });
        page.chart(&bars.collect::<Vec<_>>());
        let columns = [by.name(), "#calls", "#in", "#out", "#markers", "#read after all", "#saved", "#share"];
        page.table(
            &columns,
            list.iter().map(|Row { name, sum, net_percent }| {
                let counts = [sum.calls, sum.before, sum.after, sum.markers, sum.retrieved];
                let counts = counts.into_iter().map(|count| grouped(count as i64));
                let last = [grouped(sum.saved), format!("{net_percent:.1} %")];
                std::iter::once(name.clone()).chain(counts).chain(last).collect()
            }),
        );
    }
    page.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_csv_stay_fields() {
        let table = [("a b", "a b"), ("a,b", "\"a,b\""), ("say \"x\"", "\"say \"\"x\"\"\""), ("=1+1", "'=1+1")];
        for (field, wanted) in table {
            assert_eq!(quoted(field), wanted);
        }
    }
}
