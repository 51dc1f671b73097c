//! Finds the files of agents, and how a command line calls this program.

use std::cell::{OnceCell, RefCell};
use std::env;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;
use etcetera::base_strategy::Xdg;

use super::args::HowArgs;
use super::journal::{self, Call, Entry};
use super::keep::{self, Printed};
use super::session::Session;
use super::settings::Settings;
use crate::command::quoted_program;
use crate::document::Origin;
use crate::hooks::setup::{Base, Place};
use crate::hooks::{Compacted, Did, Output, Surroundings};
use crate::pipeline::{Compaction, Form};
use crate::rule::RuleSet;
use crate::store::Recording;

/// The path of a place; nothing when there is no home folder.
pub fn path(place: &Place, project: &Path) -> Option<PathBuf> {
    let base = match &place.base {
        Base::Home => etcetera::home_dir().ok()?,
        Base::Moved(variable, folder) => match env::var_os(variable).filter(|value| !value.is_empty()) {
            Some(folder) => PathBuf::from(folder),
            None => etcetera::home_dir().ok()?.join(folder),
        },
        Base::Config => Xdg::new().ok()?.config_dir(),
        Base::Project => project.to_path_buf(),
        Base::Root => return Some(PathBuf::from(place.path)),
    };
    Some(if place.path.is_empty() { base } else { base.join(place.path) })
}

/// The folders that hold those of agents, and more than these.
pub fn bases() -> Vec<PathBuf> {
    let config = Xdg::new().ok().map(|xdg| xdg.config_dir());
    etcetera::home_dir().ok().into_iter().chain(config).chain([project()]).collect()
}

/// The root of the project around the working folder: where `.git` is, else the folder itself.
pub fn project() -> PathBuf {
    let here = env::current_dir().unwrap_or_default();
    let root = here.ancestors().find(|folder| folder.join(".git").exists());
    root.map_or_else(|| here.clone(), Path::to_path_buf)
}

/// Folders that every shell finds programs in, also one that sets `PATH` anew.
const STANDARD: &[&str] = &["/usr/local/bin", "/usr/bin", "/bin"];

/// How a command line calls this program, in whatever shell.
pub fn called() -> String {
    quoted_program(&own_program())
}

/// This program, by its path unless it is in a standard folder.
fn own_program() -> String {
    let found = find_program("hr").filter(|_| is_in_path());
    let is_standard =
        |path: &PathBuf| path.parent().is_some_and(|folder| STANDARD.iter().any(|one| folder == Path::new(one)));
    match found.map_or_else(env::current_exe, Ok) {
        Ok(path) if is_standard(&path) => "hr".into(),
        Ok(path) => path.to_string_lossy().into_owned(),
        Err(_) => "hr".into(),
    }
}

/// Whether `hr` in a command line is this program.
pub fn is_in_path() -> bool {
    let Ok(own) = env::current_exe().and_then(fs::canonicalize) else { return false };
    find_program("hr").and_then(|found| fs::canonicalize(found).ok()).is_some_and(|found| found == own)
}

/// The file that a program's name calls.
pub fn find_program(name: &str) -> Option<PathBuf> {
    let folders = env::var_os("PATH")?;
    let is_program = |path: &PathBuf| {
        #[cfg(unix)]
        let executable =
            |file: &fs::Metadata| std::os::unix::fs::PermissionsExt::mode(&file.permissions()) & 0o111 != 0;
        #[cfg(not(unix))]
        let executable = |_: &fs::Metadata| true;
        fs::metadata(path).is_ok_and(|file| file.is_file() && executable(&file))
    };
    let names = if cfg!(windows) { vec![format!("{name}.exe"), format!("{name}.cmd")] } else { vec![name.to_string()] };
    env::split_paths(&folders)
        .flat_map(|folder| names.iter().map(move |name| folder.join(name)).collect::<Vec<_>>())
        .find(is_program)
}

/// The machine that a hook is called on.
#[derive(Debug)]
pub struct Machine<'a> {
    settings: &'a Settings,
    hr: OnceCell<String>,
    rules: OnceCell<RuleSet>,
    how: HowArgs,
    compacted: RefCell<Option<Entry>>,
}

impl<'a> Machine<'a> {
    /// A machine of which nothing was read yet.
    pub fn new(settings: &'a Settings) -> Self {
        let (hr, rules) = (OnceCell::new(), OnceCell::new());
        Self { settings, hr, rules, how: HowArgs::default(), compacted: RefCell::default() }
    }

    /// What the journal is to say of an output when this is what was done with it.
    pub fn entry(&self, agent: &str, did: &Did) -> Option<Entry> {
        let mut entry = self.compacted.take()?;
        entry.agent = Some(agent.into());
        if !matches!(did, Did::Compacted(..)) {
            entry.form = Some(Form::Raw.name().into());
            entry.seen = entry.seen.map(|seen| (seen.0, seen.0));
            (entry.after, entry.markers, entry.handle) = (entry.before, 0, None);
        }
        Some(entry)
    }
}

