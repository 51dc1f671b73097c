//! Hermes: a plugin in Python replaces what any command printed, in `transform_terminal_output`, before Hermes cuts it.

use super::{Agent, Rewrites, is_from_plugin};
use crate::hooks::setup::{Change, Edit, INSTRUCTIONS, Place, Scope, Wanted};
use crate::hooks::shapes;

pub(super) const AGENT: Agent = Agent {
    name: "hermes",
    title: "Hermes",
    rewrites: Rewrites::Never,
    replaces: true,
    program: Some("hermes"),
    marks: &[Place::moved("HERMES_HOME", ".hermes", "")],
    answering: Some(shapes::plugin),
    owns: |payload| is_from_plugin(payload, "hermes"),
    setup,
    afterwards: "switch the plugin on with `hermes plugins enable hr`",
    probes: &[r#"{"plugin":"hermes","session":"hr-doctor","command":"echo hi","exit":0,"output":"hi"}"#],
};

fn setup(wanted: &Wanted<'_>) -> Vec<Edit> {
    if wanted.scope == Scope::Project {
        return vec![Edit { place: Place::project("AGENTS.md"), change: Change::Block(INSTRUCTIONS) }];
    }
    let plugin = include_str!("plugins/hermes.py").replace("\"$HR\"", &wanted.program());
    let own =
        |path, text: String| Edit { place: Place::moved("HERMES_HOME", ".hermes", path), change: Change::Own(text) };
    let manifest = format!(
        "# hr-sum:$SUM\nname: hr\nversion: {}\ndescription: Leaves out what says nothing new in the output of commands\nhooks:\n  - transform_terminal_output\n",
        env!("CARGO_PKG_VERSION")
    );
    vec![own("plugins/hr/plugin.yaml", manifest), own("plugins/hr/__init__.py", plugin)]
}
