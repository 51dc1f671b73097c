//! Tells lines that say how far a download, an installation or a bar has come from lines that say something about the work.
//!
//! Known by how the tools that nearly every log calls on begin such a line: package managers, version control, downloads,
//! compilers that list what they compile. A line with a word that may explain a failure is never one of them.

use super::header;
use crate::signal::{Signal, Signals};

/// What lines about progress begin with, behind their time and indentation.
const STARTS: [&str; 30] = [
    "Downloading: ",
    "Downloaded: ",
    "Downloading from ",
    "Downloaded from ",
    "Downloading http",
    "Downloaded http",
    "Download http",
    "Progress (",
    "[INFO] Downloading",
    "[INFO] Downloaded",
    "[info] downloading http",
    "[info] resolving ",
    "[info] Resolving ",
    "[info] \t[SUCCESSFUL ]",
    "Receiving objects: ",
    "Resolving deltas: ",
    "Unpacking objects: ",
    "Counting objects: ",
    "Compressing objects: ",
    "Updating files: ",
    "Checking out files: ",
    "remote: Counting objects: ",
    "remote: Compressing objects: ",
    "remote: Enumerating objects: ",
    "Uploading: ",
    "Uploaded: ",
    "npm http ",
    "go: downloading ",
    "go: extracting ",
    "go: finding ",
];

/// What package managers and version control say on their way.
const PREPARES: [&str; 23] = [
    "* [new branch] ",
    "* [new tag] ",
    "Reading package lists...",
    "Building dependency tree...",
    "Reading state information...",
    "Selecting previously unselected package ",
    "Selecting previously deselected package ",
    "(Reading database ",
    "Preparing to unpack ",
    "Preparing to replace ",
    "Extracting templates from packages: ",
    "Processing triggers for ",
    "update-alternatives: using ",
    "Requirement already satisfied",
    "Using cached ",
    "Stored in directory: ",
    "Created wheel for ",
    "Building wheel for ",
    "Running setup.py bdist_wheel for ",
    "Fetching: ",
    "==> Downloading ",
    "==> Pouring ",
    "==> Fetching ",
];

/// What a word in front of a package with its version says is done with it.
const VERBS: [&str; 17] = [
    "Fetching",
    "Installing",
    "Using",
    "Compiling",
    "Checking",
    "Fresh",
    "Downloading",
    "Downloaded",
    "Unpacking",
    "Setting up",
    "Collecting",
    "- Installing",
    "- Downloading",
    "- Locking",
    "- Updating",
    "Configuring",
    "Adding",
];

/// What stands above the indented lists of packages that are going to be installed.
const LISTS: [&str; 6] = [
    "The following additional packages will be installed:",
    "The following extra packages will be installed:",
    "The following NEW packages will be installed:",
    "The following packages will be upgraded:",
    "Suggested packages:",
    "Recommended packages:",
];

/// How long such a line is at most, in bytes.
const LONGEST: usize = 400;

/// What Docker says about a layer behind its id.
const LAYERS: [&str; 8] = [
    ": Pulling fs layer",
    ": Waiting",
    ": Verifying Checksum",
    ": Download complete",
    ": Downloading",
    ": Extracting",
    ": Pull complete",
    ": Already exists",
];

/// Which lines tell how far something has come and nothing else; where `prepared`, also which tell what was prepared
/// for the work: packages installed or compiled, questions of a configure script.
pub(super) fn find<'t>(lines: impl Iterator<Item = &'t [u8]>, prepared: bool) -> Vec<bool> {
    let mut listed = false;
    let tells = lines.map(|text| {
        let start = header::read(text).map_or(0, |header| header.time.end);
        // A line that is longer is none of these.
        let body = if text.len() > LONGEST { b"" } else { text[start..].trim_ascii() };
        listed = prepared && (is_list(body) || listed && text[start..].starts_with(b"  "));
        let tells = listed || is_progress(body) || prepared && is_preparation(body);
        tells && Signals::shared().of(text) < if listed { Signal::Failure } else { Signal::Hint }
    });
    tells.collect()
}

fn is_progress(body: &[u8]) -> bool {
    let hexes = body.iter().take(13).take_while(|byte| byte.is_ascii_hexdigit()).count();
    let layer = || hexes == 12 && LAYERS.iter().any(|says| body[12..].starts_with(says.as_bytes()));
    begins(body, &STARTS) || layer() || is_bar(body)
}

fn is_preparation(body: &[u8]) -> bool {
    begins(body, &PREPARES) || is_source(body) || is_package(body) || is_step(body) || is_check(body)
}

fn is_list(body: &[u8]) -> bool {
    body.last() == Some(&b':') && LISTS.iter().any(|list| body == list.as_bytes())
}

fn begins(body: &[u8], starts: &[&str]) -> bool {
    let first = body.first();
    starts.iter().any(|start| start.as_bytes().first() == first && body.starts_with(start.as_bytes()))
}

/// Whether apt says that a source answered: `Get:12 http://…`, `Hit http://…`.
fn is_source(body: &[u8]) -> bool {
    let rest = ["Get", "Hit", "Ign"].iter().find_map(|answer| body.strip_prefix(answer.as_bytes()));
    let numbered = |rest: &[u8]| rest.strip_prefix(b":").and_then(|rest| rest.first()).is_some_and(u8::is_ascii_digit);
    rest.is_some_and(|rest| numbered(rest) || rest.starts_with(b" http"))
}

