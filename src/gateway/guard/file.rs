//! The built-in patterns as they are written: `patterns.toml`.

use std::sync::OnceLock;

use serde::Deserialize;

use super::host::Place;
use super::pattern::Sets;
use crate::from_toml::from_toml;

/// The patterns that are built in.
const BUILT_IN: &str = include_str!("patterns.toml");

/// Sets of words and classes of patterns.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct PatternFile {
    pub(super) sets: Sets,
    pub(super) class: Vec<Class>,
}

/// Patterns with one aim.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Class {
    pub(super) name: String,
    /// What such an attack wants.
    #[expect(dead_code, reason = "it is for who reads the file")]
    about: String,
    /// Whether it is looked for in results of tools only: what a user may well ask for.
    #[serde(default)]
    pub(super) tool_only: bool,
    pub(super) pattern: Vec<Written>,
}

/// A pattern: words, or a literal text.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Written {
    pub(super) name: String,
    pub(super) words: Option<String>,
    /// Text that has to stand there as it is, in small letters; its words are the pattern.
    pub(super) literal: Option<String>,
    #[serde(default)]
    pub(super) tool_only: bool,
    /// In which lines it counts.
    #[serde(default)]
    pub(super) place: Place,
    /// The set of words of which one has to follow soon.
    pub(super) with: Option<String>,
    /// The set of words of which none may follow in the line.
    pub(super) without: Option<String>,
}

impl PatternFile {
    /// The patterns that are built in.
    pub(super) fn built_in() -> &'static Self {
        static FILE: OnceLock<PatternFile> = OnceLock::new();
        FILE.get_or_init(|| from_toml(BUILT_IN).expect("the file is checked by a test"))
    }
}
