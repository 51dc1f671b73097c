//! `hr mcp`: what its tools answer, and that nothing said to the server ends it.
#![expect(clippy::needless_pass_by_value, reason = "a call is written where it is made")]

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use hr::cache_check::{Form, Options, Prompt, check};
use hr::mcp::run::{Outcome, Run, Stopped};
use hr::mcp::{Answer, CAP, Called, TOOLS, answer};
use hr::store::memory::MemoryStore;
use hr::store::{Handle, Meta, Recording, Store};
use hr::tokens;
use proptest::prelude::{ProptestConfig, any, prop, prop_assert, prop_assert_eq, proptest};
use serde_json::{Map, Value, json};

/// When the tests happen, in seconds since 1970.
const NOW: u64 = 1_000_000;

fn put(store: &MemoryStore, stdout: &[u8], stderr: Option<&[u8]>, command: &str) -> Handle {
    let meta = Meta { command: Some(command.into()), exit_code: Some(2), unix_time: NOW - 7200, ..Meta::default() };
    store.put(&Recording { stdout, stderr }, &meta).unwrap()
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        other => panic!("{other} is no object"),
    }
}

fn called(store: &dyn Store, tool: &str, arguments: Value) -> Called {
    answer(tool, &object(arguments), store, NOW).unwrap()
}

fn asked(store: &dyn Store, tool: &str, arguments: Value) -> Answer {
    match called(store, tool, arguments) {
        Called::Answered(answer) => answer,
        Called::Run(run) => panic!("{run:?}"),
    }
}

fn text(store: &dyn Store, tool: &str, arguments: Value) -> String {
    let answer = asked(store, tool, arguments);
    assert!(!answer.is_error, "{}", answer.text);
    answer.text
}

/// `line 1` to `line 30`, with an error in line 12.
fn thirty_lines() -> String {
    let line = |number| if number == 12 { "error: no such file".to_owned() } else { format!("line {number}") };
    (1..=30).map(|number| line(number) + "\n").collect()
}

/// A store with thirty lines, and two streams of something else before them.
fn filled() -> (MemoryStore, Handle, Handle) {
    let store = MemoryStore::default();
    let apart = put(&store, b"Compiling\n", Some(b"warning: unused variable\n"), "cargo build");
    let lines = put(&store, thirty_lines().as_bytes(), None, "make all");
    (store, lines, apart)
}

/// The list of tools as it stands in a request with a system prompt of some length.
fn request() -> String {
    let tools = TOOLS
        .iter()
        .map(|tool| json!({ "name": tool.name, "description": tool.description, "input_schema": tool.schema() }));
    json!({
        "model": "claude-sonnet-4-5",
        "max_tokens": 1000,
        "tools": tools.collect::<Vec<_>>(),
        "system": format!("{}\n{}", hr::mcp::INSTRUCTIONS, "Read before you write, and test what you wrote.\n".repeat(40)),
        "messages": [{ "role": "user", "content": "hello" }],
    })
    .to_string()
}

