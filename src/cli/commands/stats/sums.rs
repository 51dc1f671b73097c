//! Adds the journal up: all of it, by day, rule, project, agent and command.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use serde::Serialize;

use crate::cli::journal::{self, Entry};

/// What calls have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// The day, in UTC.
    Day,
    /// The rule, or the kind of content when none fitted.
    Rule,
    /// The repository, or the folder when it is in none.
    Project,
    /// The agent that called.
    Agent,
    /// The program and its subcommand.
    Command,
}

/// Sums over calls.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Sum {
    /// Calls of the filter, `hr run` and hooks.
    pub calls: u64,
    /// Those that left something out.
    pub compacted: u64,
    /// Those that gave more than they got.
    pub worse: u64,
    /// Tokens that came in.
    pub before: u64,
    /// Tokens that went out, markers included.
    pub after: u64,
    /// Those of the markers among them.
    pub markers: u64,
    /// Calls of `hr show`, and of what reads originals in the MCP server.
    pub retrievals: u64,
    /// Tokens that they gave back.
    pub retrieved: u64,
    /// What came in, went out and was read after all, in this order, each result only as far as an agent is given it.
    pub seen: [u64; 3],
    /// What came in, less what went out and what was read after all.
    pub net: i64,
    /// What is saved in the end, the smaller of this and what it is by what an agent is given; less than nothing when more
    /// was given back than left out.
    pub saved: i64,
}

impl Sum {
    fn add(&mut self, entry: &Entry) {
        let (before, after) = entry.seen();
        if entry.is_retrieval() {
            self.retrievals += 1;
            self.retrieved += entry.after;
            self.seen[2] += after;
        } else {
            self.seen[0] += before;
            self.seen[1] += after;
            self.calls += 1;
            self.compacted += u64::from(entry.form.as_deref() == Some("compacted"));
            self.worse += u64::from(entry.after > entry.before);
            self.before += entry.before;
            self.after += entry.after;
            self.markers += entry.markers;
        }
        self.net = self.before as i64 - self.after as i64 - self.retrieved as i64;
        self.saved = self.net.min(self.net_seen());
    }

    /// What is saved when each result counts for no more than an agent is given of it.
    pub fn net_seen(&self) -> i64 {
        let [before, after, retrieved] = self.seen.map(|tokens| tokens as i64);
        before - after - retrieved
    }

    /// The share that is saved in the end, in percent.
    pub fn percent(&self) -> f64 {
        let before = if self.net_seen() < self.net { self.seen[0] } else { self.before };
        crate::replay::report::percent(self.saved as f64, before as f64)
    }
}

/// A group of calls.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// What they have in common.
    pub name: String,
    /// Their sums.
    #[serde(flatten)]
    pub sum: Sum,
    /// The share that is saved in the end, in percent.
    pub net_percent: f64,
}

/// The sum of all.
pub fn total(entries: &[Entry]) -> Sum {
    let mut sum = Sum::default();
    entries.iter().for_each(|entry| sum.add(entry));
    sum
}

/// Sums by what calls have in common: days in their order, others by what they save, most first.
pub fn by(what: By, entries: &[Entry]) -> Vec<Row> {
    let origins = origins(entries);
    let mut projects = Projects::default();
    let mut sums: BTreeMap<String, Sum> = BTreeMap::new();
    for entry in entries {
        // What is read after all counts where it was left out.
        let origin = entry.handle.as_deref().filter(|_| entry.is_retrieval()).and_then(|handle| origins.get(handle));
        let origin = origin.map_or(entry, |place| &entries[*place]);
        let name = match what {
            By::Day => journal::date(entry.time).to_string(),
            By::Rule => {
                origin.rule.clone().or_else(|| origin.kind.as_ref().map(|kind| format!("({kind})"))).unwrap_or_default()
            }
            By::Project => projects.of(origin.dir.as_deref()),
            By::Agent => origin.agent.clone().unwrap_or_default(),
            By::Command => origin.command.clone().unwrap_or_default(),
        };
        let name = if name.is_empty() { "-".to_owned() } else { name };
        sums.entry(name).or_default().add(entry);
    }
    let row = |(name, sum): (String, Sum)| Row { net_percent: sum.percent(), name, sum };
    let mut rows: Vec<Row> = sums.into_iter().map(row).collect();
    if what != By::Day {
        rows.sort_by_key(|row| std::cmp::Reverse(row.sum.saved));
    }
    rows
}

/// For each original the call that left it out.
fn origins(entries: &[Entry]) -> HashMap<&str, usize> {
    let kept = entries.iter().enumerate().filter(|(_, entry)| !entry.is_retrieval());
    kept.filter_map(|(place, entry)| Some((entry.handle.as_deref()?, place))).collect()
}

/// The projects of folders: the nearest repository, as long as the folder is there.
#[derive(Debug, Default)]
pub struct Projects(HashMap<String, String>);

impl Projects {
    /// The project of a folder.
    pub fn of(&mut self, folder: Option<&str>) -> String {
        let Some(folder) = folder else { return String::new() };
        self.0.entry(folder.to_owned()).or_insert_with(|| project(folder)).clone()
    }
}

fn project(folder: &str) -> String {
    let is_root = |folder: &&Path| folder.join(".git").exists() || folder.join(".hr").is_dir();
    let root = Path::new(folder).ancestors().find(is_root);
    root.map_or_else(|| folder.to_owned(), |root| root.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::journal::Via;

    fn call(rule: &str, before: u64, after: u64, handle: &str) -> Entry {
        Entry {
            rule: Some(rule.into()),
            before,
            after,
            handle: Some(handle.into()),
            form: Some("compacted".into()),
            ..Entry::default()
        }
    }

    #[test]
    fn what_is_read_after_all_counts_where_it_was_left_out() {
        let show = Entry { via: Via::Show, after: 900, handle: Some("aa".into()), time: 90_000, ..Entry::default() };
        let entries = [call("x/a", 1000, 200, "aa"), call("x/b", 500, 100, "bb"), show];
        let rows: Vec<_> = by(By::Rule, &entries).into_iter().map(|row| (row.name, row.sum.net)).collect();
        assert_eq!(rows, [("x/b".to_owned(), 400), ("x/a".to_owned(), -100)]);
        let days: Vec<_> = by(By::Day, &entries).into_iter().map(|row| (row.name, row.sum.net)).collect();
        assert_eq!(days, [("1970-01-01".to_owned(), 1200), ("1970-01-02".to_owned(), -900)]);
        assert_eq!(total(&entries).net, 300);
    }

    #[test]
    fn the_smaller_figure_is_the_one_that_counts() {
        let mut long = call("x/a", 63_000_000, 200, "aa");
        long.seen = Some((19_000, 200));
        let sum = total(&[long.clone()]);
        assert_eq!((sum.net, sum.net_seen(), sum.saved), (62_999_800, 18_800, 18_800));
        assert!((sum.percent() - 98.947).abs() < 0.01, "{}", sum.percent());
        // All of it was read after all by a program that is not cut.
        let mut show = Entry { via: Via::Show, after: 63_000_000, handle: Some("aa".into()), ..Entry::default() };
        show.seen = Some((0, 19_000));
        let sum = total(&[long, show]);
        assert_eq!((sum.net, sum.net_seen(), sum.saved), (-200, -200, -200));
    }
}
