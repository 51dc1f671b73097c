//! Agents whose hooks can neither rewrite a command nor replace an output: they are told about `hr`, and can have its MCP
//! server.

use super::{Agent, Rewrites, owns_nothing};
use crate::hooks::setup::{Change, Edit, INSTRUCTIONS, OWN_INSTRUCTIONS, Place, Scope, Wanted};

/// What they have in common.
const TOLD: Agent = Agent {
    name: "",
    title: "",
    rewrites: Rewrites::Never,
    replaces: false,
    program: None,
    marks: &[],
    answering: None,
    owns: owns_nothing,
    setup: |_| Vec::new(),
    afterwards: "",
    probes: &[],
};

pub(super) const GOOSE: Agent = Agent {
    name: "goose",
    title: "Goose",
    program: Some("goose"),
    marks: &[Place::config("goose")],
    setup: |wanted| {
        let hints = wanted.place(Place::config("goose/.goosehints"), Place::project("AGENTS.md"));
        let server = format!(
            "extensions:\n  hr:\n    type: stdio\n    enabled: true\n    cmd: {}\n    args: [{}]\n",
            wanted.program(),
            wanted.mcp_args()
        );
        told(hints, wanted, shown(Place::config("goose/config.yaml"), "it is YAML", server))
    },
    ..TOLD
};

pub(super) const KIRO: Agent = Agent {
    name: "kiro",
    title: "Kiro",
    program: Some("kiro-cli"),
    marks: &[Place::home(".kiro")],
    setup: |wanted| {
        let steering = wanted.place(Place::home(".kiro/steering/hr.md"), Place::project(".kiro/steering/hr.md"));
        let mcp = wanted.place(Place::home(".kiro/settings/mcp.json"), Place::project(".kiro/settings/mcp.json"));
        let mut edits = vec![Edit { place: steering, change: Change::Own(OWN_INSTRUCTIONS.into()) }];
        edits.extend(wanted.mcp_in(mcp, &["mcpServers", "hr"]));
        edits
    },
    ..TOLD
};

pub(super) const WINDSURF: Agent = Agent {
    name: "windsurf",
    title: "Windsurf",
    marks: &[Place::home(".codeium/windsurf")],
    setup: |wanted| {
        let mut edits = vec![match wanted.scope {
            Scope::User => Edit {
                place: Place::home(".codeium/windsurf/memories/global_rules.md"),
                change: Change::Block(INSTRUCTIONS),
            },
            Scope::Project => {
                Edit { place: Place::project(".windsurf/rules/hr.md"), change: Change::Own(OWN_INSTRUCTIONS.into()) }
            }
        }];
        edits.extend(wanted.mcp_in(Place::home(".codeium/windsurf/mcp_config.json"), &["mcpServers", "hr"]));
        edits
    },
    ..TOLD
};

pub(super) const ZED: Agent = Agent {
    name: "zed",
    title: "Zed",
    program: Some("zed"),
    marks: &[Place::config("zed")],
    setup: |wanted| {
        let rules = wanted.place(Place::config("zed/AGENTS.md"), Place::project("AGENTS.md"));
        let settings = wanted.place(Place::config("zed/settings.json"), Place::project(".zed/settings.json"));
        let mut edits = vec![match wanted.scope {
            Scope::Project => Edit { place: rules, change: Change::Block(INSTRUCTIONS) },
            Scope::User => {
                shown(Place::config("zed"), "Zed keeps the user's rules in its library", INSTRUCTIONS.into())
            }
        }];
        edits.extend(wanted.mcp_in(settings, &["context_servers", "hr"]));
        edits
    },
    ..TOLD
};

pub(super) const AIDER: Agent = Agent {
    name: "aider",
    title: "Aider",
    program: Some("aider"),
    marks: &[Place::home(".aider.conf.yml"), Place::home(".aider")],
    setup: |wanted| {
        let conventions = wanted.place(Place::home(".aider/hr.md"), Place::project(".aider-hr.md"));
        let read = match wanted.scope {
            Scope::User => "read: [~/.aider/hr.md]\n",
            Scope::Project => "read: [.aider-hr.md]\n",
        };
        let conf = wanted.place(Place::home(".aider.conf.yml"), Place::project(".aider.conf.yml"));
        vec![
            Edit { place: conventions, change: Change::Own(OWN_INSTRUCTIONS.into()) },
            shown(conf, "it is YAML", read.into()),
        ]
    },
    ..TOLD
};

/// A block of instructions and, when it is wanted, a server.
fn told(place: Place, wanted: &Wanted<'_>, server: Edit) -> Vec<Edit> {
    let mut edits = vec![Edit { place, change: Change::Block(INSTRUCTIONS) }];
    edits.extend(wanted.mcp.then_some(server));
    edits
}

fn shown(place: Place, why: &'static str, text: String) -> Edit {
    Edit { place, change: Change::Shown { why, text } }
}
