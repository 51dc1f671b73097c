//! Leaves out what says nothing about the work: how far a download or a bar has come, what a CI machine is made of.

use std::ops::Range;

use super::{header, progress};
use crate::compaction::{Draft, Reason};
use crate::signal::{Signal, Signals};

/// How many such lines in a row are left out; fewer may be steps of their own.
const RUN: usize = 3;

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

/// What a group begins with there.
const GROUP: &[u8] = b"##[group]";

/// How far into a log a machine is described, in bytes and in lines.
const PREAMBLE: (usize, usize) = (64 << 10, 1000);

/// Drops the sections at the beginning in which a CI system describes the machine; a failure in them stays.
pub fn drop_machine(draft: &mut Draft<'_>, lines: Range<usize>) {
    let reason = draft.because(Reason::dropped("machine", "machine lines"));
    let raw = draft.doc().raw();
    let preamble = &raw[..raw.len().min(PREAMBLE.0)];
    let folds = FOLDS.iter().filter_map(|name| folded(preamble, name)).collect::<Vec<_>>();
    let grouped = memchr::memmem::find(preamble, GROUP).is_some();
    if folds.is_empty() && !grouped {
        return;
    }
    let mut live = draft.live_in(lines);
    live.retain(|&line| draft.doc().source_line(line) <= PREAMBLE.1);
    let mut of_machine = vec![];
    for section in folds {
        let within = |line: &&usize| section.contains(&draft.doc().source_line(**line));
        of_machine.extend(live.iter().filter(within));
    }
    if grouped {
        of_machine.extend(in_groups(draft, &live));
    }
    for line in of_machine {
        if Signals::shared().of(draft.text(line)) < Signal::Failure {
            draft.drop(line, reason);
        }
    }
}

/// Those of some lines that are in one of the groups about a machine.
fn in_groups(draft: &Draft<'_>, live: &[usize]) -> Vec<usize> {
    let mut inside = false;
    let of_machine = live.iter().filter(|&&line| {
        let text = draft.text(line);
        let start = header::read(text).map_or(0, |header| header.time.end);
        let body = text[start..].trim_ascii();
        let group = body.strip_prefix(GROUP);
        inside = group.map_or(inside, |name| GROUPS.iter().any(|known| known.as_bytes() == name));
        let was = inside;
        inside &= body != b"##[endgroup]";
        was
    });
    of_machine.copied().collect()
}

/// The lines of one of Travis's sections, counted from 1.
fn folded(raw: &[u8], name: &str) -> Option<Range<usize>> {
    let start = memchr::memmem::find(raw, format!("travis_fold:start:{name}").as_bytes())?;
    let end = start + memchr::memmem::find(&raw[start..], format!("travis_fold:end:{name}").as_bytes())?;
    let number = |at: usize| 1 + memchr::memchr_iter(b'\n', &raw[..at]).count();
    Some(number(start)..number(end))
}

/// Drops runs of progress lines, all but the last of each run; in a log that is `cut` anyway also what was prepared.
pub fn drop(draft: &mut Draft<'_>, lines: Range<usize>, cut: bool) {
    let live = draft.live_in(lines);
    let noise = progress::find(live.iter().map(|&line| draft.text(line)), cut);
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
}
