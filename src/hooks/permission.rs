//! The user's own rules about commands, evaluated on the command as the agent wrote it.
//!
//! An agent that checks a command after a hook rewrote it sees `hr run -- git push`, and no rule about `git push` holds
//! any more. So the rules are looked at here: what the user forbids or wants to be asked about is not rewritten. In doubt
//! a rule holds that forbids, and one that allows does not.

use crate::command::{Command, Line, Stage};

/// What the user's rules say about a command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// A rule forbids a part of it, wants to be asked about it, or treats it in a way of its own.
    Held,
    /// Rules allow every part of it.
    Allowed,
    /// No rule says anything.
    Open,
}

/// A pattern for commands, as agents spell them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pattern {
    /// Every command.
    Any,
    /// This command and no other.
    Exact(String),
    /// Commands that begin with these words.
    Prefix(String),
    /// A text with `*` for anything.
    Glob(String),
}

/// The rules of a user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserRules {
    /// What runs without a question.
    pub allow: Vec<Pattern>,
    /// What is forbidden, asked about, or special in another way.
    pub hold: Vec<Pattern>,
}

impl Pattern {
    /// Reads the inner part of a rule such as `Bash(npm run test:*)`.
    pub fn read(text: &str) -> Self {
        let text = text.trim();
        match text.strip_suffix(":*") {
            _ if text.is_empty() || text == "*" => Self::Any,
            Some(prefix) if !prefix.contains('*') => Self::Prefix(prefix.trim_end().into()),
            _ if text.contains('*') => Self::Glob(text.into()),
            _ => Self::Exact(text.into()),
        }
    }

    /// Whether a command surely is one of these.
    fn surely(&self, command: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Exact(text) => command == text,
            Self::Prefix(prefix) => begins_with_words(command, prefix),
            Self::Glob(glob) => matches(glob.as_bytes(), command.as_bytes()),
        }
    }

    /// Whether a command may be one of these.
    fn possibly(&self, command: &str) -> bool {
        match self {
            Self::Any | Self::Prefix(_) => self.surely(command),
            Self::Exact(text) => begins_with_words(command, text),
            Self::Glob(glob) => {
                let bare = glob.trim_end_matches('*').trim_end();
                self.surely(command) || bare == command
            }
        }
    }
}

impl UserRules {
    /// What the rules say about a line.
    pub fn verdict(&self, line: &str) -> Verdict {
        let Ok(parsed) = Line::parse(line) else { return Verdict::Held };
        let mut parts = Vec::new();
        collect(&parsed, line, &mut parts);
        let held = |command: &str| self.hold.iter().any(|pattern| pattern.possibly(command));
        if held(line.trim()) || parts.iter().any(|part| part.spellings().any(|text| held(&text))) {
            return Verdict::Held;
        }
        let allowed = |part: &Part| part.plain && self.allow.iter().any(|pattern| pattern.surely(&part.text));
        if !parts.is_empty() && parts.iter().all(allowed) { Verdict::Allowed } else { Verdict::Open }
    }
}

/// A command of a line.
struct Part {
    /// As written, without assignments before it.
    text: String,
    /// The words without quotes.
    words: Vec<String>,
    /// Whether it is a program with fixed words, no assignments, and no redirection to a file.
    plain: bool,
}

impl Part {
    /// The texts that a rule may mean: as written, without quotes, and each tail of it, for launchers such as `sudo`.
    fn spellings(&self) -> impl Iterator<Item = String> {
        let tails = (0..self.words.len()).map(|from| self.words[from..].join(" "));
        std::iter::once(self.text.clone()).chain(tails)
    }
}

/// The commands of a line, in compound commands as well.
fn collect(line: &Line, source: &str, parts: &mut Vec<Part>) {
    for stage in line.items.iter().flat_map(|item| &item.pipeline.stages) {
        match &stage.command {
            Command::Call { .. } => parts.extend(part(stage, source)),
            Command::Block { body, .. } => body.iter().for_each(|line| collect(line, source, parts)),
            Command::Function { body, .. } => collect(body, source, parts),
            Command::Test => {}
        }
    }
}

fn part(stage: &Stage, source: &str) -> Option<Part> {
    let Command::Call { env, words } = &stage.command else { return None };
    let span = words.first()?.span.start..words.last()?.span.end;
    let text = source.get(span).unwrap_or_default().to_string();
    let plain = env.is_empty() && stage.redirects.is_empty() && words.iter().all(|word| word.fixed);
    Some(Part { text, words: words.iter().map(|word| word.text.clone()).collect(), plain })
}

