//! What keeps an agent from calling hooks although they are there: settings that switch them off, wherever they stand.

use std::path::Path;

use serde_json::Value;

use super::Report;
use super::codex;
use super::installed::{File, readable, text};
use crate::cli::agent_files;
use crate::cli::config_text;
use crate::hooks::agents::Agent;
use crate::hooks::setup::Place;

/// A setting that switches hooks off.
struct Switch {
    agents: &'static [&'static str],
    places: &'static [Place],
    key: &'static [&'static str],
    off: bool,
}

const CLAUDE: &[Place] = &[
    Place::moved("CLAUDE_CONFIG_DIR", ".claude", "settings.json"),
    Place::project(".claude/settings.json"),
    Place::project(".claude/settings.local.json"),
    Place::root("/etc/claude-code/managed-settings.json"),
    Place::root("/Library/Application Support/ClaudeCode/managed-settings.json"),
];
const MANAGED: &[Place] = CLAUDE.split_at(3).1;
const GEMINI: &[Place] = &[
    Place::home(".gemini/settings.json"),
    Place::project(".gemini/settings.json"),
    Place::root("/etc/gemini-cli/settings.json"),
];
const QWEN: &[Place] = &[Place::home(".qwen/settings.json"), Place::project(".qwen/settings.json")];
const QODER: &[Place] = &[Place::home(".qoder/settings.json"), Place::project(".qoder/settings.json")];
const CODEBUDDY: &[Place] = &[Place::home(".codebuddy/settings.json"), Place::project(".codebuddy/settings.json")];
const COPILOT: &[Place] = &[
    Place::moved("COPILOT_HOME", ".copilot", "config.json"),
    Place::moved("COPILOT_HOME", ".copilot", "settings.json"),
];
const VSCODE: &[Place] = &[Place::config("Code/User/settings.json"), Place::project(".vscode/settings.json")];

const SWITCHES: &[Switch] = &[
    Switch { agents: &["claude-code"], places: CLAUDE, key: &["disableAllHooks"], off: true },
    Switch { agents: &["claude-code"], places: MANAGED, key: &["allowManagedHooksOnly"], off: true },
    Switch { agents: &["gemini"], places: GEMINI, key: &["hooksConfig", "enabled"], off: false },
    Switch { agents: &["gemini"], places: GEMINI, key: &["tools", "enableHooks"], off: false },
    Switch { agents: &["qwen"], places: QWEN, key: &["disableAllHooks"], off: true },
    Switch { agents: &["qwen"], places: QWEN, key: &["hooksConfig", "enabled"], off: false },
    Switch { agents: &["qoder"], places: QODER, key: &["disableAllHooks"], off: true },
    Switch { agents: &["codebuddy"], places: CODEBUDDY, key: &["disableAllHooks"], off: true },
    Switch { agents: &["copilot"], places: COPILOT, key: &["disableAllHooks"], off: true },
    Switch { agents: &["vscode"], places: VSCODE, key: &["chat.useHooks"], off: false },
];

/// Looks at everything that switches the hooks of an agent off.
pub(super) fn look(agent: &Agent, files: &[File], report: &mut Report) {
    let switches = || SWITCHES.iter().filter(|switch| switch.agents.contains(&agent.name));
    let mut places: Vec<&Place> = Vec::new();
    for place in switches().flat_map(|switch| switch.places) {
        if !places.contains(&place) {
            places.push(place);
        }
    }
    for place in places {
        let Some(path) = agent_files::path(place, &agent_files::project()) else { continue };
        let name = path.display().to_string();
        let said = match said(&path) {
            Ok(Some(said)) => said,
            Ok(None) => continue,
            Err(_) if files.iter().any(|file| file.path == name && !file.wrong.is_empty()) => continue,
            Err(why) => {
                report.ill(&format!("{name}: {why}"));
                continue;
            }
        };
        for switch in switches().filter(|switch| switch.places.contains(place)) {
            if switch.key.iter().fold(&said, |value, key| &value[*key]) == &Value::Bool(switch.off) {
                report.ill(&format!("{name}: no hook is called, for `{}` is {}", switch.key.join("."), switch.off));
            }
        }
        let strings = |value: &Value| {
            value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>()
        };
        let ours = |name: &String| name == "hr" || files.iter().any(|file| file.calls(name));
        if strings(&said["hooksConfig"]["disabled"]).iter().any(ours) {
            report.ill(&format!("{name}: `hooksConfig.disabled` names the hook of `hr`"));
        }
        let all = ["Bash(hrrun", "Bash(hr:*)", "Bash(hr*"];
        let squeezed = |rule: &String| rule.split_whitespace().collect::<String>();
        if strings(&said["permissions"]["allow"])
            .iter()
            .any(|rule| all.iter().any(|all| squeezed(rule).starts_with(all)))
        {
            report.ill(&format!("{name}: a rule allows `hr run`, and so every command behind it"));
        }
    }
    if agent.name == "codex" {
        codex::look(files, report);
    }
}

/// What a settings file says; nothing when there is none.
fn said(path: &Path) -> Result<Option<Value>, String> {
    let Some(text) = text(path)? else { return Ok(None) };
    readable(path, &text)?;
    config_text::json(&text).map(Some)
}
