//! The report for people.

use std::fmt::Write;

use crate::cli::page::{bar, cut, grouped};
use crate::replay::report::{Case, Group, Report};

/// Writes the report.
pub(super) fn written(report: &Report, rows: usize) -> String {
    let mut text = summary(report);
    groups(&mut text, "By command", &report.by_command, rows);
    groups(&mut text, "By rule, by kind where none fits", &report.by_rule, rows);
    if report.sessions > 1 {
        groups(&mut text, "By session", &report.by_session, rows);
    }
    cases(&mut text, "Lost: used later, in this result alone, and not in what is left of it", &report.lost);
    cases(&mut text, "Longer than before", &report.worse);
    cases(&mut text, "Large, and hardly shorter", &report.large);
    text
}

/// The sums: how much, at what price, and what is missing.
fn summary(report: &Report) -> String {
    let (totals, percent) = (&report.totals, &report.percent);
    let number = |count: usize| grouped(count as i64);
    let cost = |tokens: f64| grouped(tokens.round() as i64);
    let agents: Vec<String> = report.agents.iter().map(|(agent, count)| format!("{count} {agent}")).collect();
    let mut text = format!(
        "{} sessions ({}), {} tool results, {} shortened, {} longer; tokens are estimated\n\n",
        report.sessions,
        agents.join(", "),
        number(totals.outputs),
        number(totals.compacted),
        number(totals.worse)
    );
    let rows = [
        ("each result once", number(totals.before), number(totals.after), percent.saved),
        ("  lost ones read again", number(totals.before), number(totals.after + totals.read_again), percent.saved_net),
        (
            "  but files that were read",
            number(totals.before - totals.reads),
            number(totals.after - totals.reads),
            percent.saved_rest,
        ),
        ("in every later request", number(totals.carried_before), number(totals.carried_after), percent.saved_carried),
        (
            "  priced with a cache",
            cost(totals.cost_before),
            cost(totals.cost_after + totals.cost_again),
            percent.saved_cost,
        ),
    ];
    let _ = writeln!(text, "{:27} {:>14} {:>14} {:>7}", "TOKENS", "BEFORE", "AFTER", "SAVED");
    for (name, before, after, saved) in rows {
        let _ = writeln!(text, "{name:27} {before:>14} {after:>14} {saved:>5.1} %");
    }
    let _ = writeln!(
        text,
        "\nEvidence: {} items used that only tool results had; {} lost ({:.2} %), in {} results.",
        number(totals.used),
        number(totals.lost),
        percent.loss,
        number(totals.lossy)
    );
    let _ = writeln!(
        text,
        "Markers take {} tokens, which are paid for in all of these. Lines printed before in the session: {} tokens; \
         {} of them are left out for that reason.",
        number(totals.markers),
        number(totals.repeated),
        number(totals.shown_before)
    );
    if totals.unseen > 0 {
        let _ = writeln!(
            text,
            "{} tokens are of tools that are no shell: hooks do not see them (--all-tools compacts them too).",
            number(totals.unseen)
        );
    }
    if totals.known > 0 {
        let _ = writeln!(text, "{} results went through hr when they were recorded.", number(totals.known));
    }
    text
}

fn groups(text: &mut String, heading: &str, groups: &[Group], rows: usize) {
    let most = groups.iter().map(|group| group.totals.before).max().unwrap_or(0).max(1) as f64;
    let _ = writeln!(
        text,
        "\n{heading}\n{:36} {:>6} {:>11} {:>11} {:>7} {:>6} {:>5}",
        "", "CALLS", "BEFORE", "AFTER", "SAVED", "USED", "LOST"
    );
    for Group { name, totals, saved_percent, .. } in groups.iter().take(rows) {
        let line = format!(
            "{:36} {:>6} {:>11} {:>11} {:>5.1} % {:>6} {:>5}  {}",
            cut(name, 36),
            totals.outputs,
            grouped(totals.before as i64),
            grouped(totals.after as i64),
            saved_percent,
            totals.used,
            totals.lost,
            bar((totals.before as f64 - totals.after as f64) / most, 20)
        );
        let _ = writeln!(text, "{}", line.trim_end());
    }
    if groups.len() > rows {
        let _ = writeln!(text, "and {} more (--rows)", groups.len() - rows);
    }
}

fn cases(text: &mut String, heading: &str, cases: &[Case]) {
    if cases.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n{heading}");
    for case in cases {
        let (before, after) = (grouped(case.tokens.0 as i64), grouped(case.tokens.1 as i64));
        let _ = writeln!(text, "  {} #{}: {before} -> {after} tokens, {}", case.session, case.number, case.rule);
        let _ = writeln!(text, "    $ {}", cut(&case.command, 110));
        if !case.lost.is_empty() {
            let items: Vec<&str> = case.lost.iter().map(|lost| lost.text.as_str()).collect();
            let _ = writeln!(text, "    lost: {}", cut(&items.join(", "), 400));
        }
    }
}
