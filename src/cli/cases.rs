//! Golden cases in folders: `<group>/<case>/{cmd,input,expected,keep,facts.json}`.

use std::fs;
use std::path::{Path, PathBuf};

use crate::golden::{Case, CaseFacts, Verdict, pretty};

/// A case and the folder it is in.
#[derive(Debug)]
pub struct CaseFolder {
    /// The folder.
    pub path: PathBuf,
    /// The case.
    pub case: Case,
}

/// Every case below a folder (or the folder itself), by path. A folder that has `cmd` or `input` but not both is an error.
pub fn load(root: &Path) -> Result<Vec<CaseFolder>, String> {
    let mut folders = Vec::new();
    collect(root, &mut folders).map_err(|error| format!("cannot read `{}`: {error}", root.display()))?;
    // Cases of hooks have a harness of their own.
    folders.retain(|folder| !is_of_hook(folder));
    folders.sort();
    folders.into_iter().map(|path| read(&path).map(|case| CaseFolder { path, case })).collect()
}

fn collect(folder: &Path, folders: &mut Vec<PathBuf>) -> std::io::Result<()> {
    if folder.join("input").exists() || folder.join("cmd").exists() {
        folders.push(folder.to_path_buf());
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), folders)?;
        }
    }
    Ok(())
}

/// Whether a case is a payload for `hr hook`, not the output of a tool.
fn is_of_hook(folder: &Path) -> bool {
    fs::read(folder.join("cmd")).is_ok_and(|cmd| cmd.starts_with(b"hr hook "))
}

/// Reads a case. The first line of `cmd` is the command line; lines `# exit N`, `# kind K`, `# query WORDS` and
/// `# budget N` tell what the options would.
fn read(folder: &Path) -> Result<Case, String> {
    let file = |name: &str| fs::read(folder.join(name));
    let need = |name: &str| file(name).map_err(|error| format!("{}/{name}: {error}", folder.display()));
    let cmd = String::from_utf8_lossy(&need("cmd")?).into_owned();
    let told = |name: &str| cmd.lines().find_map(|line| line.strip_prefix("# ")?.strip_prefix(name)?.strip_prefix(' '));
    let wrong = |what: &str| format!("{}/cmd: {what}", folder.display());
    let number = |name: &str| told(name).map(|text| text.trim().parse()).transpose();
    let exit_code = told("exit").map(|code| code.trim().parse()).transpose();
    let command = cmd.lines().next().filter(|line| !line.starts_with('#') && !line.is_empty());
    let facts = match file("facts.json") {
        Ok(bytes) => {
            let facts: Result<CaseFacts, _> = serde_json::from_slice(&bytes);
            Some(facts.map_err(|error| format!("{}/facts.json: {error}", folder.display()))?)
        }
        Err(_) => None,
    };
    let keep = file("keep").map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let mut names = folder.iter().rev().take(2).map(|name| name.to_string_lossy().into_owned()).collect::<Vec<_>>();
    names.reverse();
    Ok(Case {
        name: names.join("/"),
        command: command.map(ToString::to_string),
        exit_code: exit_code.map_err(|_| wrong("`# exit` needs a number"))?,
        kind: told("kind").map(|kind| kind.trim().parse()).transpose().map_err(|error: String| wrong(&error))?,
        query: told("query").map(|words| words.trim().to_string()),
        budget: number("budget").map_err(|_| wrong("`# budget` needs a number"))?,
        input: need("input")?,
        expected: file("expected").ok(),
        keep: keep.lines().filter(|line| !line.trim().is_empty()).map(ToString::to_string).collect(),
        facts,
    })
}

/// Writes what came out as what is expected. `keep` is never written: what must survive is decided by a person.
pub fn bless(folder: &CaseFolder, verdict: &Verdict) -> std::io::Result<()> {
    fs::write(folder.path.join("expected"), &verdict.text)?;
    fs::write(folder.path.join("facts.json"), pretty(&verdict.facts))
}
