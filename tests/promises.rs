//! What is promised about every kind of content, a test each: what goes is counted where it was, nothing is made up,
//! joined, moved or printed differently the second time.

use hr::detect::Kind;
use hr::document::Origin;
use hr::pipeline::{Compaction, Request, compact};
use hr::rule::RuleSet;

/// What a request says in short: a command line, a budget.
pub fn asked(command: Option<&str>, budget: Option<usize>) -> Request {
    let origin = Origin { command: command.map(ToString::to_string), exit_code: command.map(|_| 0) };
    Request { origin, budget, handle: Some("0123abcd".into()), ..Request::default() }
}

pub fn compacted(input: &str, request: &Request) -> Compaction {
    compact(input.as_bytes(), request, &RuleSet::built_in())
}

pub fn text(input: &str, command: Option<&str>, budget: Option<usize>) -> String {
    String::from_utf8(compacted(input, &asked(command, budget)).text).unwrap()
}

/// Numbers that look like chance and are the same each time.
#[derive(Debug)]
pub struct Chance(pub u64);

impl Chance {
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    pub fn name(&mut self) -> String {
        const PARTS: [&str; 12] =
            ["alder", "birch", "cedar", "elm", "fir", "hazel", "juniper", "larch", "maple", "oak", "pine", "rowan"];
        let mut part = || PARTS[self.below(12) as usize];
        format!("{}_{}", part(), part())
    }
}

pub fn clock(line: usize) -> String {
    format!("2026-01-02 03:{:02}:{:02}", line / 60 % 60, line % 60)
}

pub fn log_without_levels() -> String {
    let says = ["session # opened for @", "session # closed for @", "lease # renewed by @", "copied # blocks to @"];
    let mut chance = Chance(1);
    let line = |line: usize| {
        let said = says[chance.below(4) as usize].replace('#', &line.to_string()).replace('@', &chance.name());
        if line == 800 {
            format!("{} mirror switched to standby\n", clock(line))
        } else {
            format!("{} {said}\n", clock(line))
        }
    };
    (0..1500).map(line).collect()
}

pub fn matches_in_files(files: usize) -> String {
    let mut chance = Chance(2);
    let mut text = String::new();
    for file in 0..files {
        for at in 0..file % 7 + 1 {
            let name = chance.name();
            text += &format!(
                "src/part{}/unit_{file}.rs:{}:    let value = load_{file}({at}, {name});\n",
                file % 9,
                10 + at * 13
            );
        }
    }
    text
}

pub fn patch(files: usize) -> String {
    let mut patch = String::new();
    for file in 0..files {
        let path = format!("src/part{}/unit_{file}.rs", file % 9);
        let added = (0..file % 5 + 1).map(|at| format!("+    let new_{file} = load({at});\n")).collect::<String>();
        patch += &format!(
            "diff --git a/{path} b/{path}\nindex 1234567..89abcde 100644\n--- a/{path}\n+++ b/{path}\n\
             @@ -10,7 +10,{} @@ fn unit_{file}() {{\n one\n two\n three\n-    let old_{file} = 1;\n{added} four\n five\n six\n",
            7 + file % 5
        );
    }
    patch
}

