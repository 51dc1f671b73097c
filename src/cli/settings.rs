//! What the environment means: folders, switches, which rule files there are.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use etcetera::BaseStrategy;
use etcetera::base_strategy::Xdg;

use super::args::HowArgs;
use super::error::{CliError, ErrorKind};
use super::trust::Trusted;
use super::{home, output};
use crate::pipeline::{FooterPlace, Request};
use crate::rule::{Layer, RuleSet, Source};
use crate::store::dir::{DirStore, Limits};

/// What is read from the environment, once.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `HR=off`: everything passes untouched.
    pub off: bool,
    /// How much is kept: `HR_STORE_MAX_MIB` and `HR_STORE_MAX_DAYS`.
    pub limits: Limits,
    /// Where the user's own rules are.
    pub user_rules: Option<PathBuf>,
    /// Where the project's rules are, looked for from the working directory upwards.
    pub project_rules: Option<PathBuf>,
}

impl Settings {
    /// Reads the environment. Nothing of it can fail: what is missing is `None`.
    pub fn from_env() -> Self {
        let off = env::var_os("HR").is_some_and(|value| value == "off" || value == "0");
        let config = Xdg::new().ok().map(|xdg| xdg.config_dir().join("hr").join("rules"));
        Self { off, limits: limits(), user_rules: config, project_rules: project_rules() }
    }

    /// Where originals are kept.
    pub fn store(&self) -> Result<DirStore, CliError> {
        home::store_folder().map(|folder| DirStore::open(folder, self.limits))
    }

    /// The rules in force: built-in, user, project. Files that cannot be used are reported and skipped.
    pub fn rules(&self, how: &HowArgs) -> RuleSet {
        let sources = self.rule_sources(how);
        if sources.is_empty() {
            return RuleSet::built_in();
        }
        let rules = RuleSet::with(&sources);
        for error in rules.errors() {
            output::complain(&format!("hr: a rule is left out: {error}"));
        }
        rules
    }

    /// The rule files of the user and, unless the options say otherwise, of the project.
    pub fn rule_sources(&self, how: &HowArgs) -> Vec<Source> {
        let user = self.user_rules.iter().flat_map(|folder| read_rules(folder, Layer::User));
        let project = self.project_rules.iter().filter(|_| !how.no_project);
        user.chain(project.flat_map(|folder| project_sources(folder))).collect()
    }

    /// The request that the options stand for; the origin and the handle are the caller's.
    pub fn request(&self, how: &HowArgs, rules: &RuleSet) -> Result<Request, CliError> {
        let kind = how.kind.as_deref().map(str::parse).transpose().map_err(|error: String| CliError::usage(error))?;
        let rule = how.rule.as_deref().map(|id| {
            rules.get(id).ok_or_else(|| {
                CliError::new(ErrorKind::Config, format!("there is no rule `{id}`")).hint("`hr rules list` lists them")
            })
        });
        let footer = match how.facts {
            super::args::FactsPlace::Footer if how.format == super::args::Format::Text => FooterPlace::Text,
            _ => FooterPlace::Apart,
        };
        Ok(Request {
            budget: how.budget,
            query: how.query.clone(),
            kind,
            rule: rule.transpose()?,
            footer,
            ..Request::default()
        })
    }
}

/// The caps of the store; a value that is no number is as good as none.
fn limits() -> Limits {
    let number = |name: &str| env::var(name).ok().and_then(|value| value.trim().parse::<u64>().ok());
    let default = Limits::default();
    Limits {
        bytes: number("HR_STORE_MAX_MIB").map_or(default.bytes, |mib| mib.saturating_mul(1 << 20)),
        age: number("HR_STORE_MAX_DAYS").map_or(default.age, |days| Duration::from_secs(days.saturating_mul(86_400))),
    }
}

/// `.hr/rules` in the working directory or the nearest folder above it, up to the repository's root.
fn project_rules() -> Option<PathBuf> {
    let here = env::current_dir().ok()?;
    for folder in here.ancestors() {
        let rules = folder.join(".hr").join("rules");
        if rules.is_dir() {
            return Some(rules);
        }
        if folder.join(".git").exists() {
            return None;
        }
    }
    None
}

/// The rule files of a project; those whose text the user trusts are of the project's layer.
pub fn project_sources(folder: &Path) -> Vec<Source> {
    let mut sources = read_rules(folder, Layer::Untrusted);
    if !sources.is_empty() {
        // A list that cannot be read trusts nothing.
        let trusted = Trusted::read().unwrap_or_default();
        for source in sources.iter_mut().filter(|source| trusted.has(&source.text)) {
            source.layer = Layer::Project;
        }
    }
    sources
}

/// The rule files below a folder, by name. A folder that cannot be read has none.
pub fn read_rules(folder: &Path, layer: Layer) -> Vec<Source> {
    let mut found = Vec::new();
    collect(folder, &mut found);
    found.sort();
    let read = |path: PathBuf| match fs::read_to_string(&path) {
        Ok(text) => Some(Source { file: path.display().to_string(), text, layer }),
        Err(error) => {
            output::complain(&format!("hr: a rule is left out: {}: {error}", path.display()));
            None
        }
    };
    found.into_iter().filter_map(read).collect()
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return,
        Err(error) => {
            output::complain(&format!("hr: the rules in {} are left out: {error}", folder.display()));
            return;
        }
    };
    for entry in entries.flatten() {
        let path = entry.path();
        // Links are not followed: a rules folder is a plain tree of files.
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_dir() {
            collect(&path, found);
        } else if kind.is_file() && path.extension() == Some(&OsString::from("toml")) {
            found.push(path);
        }
    }
}
