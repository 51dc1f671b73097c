//! What becomes of each file of an agent, and which files are left alone.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind as IoError;
use std::path::{Path, PathBuf};

use super::write;
use crate::cli::agent_files;
use crate::cli::config_text::{self, Changed};
use crate::cli::error::{CliError, ErrorKind};
use crate::hooks::agents::Agent;
use crate::hooks::setup::{Change, Edit, Wanted};

/// A file with what becomes of it.
#[derive(Debug, Default)]
pub struct Planned {
    /// The text as it is; nothing when there is no file.
    pub old: Option<String>,
    /// The text as it is to be; nothing when the file goes.
    pub new: Option<String>,
    /// What stays of a text that goes, when the file was there before.
    frame: String,
    /// Whether something of ours was in it.
    had_ours: bool,
    /// Whether a copy of it is kept.
    pub is_kept: bool,
    /// Whether it becomes what it was before, so that the copy goes.
    pub is_back: bool,
}

/// A file that is left alone.
#[derive(Debug)]
pub struct Refused {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub why: String,
    /// What belongs there.
    pub snippet: String,
    /// Whether no file of this sort is changed by program.
    pub is_expected: bool,
}

impl Refused {
    /// What is said about it.
    pub fn told(&self) -> String {
        let snippet = self.snippet.lines().map(|line| format!("      {line}\n")).collect::<String>();
        let put = if snippet.is_empty() { "" } else { "; this belongs there:" };
        format!("  left as it is: {} ({}){put}\n{snippet}", self.path.display(), self.why)
    }
}

/// What becomes of each file.
pub fn plan(
    agent: &Agent,
    wanted: &Wanted<'_>,
    uninstall: bool,
) -> Result<(BTreeMap<PathBuf, Planned>, Vec<Refused>), CliError> {
    let mut plan: BTreeMap<PathBuf, Planned> = BTreeMap::new();
    let mut refused = Vec::new();
    let edits = edits(agent, wanted)?;
    for (path, change) in &edits {
        let is_expected = matches!(change, Change::Shown { .. });
        if is_expected && uninstall {
            continue;
        }
        let done = if is_expected {
            config_text::put("", change, agent.name)
        } else {
            if !plan.contains_key(path) {
                let old = read(path)?;
                plan.insert(path.clone(), Planned { new: old.clone(), old, ..Planned::default() });
            }
            let Some(planned) = plan.get_mut(path) else { continue };
            planned.change(path, change, agent, uninstall)
        };
        let is_told = refused.iter().any(|known: &Refused| known.path == *path && known.is_expected == is_expected);
        if let (Changed::Refused(why), false) = (done, is_told) {
            let here = edits.iter().filter(|edit| edit.0 == *path && !uninstall);
            let texts = here.map(|edit| config_text::snippet(&edit.1).trim_end().to_string());
            let snippet = texts.filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n");
            refused.push(Refused { path: path.clone(), why, snippet, is_expected });
        }
    }
    // A file is changed as a whole or not at all.
    for refusal in refused.iter().filter(|refusal| !refusal.is_expected) {
        plan.remove(&refusal.path);
    }
    for (path, planned) in plan.iter_mut().filter(|(_, planned)| uninstall && planned.old != planned.new) {
        let Some(kept) = read(&write::backup(path))? else { continue };
        match without_ours(agent, &edits, path, kept) {
            None => planned.is_back = planned.new.is_none(),
            Some(before) => {
                planned.is_back = led_to(agent, wanted, path, &before, planned)?;
                // The file was there before, so that it stays.
                let rest = planned.new.take().unwrap_or_else(|| std::mem::take(&mut planned.frame));
                planned.new = Some(if planned.is_back { before } else { rest });
            }
        }
    }
    Ok((plan, refused))
}

impl Planned {
    /// Makes one more change to the text.
    fn change(&mut self, path: &Path, change: &Change, agent: &Agent, uninstall: bool) -> Changed {
        self.had_ours |= self.old.as_ref().is_some_and(|old| config_text::is_ours_in(old, change, agent.name));
        // What was before us has its copy, and where there is a sum only what is as we wrote it is changed.
        let is_sure = uninstall || matches!(change, Change::Own(_) | Change::Block(_)) || write::backup(path).exists();
        self.is_kept = self.old.is_some() && !(self.had_ours && is_sure);
        let text = self.new.clone().unwrap_or_default();
        let changed = match uninstall {
            true => config_text::take(&text, change, agent.name),
            false => config_text::put(&text, change, agent.name),
        };
        match (&changed, write::obstacle(path)) {
            (Changed::Into(_) | Changed::Gone(_), Some(why)) => return Changed::Refused(why),
            (Changed::Into(text), None) => self.new = Some(text.clone()),
            (Changed::Gone(frame), None) => (self.new, self.frame) = (None, frame.clone()),
            (Changed::Same | Changed::Refused(_), _) => {}
        }
        changed
    }
}

/// A text of a file without what is ours; nothing when all of it is.
fn without_ours(agent: &Agent, edits: &[(PathBuf, Change)], path: &Path, text: String) -> Option<String> {
    edits.iter().filter(|edit| edit.0 == path).try_fold(text, |text, (_, change)| {
        match config_text::take(&text, change, agent.name) {
            Changed::Into(text) => Some(text),
            Changed::Gone(_) => None,
            Changed::Same | Changed::Refused(_) => Some(text),
        }
    })
}

/// The changes with the files that they are to.
fn edits(agent: &Agent, wanted: &Wanted<'_>) -> Result<Vec<(PathBuf, Change)>, CliError> {
    let project = agent_files::project();
    let with_path = |Edit { place, change }| agent_files::path(&place, &project).map(|path| (path, change));
    let edits = (agent.setup)(wanted).into_iter().map(with_path).collect::<Option<Vec<_>>>();
    edits.ok_or_else(|| CliError::new(ErrorKind::Config, "there is no home folder").hint("set `HOME`"))
}

/// Whether `hr init` made of a text what the file is, with whatever options.
fn led_to(agent: &Agent, wanted: &Wanted<'_>, path: &Path, before: &str, planned: &Planned) -> Result<bool, CliError> {
    for options in 0..8 {
        let [rewrite, mcp, mcp_run] = [1, 2, 4].map(|bit| options & bit != 0);
        let edits = edits(agent, &Wanted { rewrite, mcp, mcp_run, ..*wanted })?;
        let changes = edits.iter().filter(|edit| edit.0 == path);
        let text =
            changes.fold(before.to_string(), |text, (_, change)| match config_text::put(&text, change, agent.name) {
                Changed::Into(new) => new,
                Changed::Same | Changed::Gone(_) | Changed::Refused(_) => text,
            });
        if planned.old.as_ref() == Some(&text) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn read(path: &Path) -> Result<Option<String>, CliError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if matches!(error.kind(), IoError::NotFound | IoError::NotADirectory) => Ok(None),
        Err(error) => Err(CliError::input(format!("cannot read `{}`: {error}", path.display()))),
    }
}
