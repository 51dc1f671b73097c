//! Search results and patches: what comes out is in what went in, whatever is cut off, and hunks still apply.

use std::path::Path;
use std::process::{Command, Stdio};

use hr::document::Origin;
use hr::pipeline::{Form, Request, compact};
use hr::rule::RuleSet;
use proptest::prelude::*;

const HANDLE: &str = "0123abcd";

fn compacted(raw: &[u8], command: Option<&str>, budget: Option<usize>) -> String {
    let origin = Origin { command: command.map(ToString::to_string), exit_code: Some(0) };
    let request = Request { origin, budget, handle: Some(HANDLE.into()), ..Request::default() };
    String::from_utf8_lossy(&compact(raw, &request, &RuleSet::built_in()).text).into_owned()
}

const FILES: [&str; 5] = ["src/a.rs", "src/deep/b-12-c.rs", "notes/2026-01-02.md", "my docs/to do.txt", "lib/c.py"];

const TEXTS: [&str; 7] = [
    "fn main() {",
    "    let x = load(12);",
    "        let x = load(12);",
    "// at 10:20:30: see a.rs:7:9",
    "return x",
    "x: 1",
    "",
];

/// Files with matches: numbers that grow, and a text for each.
fn results() -> impl Strategy<Value = Vec<(usize, Vec<(u32, usize)>)>> {
    let matches = prop::collection::btree_map(1..900_u32, 0..TEXTS.len(), 1..30);
    let matches = matches.prop_map(|matches| matches.into_iter().collect());
    prop::collection::vec((0..FILES.len(), matches), 1..12)
}

/// Every `path:line:text` that a grouped output tells; a text without its indentation.
fn told(text: &str) -> Vec<(String, String, String)> {
    let mut told = Vec::new();
    let (mut path, mut shared) = (String::new(), None::<String>);
    for line in text.lines() {
        if let Some((text, _)) = line.split_once(" [hr: ").filter(|_| line.ends_with(" times, in:]")) {
            shared = Some(text.to_string());
        } else if let Some(text) = shared.take() {
            for file in FILES {
                for (at, _) in line.match_indices(&format!(" {file}:")) {
                    let places = line[at + file.len() + 2..].split(' ').next().unwrap();
                    told.extend(places.split(',').map(|place| (file.into(), place.into(), text.trim().to_string())));
                }
            }
        } else if let Some(file) = FILES.iter().find(|file| line.strip_suffix(':') == Some(file)) {
            path = (*file).to_string();
        } else {
            let named = FILES.iter().find_map(|file| Some((*file, line.strip_prefix(file)?.strip_prefix(':')?)));
            let (file, rest) = named.unwrap_or((&path, line));
            let Some((places, text)) = rest.split_once(':') else { continue };
            if places.split(',').all(|place| place.parse::<u32>().is_ok()) {
                told.extend(places.split(',').map(|place| (file.into(), place.into(), text.trim().to_string())));
            }
        }
    }
    told
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_number_that_comes_out_had_that_text(files in results(), budget in prop::option::of(20..2000_usize)) {
        let mut raw = String::new();
        let mut all = Vec::new();
        for (file, matches) in &files {
            for (number, text) in matches {
                let (file, text) = (FILES[*file], TEXTS[*text]);
                raw.push_str(&format!("{file}:{number}:{text}\n"));
                all.push((file.to_string(), number.to_string(), text.trim().to_string()));
            }
        }
        let out = compacted(raw.as_bytes(), Some("grep -rn x ."), budget);
        let told = told(&out);
        for found in &told {
            prop_assert!(all.contains(found), "{found:?} in {out}");
        }
        prop_assert!(budget.is_some() || told.len() == all.len(), "{} of {} in {out}", told.len(), all.len());
        prop_assert_eq!(out, compacted(raw.as_bytes(), Some("grep -rn x ."), budget));
    }

    #[test]
    fn results_and_patches_may_end_anywhere(case in 0..CUT.len(), at in 0..100_usize, budget in prop::option::of(1..900_usize)) {
        let (command, path) = CUT[case];
        let raw = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(path)).unwrap();
        let raw = &raw[..raw.len() * at / 100];
        let out = compacted(raw, Some(command), budget);
        prop_assert_eq!(&out, &compacted(raw, Some(command), budget));
        prop_assert!(out.len() <= raw.len() + 60);
    }
}

