//! Knows the lines that name the command or the file whose output stands below them.

/// What a line names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// `==> path <==`, as `head` and `tail` name several files.
    File,
    /// `$ command`, as transcripts have it.
    Command,
    /// `+ command`, as shells trace themselves.
    Trace,
    /// `::group::name` or `##[group]name` of a CI log.
    Group,
}

/// What a line names, if it names anything.
pub(super) fn mark(line: &[u8]) -> Option<Mark> {
    if line.starts_with(b"==> ") && line.ends_with(b" <==") && line.len() > 8 {
        return Some(Mark::File);
    }
    if line.starts_with(b"::group::") || line.starts_with(b"##[group]") {
        return Some(Mark::Group);
    }
    if line.strip_prefix(b"$ ").is_some_and(is_call) {
        return Some(Mark::Command);
    }
    let depth = line.iter().take_while(|byte| **byte == b'+').count();
    let traced = (1..=8).contains(&depth) && line[depth..].strip_prefix(b" ").is_some_and(is_call);
    traced.then_some(Mark::Trace)
}

/// Whether a text begins as a call of a program would.
fn is_call(text: &[u8]) -> bool {
    text.first().is_some_and(|byte| byte.is_ascii_alphabetic() || b"./_~'[(".contains(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_told_from_lines_that_look_like_them() {
        let known: [(&str, Option<Mark>); 9] = [
            ("==> /var/log/dpkg.log <==", Some(Mark::File)),
            ("==> Summary", None),
            ("$ git status", Some(Mark::Command)),
            ("$ 12.50 in all", None),
            ("+ cargo build", Some(Mark::Trace)),
            ("++ date +%s", Some(Mark::Trace)),
            ("+1 added", None),
            ("::group::Install", Some(Mark::Group)),
            ("##[endgroup]", None),
        ];
        for (line, expected) in known {
            assert_eq!(mark(line.as_bytes()), expected, "{line}");
        }
    }
}
