//! Cline: a plugin replaces what any command printed, in `afterTool`. Cline ends a run when a plugin takes longer than
//! three seconds or throws, so the plugin does neither.

use super::{Agent, Rewrites, is_from_plugin};
use crate::hooks::setup::{Change, Edit, OWN_INSTRUCTIONS, Place, Scope, Wanted};
use crate::hooks::shapes;

pub(super) const AGENT: Agent = Agent {
    name: "cline",
    title: "Cline",
    rewrites: Rewrites::Never,
    replaces: true,
    program: Some("cline"),
    marks: &[Place::home(".cline")],
    answering: Some(shapes::plugin),
    owns: |payload| is_from_plugin(payload, "cline"),
    setup,
    afterwards: "plugins are read when Cline starts",
    probes: &[r#"{"plugin":"cline","session":"hr-doctor","command":"echo hi","output":"hi"}"#],
};

fn setup(wanted: &Wanted<'_>) -> Vec<Edit> {
    match wanted.scope {
        Scope::User => {
            let text = concat!(include_str!("plugins/cline.ts"), include_str!("plugins/ask.ts"))
                .replace("\"$HR\"", &wanted.program());
            vec![Edit { place: Place::home(".cline/plugins/hr.ts"), change: Change::Own(text) }]
        }
        Scope::Project => {
            vec![Edit { place: Place::project(".clinerules/hr.md"), change: Change::Own(OWN_INSTRUCTIONS.into()) }]
        }
    }
}
