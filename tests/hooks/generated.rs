//! Lines made from a grammar, and lines thrown together from pieces of one, run as written and as changed: the programs in
//! them must get the same arguments, environment, folder and input, in the same order.

use std::fs;
use std::path::Path;

use hr::command::Line;
use hr::hooks::rewrite::{How, Outcome, rewrite};
use hr::rule::RuleSet;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::place::{Hr, Place, Run, program};

/// How many lines are run; `HR_HOOK_LINES` says another number.
const LINES: u32 = 300;

/// Notes how it was called; fails when it is told to, and reads when it is told to.
const PROBE: &str = r#"#!/bin/sh
unset _ HR HR_ACTIVE SHLVL
noted=$(printf '<%s>\n' "${0##*/}" "$PWD" "$@"; umask; export -p; case " $* " in *" - "*) cat;; esac; echo .)
printf '%s\n' "$noted" >> "$NOTES"
printf 'err %s\n' "$*" >&2
printf 'out %s\n' "$*"
case " $* " in *" fail "*) exit 3;; esac
"#;

/// Programs that are only notes: some that rules know, some that nobody knows.
const PROBES: &[&str] = &["cargo", "pytest", "make", "git", "npm", "ls", "tool", "docker"];

fn piece() -> impl Strategy<Value = String> {
    let fixed = [
        "a",
        "b.txt",
        "--all",
        "-p",
        "x=1",
        "--dir=~/x",
        "a#b",
        "é",
        "-",
        "--",
        "fail",
        "*.txt",
        "[ab].txt",
        "?.txt",
        "no*match",
        "{a,b}",
        "{1..3}",
        "{a,b}.txt",
        "~",
        "~/x",
        "''",
        "\"\"",
        "'a b'",
        "'$VAR'",
        "'a;b&c|d'",
        "'\"'",
        "\"'\"",
        "'!'",
        "\"!\"",
        "!",
        "'a\nb'",
        "\"$VAR\"",
        "$VAR",
        "${VAR}",
        "$EMPTY",
        "\"$EMPTY\"",
        "${NONE:-c d}",
        "\"${NONE:-e f}\"",
        "${VAR%% *}",
        "${#VAR}",
        "$(echo g h)",
        "\"$(echo 'i  j')\"",
        "`echo k`",
        "\"`echo \\\"l\\\"`\"",
        "$((1 + 2))",
        "$(cargo test sub)",
        "\"$(make 2>&1)\"",
        "$'m\\tn'",
        "$'it\\'s'",
        "\\ ",
        "\\*",
        "\\$VAR",
        "\\\"",
        "\\'",
        "\"\\$VAR \\\\ \\\"\"",
        "a\\\nb",
        "$?",
        "\"$@\"",
        "$#",
        "%s",
        "@",
        ":",
        "^",
        "[",
        "]]",
        "}",
        "{}",
        "then",
        "done",
        "time",
        "=",
        "+x",
        "sub/*",
        "../box",
        "./a.txt",
    ];
    proptest::sample::select(fixed.to_vec()).prop_map(str::to_owned)
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![6 => piece(), 1 => (piece(), piece()).prop_map(|(a, b)| a + &b)]
}

fn words(most: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(word(), 0..=most).prop_map(|words| words.join(" "))
}

fn redirect() -> impl Strategy<Value = &'static str> {
    let all = [
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        "2>&1",
        "2>/dev/null",
        ">out.txt",
        ">> out.txt",
        "2>err.txt",
        "</dev/null",
        "<a.txt",
        "<<<\"$VAR\"",
        "&>all.txt",
        ">/dev/null",
        ">&2",
        "2>&1 >out.txt",
        "3>three.txt",
        "<nofile",
    ];
    proptest::sample::select(all.to_vec())
}