const CUT: [(&str, &str); 6] = [
    ("grep -rn -C 2 x src", "grep/context-lines/input"),
    ("rg --json x", "rg/json/input"),
    ("rg --heading x", "rg/heading/input"),
    ("git diff", "git-diff/many-files/input"),
    ("git log -p", "git-log/patch/input"),
    ("git show", "git-show/merge-commit/input"),
];

fn git(folder: &Path, arguments: &[&str], input: &[u8]) -> std::process::Output {
    let mut command = Command::new("git");
    command.current_dir(folder).args(["-c", "user.name=a", "-c", "user.email=a@example.org"]).args(arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), input).unwrap();
    child.wait_with_output().unwrap()
}

/// A patch as git would read it: the lines that repeat a file's name are put back.
fn patch(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.starts_with("[hr")).collect::<Vec<_>>();
    let mut patch = String::new();
    let mut name = "";
    for line in lines {
        if let Some(file) = line.strip_prefix("diff --git ") {
            name = file;
            continue;
        }
        if line.starts_with("@@ ") && !name.is_empty() {
            patch.push_str(&format!("--- a/{name}\n+++ b/{name}\n"));
            name = "";
        }
        patch.push_str(line);
        patch.push('\n');
    }
    patch
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn shortened_hunks_apply(edits in prop::collection::vec((0..120_usize, 0..3_u8), 1..14)) {
        let folder = tempfile::tempdir().unwrap();
        let mut lines = (0..120).map(|line| format!("line {line}: value of entry {line}")).collect::<Vec<_>>();
        lines[40] = "--- a/no header".into();
        std::fs::write(folder.path().join("a.txt"), lines.join("\n")).unwrap();
        git(folder.path(), &["init", "-q"], b"");
        git(folder.path(), &["add", "."], b"");
        git(folder.path(), &["commit", "-q", "-m", "one"], b"");
        let mut edits = edits;
        edits.sort_by_key(|(line, _)| std::cmp::Reverse(*line));
        for (line, kind) in edits {
            let line = line.min(lines.len() - 1);
            match kind {
                0 => drop(lines.remove(line)),
                1 => lines.insert(line, format!("new before {line}")),
                _ => lines[line] = format!("changed {line}"),
            }
        }
        std::fs::write(folder.path().join("a.txt"), lines.join("\n") + "\n").unwrap();
        let raw = git(folder.path(), &["diff"], b"").stdout;
        let out = compacted(&raw, Some("git diff"), None);
        git(folder.path(), &["checkout", "-q", "."], b"");
        let applied = git(folder.path(), &["apply", "--unidiff-zero", "--whitespace=nowarn", "-"], patch(&out).as_bytes());
        prop_assert!(applied.status.success(), "{}\n{out}", String::from_utf8_lossy(&applied.stderr));
        let now = std::fs::read_to_string(folder.path().join("a.txt")).unwrap();
        prop_assert_eq!(now, lines.join("\n") + "\n");
    }
}

#[test]
fn results_with_nul_behind_the_path_are_no_binary_data() {
    let raw = (1..60)
        .map(|line| format!("src/some/long/path/of/a/file.rs\0{line}:let value = {line};\n"))
        .collect::<String>();
    let request = Request { handle: Some(HANDLE.into()), ..Request::default() };
    let found = compact(raw.as_bytes(), &request, &RuleSet::built_in());
    assert_ne!(found.form, Form::Raw);
    let text = String::from_utf8(found.text).unwrap();
    assert_eq!(text.matches("file.rs").count(), 1);
    assert!(text.contains("\n42:let value = 42;\n") && !text.contains('\0'));
}

#[test]
fn a_lock_file_is_one_line_with_its_counts() {
    let body = (0..40).map(|line| format!("-old {line} 1.0\n+new {line} 2.0\n")).collect::<String>();
    let raw =
        format!("diff --git a/Cargo.lock b/Cargo.lock\n--- a/Cargo.lock\n+++ b/Cargo.lock\n@@ -1,40 +1,40 @@\n{body}");
    let out = compacted(raw.as_bytes(), Some("git diff"), None);
    assert!(out.starts_with("diff --git Cargo.lock\n[hr: lock file, 40 added and 40 removed lines cut]\n"), "{out}");
}