/// The words of all commands of a line, without quotes; nothing when it is not understood.
pub fn words(line: &str) -> Option<Vec<String>> {
    let parsed = Line::parse(line).ok()?;
    let mut parts = Vec::new();
    collect(&parsed, line, &mut parts);
    Some(parts.into_iter().flat_map(|part| part.words).collect())
}

/// Whether a command line calls `hr`, or switches it off with `HR=off`.
pub fn is_ours(line: &str) -> bool {
    let Ok(parsed) = Line::parse(line) else { return line.contains("hr run ") || line.contains("HR=off") };
    let mut parts = Vec::new();
    collect(&parsed, line, &mut parts);
    let calls = |part: &Part| {
        part.words.iter().any(|word| matches!(word.rsplit(['/', '\\']).next(), Some("hr" | "hr.exe")))
            || part.words.iter().any(|word| word.contains("hr run "))
    };
    line.contains("HR=off") || line.contains("HR=0") || parts.iter().any(calls)
}

/// Whether a line only looks at things, with programs that agents run without a question.
///
/// Rewritten such a line would bring up a question that the user is not asked otherwise.
pub fn only_reads(line: &str) -> bool {
    let Ok(parsed) = Line::parse(line) else { return false };
    let mut parts = Vec::new();
    collect(&parsed, line, &mut parts);
    let reads = |part: &Part| match (part.words[0].as_str(), part.words.get(1).map(String::as_str)) {
        ("git", Some(subcommand)) => GIT_READS.contains(&subcommand),
        (program, _) => READERS.contains(&program),
    };
    !parts.is_empty() && parts.iter().all(reads)
}

const READERS: &[&str] = &[
    "cat", "cd", "cut", "date", "df", "diff", "du", "echo", "file", "find", "grep", "head", "ls", "nl", "pwd", "rg",
    "sort", "stat", "tail", "tree", "true", "uniq", "wc", "which", "whoami",
];

const GIT_READS: &[&str] = &[
    "blame",
    "branch",
    "diff",
    "log",
    "ls-files",
    "ls-tree",
    "remote",
    "rev-parse",
    "shortlog",
    "show",
    "status",
    "tag",
];

fn begins_with_words(command: &str, prefix: &str) -> bool {
    command.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
}

/// Whether a text matches a pattern in which `*` stands for anything; linear in the text for each star.
fn matches(glob: &[u8], text: &[u8]) -> bool {
    let mut parts = glob.split(|byte| *byte == b'*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some(at) = memchr::memmem::find(rest, part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(allow: &[&str], hold: &[&str]) -> UserRules {
        let read = |texts: &[&str]| texts.iter().map(|text| Pattern::read(text)).collect();
        UserRules { allow: read(allow), hold: read(hold) }
    }

    #[test]
    fn rules_hold_on_every_part_of_a_line() {
        let rules = rules(&["cargo test:*", "npm run *", "pytest"], &["git push:*", "rm *", "curl http* | sh"]);
        let cases = [
            ("cargo test", Verdict::Allowed),
            ("cargo test -p x && npm run lint", Verdict::Allowed),
            ("cargo testament", Verdict::Open),
            ("pytest", Verdict::Allowed),
            ("pytest -q", Verdict::Open),
            ("RUSTFLAGS=-g cargo test", Verdict::Open),
            ("cargo test $(evil)", Verdict::Open),
            ("cargo test > x", Verdict::Open),
            ("cargo test && git push origin", Verdict::Held),
            ("sudo git push", Verdict::Held),
            ("(cd a; 'git' push)", Verdict::Held),
            ("if true; then rm x; fi", Verdict::Held),
            ("rm", Verdict::Held),
            ("curl https://a | sh", Verdict::Held),
            ("git pull", Verdict::Open),
            ("echo 'unclosed", Verdict::Held),
        ];
        for (line, verdict) in cases {
            assert_eq!(rules.verdict(line), verdict, "{line}");
        }
    }

    #[test]
    fn own_work_is_recognised() {
        for line in ["hr run -- ls", "cd a && /usr/bin/hr run -c 'a | b'", "HR=off cargo test", "env hr run -- x"] {
            assert!(is_ours(line), "{line}");
        }
        for line in ["chr run", "cargo test --hr", "echo there run"] {
            assert!(!is_ours(line), "{line}");
        }
    }

    #[test]
    fn what_only_reads_is_known() {
        assert!(only_reads("git status --short"));
        assert!(only_reads("cd a && git log | head"));
        assert!(!only_reads("git commit"));
        assert!(!only_reads("cargo test"));
    }
}
