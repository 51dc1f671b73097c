//! The programming languages that are known, and by what: the file's name in the command, the first line, the words.
//!
//! Whether there is a grammar for a language is decided in `grammar`; here is only what costs nothing.

use crate::command::{self, Invocation};
use crate::document::Origin;

/// A programming language with a grammar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    Rust,
    Python,
    JavaScript,
    TypeScript,
    Tsx,
    Go,
    Java,
    C,
    Cpp,
    CSharp,
    Ruby,
    Php,
    Bash,
}

/// Every language.
#[cfg(test)]
pub(super) const ALL: [Language; 13] = [
    Language::Rust,
    Language::Python,
    Language::JavaScript,
    Language::TypeScript,
    Language::Tsx,
    Language::Go,
    Language::Java,
    Language::C,
    Language::Cpp,
    Language::CSharp,
    Language::Ruby,
    Language::Php,
    Language::Bash,
];

/// What the text is said to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// A language that has a grammar.
    Known(Language),
    /// A language that has none, and how its comments begin.
    Foreign(&'static str),
    /// Nothing says so.
    Nothing,
}

/// By what a language is known.
#[derive(Debug)]
struct Known {
    language: Language,
    /// Extensions and whole names of files.
    files: &'static [&'static str],
    /// Programs in a first line that begins with `#!`.
    interpreters: &'static [&'static str],
    /// How lines begin that are seldom found in other languages.
    starts: &'static [&'static str],
}

#[rustfmt::skip]
const KNOWN: &[Known] = &[
    Known { language: Language::Rust, files: &["rs"], interpreters: &["rust-script"],
        starts: &["fn ", "pub fn ", "pub(crate) ", "impl ", "impl<", "use std", "use crate", "#[", "let mut ", "pub struct ", "mod ", "pub mod ", "match ", "//!", "///"] },
    Known { language: Language::Python, files: &["py", "pyi", "pyw", "wscript", "SConstruct"], interpreters: &["python", "pypy"],
        starts: &["def ", "async def ", "class ", "from ", "import ", "elif ", "except", "self.", "if __name__", "\"\"\"", "@", "with ", "raise "] },
    Known { language: Language::Go, files: &["go"], interpreters: &[],
        starts: &["package ", "func ", "import (", "type ", "if err ", "defer ", "go func", "var (", "const (", "return nil", "}, nil"] },
    Known { language: Language::TypeScript, files: &["ts", "mts", "cts"], interpreters: &["ts-node", "tsx", "deno", "bun"],
        starts: &["import {", "import type ", "export interface ", "export type ", "interface ", "type ", "export enum ", "private ", "public ", "readonly ", "export const ", "export class ", "declare "] },
    Known { language: Language::Tsx, files: &["tsx"], interpreters: &[],
        starts: &["import React", "return (", "<div", "</div", "const [", "export default function "] },
    Known { language: Language::JavaScript, files: &["js", "mjs", "cjs", "jsx"], interpreters: &["node"],
        starts: &["function ", "const ", "let ", "var ", "import ", "export ", "module.exports", "exports.", "'use strict'", "\"use strict\"", "describe(", "it(", "async function "] },
    Known { language: Language::Java, files: &["java"], interpreters: &[],
        starts: &["package ", "import java", "import static ", "public class ", "public interface ", "private ", "public ", "protected ", "@Override", "@Test", "final ", "import org."] },
    Known { language: Language::CSharp, files: &["cs", "csx"], interpreters: &[],
        starts: &["using System", "using Microsoft", "namespace ", "public ", "private ", "internal ", "[", "var ", "get;", "protected ", "foreach (", "#region"] },
    Known { language: Language::Cpp, files: &["cc", "cpp", "cxx", "hpp", "hh", "hxx", "ipp", "inl", "cu", "c++", "h++"], interpreters: &[],
        starts: &["#include <", "namespace ", "template", "class ", "std::", "public:", "private:", "protected:", "using ", "virtual ", "auto ", "const auto"] },
    Known { language: Language::C, files: &["c", "h"], interpreters: &[],
        starts: &["#include ", "#define ", "#ifdef ", "#ifndef ", "#endif", "static ", "struct ", "typedef ", "int ", "void ", "unsigned ", "char "] },
    Known { language: Language::Ruby, files: &["rb", "rake", "gemspec", "ru", "Rakefile", "Gemfile", "Vagrantfile", "Podfile", "Brewfile"], interpreters: &["ruby"],
        starts: &["require ", "require_relative ", "module ", "class ", "def ", "end", "attr_", "private", "describe ", "it \"", "it '", "context ", "unless ", "puts "] },
    Known { language: Language::Php, files: &["php", "phtml", "php5", "inc.php"], interpreters: &["php"],
        starts: &["<?php", "namespace ", "use ", "public function ", "private function ", "protected function ", "function ", "$", "return $", "abstract class ", "final class "] },
    Known { language: Language::Bash, files: &["sh", "bash", "zsh", "ksh", "bats", ".bashrc", ".zshrc", ".profile", ".bash_profile"], interpreters: &["sh", "bash", "zsh", "dash", "ksh"],
        starts: &["fi", "done", "esac", "then", "echo ", "local ", "export ", "if [", "elif [", "for ", "set -", "case ", "function ", "source ", "readonly "] },
];