fn call() -> impl Strategy<Value = String> {
    let env = proptest::sample::select(vec![
        "",
        "",
        "",
        "",
        "",
        "A=1 ",
        "A=1 B=\"$VAR\" ",
        "A=~/x ",
        "A=$(echo s) ",
        "VAR=new ",
        "A= ",
    ]);
    let front = proptest::sample::select(vec![
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        "env E=1 ",
        "nice ",
        "timeout 20 ",
        "command ",
        "nohup ",
        "! ",
        "env -i PATH=\"$PATH\" NOTES=\"$NOTES\" ",
    ]);
    let loud = vec![
        "cargo test",
        "cargo build",
        "pytest",
        "make",
        "git log",
        "git status",
        "npm test",
        "ls",
        "docker ps",
        "git commit -m",
        "\\cargo test",
        "\"make\"",
        "tool",
        "git",
        "cargo",
    ];
    let probe = (env, front, proptest::sample::select(loud), words(4), redirect());
    let builtin = proptest::sample::select(vec![
        "cd sub",
        "cd ..",
        "cd nowhere",
        "export X=1",
        "export X=\"$VAR\" Y",
        "X=2",
        "X=$(cargo test)",
        "unset VAR",
        "true",
        "false",
        ":",
        "pwd",
        "mkdir -p d/e",
        "rm -f b.txt",
        "touch new",
        "set -e",
        "set +e",
        "set -u",
        "set -f",
        "set -- p q",
        ". ./env.sh",
        "source ./env.sh",
        "test -f a.txt",
        "[ -d sub ]",
        "[[ -f a.txt && 1 < 2 ]]",
        "(( 1 + 1 ))",
        "read r",
        "read r <a.txt",
        "echo $?",
        "echo \"$r\"",
        "printf '%s\\n' *",
        "umask 027",
        "wait",
        "shift",
        "bash -c 'cargo test i; make'",
        "sh -c \"pytest $VAR\"",
        "echo ${PIPESTATUS[@]}",
        "local z=1",
        "type cd",
        "cat a.txt",
        "PATH=$PATH:/x",
    ]);
    // What keeps the whole line from being changed.
    let unsettling = proptest::sample::select(vec![
        "eval 'cargo test e'",
        "alias make=tool",
        "trap 'make bye' EXIT",
        "set -x",
        "exec 3>&1",
        "shopt -s nullglob",
        "ulimit -n 100",
        "IFS=o",
        "cat <<E\n$VAR cargo test\nE\n",
    ]);
    prop_oneof![
        100 => probe.prop_map(|(env, front, name, words, redirect)| format!("{env}{}{name} {words} {redirect}", if front == "! " { "" } else { front })),
        20 => builtin.prop_map(str::to_owned),
        1 => unsettling.prop_map(str::to_owned),
        20 => (builtin_with_words(), words(3)).prop_map(|(name, words)| format!("{name} {words}")),
    ]
}

fn builtin_with_words() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec!["echo", "printf '<%s>\\n'", "set --", "export Q="])
}

fn pipeline() -> impl Strategy<Value = String> {
    (prop_oneof![6 => Just(""), 1 => Just("! ")], prop_oneof![10 => Just(1_usize), 1 => Just(2), 1 => Just(3)])
        .prop_flat_map(|(not, stages)| {
            (Just(not), prop::collection::vec(call(), stages), prop_oneof![4 => Just(" | "), 1 => Just(" |& ")])
        })
        .prop_map(|(not, stages, pipe)| format!("{not}{}", stages.join(pipe)))
        // What comes behind a here-document stands on a line of its own.
        .prop_filter("here-documents end lines", |line| !line.contains("E\n ") && !line.contains("E\n|"))
}

fn list(item: impl Strategy<Value = String>, most: usize) -> impl Strategy<Value = String> {
    let joined = proptest::sample::select(vec![
        " && ",
        " || ",
        "; ",
        "\n",
        ";",
        "&&",
        " # note; make\n",
        " &&\n",
        " & wait\n",
        "\n\n",
    ]);
    (prop::collection::vec((item, joined), 0..most), pipeline()).prop_map(|(items, last)| {
        let mut list = String::new();
        for (item, joined) in items {
            list += &item;
            list += if item.ends_with('\n') { "" } else { joined };
        }
        list + &last
    })
}

