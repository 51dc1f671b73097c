//! Adds the journal up: all of it, by day, rule, project, agent and command.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use serde::Serialize;

use crate::cli::journal::{self, Entry, Via};

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
    /// Calls of `hr show`.
    pub retrievals: u64,
    /// Tokens that they gave back.
    pub retrieved: u64,
    /// What is saved in the end: less than nothing when more was given back than left out.
    pub net: i64,
}

impl Sum {
    fn add(&mut self, entry: &Entry) {
        if entry.via == Via::Show {
            self.retrievals += 1;
            self.retrieved += entry.after;
        } else {
            self.calls += 1;
            self.compacted += u64::from(entry.form.as_deref() == Some("compacted"));
            self.worse += u64::from(entry.after > entry.before);
            self.before += entry.before;
            self.after += entry.after;
            self.markers += entry.markers;
        }
        self.net = self.before as i64 - self.after as i64 - self.retrieved as i64;
    }

    /// The share that is saved in the end, in percent.
    pub fn percent(&self) -> f64 {
        crate::replay::report::percent(self.net as f64, self.before as f64)
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
        let origin = entry.handle.as_deref().filter(|_| entry.via == Via::Show).and_then(|handle| origins.get(handle));
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
        rows.sort_by_key(|row| std::cmp::Reverse(row.sum.net));
    }
    rows
}

/// For each original the call that left it out.
fn origins(entries: &[Entry]) -> HashMap<&str, usize> {
    let kept = entries.iter().enumerate().filter(|(_, entry)| entry.via != Via::Show);
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
}
