//! Amp: a plugin replaces what any command printed, in `tool.result`. How Amp hands an output to plugins is not
//! documented, so anything but a string stays.

use super::{Agent, Rewrites, is_from_plugin};
use crate::hooks::setup::{Change, Edit, Place, Wanted};
use crate::hooks::shapes;

pub(super) const AGENT: Agent = Agent {
    name: "amp",
    title: "Amp",
    rewrites: Rewrites::Never,
    replaces: true,
    program: Some("amp"),
    marks: &[Place::config("amp")],
    answering: Some(shapes::plugin),
    owns: |payload| is_from_plugin(payload, "amp"),
    setup,
    afterwards: "plugins are read when Amp starts",
    probes: &[r#"{"plugin":"amp","session":"hr-doctor","command":"echo hi","output":"hi"}"#],
};

fn setup(wanted: &Wanted<'_>) -> Vec<Edit> {
    let text =
        concat!(include_str!("plugins/amp.ts"), include_str!("plugins/ask.ts")).replace("\"$HR\"", &wanted.program());
    let place = wanted.place(Place::config("amp/plugins/hr.ts"), Place::project(".amp/plugins/hr.ts"));
    let mut edits = vec![Edit { place, change: Change::Own(text) }];
    edits.extend(wanted.mcp_in(
        wanted.place(Place::config("amp/settings.json"), Place::project(".amp/settings.json")),
        &["amp.mcpServers", "hr"],
    ));
    edits
}