fn compound() -> impl Strategy<Value = String> {
    let inner = || list(pipeline(), 2);
    prop_oneof![
        inner().prop_map(|list| format!("({list}\n)")),
        inner().prop_map(|list| format!("{{ {list}\n}}")),
        (words(2), inner()).prop_map(|(words, list)| format!("for i in {words}; do {list}\ndone")),
        (inner(), inner()).prop_map(|(test, list)| format!("if {test}\nthen {list}\nfi")),
        (word(), inner()).prop_map(|(word, list)| format!("case {word} in a|b*) {list}\n;; (*) make star;; esac")),
        inner().prop_map(|list| format!("f() {{ {list}\n}}; f 1 2")),
        inner().prop_map(|list| format!("while read -r l; do {list}\ndone <a.txt")),
        inner().prop_map(|list| format!("({list}\n) | tee t.txt")),
        inner().prop_map(|list| format!("v=$({list}\n); make \"$v\"")),
    ]
}

fn grammatical() -> impl Strategy<Value = String> {
    list(prop_oneof![6 => pipeline(), 1 => compound()], 4)
}

/// Pieces that need not fit together: where shells and the parser could read a line in different ways.
fn thrown_together() -> impl Strategy<Value = String> {
    let pieces = vec![
        "cargo test",
        "make",
        "make",
        "git log",
        "a",
        " ",
        " ",
        " ",
        " ",
        "\n",
        "; ",
        " && ",
        " || ",
        " | ",
        "& ",
        "'",
        "\"",
        "`",
        "\\",
        "$",
        "$(",
        "${",
        "$((",
        "(",
        ")",
        "))",
        "{ ",
        " }",
        "}",
        "#",
        " #",
        "!",
        "~",
        "=",
        "x=",
        "x=(",
        "[[ ",
        " ]]",
        "[",
        "]",
        "<",
        "<<",
        "<<<",
        "<(",
        ">&",
        "2>&1",
        "$'",
        "$\"",
        "if ",
        "; then ",
        "; fi",
        "for i in a b",
        "; do ",
        "; done",
        "case a in ",
        "a) ",
        ";;",
        " esac",
        "function f ",
        "f() ",
        "time ",
        "*",
        "{a,b}",
        ":",
        "E\n",
        "-",
        "$[",
        "x+=",
        "é",
        "\t",
        "\\\n",
        "coproc ",
        "C:\\a",
        ".\\a\\;",
        "true",
        "echo ",
        "${x#",
        "${x:-",
        "@(",
        "!(",
    ];
    prop::collection::vec(proptest::sample::select(pieces), 1..14)
        .prop_map(|pieces| pieces.concat())
        .prop_filter("process ids differ anyway", |line| !line.contains("$$") && !line.contains("$!"))
}

