//! The laws of outlines, on the files in `fixtures/code` and on what is done to them.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test reads its files and may fail")]

use std::path::Path;

use proptest::prelude::*;

use super::language::{self, Language, Told};
use super::outline::error_nodes;
use crate::detect::Kind;
use crate::document::Origin;
use crate::pipeline::{Compaction, FooterPlace, Form, Request, compact};
use crate::rule::RuleSet;
use crate::tokens;

/// A file with its language.
struct File {
    name: String,
    command: String,
    language: Language,
    text: Vec<u8>,
}

/// The files whose language has a grammar.
fn files() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/code");
    let mut folders = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    folders.sort();
    let file = |folder: &std::path::PathBuf| {
        let command = std::fs::read_to_string(folder.join("cmd")).unwrap().lines().next().unwrap().to_string();
        let text = std::fs::read(folder.join("input")).unwrap();
        let origin = Origin { command: Some(command.clone()), exit_code: None };
        let Told::Known(language) = language::told(&origin, &text) else { return None };
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        Some(File { name, command, language, text }).filter(|file| !file.command.contains("-n"))
    };
    folders.iter().filter_map(file).collect()
}

fn outlined(file: &File, text: &[u8], budget: Option<usize>, query: Option<&str>) -> Compaction {
    let request = Request {
        origin: Origin { command: Some(file.command.clone()), exit_code: Some(0) },
        kind: Some(Kind::Code),
        budget,
        query: query.map(ToString::to_string),
        handle: Some("feedbeef".into()),
        footer: FooterPlace::Apart,
        ..Request::default()
    };
    compact(text, &request, &RuleSet::none())
}

#[test]
fn outlines_parse_as_well_as_their_files() {
    let mut seen = Vec::new();
    for file in files() {
        let before = error_nodes(&file.text, file.language).unwrap();
        for (budget, query) in [(None, None), (Some(400), None), (Some(150), None), (None, Some("total value"))] {
            let out = outlined(&file, &file.text, budget, query);
            let after = error_nodes(&out.text, file.language).unwrap();
            let text = String::from_utf8_lossy(&out.text);
            assert!(after <= before, "{}, {budget:?}: {before} errors, then {after}:\n{text}", file.name);
            assert!(budget.is_some() || out.form == Form::Compacted, "{} is whole", file.name);
        }
        seen.push(file.language);
    }
    for language in language::ALL {
        assert!(seen.contains(&language), "no file in {language:?}");
    }
}

#[test]
fn budgets_are_met() {
    for file in files() {
        let size = tokens::estimate(&file.text);
        for percent in [15, 30, 50, 70] {
            let budget = size * percent / 100;
            let out = outlined(&file, &file.text, Some(budget), None);
            let found = out.tokens.1;
            assert!(found <= budget + budget / 33, "{}: {found} of {budget}", file.name);
            // Few lines are left to choose from in a small budget.
            if budget >= 200 {
                assert!(found * 4 >= budget * 3, "{}: only {found} of {budget}", file.name);
            }
        }
    }
}

#[test]
fn code_that_is_only_detected_stays_whole() {
    for file in files() {
        let request = Request { handle: Some("feedbeef".into()), ..Request::default() };
        let out = compact(&file.text, &request, &RuleSet::none());
        assert!(out.kind != Kind::Code || out.form != Form::Compacted, "{}", file.name);
    }
}

#[test]
fn hostile_texts_are_survived() {
    let files = files();
    let deep = |open: &str, close: &str| open.repeat(100_000) + &close.repeat(100_000);
    let broken = |text: String| text.into_bytes().chunks(80).collect::<Vec<_>>().join(&b'\n');
    let texts = [
        broken(deep("(", ")")),
        broken(deep("{", "}")),
        broken(deep("[", "")),
        deep("f(", ")").into_bytes(),
        broken("if x {\n".repeat(20_000)),
        [&files[0].text[..], &[0xff, 0xfe, 1, 2, 3, 0x80], &files[0].text].concat(),
    ];
    for language in [Language::Rust, Language::Python, Language::Cpp, Language::Bash] {
        let file = files.iter().find(|file| file.language == language).unwrap();
        for text in &texts {
            let out = outlined(file, text, None, None);
            assert!(out.tokens.1 <= out.tokens.0);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn cut_files_are_outlined_the_same_twice(pick in any::<prop::sample::Index>(), from in 0.0..0.5, to in 0.4..1.0, budget in prop::option::of(20usize..600)) {
        let files = files();
        let file = pick.get(&files);
        let at = |part: f64| (file.text.len() as f64 * part) as usize;
        let text = &file.text[at(from).min(at(to))..at(to)];
        let first = outlined(file, text, budget, Some("value"));
        prop_assert!(first.tokens.1 <= first.tokens.0);
        prop_assert_eq!(first.text, outlined(file, text, budget, Some("value")).text);
    }
}
