//! Embeds the built-in rules: their text, and what is needed to know without parsing it that a rule may match.
#![allow(clippy::disallowed_methods, reason = "a build script reads and writes files")]

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

#[allow(dead_code, unreachable_pub, reason = "the library uses more of it")]
#[path = "../src/rule/literals.rs"]
mod literals;

mod automata;

use automata::Automata;

fn main() {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("rules");
    println!("cargo::rerun-if-changed={}", root.display());
    println!("cargo::rerun-if-changed=src/rule/literals.rs");
    println!("cargo::rerun-if-changed=src/rule/automaton.rs");
    let mut files = Vec::new();
    if !is_module() {
        collect(&root, &mut files);
    }
    files.sort();
    let mut table = String::from("static BUILT_IN: &[BuiltIn] = &[\n");
    let mut automata = Automata::default();
    for file in &files {
        entry(&root, file, &mut table, &mut automata);
    }
    table.push_str("];\n");
    let (tables, sources, automata) = automata.embedded();
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it"));
    let write = |name: &str, bytes: &[u8]| fs::write(out.join(name), bytes).expect("the build folder can be written");
    write("built_in.rs", table.as_bytes());
    write("automata.rs", tables.as_bytes());
    write("automata.txt", sources.as_bytes());
    write("automata.bin", &automata);
    link();
}

/// Whether this is the module for gateways: it gets texts without commands, must be small, and knows no rules.
fn is_module() -> bool {
    let has = |name: &str| env::var_os(name).is_some();
    let is_wasm = env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family == "wasm");
    is_wasm && has("CARGO_FEATURE_GATEWAY") && !has("CARGO_FEATURE_CLI")
}

/// Programs that move in memory have twenty thousand addresses to adjust whenever they start.
fn link() {
    let target = |name: &str| env::var(format!("CARGO_CFG_TARGET_{name}")).unwrap_or_default();
    if target("OS") == "linux" && target("ENV") == "gnu" {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the rules folder can be read").flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
}

/// Writes one `BuiltIn`. The id is the path below the rules folder.
fn entry(root: &Path, file: &Path, table: &mut String, automata: &mut Automata) {
    let id = file.strip_prefix(root).expect("it was found there").with_extension("");
    let id = id.to_str().expect("rule files have plain names").replace('\\', "/");
    let source = fs::read_to_string(file).expect("a rule file can be read");
    let mut rule: toml::Table = match source.parse() {
        Ok(rule) => rule,
        Err(error) => panic!("rules/{id}.toml: {error}"),
    };
    assert_eq!(rule.get("id").and_then(toml::Value::as_str), Some(id.as_str()), "rules/{id}.toml: `id` is its path");
    // Inline tests are for `hr test`, which reads the whole file.
    rule.remove("test");
    automata.add(&rule);
    let json = |table: &toml::Table| serde_json::to_string(table).expect("rules have no dates");
    let empty = toml::Table::new();
    let matches = rule.get("match").and_then(toml::Value::as_table).unwrap_or(&empty);
    let list = |key: &str| strings(matches, key);
    let tools = [list("tool"), list("argv0")].concat();
    let names_other = ["subcommand", "argv", "argv-any", "command", "command-any", "command-regex"]
        .iter()
        .any(|key| matches.contains_key(*key));
    let fingerprint = if list("fingerprint").is_empty() { list("output-any") } else { list("fingerprint") };
    let literals = fingerprint.iter().map(|pattern| literals::required_literals(pattern)).collect::<Vec<_>>();
    let in_line = fingerprint.iter().map(|pattern| literals::is_in_line(pattern)).collect::<Vec<_>>();
    let by_output = list("output");
    let output_literals = by_output.iter().find_map(|pattern| literals::required_literals(pattern));
    let has_other = fingerprint.is_empty() && !by_output.is_empty();
    let literals = if has_other { vec![output_literals] } else { literals };
    let in_line = if has_other { vec![false] } else { in_line };
    writeln!(
        table,
        "    BuiltIn {{ id: {id:?}, source: include_str!({path:?}), rule: {rule:?}, priority: {priority}, matches: {matches:?}, tools: &{tools:?}, any_command: {any_command}, \
         literals: &[{literals}], in_line: &{in_line:?} }},",
        path = file.display().to_string(),
        priority = rule.get("priority").and_then(toml::Value::as_integer).unwrap_or(0),
        rule = json(&rule),
        matches = json(matches),
        any_command = tools.is_empty() && names_other,
        literals = literals.iter().map(|set| byte_strings(set.as_deref().unwrap_or_default())).collect::<Vec<_>>().join(", "),
    )
    .expect("writing to a string");
}

fn strings(table: &toml::Table, key: &str) -> Vec<String> {
    let values = table.get(key).and_then(toml::Value::as_array).map(Vec::as_slice).unwrap_or_default();
    values.iter().filter_map(|value| value.as_str().map(ToString::to_string)).collect()
}

fn byte_strings(literals: &[Vec<u8>]) -> String {
    let literals = literals.iter().map(|literal| format!("b\"{}\"", literal.escape_ascii())).collect::<Vec<_>>();
    format!("&[{}]", literals.join(", "))
}
