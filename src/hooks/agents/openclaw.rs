//! OpenClaw: a plugin of the user's own can hand results to `hr hook openclaw`. Its plugins must be built and list the
//! runtimes they serve, so none is written here.

use super::{Agent, Rewrites, is_from_plugin};
use crate::hooks::setup::{Change, Edit, INSTRUCTIONS, Place, Wanted};
use crate::hooks::shapes;

pub(super) const AGENT: Agent = Agent {
    name: "openclaw",
    title: "OpenClaw",
    rewrites: Rewrites::Never,
    replaces: true,
    program: Some("openclaw"),
    marks: &[Place::home(".openclaw")],
    answering: Some(shapes::plugin),
    owns: |payload| is_from_plugin(payload, "openclaw"),
    setup,
    afterwards: "",
    probes: &[r#"{"plugin":"openclaw","session":"hr-doctor","command":"echo hi","output":"hi"}"#],
};

fn setup(wanted: &Wanted<'_>) -> Vec<Edit> {
    let text = format!(
        "// In `registerAgentToolResultMiddleware`, for the result of a command:\n\
         //   stdin of `{} hook openclaw`: {{\"plugin\":\"openclaw\",\"command\":COMMAND,\"exit\":STATUS,\"output\":TEXT}}\n\
         //   its answer: {{\"output\":TEXT}}, or {{}} to leave the result as it is\n",
        wanted.hr
    );
    let why = "plugins of OpenClaw are built, and list the runtimes they serve";
    let workspace = wanted.place(Place::home(".openclaw/workspace/AGENTS.md"), Place::project("AGENTS.md"));
    vec![
        Edit { place: Place::home(".openclaw"), change: Change::Shown { why, text } },
        Edit { place: workspace, change: Change::Block(INSTRUCTIONS) },
    ]
}
