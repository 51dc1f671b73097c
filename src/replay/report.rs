//! Adds replayed sessions up: all of them, by command, by rule, by session, and the worst of each.

use std::collections::BTreeMap;

use serde::Serialize;

use super::items::Sort;
use super::run::{Replayed, Seen};

/// Sums over tool results.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Totals {
    /// Tool results.
    pub outputs: usize,
    /// Those that were shortened with loss of meaning.
    pub compacted: usize,
    /// Those that went through `hr` when they were recorded.
    pub known: usize,
    /// Tokens of results of tools that are no shell: no hook sees them, and they stay as they are.
    pub unseen: usize,
    /// Those that came out longer.
    pub worse: usize,
    /// Estimated tokens as recorded.
    pub before: usize,
    /// Estimated tokens after compaction, markers included.
    pub after: usize,
    /// Those of the markers among them.
    pub markers: usize,
    /// Tokens, before and after, of files that were read and pass whole.
    pub reads: usize,
    /// Tokens, as recorded, of lines that an earlier result of the session had as well.
    pub repeated: usize,
    /// Tokens, as recorded, of lines that are left out because the session was shown them before.
    pub shown_before: usize,
    /// Tokens as recorded, once for each request that carries them.
    pub carried_before: usize,
    /// The same after compaction.
    pub carried_after: usize,
    /// What the results cost with a prompt cache, in tokens of fresh input.
    pub cost_before: f64,
    /// The same after compaction.
    pub cost_after: f64,
    /// Results of which something was lost.
    pub lossy: usize,
    /// Items that the agent used and had from these results alone.
    pub used: usize,
    /// Those that no compacted result had when they were used.
    pub lost: usize,
    /// Tokens of the results of which something was lost: as if each were read again, whole.
    pub read_again: usize,
    /// What reading them again would cost with a prompt cache: a request more for each.
    pub cost_again: f64,
}

impl Totals {
    /// Adds other sums.
    pub fn add(&mut self, other: &Self) {
        self.outputs += other.outputs;
        self.compacted += other.compacted;
        self.known += other.known;
        self.unseen += other.unseen;
        self.worse += other.worse;
        self.before += other.before;
        self.after += other.after;
        self.markers += other.markers;
        self.reads += other.reads;
        self.repeated += other.repeated;
        self.shown_before += other.shown_before;
        self.carried_before += other.carried_before;
        self.carried_after += other.carried_after;
        self.cost_before += other.cost_before;
        self.cost_after += other.cost_after;
        self.lossy += other.lossy;
        self.used += other.used;
        self.lost += other.lost;
        self.read_again += other.read_again;
        self.cost_again += other.cost_again;
    }

    /// The share of tokens saved, in percent.
    pub fn saved(&self) -> f64 {
        percent(self.before as f64 - self.after as f64, self.before as f64)
    }

    /// The share saved of what is no file that was read.
    pub fn saved_rest(&self) -> f64 {
        percent(self.before as f64 - self.after as f64, self.before.saturating_sub(self.reads) as f64)
    }

    /// The same when everything of which something was lost is read again.
    pub fn saved_net(&self) -> f64 {
        percent(self.before as f64 - self.after as f64 - self.read_again as f64, self.before as f64)
    }

    /// The share saved of what every request carries.
    pub fn saved_carried(&self) -> f64 {
        percent(self.carried_before as f64 - self.carried_after as f64, self.carried_before as f64)
    }

    /// The share saved of what the results cost with a prompt cache, reading again included.
    pub fn saved_cost(&self) -> f64 {
        percent(self.cost_before - self.cost_after - self.cost_again, self.cost_before)
    }

    /// The share of used items that are lost, in percent.
    pub fn loss(&self) -> f64 {
        percent(self.lost as f64, self.used as f64)
    }
}

/// A share in percent; of nothing it is none.
pub fn percent(part: f64, whole: f64) -> f64 {
    if whole == 0.0 { 0.0 } else { 100.0 * part / whole }
}

/// Results that have something in common.
#[derive(Debug, Clone, Serialize)]
pub struct Group {
    /// What they have in common.
    pub name: String,
    /// Their sums.
    #[serde(flatten)]
    pub totals: Totals,
    /// The share saved, in percent.
    pub saved_percent: f64,
    /// The share of used items that are lost, in percent.
    pub loss_percent: f64,
}

/// A result worth looking at.
#[derive(Debug, Clone, Serialize)]
pub struct Case {
    /// The session.
    pub session: String,
    /// Which of its tool results, counted from 1.
    pub number: usize,
    /// The first line of the command.
    pub command: String,
    /// The rule, or the kind when none fits.
    pub rule: String,
    /// Tokens before and after.
    pub tokens: (usize, usize),
    /// What the agent used and would not have had.
    pub lost: Vec<Lost>,
}

