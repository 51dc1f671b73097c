//! OpenCode, and Kilo, which is built on it: a plugin replaces what any command printed, in `tool.execute.after`.
//!
//! A plugin could rewrite commands too, but OpenCode's permissions would see `hr run` then, and there is no need: failed
//! commands come to the plugin as well.

use super::{Agent, Rewrites, is_from_plugin, owns_nothing};
use crate::hooks::setup::{Change, Edit, Place, Wanted};
use crate::hooks::shapes;

pub(super) const AGENT: Agent = Agent {
    name: "opencode",
    title: "OpenCode",
    rewrites: Rewrites::Never,
    replaces: true,
    program: Some("opencode"),
    marks: &[Place::config("opencode")],
    answering: Some(shapes::plugin),
    owns: |payload| is_from_plugin(payload, "opencode"),
    setup,
    afterwards: "plugins are read when OpenCode starts",
    probes: &[r#"{"plugin":"opencode","session":"hr-doctor","command":"echo hi","exit":0,"output":"hi"}"#],
};

pub(super) const KILO: Agent = Agent {
    name: "kilo",
    title: "Kilo",
    program: Some("kilo"),
    marks: &[Place::config("kilo")],
    answering: None,
    owns: owns_nothing,
    setup: |wanted| {
        vec![Edit {
            place: Place::config("kilo"),
            change: Change::Shown {
                why: "where Kilo looks for plugins is not sure; in its folder for plugins, this one works as in OpenCode",
                text: plugin(wanted),
            },
        }]
    },
    afterwards: "",
    probes: &[],
    ..AGENT
};

fn plugin(wanted: &Wanted<'_>) -> String {
    concat!(include_str!("plugins/opencode.ts"), include_str!("plugins/ask.ts")).replace("\"$HR\"", &wanted.program())
}

fn setup(wanted: &Wanted<'_>) -> Vec<Edit> {
    let place = wanted.place(Place::config("opencode/plugins/hr.ts"), Place::project(".opencode/plugins/hr.ts"));
    let mut edits = vec![Edit { place, change: Change::Own(plugin(wanted)) }];
    if wanted.mcp {
        let value =
            format!(r#"{{"type":"local","command":[{}, {}],"enabled":true}}"#, wanted.program(), wanted.mcp_args());
        let place = wanted.place(Place::config("opencode/opencode.json"), Place::project("opencode.json"));
        edits.push(Edit { place, change: Change::Member { at: &["mcp", "hr"], value } });
    }
    edits
}