fn rows(count: usize) -> String {
    let mut chance = Chance(3);
    let row = |at: usize| {
        format!(r#"{{"id":{},"path":"src/{}.rs","by":"{}","note":null}}"#, at + 7000, chance.name(), chance.name())
    };
    format!("[{}]", (0..count).map(row).collect::<Vec<_>>().join(",\n"))
}

fn source() -> String {
    let function = |at: usize| {
        format!(
            "/// Adds {at}.\n#[must_use]\npub fn add_{at}(to: u64) -> u64 {{\n    let mut sum = to;\n    for part in 0..{at} \
             {{\n        sum += part;\n    }}\n    sum\n}}\n\n"
        )
    };
    (0..80).map(function).collect()
}

fn prose() -> String {
    let mut chance = Chance(4);
    let line = |line: usize| match line % 12 {
        0 => format!("## {}\n", chance.name()),
        1 | 11 => "\n".to_string(),
        _ => format!("It is {} or {}, and not {} unless told.\n", chance.name(), chance.name(), chance.name()),
    };
    (0..700).map(line).collect()
}

/// An output of every kind, and the command that printed it.
fn every_kind() -> Vec<(Kind, String, Option<&'static str>)> {
    let page = format!(
        "<!DOCTYPE html><html><head><title>Trees</title></head><body><main>{}</main></body></html>\n",
        prose().lines().map(|line| format!("<p>{line}</p>\n")).collect::<String>()
    );
    vec![
        (Kind::Json, rows(400), None),
        (Kind::Search, matches_in_files(150), Some("grep -rn load src")),
        (Kind::Log, log_without_levels(), None),
        (Kind::Diff, patch(60), Some("git diff")),
        (Kind::Html, page, None),
        (Kind::Code, source(), None),
        (Kind::Text, prose(), None),
    ]
}

/// A line of the output without our marker, and whether it had one; code has it in a comment.
fn unmarked(line: &str) -> (&str, bool) {
    let before = line.split_once("[hr").map(|(before, _)| before.trim_end_matches([' ', '/', '*']));
    (before.unwrap_or(line), before.is_some())
}

fn number(text: &str) -> usize {
    text.split(|letter: char| !letter.is_ascii_digit()).find(|part| !part.is_empty()).map_or(0, |n| n.parse().unwrap())
}

#[test]
fn what_is_too_long_to_show_is_counted_in_its_place() {
    let mut chance = Chance(5);
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let blob = (0..9000).map(|_| char::from(letters[chance.below(64) as usize])).collect::<String>();
    let out = text(&format!(r#"{{"name":"logo","data":"{blob}","ok":true}}"#), None, None);
    let (head, rest) = out.strip_prefix(r#"{"name":"logo","data":""#).unwrap().split_once("[hr: ").unwrap();
    assert!(blob.starts_with(head) && rest.contains(r#" encoded bytes cut]","ok":true}"#), "{out}");
    assert_eq!(head.len() + number(rest), 9000, "{out}");
    let line = format!("{} begins {} ends\n", clock(1), "word ".repeat(5000));
    let out = text(&(line + &log_without_levels()), None, Some(600));
    let (head, rest) = out.lines().next().unwrap().split_once(" [hr: ").unwrap();
    let (count, tail) = rest.split_once(" bytes cut] ").unwrap();
    assert_eq!(head.len() + number(count) + tail.len(), 20 + 7 + 25_000 + 5, "{head} {rest}");
}

#[test]
fn the_lines_that_a_range_names_are_those_that_went() {
    for (kind, input, _) in every_kind().into_iter().filter(|(kind, ..)| matches!(kind, Kind::Text | Kind::Code)) {
        let lines = input.lines().collect::<Vec<_>>();
        let out = text(&input, None, Some(700));
        let (mut next, mut ranges) = (0, 0);
        for line in out.lines().take_while(|line| !line.starts_with("[hr show")) {
            let (said, is_marked) = unmarked(line);
            if !said.is_empty() || !is_marked {
                assert_eq!(said, lines[next], "{kind}: line {next}\n{out}");
                next += 1;
            }
            for range in line.split_once("[hr: lines ").into_iter().flat_map(|(_, ranges)| ranges.split(", ")) {
                let (first, last) = range.split_once('-').unwrap();
                assert_eq!(number(first), next + 1, "{kind}: {line}\n{out}");
                // The end of a block stands behind the marker for its body.
                (next, ranges) = (number(last) + usize::from(line.ends_with('}')), ranges + 1);
            }
        }
        assert!(ranges > 3 && next == lines.len(), "{kind}: {out}");
    }
}

#[test]
fn words_are_never_joined_split_or_made_up() {
    for (kind, input, command) in every_kind() {
        if matches!(kind, Kind::Json | Kind::Html | Kind::Search) {
            continue;
        }
        for budget in [None, Some(300), Some(2000)] {
            let out = text(&input, command, budget);
            let known = input.split_whitespace().collect::<std::collections::HashSet<_>>();
            // A patch names a file once, and counts its hunks anew.
            let is_new = |line: &str| kind == Kind::Diff && line.starts_with(['@', 'd']);
            let words = out.lines().map(|line| unmarked(line).0).filter(|line| !is_new(line));
            for word in words.flat_map(str::split_whitespace) {
                assert!(known.contains(word), "{kind}: {word}\n{out}");
            }
            let blank = |text: &str| text.lines().filter(|line| line.trim().is_empty()).count();
            assert!(blank(&out) <= blank(&input), "{kind}\n{out}");
        }
    }
}

#[test]
fn lines_come_in_the_order_they_had() {
    for (kind, input, command) in every_kind() {
        if !matches!(kind, Kind::Code | Kind::Text | Kind::Diff | Kind::Log) {
            continue;
        }
        for budget in [None, Some(900)] {
            let out = text(&input, command, budget);
            let mut rest = input.lines();
            let is_new = |line: &str| kind == Kind::Diff && line.starts_with(['@', 'd']);
            for line in out.lines().map(|line| unmarked(line).0).filter(|line| !line.is_empty() && !is_new(line)) {
                assert!(rest.any(|known| known == line), "{kind}: {line}\n{out}");
            }
        }
    }
}

#[test]
fn what_other_tools_look_up_stays_whole() {
    let literals = [
        "src/net/pool.rs:214:17",
        "lib/cart/total.py:88",
        "C:\\work\\app\\main.cs(41,9)",
        "9fceb02d0ae598e95dc970b74767f19372d61af8",
        "https://example.org/docs/errors?code=E0308&lang=en#fix",
        "v1.28.3-rc.2+build.77",
        "exit status 137",
        "tests/test_cart.py::TestTotal::test_round[0.1-EUR]",
        "ORA-12541",
        "0x7ffdeadbeef0",
        "3 failed, 212 passed",
    ];
    let mut chance = Chance(6);
    let mut log = String::new();
    for line in 0..3000 {
        let said = match line {
            2000 | 2100 | 2200 | 2300 | 2400 | 2500 | 2600 | 2700 | 2800 | 2900 | 2950 => {
                let at = [2000, 2100, 2200, 2300, 2400, 2500, 2600, 2700, 2800, 2900, 2950];
                let at = at.iter().position(|known| *known == line).unwrap();
                format!("ERROR {} stopped by {} of {}", chance.name(), literals[at], chance.name())
            }
            _ => format!("INFO {} took {} ms", chance.name(), chance.below(900)),
        };
        log += &format!("{} {said}\n", clock(line));
    }
    for budget in [None, Some(900)] {
        let out = text(&log, None, budget);
        for literal in literals {
            assert!(out.contains(literal), "{literal} with {budget:?}\n{out}");
        }
    }
}

#[test]
fn the_last_place_of_a_template_is_told() {
    let log = log_without_levels();
    let out = text(&log, None, None);
    let lines = log.lines().collect::<Vec<_>>();
    let told = out.lines().filter_map(|line| line.split_once(" more, last at line "));
    let told = told.map(|(line, last)| (line, number(last))).collect::<Vec<_>>();
    for (line, last) in &told {
        let (word, last) = (line.split(' ').nth(4).unwrap(), lines[last - 1]);
        assert!(last.contains(word), "{line}: {last}");
        assert!(!out.contains(last), "{last} is one of those that went\n{out}");
    }
    assert!(told.len() >= 3, "{out}");
}

#[test]
fn a_log_without_level_words_keeps_head_tail_and_templates() {
    let log = log_without_levels();
    for budget in [None, Some(400)] {
        let out = compacted(&log, &asked(None, budget));
        assert!(out.tokens.1 * 10 < out.tokens.0);
        let out = String::from_utf8(out.text).unwrap();
        assert!(out.starts_with(log.lines().next().unwrap()), "{out}");
        assert!(out.contains(log.lines().last().unwrap()), "{out}");
        for said in ["opened for", "closed for", "renewed by", "blocks to", "mirror switched to standby"] {
            assert!(out.contains(said), "{said}\n{out}");
        }
    }
}

#[test]
fn only_a_question_that_is_passed_changes_what_comes_out() {
    for (kind, input, command) in every_kind() {
        let plain = asked(command, Some(600));
        let first = compacted(&input, &plain).text;
        assert_eq!(first, compacted(&input, &plain).text, "{kind}");
        let word = input.split(|letter: char| !letter.is_alphanumeric()).filter(|word| word.len() > 3).nth(500);
        let question = Request { query: word.map(ToString::to_string), ..plain };
        let second = compacted(&input, &question).text;
        assert_eq!(second, compacted(&input, &question).text, "{kind}");
    }
}

#[test]
fn level_words_in_names_are_no_levels() {
    let mut chance = Chance(8);
    let starts = ["on_error", "fatal_or", "exception", "NoFailure", "errors=0", "0_errors", "warn_once", "panic_hook"];
    let line = |line: usize| match line {
        700 => format!("{} ERROR cannot bind port 8080\n", clock(line)),
        _ => format!(
            "{} INFO {}_{} set for {} by {}\n",
            clock(line),
            starts[chance.below(8) as usize],
            chance.name(),
            chance.name(),
            chance.name()
        ),
    };
    let log = (0..1500).map(line).collect::<String>();
    for budget in [200, 1000] {
        let out = text(&log, None, Some(budget));
        assert!(out.contains("ERROR cannot bind port 8080"), "{out}");
    }
}

#[test]
fn every_file_of_a_patch_is_named_or_counted() {
    let odd = "diff --git a/logo.png b/logo.png\nindex 1234567..89abcde 100644\nBinary files a/logo.png and b/logo.png differ\n\
               diff --git a/run.sh b/run.sh\nold mode 100644\nnew mode 100755\n\
               diff --git a/old name.txt b/new name.txt\nsimilarity index 100%\nrename from old name.txt\nrename to new name.txt\n";
    let patch = odd.to_string() + &patch(60);
    let added: usize = (0..60).map(|file| file % 5 + 1).sum();
    for budget in [None, Some(3000), Some(1500), Some(600), Some(150)] {
        let out = text(&patch, Some("git diff"), budget);
        for said in
            ["Binary files a/logo.png and b/logo.png differ", "old mode 100644\nnew mode 100755", "old name.txt"]
        {
            assert!(out.contains(said), "{said} with {budget:?}\n{out}");
        }
        let named = out.matches("diff --git ").count();
        let gone = out.lines().filter(|line| line.starts_with("[hr: ") && line.contains(" files, ")).map(number);
        assert_eq!(named + gone.sum::<usize>(), 63, "{budget:?}\n{out}");
        let counts = out.lines().filter_map(|line| line.strip_suffix(" cut]")?.split_once(" added and "));
        let counts = counts.map(|(before, _)| number(before.rsplit([' ', ',']).next().unwrap())).sum::<usize>();
        let shown = out.lines().filter(|line| line.starts_with("+ ")).count();
        let runs = out.lines().filter(|line| line.ends_with(" added lines cut]")).map(number).sum::<usize>();
        assert_eq!(shown + counts + runs, added, "{budget:?}\n{out}");
        let used = hr::tokens::estimate(out.as_bytes());
        assert!(budget.is_none_or(|budget| used <= budget && used * 2 > budget), "{used} of {budget:?}\n{out}");
    }
}

#[test]
fn patches_of_any_form_keep_their_files() {
    let body = "@@ -1,9 +1,9 @@\n 1\n 2\n 3\n 4\n-old\n+new\n 6\n 7\n 8\n 9\n";
    let combined = "@@@ -1,9 -1,9 +1,9 @@@\n  1\n  2\n  3\n  4\n- old\n -old too\n++new\n  6\n  7\n  8\n  9\n";
    let forms = [
        ("no prefix", "diff --git src/a.rs src/a.rs\nindex 1..2 100644\n--- src/a.rs\n+++ src/a.rs\n", body),
        ("mnemonic", "diff --git i/src/a.rs w/src/a.rs\nindex 1..2 100644\n--- i/src/a.rs\n+++ w/src/a.rs\n", body),
        ("combined", "diff --cc src/a.rs\nindex 1,2..3\n--- a/src/a.rs\n+++ b/src/a.rs\n", combined),
        ("plain", "--- src/a.rs\t2026-01-02 03:04:05\n+++ src/a.rs\t2026-01-02 03:04:06\n", body),
    ];
    for (form, header, body) in forms {
        let patch = (0..20).map(|file| (header.to_string() + body).replace("src/a", &format!("src/unit{file}")));
        let patch = patch.collect::<String>();
        let out = text(&patch, Some("git diff"), None);
        assert!(out.len() < patch.len(), "{form}");
        for file in 0..20 {
            assert!(out.contains(&format!("src/unit{file}.rs")), "{form}: {file}\n{out}");
        }
        assert_eq!(out.lines().filter(|line| line.trim_start_matches('+') == "new").count(), 20, "{form}\n{out}");
    }
}

#[test]
fn every_file_with_matches_is_named_or_counted() {
    let (files, input) = (150, matches_in_files(150));
    let all = input.lines().count();
    for budget in [None, Some(3000), Some(600), Some(100)] {
        let out = text(&input, Some("grep -rn load src"), budget);
        let (mut matches, mut gone) = (out.matches("load_").count(), 0);
        for (_, line) in out.lines().filter_map(|line| line.split_once("[hr: ")) {
            matches += number(line);
            gone += line.split_once(" in ").map_or(0, |(_, files)| number(files));
        }
        let named = out.matches("unit_").count();
        assert_eq!((matches, named + gone), (all, files), "{budget:?}\n{out}");
    }
}

#[test]
fn lines_around_matches_are_not_taken_for_matches() {
    let mut input = String::new();
    for file in 0..40 {
        for at in [12, 40, 77] {
            let path = format!("src/u-{file}-x.rs");
            let around =
                format!("{path}-{}-    before()\n{path}:{at}:    hit()\n{path}-{}-    after()\n--\n", at - 1, at + 1);
            input += &around;
        }
    }
    for budget in [None, Some(500)] {
        let out = text(&input, Some("grep -rn -C 1 hit src"), budget);
        assert!(out.len() < input.len());
        for line in out.lines().filter(|line| line.contains("()")) {
            let sign = if line.contains("hit") { ':' } else { '-' };
            let at = line.find("  ").or(line.find(' ')).unwrap();
            assert!(line[..at].ends_with(sign), "{line}");
        }
        assert!(!out.contains("\n\n"), "{out}");
    }
}

#[test]
fn columns_of_matches_stay() {
    let line = |at: usize| format!("src/unit_{}.rs:{}:{}:let value_{at} = load();\n", at / 5, at + 10, at % 40 + 1);
    let input = (0..300).map(line).collect::<String>();
    let out = text(&input, Some("rg --vimgrep load"), None);
    assert!(out.len() < input.len());
    for at in 0..300 {
        assert!(out.contains(&format!("{}:{}:let value_{at} ", at + 10, at % 40 + 1)), "{at}\n{out}");
    }
}

#[test]
fn numbers_keep_their_digits() {
    let numbers = ["12345678901234567890123", "1.10", "1e400", "-0.0", "0.1000000000000000055511151231257827", "1E+2"];
    let row = |at: usize| format!("{{\n  \"id\": {at},\n  \"value\": {},\n  \"unit\": \"ms\"\n}}", numbers[at % 6]);
    let input = format!("[{}]", (0..60).map(row).collect::<Vec<_>>().join(", "));
    let out = text(&input, None, None);
    assert!(out.len() < input.len() / 2);
    for number in numbers {
        assert_eq!(out.split(['\n', ',']).filter(|cell| *cell == number).count(), 10, "{number}\n{out}");
    }
}

#[test]
fn values_that_stay_say_where_they_were() {
    let value = |at: usize| if (900..910).contains(&at) { 90 + at % 5 } else { 50 + at % 5 };
    let input = format!("[{}]", (0..2000).map(|at| value(at).to_string()).collect::<Vec<_>>().join(","));
    let out = text(&input, None, Some(200));
    let mut at = 0;
    let mut raised = 0;
    for part in out.lines().next().unwrap().trim_matches(['[', ']']).split(',') {
        if let Some(range) = part.strip_prefix("\"[hr: value") {
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            assert_eq!(number(first), at + 1, "{out}");
            at = number(last);
        } else {
            assert_eq!(part.parse::<usize>().unwrap(), value(at), "{out}");
            raised += usize::from((900..910).contains(&at));
            at += 1;
        }
    }
    assert_eq!((at, raised), (2000, 10), "what differs stays\n{out}");
}

#[test]
fn the_exit_status_comes_before_words() {
    let body = (0..400).map(|at| format!("gcc -O2 -c part{at}.c -o part{at}.o\n")).collect::<String>();
    let input = body + "make: 0 errors, 0 failures, nothing fatal\n";
    let with = |code| {
        let origin = Origin { command: Some("make".into()), exit_code: code };
        let request = Request { origin, handle: Some("0123abcd".into()), ..Request::default() };
        String::from_utf8(compacted(&input, &request).text).unwrap()
    };
    assert!(
        with(Some(2)).contains("exit 2]") || with(Some(2)).contains("exit 2;") || with(Some(2)).contains("exit 2,")
    );
    assert!(!with(Some(0)).contains("exit "), "{}", with(Some(0)));
    assert_eq!(with(Some(0)).contains("gcc"), with(None).contains("gcc"));
}