/// Extensions of languages without a grammar, and how their comments begin.
const FOREIGN: &[(&str, &[&str])] = &[
    (
        "//",
        &[
            "kt", "kts", "swift", "scala", "dart", "groovy", "gradle", "zig", "proto", "scss", "less", "fs", "m", "mm",
            "sol", "v",
        ],
    ),
    (
        "#",
        &[
            "pl", "pm", "ex", "exs", "jl", "r", "R", "nim", "cr", "tcl", "fish", "ps1", "psm1", "cmake", "tf", "hcl",
            "nix", "yaml", "yml", "toml",
        ],
    ),
    ("--", &["lua", "sql", "hs", "elm", "adb", "ads", "vhd"]),
    (";", &["el", "lisp", "clj", "cljs", "scm", "asm", "s"]),
    ("%", &["erl", "hrl", "tex", "pro"]),
    ("\"", &["vim"]),
];

/// What the command's file name or the first line says.
pub(super) fn told(origin: &Origin, text: &[u8]) -> Told {
    if let Some(found) = origin.command.as_deref().and_then(by_command) {
        return found;
    }
    let first = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    by_first_line(&String::from_utf8_lossy(&first[..first.len().min(200)])).map_or(Told::Nothing, Told::Known)
}

fn by_command(command: &str) -> Option<Told> {
    let printed = command::who_printed(command)?;
    printed.candidates.iter().flat_map(Invocation::args).find_map(|word| by_file(word))
}

/// The language of a file, by its name.
fn by_file(path: &str) -> Option<Told> {
    // `git show HEAD:src/a.rs` has the path behind a colon.
    let name = path.rsplit(['/', '\\', ':']).next()?;
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    let has = |known: &&str| *known == name || extension == Some(known);
    let of = |known: &&Known| known.files.iter().any(has);
    if let Some(known) = KNOWN.iter().find(of) {
        return Some(Told::Known(known.language));
    }
    let extension = extension?;
    FOREIGN.iter().find(|(_, files)| files.contains(&extension)).map(|(comment, _)| Told::Foreign(comment))
}

/// The language that runs a script, or that `<?php` begins.
fn by_first_line(line: &str) -> Option<Language> {
    if line.trim_start_matches('\u{feff}').starts_with("<?php") {
        return Some(Language::Php);
    }
    let mut words =
        line.strip_prefix("#!")?.split_ascii_whitespace().map(|word| word.rsplit('/').next().unwrap_or(word));
    let program = words.find(|word| *word != "env" && !word.starts_with('-') && !word.contains('='))?;
    let bare = program.trim_end_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
    KNOWN.iter().find(|known| known.interpreters.contains(&bare)).map(|known| known.language)
}

/// The languages that a text is most likely in, best first, by how its lines begin.
pub(super) fn likely(text: &[u8]) -> Vec<Language> {
    const SAMPLE: usize = 400;
    let mut scores = vec![0usize; KNOWN.len()];
    for line in text.split(|byte| *byte == b'\n').take(SAMPLE) {
        let line = line.trim_ascii_start();
        for (score, known) in scores.iter_mut().zip(KNOWN) {
            *score += usize::from(known.starts.iter().any(|start| line.starts_with(start.as_bytes())));
        }
    }
    let mut ranked = scores.into_iter().zip(KNOWN).filter(|(score, _)| *score > 0).collect::<Vec<_>>();
    ranked.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    ranked.into_iter().map(|(_, known)| known.language).take(3).collect()
}

impl Language {
    /// How a comment begins that goes to the end of its line.
    pub(super) fn comment(self) -> &'static str {
        if self.ends_comments() { "//" } else { "#" }
    }

    /// Whether there are comments that end within a line: `/* … */`.
    pub(super) fn ends_comments(self) -> bool {
        match self {
            Self::Python | Self::Ruby | Self::Bash => false,
            Self::Rust
            | Self::JavaScript
            | Self::TypeScript
            | Self::Tsx
            | Self::Go
            | Self::Java
            | Self::C
            | Self::Cpp
            | Self::CSharp
            | Self::Php => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(command: &str) -> Told {
        told(&Origin { command: Some(command.into()), exit_code: None }, b"")
    }

    #[test]
    fn command_tells_the_language() {
        for (command, expected) in [
            ("cat src/x.rs", Told::Known(Language::Rust)),
            ("sed -n '1,80p' a.py", Told::Known(Language::Python)),
            ("head -50 lib/a.tsx", Told::Known(Language::Tsx)),
            ("git show HEAD:cmd/main.go", Told::Known(Language::Go)),
            ("cat Rakefile", Told::Known(Language::Ruby)),
            ("cat a.lua", Told::Foreign("--")),
            ("cat notes", Told::Nothing),
        ] {
            assert_eq!(of(command), expected, "{command}");
        }
    }

    #[test]
    fn first_line_tells_the_language() {
        assert_eq!(by_first_line("#!/usr/bin/env -S python3.11 -u"), Some(Language::Python));
        assert_eq!(by_first_line("#!/bin/sh"), Some(Language::Bash));
        assert_eq!(by_first_line("<?php declare(strict_types=1);"), Some(Language::Php));
        assert_eq!(by_first_line("# not a shebang"), None);
    }
}