#[test]
fn nothing_in_the_list_of_tools_breaks_a_cache() {
    let request = request();
    let prompts = Prompt::read(&request, Form::Json).unwrap();
    assert_eq!(prompts.len(), 1);
    assert!(prompts[0].parts.iter().any(|part| part.text.contains("compacted")), "the tools are read");
    let found = check(&prompts[0], &Options::default());
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn tools_are_few_sorted_and_cheap() {
    let names: Vec<&str> = TOOLS.iter().map(|tool| tool.name).collect();
    assert_eq!(names, ["hr_run", "hr_search", "hr_show", "hr_stats"]);
    for tool in TOOLS {
        assert!(tool.parameters.is_sorted_by_key(|parameter| parameter.name), "{}", tool.name);
        assert!(tool.description.is_ascii() && !tool.description.contains('/'), "{}", tool.name);
        jsonschema::meta::validate(&Value::Object(tool.schema())).unwrap();
    }
    let cost = |tool: &hr::mcp::Tool| {
        tokens::estimate(format!("{}{}{}", tool.name, tool.description, Value::Object(tool.schema())).as_bytes())
    };
    let cost: usize = TOOLS.iter().map(cost).sum();
    assert!(cost <= 700, "{cost} tokens");
}

#[test]
fn what_is_asked_for_is_shown() {
    let (store, lines, apart) = filled();
    let (lines, apart) = (lines.to_string(), apart.to_string());
    for (arguments, expected) in [
        (json!({ "handle": lines }), thirty_lines()),
        (json!({ "handle": "last" }), thirty_lines()),
        (json!({ "handle": lines, "lines": "3-4,12" }), "line 3\nline 4\nerror: no such file\n".into()),
        (json!({ "handle": lines, "lines": "-2" }), "line 29\nline 30\n".into()),
        (json!({ "handle": lines, "lines": -2 }), "line 29\nline 30\n".into()),
        (json!({ "handle": lines, "lines": 5, "grep": null }), "line 5\n".into()),
        (json!({ "handle": lines, "grep": "^err" }), "12:error: no such file\n".into()),
        (
            json!({ "handle": lines, "grep": "err", "context": "1" }),
            "11-line 11\n12:error: no such file\n13-line 13\n".into(),
        ),
        (json!({ "handle": lines, "grep": "line", "lines": "29-" }), "29:line 29\n30:line 30\n".into()),
        (json!({ "handle": lines, "query": "file", "lines": "12" }), "12:error: no such file\n".into()),
        (json!({ "handle": apart, "stderr": true }), "warning: unused variable\n".into()),
        (
            json!({ "handle": apart }),
            format!(
                "Compiling\n[hr: standard error has another 25 B: hr_show {{\"handle\":\"{apart}\",\"stderr\":true}}]"
            ),
        ),
        (json!({}), format!("{lines}  2h ago  exit 2  243 B  make all\n{apart}  2h ago  exit 2  35 B  cargo build\n")),
    ] {
        assert_eq!(text(&store, "hr_show", arguments.clone()), expected, "{arguments}");
    }
}

#[test]
fn bad_calls_say_what_to_do() {
    let (store, lines, apart) = filled();
    let (lines, apart) = (lines.to_string(), apart.to_string());
    for (tool, arguments, expected) in [
        (
            "hr_show",
            json!({ "handle": "00000000" }),
            "there is no recording `00000000`\nhr_show without a handle lists",
        ),
        ("hr_show", json!({ "handle": "latest" }), "`latest` is not a handle\na handle stands behind `hr show`"),
        ("hr_show", json!({ "handle": "last~9" }), "there is no `last~9`: 2 recorded in all\nhr_show without"),
        ("hr_show", json!({ "handle": lines, "lines": "5--3" }), "`5--3` does not name lines\nlines count from 1"),
        ("hr_show", json!({ "handle": lines, "lines": "0" }), "`0` does not name lines"),
        ("hr_show", json!({ "handle": lines, "lines": "31-" }), "it has 30 lines"),
        ("hr_show", json!({ "handle": lines, "lines": ["1"] }), "`lines` is a text, not [\"1\"]"),
        ("hr_show", json!({ "handle": lines, "grep": "(" }), "`(` is not a regular expression: unclosed group\nescape"),
        ("hr_show", json!({ "handle": lines, "grep": "(?=x)" }), "there are no look-arounds"),
        ("hr_show", json!({ "handle": lines, "grep": "absent" }), "all of it, page by page: hr_show {\"handle\":"),
        ("hr_show", json!({ "handle": apart, "grep": "unused" }), "standard error was recorded apart: stderr true"),
        ("hr_show", json!({ "handle": lines, "query": "absent" }), "nothing in"),
        ("hr_show", json!({ "handle": lines, "query": "?!" }), "`?!` has no words\nfor signs use grep"),
        ("hr_show", json!({ "handle": lines, "query": "a", "grep": "b" }), "give one of them"),
        ("hr_show", json!({ "handle": lines, "context": -3 }), "`context` is a whole number from 0 to 100, not -3"),
        ("hr_show", json!({ "handle": lines, "page": 0 }), "`page` is a whole number from 1"),
        ("hr_show", json!({ "handle": lines, "page": 2 }), "there is no page 2 of 1"),
        ("hr_show", json!({ "handle": lines, "max_tokens": 1 }), "`max_tokens` is a whole number from 200 to 20000"),
        ("hr_show", json!({ "handle": lines, "max_tokens": 1e30 }), "`max_tokens` is a whole number"),
        ("hr_show", json!({ "handle": lines, "stderr": true }), "has no standard error of its own\nboth were recorded"),
        ("hr_show", json!({ "handle": lines, "stderr": "maybe" }), "`stderr` is true or false"),
        ("hr_show", json!({ "handel": lines }), "hr_show has no parameter `handel`\nit has context, grep, handle"),
        ("hr_show", json!({ "grep": "x" }), "`grep` needs a `handle`\n`last` is the handle of the newest"),
        ("hr_search", json!({}), "there is nothing to look for\nquery takes words"),
        ("hr_search", json!({ "query": "a", "grep": "b" }), "give one of them"),
        ("hr_search", json!({ "grep": "[" }), "is not a regular expression"),
        ("hr_search", json!({ "query": "absent" }), "nothing in 2 outputs was found by query `absent`\nfewer or other"),
        ("hr_search", json!({ "grep": "x", "command": "python" }), "nothing in 0 outputs of commands with `python`"),
        ("hr_run", json!({}), "`command` is missing"),
        ("hr_run", json!({ "command": " " }), "`command` is empty"),
        ("hr_run", json!({ "command": "a\u{0}b" }), "`command` has a NUL"),
        ("hr_run", json!({ "command": "ls", "timeout": 0 }), "`timeout` is a whole number from 1 to 3600"),
        ("hr_stats", json!({ "days": 3 }), "hr_stats has no parameter `days`\nit has none at all"),
    ] {
        let answer = asked(&store, tool, arguments.clone());
        assert!(answer.is_error, "{tool} {arguments}: {}", answer.text);
        assert!(answer.text.contains(expected), "{tool} {arguments}: {}", answer.text);
    }
    assert!(answer("hr_nothing", &Map::new(), &store, NOW).is_none());
}

#[test]
fn binary_data_is_not_shown() {
    let store = MemoryStore::default();
    let handle = put(&store, b"\x7fELF\0\0", None, "cat a.out").to_string();
    let answer = asked(&store, "hr_show", json!({ "handle": handle }));
    assert!(answer.is_error && answer.text.contains("in a shell, `hr show"), "{}", answer.text);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn pages_together_are_the_recording(
        lines in prop::collection::vec("[ -~\u{e9}\u{4e00}]{0,120}", 1..300),
        long in "[a-z ]{0,9000}",
        cap in 200usize..1500,
        ends in any::<bool>(),
    ) {
        let text = lines.join("\n") + "\n" + &long + if ends { "\n" } else { "" };
        let store = MemoryStore::default();
        let handle = put(&store, text.as_bytes(), None, "make").to_string();
        let mut joined = String::new();
        let mut call = json!({ "handle": handle, "max_tokens": cap });
        for number in 1.. {
            let page = self::text(&store, "hr_show", call);
            prop_assert!(tokens::estimate(page.as_bytes()) <= cap);
            let turn = format!("[hr: page {number} of ");
            let Some(at) = page.rfind(&turn) else {
                joined.push_str(&page);
                break;
            };
            // A page that ends within a line has a line end before what is said about it.
            let part = &page[..at];
            let part = if text[joined.len()..].starts_with(part) { part } else { &part[..part.len() - 1] };
            joined.push_str(part);
            let Some((_, next)) = page[at..].split_once("; next: hr_show ") else { break };
            call = serde_json::from_str(next.strip_suffix(']').unwrap()).unwrap();
        }
        prop_assert_eq!(joined, text);
    }

    #[test]
    fn no_answer_is_longer_than_its_cap(
        outputs in prop::collection::vec(prop::collection::vec("(error|line|x{300}| |[ -~]{0,60}){0,6}", 0..200), 1..6),
        cap in 200usize..3000,
        limit in 1usize..50,
        tool in 0usize..5,
    ) {
        let store = MemoryStore::default();
        for (number, output) in outputs.iter().enumerate() {
            put(&store, output.join("\n").as_bytes(), Some(b"error: on the other stream"), &format!("make {number}"));
        }
        let (tool, arguments) = [
            ("hr_show", json!({ "handle": "last", "grep": "e", "max_tokens": cap, "context": 2 })),
            ("hr_show", json!({ "handle": "last", "query": "error line", "max_tokens": cap })),
            ("hr_show", json!({ "max_tokens": cap })),
            ("hr_search", json!({ "query": "error line", "max_tokens": cap, "limit": limit })),
            ("hr_search", json!({ "grep": "e|x", "max_tokens": cap, "limit": limit })),
        ][tool].clone();
        let answer = asked(&store, tool, arguments);
        prop_assert!(tokens::estimate(answer.text.as_bytes()) <= cap, "{}", answer.text);
    }
}

#[test]
fn the_next_page_is_of_the_same_output() {
    let store = MemoryStore::default();
    let handle = put(&store, "a line\n".repeat(2000).as_bytes(), None, "make").to_string();
    for asked in ["last", &handle[..8]] {
        let page = text(&store, "hr_show", json!({ "handle": asked, "max_tokens": 300 }));
        let next = format!("next: hr_show {{\"handle\":\"{handle}\",\"max_tokens\":300,\"page\":2}}]");
        assert!(page.ends_with(&next), "{page}");
    }
}

#[test]
fn search_finds_the_best_first_and_says_how_to_see_more() {
    let store = MemoryStore::default();
    let both = put(&store, b"ok\nthe connection was refused\nok\n", None, "curl a").to_string();
    let one = put(&store, b"connection opened\n", None, "curl b").to_string();
    let stderr = put(&store, b"ok\n", Some(b"a connection\n"), "ssh c").to_string();
    put(&store, b"nothing of it\n", None, "ls");
    let found = text(&store, "hr_search", json!({ "query": "connection refused" }));
    let at = |what: &str| found.find(what).unwrap_or_else(|| panic!("no {what} in {found}"));
    assert!(at(&both) < at(&stderr) && at(&stderr) < at(&one), "{found}");
    assert!(found.contains("2:the connection was refused\n"), "{found}");
    assert!(found.contains("standard error:\n1:a connection\n"), "{found}");
    assert!(found.ends_with("[hr: found in 3 of 4 outputs]"), "{found}");
    let only = text(&store, "hr_search", json!({ "grep": "connection$|opened", "command": "curl" }));
    assert!(
        only.starts_with(&one) && only.ends_with("[hr: found in 1 of 2 outputs of commands with `curl`]"),
        "{only}"
    );
    let long = put(&store, "connection lost\n".repeat(2000).as_bytes(), None, "ping").to_string();
    let found = text(&store, "hr_search", json!({ "grep": "lost" }));
    assert!(found.contains(&format!("more lines: hr_show {{\"grep\":\"lost\",\"handle\":\"{long}\"}}]")), "{found}");
}

#[test]
fn stats_add_up_what_is_kept() {
    let store = MemoryStore::default();
    assert_eq!(text(&store, "hr_stats", json!({})), "nothing is recorded");
    for (bytes, age, after) in [(&b"12345678"[..], 7200, 100), (b"1234", 60, 50)] {
        let meta = Meta {
            unix_time: NOW - age,
            exit_code: Some(i32::from(age == 60)),
            tokens_before: Some(400),
            tokens_after: Some(after),
            ..Meta::default()
        };
        store.put(&Recording::merged(bytes), &meta).unwrap();
    }
    assert_eq!(
        text(&store, "hr_stats", json!({})),
        "2 recordings, 1 of failed commands\n12 B of output in 12 B of files\nthe oldest is 2h old, the newest 1m\n\
         about 800 -> 150 tokens in these, 81.2 % saved\n"
    );
}

/// The answer for a command that has printed this.
fn ran(store: &dyn Store, printed: &str, code: i32, stopped: Option<Stopped>) -> Answer {
    let run = match called(store, "hr_run", json!({ "command": "make all", "max_tokens": 500 })) {
        Called::Run(run) => run,
        Called::Answered(answer) => panic!("{}", answer.text),
    };
    let outcome = Outcome { text: printed.into(), lost: 0, code, stopped };
    let answer = run.answer(&outcome, store);
    assert!(tokens::estimate(answer.text.as_bytes()) <= 500, "{}", answer.text);
    answer
}

#[test]
fn a_call_to_run_has_defaults() {
    let Called::Run(run) = called(&MemoryStore::default(), "hr_run", json!({ "command": "ls", "cwd": "" })) else {
        panic!("it is answered")
    };
    assert_eq!(run, Run { command: "ls".into(), cwd: None, query: None, timeout: 120, cap: CAP });
}

#[test]
fn every_run_says_how_it_ended() {
    let store = MemoryStore::default();
    for (printed, code, stopped, expected, is_error) in [
        ("ok\n", 0, None, "ok\n[hr: exit 0]", false),
        ("no line end", 1, None, "no line end\n[hr: exit 1]", false),
        ("", 0, None, "[hr: exit 0]", false),
        ("[hr: exit 3]\n", 3, None, "[hr: exit 3]", false),
        ("sh: x: not found\n", 127, None, "sh: x: not found\n[hr: exit 127]\na command was not found", true),
        ("", 126, None, "[hr: exit 126]\na command was not found or cannot be run: check its spelling", true),
        ("a\n", 143, Some(Stopped::TimedOut), "a\n[hr: stopped after 120 seconds, exit 143; raise timeout", false),
        ("[hr: exit 143]\n", 143, Some(Stopped::TimedOut), "[hr: stopped after 120 seconds, exit 143", false),
        ("a\n", 143, Some(Stopped::Cancelled), "a\n[hr: cancelled, exit 143]", false),
    ] {
        let answer = ran(&store, printed, code, stopped);
        assert!(answer.text.starts_with(expected), "{printed:?}: {}", answer.text);
        assert_eq!(answer.is_error, is_error, "{printed:?}");
    }
    assert!(store.list(9).unwrap().is_empty(), "what fits is not kept");
}

#[test]
fn a_long_result_names_its_original() {
    let store = MemoryStore::default();
    let handle = put(&store, "the original\n".repeat(1000).as_bytes(), None, "make all").to_string();
    let printed = format!("{}[hr show {handle}: exit 2]\n", "a line of the result\n".repeat(400));
    let answer = ran(&store, &printed, 2, None);
    assert!(answer.text.contains(&format!("lines left out here; all of it: hr_show {{\"handle\":\"{handle}\"}}]")));
    assert!(answer.text.starts_with("a line") && answer.text.ends_with(": exit 2]\n[hr: exit 2]"), "{}", answer.text);
    assert_eq!(store.list(9).unwrap().len(), 1, "the original was there already");
}

#[test]
fn a_long_result_that_is_its_own_original_is_kept() {
    let store = MemoryStore::default();
    let printed: String = (0..2000).map(|number| format!("line {number}\n")).collect();
    let answer = ran(&store, &printed, 0, None);
    let kept = store.list(9).unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!(store.get(&kept[0].handle).unwrap().stdout, printed.as_bytes());
    assert_eq!(kept[0].meta.command.as_deref(), Some("make all"));
    let all = format!("lines left out here; all of it: hr_show {{\"handle\":\"{}\"}}]\n", kept[0].handle);
    let (head, tail) = answer.text.split_once(&all).unwrap_or_else(|| panic!("{}", answer.text));
    let (head, gone) = head.rsplit_once("[hr: ").unwrap();
    let tail = tail.strip_suffix("[hr: exit 0]").unwrap();
    let shown = head.lines().count() + tail.lines().count();
    assert_eq!(shown + gone.trim().parse::<usize>().unwrap(), 2000);
    assert!(printed.starts_with(head) && printed.ends_with(tail), "{}", answer.text);
    let full = ran(&MemoryStore::new(10), &printed, 0, None);
    assert!(full.text.contains("is not kept, since the store cannot be written"), "{}", full.text);
}

/// A server as a client starts it.
struct Server {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    _home: tempfile::TempDir,
}

impl Server {
    fn new(arguments: &[&str]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_hr"));
        command.arg("mcp").args(arguments).env_remove("HR").env("HR_ACTIVE", "1").env("HR_HOME", home.path());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (stdin, stdout) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Self { child, stdin, stdout, _home: home }
    }

    /// The same after the handshake of the older era.
    fn initialized(arguments: &[&str]) -> Self {
        let mut server = Self::new(arguments);
        server.shake_hands();
        server
    }

    fn shake_hands(&mut self) {
        let client = json!({ "name": "test", "version": "0" });
        let parameters = json!({ "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": client });
        let answer = self.ask(0, "initialize", parameters);
        assert_eq!(answer["result"]["protocolVersion"], "2025-06-18");
        assert_eq!(answer["result"]["serverInfo"]["name"], "hr");
        self.say(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#);
    }

    fn say(&mut self, line: &str) {
        writeln!(self.stdin, "{line}").unwrap();
    }

    fn send(&mut self, id: u32, method: &str, parameters: Value) {
        self.say(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": parameters }).to_string());
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        line
    }

    fn ask(&mut self, id: u32, method: &str, parameters: Value) -> Value {
        self.send(id, method, parameters);
        let answer: Value = serde_json::from_str(&self.line()).unwrap();
        assert_eq!(answer["id"], id, "{answer}");
        answer
    }

    fn call(&mut self, id: u32, tool: &str, arguments: Value) -> Answer {
        let result = self.ask(id, "tools/call", json!({ "name": tool, "arguments": arguments }))["result"].take();
        let text = result["content"][0]["text"].as_str().unwrap().to_owned();
        Answer { text, is_error: result["isError"].as_bool().unwrap() }
    }

    /// The lines of the journal.
    fn journal(&self) -> Vec<Value> {
        let files = std::fs::read_dir(self._home.path().join("journal")).into_iter().flatten();
        let text: String = files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap()).collect();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Closes its standard input, and expects it to end well.
    fn end(mut self) {
        drop(self.stdin);
        assert!(self.child.wait().unwrap().success());
    }
}

#[test]
fn the_list_of_tools_is_the_same_in_every_process() {
    let lists = [(); 2].map(|()| {
        let mut server = Server::initialized(&[]);
        server.send(1, "tools/list", json!({}));
        let list = server.line();
        server.end();
        list
    });
    assert_eq!(lists[0], lists[1]);
    let list: Value = serde_json::from_str(&lists[0]).unwrap();
    let names: Vec<&str> =
        list["result"]["tools"].as_array().unwrap().iter().map(|tool| tool["name"].as_str().unwrap()).collect();
    assert_eq!(names, TOOLS.iter().map(|tool| tool.name).collect::<Vec<_>>());
}

#[test]
fn the_newer_era_needs_no_handshake() {
    let mut server = Server::new(&[]);
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "0" },
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let found = server.ask(1, "server/discover", json!({ "_meta": meta }));
    let versions = found["result"]["supportedVersions"].as_array().unwrap();
    assert!(versions.iter().any(|version| version == "2026-07-28"), "{found}");
    let list = server.ask(2, "tools/list", json!({ "_meta": meta }));
    assert_eq!(list["result"]["tools"].as_array().unwrap().len(), TOOLS.len(), "{list}");
    server.end();
}

#[test]
fn nothing_that_comes_before_the_handshake_ends_the_server() {
    let mut server = Server::new(&[]);
    server.say(r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#);
    server.say(r#"{"jsonrpc":"2.0","id":9,"result":{}}"#);
    server.say("this is no JSON");
    assert!(server.ask(1, "ping", json!({}))["result"].is_object());
    assert!(server.ask(2, "tools/list", json!({}))["error"].is_object());
    server.say(r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2}}"#);
    server.shake_hands();
    assert_eq!(server.call(3, "hr_stats", json!({})), Answer::of("nothing is recorded"));
    server.end();
}

#[test]
#[cfg(unix)]
fn nothing_ends_the_server() {
    let mut server = Server::initialized(&[]);
    server.say("this is no JSON");
    server.say("[1, 2]");
    assert!(server.line().contains("Invalid request"));
    assert!(server.ask(1, "no/such/method", json!({}))["error"]["code"] == -32601);
    let unknown = server.ask(2, "tools/call", json!({ "name": "hr_nothing" }));
    assert!(unknown["error"]["message"].as_str().unwrap().contains("there are hr_run, hr_search"), "{unknown}");
    assert!(server.call(3, "hr_show", json!({ "handle": "00000000" })).is_error);
    let nowhere = server.call(4, "hr_run", json!({ "command": "ls", "cwd": "/no/such/folder" }));
    assert!(nowhere.is_error && nowhere.text.starts_with("`/no/such/folder` is no folder\n"), "{}", nowhere.text);
    let missing = server.call(5, "hr_run", json!({ "command": "no-such-command-here" }));
    assert!(missing.is_error && missing.text.contains("[hr: exit 127]\na command was not found"), "{}", missing.text);
    let killed = server.call(6, "hr_run", json!({ "command": "kill -9 $$" }));
    assert_eq!(killed, Answer::of("[hr: exit 137]"));
    assert_eq!(server.call(7, "hr_run", json!({ "command": "cat; echo read" })), Answer::of("read\n[hr: exit 0]"));
    assert_eq!(server.call(8, "hr_run", json!({ "command": "exit 3" })), Answer::of("[hr: exit 3]"));
    server.end();
}

#[test]
#[cfg(unix)]
fn what_a_run_leaves_out_can_be_shown() {
    let mut server = Server::initialized(&[]);
    let folder = std::env::temp_dir().canonicalize().unwrap();
    let ran = server.call(1, "hr_run", json!({ "command": "seq 1 20000; pwd", "cwd": folder }));
    assert!(ran.text.contains(&format!("\n{}\n[hr show ", folder.display())), "{}", ran.text);
    assert!(ran.text.ends_with("[hr: exit 0]"), "{}", ran.text);
    let line = server.call(2, "hr_show", json!({ "handle": "last", "lines": "12345" }));
    assert_eq!(line, Answer::of("12345\n"));
    let found = server.call(3, "hr_search", json!({ "grep": "^19999$" }));
    assert!(found.text.contains("\n19999:19999\n"), "{}", found.text);
    let stats = server.call(4, "hr_stats", json!({}));
    assert!(stats.text.starts_with("1 recording, 0 of failed commands\n"), "{}", stats.text);
    // A text that `hr run` leaves alone is kept when it does not fit.
    std::fs::write(server._home.path().join("a.rs"), "fn a() -> usize { 1 }\n".repeat(2000)).unwrap();
    let file =
        server.call(5, "hr_run", json!({ "command": "cat a.rs", "cwd": server._home.path(), "max_tokens": 300 }));
    assert!(tokens::estimate(file.text.as_bytes()) <= 300, "{}", file.text);
    assert_eq!(server.call(6, "hr_show", json!({ "handle": "last", "lines": "2000" })).text, "fn a() -> usize { 1 }\n");
    server.end();
}

#[test]
#[cfg(unix)]
fn every_run_and_every_retrieval_is_one_line_of_the_journal() {
    let mut server = Server::initialized(&[]);
    let log = "for n in $(seq 1 3000); do echo step $n: compiled module_$n in $((n * 7919 % 1000)) ms; done";
    let ran = server.call(1, "hr_run", json!({ "command": log, "max_tokens": 200 }));
    assert!(tokens::estimate(ran.text.as_bytes()) <= 200, "{}", ran.text);
    let shown = server.call(2, "hr_show", json!({ "handle": "last", "lines": "40-60" }));
    server.call(3, "hr_search", json!({ "grep": "module_77 " }));
    assert!(server.call(4, "hr_show", json!({ "handle": "last", "grep": "absent" })).is_error);
    let journal = server.journal();
    let via: Vec<&str> = journal.iter().map(|entry| entry["via"].as_str().unwrap()).collect();
    assert_eq!(via, ["run", "mcp", "mcp"], "{journal:?}");
    let number = |entry: &Value, key: &str| entry[key].as_u64().unwrap();
    assert!(number(&journal[0], "before") > 20_000 && number(&journal[0], "after") <= 200, "{journal:?}");
    assert_eq!(number(&journal[1], "after") as usize, tokens::estimate(shown.text.as_bytes()));
    assert_eq!(journal[0]["handle"], journal[1]["handle"]);
    let stats = server.call(5, "hr_stats", json!({})).text;
    for said in ["\ntoday (UTC): about ", ", in 1 calls; 2 retrievals gave back ", "\nsince 20", ": about "] {
        assert!(stats.contains(said), "{said}: {stats}");
    }
    server.end();
}

#[test]
#[cfg(unix)]
fn what_runs_ends_with_a_server_that_is_killed() {
    let mut server = Server::initialized(&[]);
    server.send(1, "tools/call", json!({ "name": "hr_run", "arguments": { "command": "sleep 62.375" } }));
    let runs = || {
        let all = Command::new("ps").args(["-eo", "args"]).output().unwrap().stdout;
        String::from_utf8_lossy(&all).lines().any(|line| line == "sleep 62.375")
    };
    let soon = |wanted: bool| {
        (0..200).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(50));
            runs() == wanted
        })
    };
    assert!(soon(true), "it runs");
    server.child.kill().unwrap();
    server.child.wait().unwrap();
    assert!(soon(false), "it still runs");
}