/// Whether a line names what is done with a package, and the package with its version: `Installing rake 12.3.2`.
fn is_package(body: &[u8]) -> bool {
    let rest = VERBS.iter().find_map(|verb| body.strip_prefix(verb.as_bytes())?.strip_prefix(b" "));
    let Some(rest) = rest else { return false };
    let mut words = rest.split(u8::is_ascii_whitespace);
    let name = words.next().unwrap_or_default();
    let second = words.next().unwrap_or_default();
    let version = |word: &[u8]| {
        let word = word.strip_prefix(b"(").unwrap_or(word);
        let word = word.strip_prefix(b"v").unwrap_or(word);
        word.first().is_some_and(u8::is_ascii_digit)
    };
    let collected = body.starts_with(b"Collecting ") && (second.is_empty() || second.starts_with(b"(from"));
    let pinned = name.len() > 2 && name[1..].contains(&b'-') && second.is_empty() && version(after_dash(name));
    !name.is_empty() && (version(second) || collected || pinned || name.starts_with(b"https://"))
}

/// What stands behind the last dash that has a digit behind it: the version in `base-4.12`.
fn after_dash(name: &[u8]) -> &[u8] {
    let dash = name.windows(2).rposition(|two| two[0] == b'-' && two[1].is_ascii_digit());
    dash.map_or(b"", |at| &name[at + 1..])
}

/// Whether a line begins with how far a build has come: `[12/340] `, `[ 12 of 340] `, `[ 12%] `, and says what is built.
fn is_step(body: &[u8]) -> bool {
    let Some(inner) = body.strip_prefix(b"[") else { return false };
    let Some(end) = inner[..inner.len().min(16)].iter().position(|byte| *byte == b']') else { return false };
    let (inner, rest) = (&inner[..end], inner[end + 1..].trim_ascii_start());
    let digits = inner.iter().filter(|byte| byte.is_ascii_digit()).count();
    let other = inner.iter().filter(|byte| !byte.is_ascii_digit() && **byte != b' ').copied().collect::<Vec<_>>();
    digits > 0 && matches!(&other[..], b"/" | b"of" | b"%") && rest.first().is_some_and(u8::is_ascii_uppercase)
}

/// Whether a line is a question of a configure script that was not answered with no.
fn is_check(body: &[u8]) -> bool {
    let answer = body.strip_prefix(b"checking ").and_then(|rest| {
        let at = memchr::memmem::find(rest, b"... ")?;
        (at > 0 && rest[at - 1] != b' ').then(|| &rest[at + 4..])
    });
    answer.is_some_and(|answer| !answer.is_empty() && !answer.starts_with(b"no") && !answer.starts_with(b"fail"))
}

/// Whether a line is a bar: a percentage with `[===>  ]`, `#####` or blocks, or what wget and curl print.
fn is_bar(body: &[u8]) -> bool {
    let percent = memchr::memchr_iter(b'%', body).any(|at| at > 0 && body[at - 1].is_ascii_digit());
    let run = |byte: u8| body.windows(4).any(|four| four.iter().all(|other| *other == byte));
    let blocks = || memchr::memmem::find(body, "\u{2588}\u{2588}".as_bytes()).is_some();
    let size = || body.iter().position(|byte| !byte.is_ascii_digit()).is_some_and(|at| at > 0 && body[at] == b'K');
    percent && (run(b'=') || run(b'#') || blocks() || size() && memchr::memmem::find(body, b" ..........").is_some())
        || body.first().is_some_and(u8::is_ascii_digit) && memchr::memmem::find(body, b"--:--:-- ").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_told_from_news() {
        for (line, progress) in [
            ("Downloading from central: https://repo.maven.apache.org/maven2/a.pom", true),
            ("2026-01-02T03:04:05.1234567Z go: downloading golang.org/x/sys v0.1.0", true),
            ("f03b40093957: Pull complete", true),
            (" 45% [=========>          ] 12.3M", true),
            ("  1250K .......... .......... .......... .......... ..........  3% 21.2M 2s", true),
            ("Downloading failed: connection refused", false),
            ("coverage: 45% of statements", false),
        ] {
            assert_eq!(find([line.as_bytes()].into_iter(), false), [progress], "{line}");
        }
    }

    #[test]
    fn packages_are_told_from_news() {
        for (line, prepares) in [
            ("Setting up libcurl4:amd64 (7.88.1-10) ...", true),
            ("Unpacking curl (7.88.1-10) over (7.88.1-9) ...", true),
            ("Get:4 http://deb.debian.org/debian bookworm/main amd64 curl amd64 7.88.1 [315 kB]", true),
            ("Hit http://deb.debian.org bookworm Release", true),
            ("Get: the key is not there", false),
            ("Installing rake 12.3.2", true),
            ("   Compiling serde v1.0.203", true),
            ("Collecting six>=1.9 (from tox)", true),
            ("Configuring aeson-1.4.2.0...", true),
            ("[ 3 of 12] Compiling Data.Map", true),
            ("[100%] Linking CXX executable hr", true),
            ("checking for stdlib.h... yes", true),
            ("Setting up the database", false),
            ("Installing the hooks", false),
            ("Collecting data from 4 files", false),
            ("[ 12%] error: no space left", false),
            ("[2] said so", false),
            ("checking for libledger... no", false),
            ("checking the sum of 3 ... 12", false),
        ] {
            assert_eq!(find([line.as_bytes()].into_iter(), true), [prepares], "{line}");
        }
        let list = ["Suggested packages:", "  curl", "  gzip unzip", "0 upgraded", "  curl"];
        let lines = list.iter().map(|line| line.as_bytes());
        assert_eq!(find(lines, true), [true, true, true, false, false]);
    }
}
