//! Leaves out what says nothing about the work: how far a download or a bar has come, what a CI machine is made of.

use std::ops::Range;

use super::header;
use crate::compaction::{Draft, Reason};
use crate::signal::{Signal, Signals};

/// How many such lines in a row are left out; fewer may be steps of their own.
const RUN: usize = 3;

/// What lines about downloads begin with, behind their time.
const STARTS: [&str; 22] = [
    "Downloading: ",
    "Downloaded: ",
    "Downloading from ",
    "Downloaded from ",
    "Download http",
    "Progress (",
    "[INFO] Downloading",
    "[INFO] Downloaded",
    "[info] downloading http",
    "[info] resolving ",
    "Receiving objects: ",
    "Resolving deltas: ",
    "Unpacking objects: ",
    "Counting objects: ",
    "Compressing objects: ",
    "Updating files: ",
    "remote: Counting objects: ",
    "remote: Compressing objects: ",
    "Uploading: ",
    "Uploaded: ",
    "npm http fetch GET 200",
    "go: downloading ",
];

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

/// What marks the sections in which Travis describes the machine, in the bytes as they came.
const FOLDS: [&str; 2] = ["worker_info", "system_info"];

/// The same for GitHub's runners.
const GROUPS: [&str; 6] = [
    "Operating System",
    "Virtual Environment",
    "Virtual Environment Provisioner",
    "Runner Image",
    "Runner Image Provisioner",
    "GITHUB_TOKEN Permissions",
];

/// How far into a log a machine is described, in bytes and in lines.
const PREAMBLE: (usize, usize) = (64 << 10, 1000);

/// Drops the sections at the beginning in which a CI system describes the machine; a failure in them stays.
pub fn drop_machine(draft: &mut Draft<'_>, lines: Range<usize>) {
    let reason = draft.because(Reason::dropped("machine", "machine lines"));
    let raw = draft.doc().raw();
    let mut live = draft.live_in(lines);
    let failed = |line: usize| Signals::shared().of(draft.text(line)) == Signal::Failure;
    live.retain(|&line| draft.doc().source_line(line) <= PREAMBLE.1 && !failed(line));
    for section in FOLDS.iter().filter_map(|name| folded(raw, name)) {
        let within = |line: &&usize| section.contains(&draft.doc().source_line(**line));
        let within = live.iter().filter(within).copied().collect::<Vec<_>>();
        within.into_iter().for_each(|line| _ = draft.drop(line, reason));
    }
    let mut inside = false;
    for line in live {
        let text = draft.text(line);
        let start = header::read(text).map_or(0, |header| header.time.end);
        let body = text[start..].trim_ascii();
        let group = body.strip_prefix(b"##[group]");
        inside = group.map_or(inside, |name| GROUPS.iter().any(|known| known.as_bytes() == name));
        let ends = body == b"##[endgroup]";
        if inside {
            draft.drop(line, reason);
        }
        inside &= !ends;
    }
}

/// The lines of one of Travis's sections, counted from 1.
fn folded(raw: &[u8], name: &str) -> Option<Range<usize>> {
    let raw = &raw[..raw.len().min(PREAMBLE.0)];
    let start = memchr::memmem::find(raw, format!("travis_fold:start:{name}").as_bytes())?;
    let end = start + memchr::memmem::find(&raw[start..], format!("travis_fold:end:{name}").as_bytes())?;
    let number = |at: usize| 1 + memchr::memchr_iter(b'\n', &raw[..at]).count();
    Some(number(start)..number(end))
}

/// Drops runs of progress lines, all but the last of each run.
pub fn drop(draft: &mut Draft<'_>, lines: Range<usize>) {
    let live = draft.live_in(lines);
    let noise = live.iter().map(|&line| is_progress(draft.text(line))).collect::<Vec<_>>();
    let reason = draft.because(Reason::dropped("progress", "progress lines"));
    let mut at = 0;
    while at < live.len() {
        let run = noise[at..].iter().take_while(|noise| **noise).count();
        if run >= RUN {
            live[at..at + run - 1].iter().for_each(|&line| _ = draft.drop(line, reason));
        }
        at += run.max(1);
    }
}

fn is_progress(text: &[u8]) -> bool {
    if text.is_empty() || text.len() > 400 {
        return false;
    }
    let start = header::read(text).map_or(0, |header| header.time.end);
    let body = text[start..].trim_ascii_start();
    let hexes = body.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let layer = hexes == 12 && LAYERS.iter().any(|says| body[12..].starts_with(says.as_bytes()));
    let said = layer || is_bar(body) || STARTS.iter().any(|start| body.starts_with(start.as_bytes()));
    said && Signals::shared().of(text) < Signal::Hint
}

/// Whether a line is a bar: a percentage with `[===>  ]`, `#####` or blocks.
fn is_bar(body: &[u8]) -> bool {
    let percent = memchr::memchr_iter(b'%', body).any(|at| at > 0 && body[at - 1].is_ascii_digit());
    let run = |byte: u8| body.windows(4).any(|four| four.iter().all(|other| *other == byte));
    percent && (run(b'=') || run(b'#') || memchr::memmem::find(body, "\u{2588}\u{2588}".as_bytes()).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Document, Origin};

    #[test]
    fn what_ci_says_of_its_machine_goes() {
        let raw = b"travis_fold:start:system_info\r\x1b[0KBuild system information\ngcc 4.8\n\
            travis_fold:end:system_info\r\x1b[0K\n##[group]Operating System\nUbuntu\n##[endgroup]\n\
            ##[group]Run make\nmake\n##[endgroup]\n";
        let doc = Document::new(raw, Origin::default());
        let mut draft = Draft::new(&doc);
        drop_machine(&mut draft, 0..doc.len());
        let kept = draft.live().into_iter().map(|line| String::from_utf8_lossy(draft.text(line)).into_owned());
        assert_eq!(
            kept.filter(|text| !text.is_empty()).collect::<Vec<_>>(),
            ["##[group]Run make", "make", "##[endgroup]"]
        );
    }

    #[test]
    fn progress_is_told_from_news() {
        for (line, progress) in [
            ("Downloading from central: https://repo.maven.apache.org/maven2/a.pom", true),
            ("2026-01-02T03:04:05.1234567Z go: downloading golang.org/x/sys v0.1.0", true),
            ("f03b40093957: Pull complete", true),
            (" 45% [=========>          ] 12.3M", true),
            ("Downloading failed: connection refused", false),
            ("coverage: 45% of statements", false),
        ] {
            assert_eq!(is_progress(line.as_bytes()), progress, "{line}");
        }
    }
}