impl Surroundings for Machine<'_> {
    fn hr(&self) -> &str {
        self.hr.get_or_init(own_program)
    }

    fn rules(&self) -> &RuleSet {
        self.rules.get_or_init(|| self.settings.rules(&self.how))
    }

    /// A file of the project is the nearest one from the working folder upwards to the root of the project.
    fn file(&self, place: &Place) -> Result<Option<String>, String> {
        for path in candidates(place) {
            match fs::read_to_string(&path) {
                Ok(text) => return Ok(Some(strict(&path, text))),
                Err(error) if is_missing(&error) => {}
                Err(error) => return Err(format!("{}: {error}", path.display())),
            }
        }
        Ok(None)
    }

    fn files(&self, folder: &Place, ending: &str, most: usize) -> Result<Vec<String>, String> {
        let mut found = Vec::new();
        for folder in candidates(folder) {
            let told = |error: io::Error| format!("{}: {error}", folder.display());
            let entries = match fs::read_dir(&folder) {
                Err(error) if is_missing(&error) => continue,
                entries => entries.map_err(told)?,
            };
            for entry in entries {
                let path = entry.map_err(told)?.path();
                if path.to_string_lossy().ends_with(ending) {
                    let time = fs::metadata(&path).and_then(|file| file.modified()).ok();
                    found.push((time, path));
                }
            }
        }
        found.sort_unstable_by(|a, b| b.cmp(a));
        let read = |(_, path): (_, PathBuf)| {
            let text = fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            Ok(strict(&path, String::from_utf8_lossy(&text).into_owned()))
        };
        found.into_iter().take(most).map(read).collect()
    }

    fn is_program(&self, name: &str) -> bool {
        find_program(name).is_some() && env::var_os(format!("BASH_FUNC_{name}%%")).is_none()
    }

    fn begin(&self, session: &str) {
        if let Some(session) = Session::named(session) {
            session.begin();
        }
    }

    fn is_begun(&self, session: &str) -> bool {
        Session::named(session).is_some_and(|session| session.is_known())
    }

    fn compact(&self, output: &Output<'_>) -> Option<Compacted> {
        let recording = Recording { stdout: output.stdout.as_bytes(), stderr: output.stderr.map(str::as_bytes) };
        let session = output.session.filter(|session| self.is_begun(session)).map(str::to_owned);
        let how = HowArgs { session, ..self.how.clone() };
        let mut request = self.settings.request(&how, self.rules()).ok()?;
        request.origin = Origin { command: Some(output.command.to_string()), exit_code: output.exit_code };
        let printed = Printed { recording, request, spool: None, interrupted: false };
        let compacted = keep::compact_and_keep(printed, &how, self.rules(), self.settings);
        let call = Call::hook(output.command);
        *self.compacted.borrow_mut() = journal::entry(call, Some(&compacted.stdout), compacted.stderr.as_ref());
        let streams = [Some(&compacted.stdout), compacted.stderr.as_ref()];
        if streams.into_iter().flatten().all(|stream| stream.form == Form::Raw) {
            return None;
        }
        let sum = |pick: fn(&Compaction) -> usize| streams.into_iter().flatten().map(pick).sum();
        let tokens = (sum(|stream| stream.tokens.0), sum(|stream| stream.tokens.1));
        let stderr = match (&compacted.stderr, output.stderr) {
            (Some(stream), Some(original)) => Some(text(stream, original)?),
            (Some(_) | None, _) => None,
        };
        Some(Compacted { stdout: text(&compacted.stdout, output.stdout)?, stderr, tokens })
    }
}

/// Where a place may be, the first one first: in the project, from the working folder upwards to the root of the project.
fn candidates(place: &Place) -> Vec<PathBuf> {
    let (here, root) = (env::current_dir().unwrap_or_default(), project());
    let folders = match place.base {
        Base::Project => {
            let told = env::var_os("CLAUDE_PROJECT_DIR").map(PathBuf::from);
            let around = here.ancestors().take_while(|folder| folder.starts_with(&root)).map(Path::to_path_buf);
            told.into_iter().chain(around).collect()
        }
        Base::Home | Base::Moved(..) | Base::Config | Base::Root => vec![root],
    };
    folders.iter().filter_map(|folder| path(place, folder)).collect()
}

fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// JSON with comments and trailing commas as JSON without; what is neither stays as it is.
fn strict(path: &Path, text: String) -> String {
    if path.extension().is_none_or(|extension| extension != "json")
        || serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok()
    {
        return text;
    }
    let root = jsonc_parser::cst::CstRootNode::parse(&text, &jsonc_parser::ParseOptions::default()).ok();
    root.and_then(|root| root.to_serde_value()).map_or(text, |value| value.to_string())
}

/// The text, with a line end behind it only when the original has one.
fn text(stream: &Compaction, original: &str) -> Option<String> {
    let mut text = String::from_utf8(stream.text.clone()).ok()?;
    if !original.ends_with('\n') && text.ends_with('\n') {
        text.pop();
    }
    Some(text)
}
