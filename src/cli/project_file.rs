//! `hr.toml`: the settings of a project, looked for from the working directory upwards.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::PathBuf;

use serde::Deserialize;

use super::error::{CliError, ErrorKind};

/// The settings of a project.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ProjectFile {
    /// For `hr cache-check`.
    #[serde(default)]
    pub cache_check: CacheCheckFile,
}

/// `[cache-check]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CacheCheckFile {
    /// How bad a check's findings are: `off`, `note`, `warning` or `error`.
    #[serde(default)]
    pub severity: BTreeMap<String, String>,
    /// Patterns of values that are allowed.
    #[serde(default)]
    pub allow: Vec<String>,
    /// From how many on a prompt is unstable: `uuid`, `timestamp`, `jwt`, `hash`.
    #[serde(default)]
    pub thresholds: BTreeMap<String, usize>,
}

/// Reads the nearest `hr.toml`, up to the root of the repository; without one all is as it is by default.
pub fn find() -> Result<ProjectFile, CliError> {
    let Some(path) = place() else { return Ok(ProjectFile::default()) };
    let config = |why: String| CliError::new(ErrorKind::Config, format!("`{}`: {why}", path.display()));
    let text = fs::read_to_string(&path).map_err(|error| config(error.to_string()))?;
    toml::from_str(&text).map_err(|error| config(error.to_string()))
}

fn place() -> Option<PathBuf> {
    let here = env::current_dir().ok()?;
    for folder in here.ancestors() {
        let file = folder.join("hr.toml");
        if file.is_file() {
            return Some(file);
        }
        if folder.join(".git").exists() {
            return None;
        }
    }
    None
}