/// An item that is lost.
#[derive(Debug, Clone, Serialize)]
pub struct Lost {
    /// What it is.
    pub sort: Sort,
    /// The item.
    pub text: String,
}

/// Everything that a report says.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// 1; a change that breaks readers raises it.
    pub schema: u32,
    /// How many sessions.
    pub sessions: usize,
    /// Whose they are, with their numbers.
    pub agents: BTreeMap<&'static str, usize>,
    /// The sums over everything.
    pub totals: Totals,
    /// Shares of the sums, in percent.
    pub percent: Shares,
    /// By program and subcommand, largest first.
    pub by_command: Vec<Group>,
    /// By rule, or kind where none fits, largest first.
    pub by_rule: Vec<Group>,
    /// By session, in the order they were read.
    pub by_session: Vec<Group>,
    /// Results of which something was lost, worst first.
    pub lost: Vec<Case>,
    /// Results that came out longer, worst first.
    pub worse: Vec<Case>,
    /// Results that are no files and were hardly shortened, largest first.
    pub large: Vec<Case>,
}

/// Shares in percent.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Shares {
    /// Tokens saved, each result counted once, markers paid.
    pub saved: f64,
    /// The same with everything read again of which something was lost.
    pub saved_net: f64,
    /// Tokens saved of what is no file that was read.
    pub saved_rest: f64,
    /// Tokens saved over all requests that carry the results.
    pub saved_carried: f64,
    /// What is saved of the cost with a prompt cache, reading again included.
    pub saved_cost: f64,
    /// Used items that were lost.
    pub loss: f64,
}

impl Report {
    /// Adds sessions up; of the worst cases so many are listed.
    pub fn of(sessions: &[Replayed], listed: usize) -> Self {
        let mut totals = Totals::default();
        let mut agents = BTreeMap::new();
        let (mut commands, mut rules, mut by_session) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        for session in sessions {
            let mut sum = Totals::default();
            for seen in &session.outputs {
                sum.add(&seen.totals);
                commands.entry(&seen.tool).or_insert_with(Totals::default).add(&seen.totals);
                rules.entry(&seen.rule).or_insert_with(Totals::default).add(&seen.totals);
            }
            totals.add(&sum);
            *agents.entry(session.agent).or_default() += 1;
            by_session.push(Group::new(&session.name, sum));
        }
        let all: Vec<(&Replayed, &Seen)> =
            sessions.iter().flat_map(|session| session.outputs.iter().map(move |seen| (session, seen))).collect();
        let percent = Shares {
            saved: totals.saved(),
            saved_net: totals.saved_net(),
            saved_rest: totals.saved_rest(),
            saved_carried: totals.saved_carried(),
            saved_cost: totals.saved_cost(),
            loss: totals.loss(),
        };
        let hardly = |seen: &Seen| {
            let Totals { before, after, known, reads, .. } = seen.totals;
            if known + reads == 0 && after * 10 > before * 9 { after } else { 0 }
        };
        Self {
            schema: 1,
            sessions: sessions.len(),
            agents,
            totals,
            percent,
            by_command: groups(commands),
            by_rule: groups(rules),
            by_session,
            lost: worst(&all, listed, |seen| seen.lost.len()),
            worse: worst(&all, listed, |seen| seen.totals.after.saturating_sub(seen.totals.before)),
            large: worst(&all, listed, hardly),
        }
    }
}

impl Group {
    fn new(name: &str, totals: Totals) -> Self {
        let (saved_percent, loss_percent) = (totals.saved(), totals.loss());
        Self { name: name.to_owned(), totals, saved_percent, loss_percent }
    }
}

fn groups(sums: BTreeMap<&String, Totals>) -> Vec<Group> {
    let mut groups: Vec<Group> = sums.into_iter().map(|(name, totals)| Group::new(name, totals)).collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.totals.before));
    groups
}

/// The results of which a measure is largest; those where it is 0 are not listed.
fn worst(all: &[(&Replayed, &Seen)], listed: usize, measure: impl Fn(&Seen) -> usize) -> Vec<Case> {
    let mut cases: Vec<_> = all.iter().filter(|(_, seen)| measure(seen) > 0).collect();
    cases.sort_by_key(|(_, seen)| std::cmp::Reverse(measure(seen)));
    let case = |(session, seen): &&(&Replayed, &Seen)| Case {
        session: session.name.clone(),
        number: seen.number,
        command: seen.command.clone(),
        rule: seen.rule.clone(),
        tokens: (seen.totals.before, seen.totals.after),
        lost: seen.lost.iter().map(|(sort, text)| Lost { sort: *sort, text: text.clone() }).collect(),
    };
    cases.iter().take(listed).map(case).collect()
}
