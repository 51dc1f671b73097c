//! `hr hook AGENT`: answers the hook of an agent. Whatever goes wrong, the answer is one that changes nothing.

use std::fs;
use std::io::{self, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::show::unix_now;
use crate::cli::agent_files::Machine;
use crate::cli::error::CliResult;
use crate::cli::home::home;
use crate::cli::journal::{self, Entry};
use crate::cli::output;
use crate::cli::settings::Settings;
use crate::hooks::agents::Agent;
use crate::hooks::{Answer, Did, NOTHING, answer};

/// Answers the hook of an agent: the payload on standard input, one JSON object on standard output.
///
/// Agents call this; `hr init` tells them to. The exit status is always 0. When something is wrong, or takes longer than
/// a second, the answer is `{}`, which changes nothing, and standard error says why.
#[derive(Debug, clap::Args)]
pub struct HookArgs {
    /// The agent, as `hr init` names it; what follows is not looked at.
    #[arg(value_name = "AGENT", trailing_var_arg = true, allow_hyphen_values = true)]
    agent: Vec<String>,
}

/// How long an answer may take.
const TIME: Duration = Duration::from_secs(1);

/// What is read of a payload at most.
const LIMIT: u64 = 64 << 20;

/// The session of payloads that only try a hook: they leave no trace.
pub const PROBE: &str = "\"hr-doctor\"";

/// Answers, in time.
pub fn run(args: &HookArgs, settings: &Settings) -> CliResult {
    let name = args.agent.first().map_or("", String::as_str);
    let (answer, is_probe, entry) = in_time(name, settings);
    let mut out = io::stdout().lock();
    // An agent that does not wait for the answer does as if there were none.
    let _ = out.write_all(answer.text.as_bytes()).and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush());
    if let Did::Puzzled(why) = &answer.did {
        output::complain(&format!("hr: hook {name}: nothing is changed: {why}"));
    }
    if !is_probe && Agent::named(name).is_some() {
        // What cannot be noted down is missing in `hr doctor`, and nowhere else.
        let _ = Fired::note(name, &answer.did);
        entry.into_iter().for_each(journal::record);
    }
    Ok(ExitCode::SUCCESS)
}

fn nothing(did: Did) -> Answer {
    Answer { text: NOTHING.into(), did }
}

/// The answer, whether it is to leave no trace, and what the journal is to say; in another thread, so that neither a slow writer nor a panic of ours can
/// keep the agent waiting.
fn in_time(name: &str, settings: &Settings) -> (Answer, bool, Option<Entry>) {
    let (send, receive) = mpsc::sync_channel(1);
    let (name, settings) = (name.to_string(), settings.clone());
    let work = move || {
        let answered = catch_unwind(AssertUnwindSafe(|| {
            let mut input = Vec::new();
            // It is read in any case: not every agent bears a pipe that closes.
            if let Err(error) = io::stdin().lock().take(LIMIT).read_to_end(&mut input) {
                return (nothing(Did::Puzzled(format!("the payload cannot be read: {error}"))), false, None);
            }
            if settings.off {
                return (nothing(Did::Left("`HR` is off".into())), true, None);
            }
            let Some(agent) = Agent::named(&name) else {
                return (
                    nothing(Did::Puzzled(format!("there is no agent `{name}`; `hr init` lists them"))),
                    true,
                    None,
                );
            };
            let is_probe = memchr::memmem::find(&input, PROBE.as_bytes()).is_some();
            let machine = Machine::new(&settings);
            let answer = answer(agent, &input, &machine);
            let entry = machine.entry(agent.name, &answer.did);
            (answer, is_probe, entry)
        }));
        let broken = |_| (nothing(Did::Puzzled("it broke `hr`; please report the payload".into())), false, None);
        // Nobody listens any more after a second.
        let _ = send.send(answered.unwrap_or_else(broken));
    };
    let started = thread::Builder::new().spawn(work);
    let answered = started.ok().and_then(|_| receive.recv_timeout(TIME).ok());
    answered.unwrap_or_else(|| (nothing(Did::Puzzled("there is no answer within a second".into())), false, None))
}

/// What the hook of an agent did last: a file of its own for each agent.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Fired {
    /// When it was called last, in seconds since 1970.
    pub unix_time: u64,
    /// What it did then.
    pub did: String,
    /// When it changed something last.
    pub changed_unix_time: Option<u64>,
    /// What it did then.
    pub changed: Option<String>,
    /// The version of `hr` that was called.
    pub version: String,
}

impl Fired {
    /// Reads what is noted about an agent.
    pub fn read(agent: &str) -> Option<Self> {
        serde_json::from_slice(&fs::read(file(agent)?).ok()?).ok()
    }

    fn note(agent: &str, did: &Did) -> io::Result<()> {
        let Some(path) = file(agent) else { return Ok(()) };
        let mut fired = Self::read(agent).unwrap_or_default();
        fired.unix_time = unix_now();
        fired.version = env!("CARGO_PKG_VERSION").into();
        fired.did = match did {
            Did::Rewritten(line) => format!("rewrote a command: {}", line.chars().take(100).collect::<String>()),
            Did::Compacted(before, after) => format!("compacted an output: about {before} -> {after} tokens"),
            Did::Left(why) => format!("left it: {why}"),
            Did::Puzzled(why) => format!("changed nothing: {why}"),
        };
        if matches!(did, Did::Rewritten(_) | Did::Compacted(..)) {
            fired.changed_unix_time = Some(fired.unix_time);
            fired.changed = Some(fired.did.clone());
        }
        let text = serde_json::to_vec(&fired)?;
        let folder = path.parent().unwrap_or(Path::new("."));
        let write = || -> io::Result<()> {
            let mut file = tempfile::NamedTempFile::new_in(folder)?;
            file.write_all(&text)?;
            file.persist(&path).map_err(|error| error.error)?;
            Ok(())
        };
        write().or_else(|_| fs::create_dir_all(folder).and_then(|()| write()))
    }
}

fn file(agent: &str) -> Option<PathBuf> {
    Some(home().ok()?.join("hooks").join(format!("{agent}.json")))
}