fn fill(inside: &Path) {
    for (name, text) in [
        ("a.txt", "one\ntwo\n"),
        ("b.txt", "b\n"),
        ("in.txt", "first\nsecond\nthird\n"),
        ("env.sh", "SOURCED=1; export SOURCED\n"),
        ("sub/c.txt", "c\n"),
        ("sub/env.sh", "SUB=1\n"),
    ] {
        let path = inside.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

fn sorted(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    lines.join("\n")
}

struct Bench {
    place: Place,
    probes: tempfile::TempDir,
    rules: RuleSet,
}

impl Bench {
    fn new() -> Self {
        let probes = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        for name in PROBES {
            program(&probes.path().join(name), PROBE);
        }
        Self { place: Place::new(fill), probes, rules: RuleSet::built_in() }
    }

    fn changed(&self, line: &str) -> Option<String> {
        match rewrite(
            line,
            &How { hr: env!("CARGO_BIN_EXE_hr"), rules: &self.rules, is_program: &|_| true, session: None },
        ) {
            Outcome::Left(_) => None,
            Outcome::Rewritten(changed) => Some(changed),
        }
    }

    fn run(&self, line: &str, hr: Hr) -> Run {
        let path = format!("{}:/usr/bin:/bin", self.probes.path().display());
        let mut run = self.place.run(line, hr, &path);
        // Which of its lines bash names depends on how many words stand in it; `time` never says the same twice.
        let is_time = |line: &&str| ["real\t", "user\t", "sys\t"].iter().any(|start| line.starts_with(start));
        run.stderr =
            run.stderr.lines().filter(|line| !is_time(line)).map(|line| without_line_number(line) + "\n").collect();
        if is_by_chance(line) {
            // The order is left to chance.
            let all = run.files.values_mut().chain([&mut run.stdout, &mut run.stderr]);
            all.for_each(|text| *text = sorted(text));
        }
        run
    }

    /// Runs a line as it is and as it is changed; says whether it was changed, or what is not the same.
    fn compare(&self, line: &str) -> Result<bool, String> {
        let Some(changed) = self.changed(line) else { return Ok(false) };
        let called = format!("{} run -t -- ", env!("CARGO_BIN_EXE_hr"));
        assert_eq!(changed.replace(&called, ""), line, "only this is put in");
        // What two programs do at once may be told apart by chance: then a run like it is looked for.
        let tries = if is_by_chance(line) { 12 } else { 1 };
        let mut differs = None;
        for _ in 0..tries {
            differs = self.difference(line, &changed);
            if differs.is_none() {
                return Ok(true);
            }
        }
        Err(format!("{line:?} as {changed:?}: {}", differs.unwrap_or_default()))
    }

    fn difference(&self, line: &str, changed: &str) -> Option<String> {
        let plain = self.run(line, Hr::Off);
        let mut off = self.run(changed, Hr::Off);
        // Its messages quote the line.
        if ["syntax error", "unexpected"].iter().any(|word| plain.stderr.contains(word)) {
            off.stderr.clone_from(&plain.stderr);
        }
        let mut on = self.run(changed, Hr::On);
        on.stdout.clone_from(&plain.stdout);
        on.stderr.clone_from(&plain.stderr);
        plain.difference(&off).map(|differs| format!("with HR=off: {differs}")).or_else(|| plain.difference(&on))
    }
}

/// `bash: line 2: …` without the number.
fn without_line_number(message: &str) -> String {
    match message.split_once(": line ").and_then(|(before, rest)| Some((before, rest.split_once(": ")?))) {
        Some((before, (number, rest))) if number.bytes().all(|byte| byte.is_ascii_digit()) => {
            format!("{before}: {rest}")
        }
        _ => message.to_owned(),
    }
}

/// Whether programs of a line run at once.
fn is_by_chance(line: &str) -> bool {
    line.contains(['|', '&']) || line.contains(">(")
}

fn lines() -> u32 {
    std::env::var("HR_HOOK_LINES").ok().and_then(|lines| lines.parse().ok()).unwrap_or(LINES)
}

#[test]
fn changed_lines_do_what_the_lines_did() {
    // The strategies for nested lines are deep.
    let run = std::thread::Builder::new().stack_size(256 << 20).spawn(run_generated).unwrap();
    let (seen, changed) = run.join().unwrap();
    println!("{seen} lines, {changed} of them changed");
    assert!(changed * 3 > seen, "{changed} of {seen} lines were changed: too few to tell");
}

fn run_generated() -> (u32, u32) {
    let bench = Bench::new();
    let (seen, changed) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    let config = Config { cases: lines(), failure_persistence: None, max_shrink_iters: 300, ..Config::default() };
    let seed = std::env::var("HR_HOOK_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1_u8);
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]));
    let result = runner.run(&prop_oneof![4 => grammatical(), 1 => thrown_together()], |line| {
        seen.set(seen.get() + 1);
        changed.set(changed.get() + u32::from(bench.compare(&line).map_err(TestCaseError::fail)?));
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
    (seen.get(), changed.get())
}

proptest! {
    #![proptest_config(Config { cases: 2_000, failure_persistence: None, ..Config::default() })]

    #[test]
    fn any_text_is_left_or_understood(line in prop_oneof![any::<String>(), thrown_together(), "[ -~\n]{0,40}"]) {
        let rules = RuleSet::built_in();
        if let Outcome::Rewritten(changed) = rewrite(&line, &How { hr: "hr", rules: &rules, is_program: &|_| true, session: None }) {
            prop_assert!(Line::parse_strictly(&line).is_ok() && Line::parse_strictly(&changed).is_ok(), "{:?}", changed);
            prop_assert_eq!(changed.replace("hr run -t -- ", ""), line.clone());
        }
    }
}