#[test]
#[cfg(unix)]
fn a_run_can_be_stopped_and_others_go_on_meanwhile() {
    let mut server = Server::initialized(&[]);
    let late = server.call(1, "hr_run", json!({ "command": "echo begun; sleep 60", "timeout": 1 }));
    assert!(late.text.starts_with("begun\n[hr: stopped after 1 second, exit 143; raise timeout"), "{}", late.text);
    let stubborn = "trap '' TERM; echo begun; sleep 60 & wait; sleep 60";
    server.send(2, "tools/call", json!({ "name": "hr_run", "arguments": { "command": stubborn } }));
    assert_eq!(server.call(3, "hr_run", json!({ "command": "echo other" })), Answer::of("other\n[hr: exit 0]"));
    server.say(r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2}}"#);
    assert_eq!(server.call(4, "hr_run", json!({ "command": "echo after" })), Answer::of("after\n[hr: exit 0]"));
    server.send(5, "tools/call", json!({ "name": "hr_run", "arguments": { "command": "sleep 61.125" } }));
    assert_eq!(server.call(6, "hr_run", json!({ "command": "echo begun" })), Answer::of("begun\n[hr: exit 0]"));
    // What still runs when the client goes away ends with the server.
    server.end();
    let left = Command::new("ps").args(["-eo", "args"]).output().unwrap().stdout;
    assert!(!String::from_utf8_lossy(&left).lines().any(|line| line == "sleep 61.125"), "the command still runs");
}

#[test]
fn without_run_there_is_no_such_tool() {
    let mut server = Server::initialized(&["--no-run"]);
    let list = server.ask(1, "tools/list", json!({}));
    assert_eq!(list["result"]["tools"].as_array().unwrap().len(), TOOLS.len() - 1);
    let refused = server.ask(2, "tools/call", json!({ "name": "hr_run", "arguments": { "command": "ls" } }));
    assert!(refused["error"].is_object(), "{refused}");
    server.end();
}
