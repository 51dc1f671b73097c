//! The report as a page with charts.

use crate::cli::page::{Bar, Page, grouped};
use crate::replay::report::{Case, Group, Report};

/// Writes the report.
pub(super) fn written(report: &Report, rows: usize) -> String {
    let (totals, percent) = (&report.totals, &report.percent);
    let number = |count: usize| grouped(count as i64);
    let mut page = Page::new("hr replay");
    page.paragraph(&format!(
        "{} sessions with {} tool results, {} of them shortened. {} tokens before, {} after: {:.1} % saved.",
        report.sessions,
        number(totals.outputs),
        number(totals.compacted),
        number(totals.before),
        number(totals.after),
        percent.saved
    ));
    page.paragraph(&format!(
        "Of {} items that the agents used and had from tool results alone, {} would have been missing: {:.2} %.",
        number(totals.used),
        number(totals.lost),
        percent.loss
    ));
    page.remark(&format!(
        "Tokens are estimated and include the markers ({}). Without the files that were read, which pass whole ({}): {:.1} % \
         saved. When every result of which something was lost is read again \
         whole: {:.1} % saved. Over all requests that carry the results: {:.1} %. With a prompt cache, writes at 1.25 and \
         reads at 0.1 of the price of input, reading again included: {:.1} %.",
        number(totals.markers),
        number(totals.reads),
        percent.saved_rest,
        percent.saved_net,
        percent.saved_carried,
        percent.saved_cost
    ));
    for (heading, list) in [
        ("Tokens saved by command", &report.by_command),
        ("Tokens saved by rule, by kind where none fits", &report.by_rule),
        ("Tokens saved by session", &report.by_session),
    ] {
        page.heading(heading);
        groups(&mut page, list, rows);
    }
    for (heading, list) in
        [("Lost", &report.lost), ("Longer than before", &report.worse), ("Large, and hardly shorter", &report.large)]
    {
        cases(&mut page, heading, list);
    }
    page.finish()
}

fn groups(page: &mut Page, groups: &[Group], rows: usize) {
    let bars = groups.iter().take(rows).map(|group| {
        let saved = group.totals.before as i64 - group.totals.after as i64;
        Bar {
            name: group.name.clone(),
            value: saved as f64,
            note: format!(
                "{} of {} ({:.1} %)",
                grouped(saved),
                grouped(group.totals.before as i64),
                group.saved_percent
            ),
        }
    });
    page.chart(&bars.collect::<Vec<_>>());
    let columns = ["name", "#results", "#before", "#after", "#saved", "#used", "#lost"];
    page.table(
        &columns,
        groups.iter().map(|group| {
            let totals = &group.totals;
            vec![
                group.name.clone(),
                totals.outputs.to_string(),
                grouped(totals.before as i64),
                grouped(totals.after as i64),
                format!("{:.1} %", group.saved_percent),
                totals.used.to_string(),
                totals.lost.to_string(),
            ]
        }),
    );
}

fn cases(page: &mut Page, heading: &str, cases: &[Case]) {
    if cases.is_empty() {
        return;
    }
    page.heading(heading);
    page.table(
        &["session", "#result", "`command", "rule", "#before", "#after", "`lost"],
        cases.iter().map(|case| {
            let lost: Vec<&str> = case.lost.iter().map(|lost| lost.text.as_str()).collect();
            vec![
                case.session.clone(),
                case.number.to_string(),
                case.command.clone(),
                case.rule.clone(),
                grouped(case.tokens.0 as i64),
                grouped(case.tokens.1 as i64),
                lost.join(", "),
            ]
        }),
    );
}
