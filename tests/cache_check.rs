//! `hr cache-check`: what it finds in the prompts of real products, with values planted in them and as they are.
//!
//! `HR_CORPUS=… cargo test --test tests cache_check -- --include-ignored --nocapture` prints the figures. Cases are those of
//! `corpus.rs`; `expect.dynamic` lists `kind`, `text` and `line` of what changes, `expect.template_holes` the placeholders.

use std::collections::BTreeMap;
use std::rc::Rc;

use assert_cmd::Command;
use hr::cache_check::sorted::with_sorted_tools;
use hr::cache_check::{self, CHECKS, Finding, Form, Options, Prompt, ReadError, Role, Verdict};
use serde_json::{Value, json};

use crate::corpus::Case;

/// The check that a kind of planted value is found by.
const KINDS: [(&str, &str); 7] = [
    ("uuid", "uuid"),
    ("iso_timestamp", "iso-timestamp"),
    ("iso_date", "iso-timestamp"),
    ("rfc2822", "date-time"),
    ("epoch", "unix-time"),
    ("git_sha", "hex-hash"),
    ("container_id", "host-name"),
];

fn findings(text: &str, form: Form) -> Vec<Finding> {
    let prompts = Prompt::read(text, form).unwrap();
    prompts.iter().flat_map(checked).collect()
}

/// What is found in a prompt; the gateway's verdict, which is made without findings, is the same.
fn checked(prompt: &Prompt<'_>) -> Vec<Finding> {
    let options = Options::default();
    let findings = cache_check::check(prompt, &options);
    assert_eq!(
        *Verdict::alone(prompt, &options, |_, make| Rc::new(make())),
        Verdict::of(prompt, &findings, &options.thresholds)
    );
    findings
}

/// What is found in a text, as `check` or `check: sample`.
fn found(text: &str) -> Vec<String> {
    findings(text, Form::Auto).iter().map(|finding| format!("{}: {}", finding.check, finding.sample)).collect()
}

/// Lines of a prompt, and what is found in each.
#[test]
fn values_are_known_by_their_structure() {
    let uuid = "0b9f4f2e-1c55-4e0f-9f0a-5d8f8d1f6f5e";
    let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let table: &[(&str, &[&str])] = &[
        // uuid
        (uuid, &["uuid: 0b9f4f2e-1c55-4e0f-9f0a-5d8f8d1f6f5e"]),
        ("Id {0B9F4F2E-1C55-4E0F-9F0A-5D8F8D1F6F5E}.", &["uuid: 0B9F4F2E-1C55-4E0F-9F0A-5D8F8D1F6F5E"]),
        ("urn:uuid:0b9f4f2e-1c55-7e0f-9f0a-5d8f8d1f6f5e", &["uuid: 0b9f4f2e-1c55-7e0f-9f0a-5d8f8d1f6f5e"]),
        ("00000000-0000-0000-0000-000000000000 xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx", &[]),
        ("12345678-1234-1234-1234-123456789abc in a longera0b9f4f2e-1c55-4e0f-9f0a-5d8f8d1f6f5e", &[]),
        ("session-0b9f4f2e-1c55-4e0f-9f0a-5d8f8d1f6f5e", &["uuid: 0b9f4f2e-1c55-4e0f-9f0a-5d8f8d1f6f5e"]),
        // iso-timestamp
        ("Current time: 2025-09-24T07:34:55.529567+00:00", &["iso-timestamp: 2025-09-24T07:34:55.529567+00:00"]),
        ("Today's date: 2025-09-24", &["iso-timestamp: 2025-09-24"]),
        ("at 2025-09-24 07:34 UTC it began", &["iso-timestamp: 2025-09-24 07:34 UTC"]),
        ("stamp 20250924T073455Z", &["iso-timestamp: 20250924T073455Z"]),
        ("2025-02-30, 2025-13-01, 1.2025-09-24, 2025-09-24-rc1, 555-2025-09", &[]),
        // date-time
        ("Date: Mon, 17 Aug 2026 16:24:32 +0000", &["date-time: Mon, 17 Aug 2026 16:24:32 +0000"]),
        ("Aug 17 16:24:32 host sshd[1]: began", &["date-time: Aug 17 16:24:32"]),
        ("Today is Monday, August 17, 2026.", &["date-time: Monday, August 17, 2026"]),
        ("The current date is 17th August 2026", &["date-time: 17th August 2026"]),
        ("seen 8/17/2026, 4:24 PM", &["date-time: 8/17/2026, 4:24 PM"]),
        ("Stand: 17.08.2026 16:24", &["date-time: 17.08.2026 16:24"]),
        ("Current time: 16:24:32", &["date-time: 16:24:32"]),
        ("Rome, founded on April 21, 753; the treaty of March 4, 1921; ratio 16:9; 1.2.2025; May 5 people", &[]),
        ("Today is February 30, 2026 and 99/99/2026 now", &[]),
        ("Opening time: 09:00 to 17:00; on time, on February 20, 1991; release date: March 4, 2026", &[]),
        // unix-time
        ("Request started at 1786113828", &["unix-time: 1786113828"]),
        ("\"createdAt\": 1786113828123,", &["unix-time: 1786113828123"]),
        ("call 1786113828 for help, order 1786113828, timestamp 9986113828", &[]),
        // jwt, api-key
        (jwt, &["jwt: eyJhbG... (80 characters)"]),
        ("eyJub3QiOiJqd3QifQ.e30.e30 eyJ.a.b", &[]),
        ("key sk-ant-REDACTED_FOR_TESTS_a1b2c3d4e5f6g7h8i9j0", &["api-key: sk-ant-REDA... (46 characters)"]),
        ("class sk-toggleable__content-arrow-12ab34 is no key", &[]),
        ("use sk-your-key-here or ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &[]),
        // random-id
        ("req_011CSHoEeqs5C35K2UUqR7Fy", &["random-id: req_011CSHoEeqs5C35K2UUqR7Fy"]),
        ("Conversation id: V1StGXR8_Z5jdHi6B-myT", &["random-id: V1StGXR8_Z5jdHi6B-myT"]),
        ("01HV3XQ8Z6K4T9W2N5B7C1D0EF", &["random-id: 01HV3XQ8Z6K4T9W2N5B7C1D0EF"]),
        ("0ujtsYcgvSTl8PAuAdqWYSMnLOv", &["random-id: 0ujtsYcgvSTl8PAuAdqWYSMnLOv"]),
        ("cjld2cjxh0000qzrmn831i7rn", &["random-id: cjld2cjxh0000qzrmn831i7rn"]),
        ("<span id=\"index-ffi_005ftype-2\">", &[]),
        ("session id: abcdefgh, trace-id: 12345678, req_short1, ABCDEFGHJKMNPQRSTVWXYZ0123", &[]),
        // hex-hash
        (
            "Workspace HEAD: c692a6ce67e62c088a7c801c7e1cd68971caf84a",
            &["hex-hash: c692a6ce67e62c088a7c801c7e1cd68971caf84a"],
        ),
        (
            "uses: actions/checkout@c692a6ce67e62c088a7c801c7e1cd68971caf84a, /blob/c692a6ce67e62c088a7c801c7e1cd68971caf84a/x",
            &[],
        ),
        ("0123456789abcdef0123456789abcdef aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa c692a6ce67e62c088a7c801c7e1cd689zz", &[]),
        // counter
        ("Turn: 17", &["counter: 17"]),
        ("**Iteration 3 of 10**", &["counter: 3 of 10"]),
        ("- Tokens left: 8134", &["counter: 8134"]),
        ("Step 1: read the file\nTurn 3 of the game is hard\nturn: 17 and more", &[]),
        // temp-path, host-name
        ("Working directory: /tmp/tmp.k3J9sQ2xLm", &["temp-path: /tmp/tmp.k3J9sQ2xLm"]),
        (
            "C:\\Users\\user\\AppData\\Local\\Temp\\7zS4F2A1B\\x",
            &["temp-path: C:\\Users\\user\\AppData\\Local\\Temp\\7zS4F2A1B\\x"],
        ),
        (
            "/tmp/tmpab3x_9qk and /tmp/pytest-of-root/pytest-12",
            &["temp-path: /tmp/tmpab3x_9qk", "temp-path: /tmp/pytest-of-root/pytest-12"],
        ),
        ("write to /tmp/HelloWorld or /tmp/output.txt or /tmp/build-log, see /var/folders/xx/yy/T/", &[]),
        ("Hostname: 3b050c10f92d", &["host-name: 3b050c10f92d"]),
        ("root@3b050c10f92d:/app#", &["host-name: 3b050c10f92d"]),
        ("/home/mkowalski/src and C:\\Users\\Lucas\\x", &["host-name: mkowalski", "host-name: Lucas"]),
        ("/home/user/src, /Users/you/x, /home/, host: example, container: shop", &[]),
        // template-placeholder
        ("Hi {{ name }}, {{{raw}}}", &["template-placeholder: {{ name }}", "template-placeholder: {{{raw}}}"]),
        (
            "{% if user %} <%= now %> ${CWD}",
            &[
                "template-placeholder: {% if user %}",
                "template-placeholder: <%= now %>",
                "template-placeholder: ${CWD}",
            ],
        ),
        ("It is {today:%Y}. %(date)s", &["template-placeholder: {today:%Y}", "template-placeholder: %(date)s"]),
        (
            "${{ github.sha }} {datetime.now():%Y}",
            &["template-placeholder: ${{ github.sha }}", "template-placeholder: {datetime.now():%Y}"],
        ),
        ("{{!-- a comment --}} <%# a comment %> {\"a\": 1} {} {{}} {x} %(name)s ${} $HOME <b> {user.name}", &[]),
    ];
    for (text, expected) in table {
        assert_eq!(found(text), *expected, "{text}");
    }
}

#[test]
fn every_check_is_documented_and_shown_by_an_example() {
    for check in CHECKS {
        let documentation = check.documentation();
        let (heading, body) = documentation.split_once("\n\n").unwrap();
        assert!(heading.ends_with('.') && !heading.contains('\n'), "{}: one line first", check.name);
        assert!(body.contains("\nExample: ") && body.contains("\nWhat to do: "), "{}: {documentation}", check.name);
    }
    let named = CHECKS.iter().map(|check| check.name).collect::<std::collections::BTreeSet<_>>();
    assert_eq!(named.len(), CHECKS.len());
}

#[test]
fn dates_without_a_clock_are_notes() {
    let severity = |text: &str| findings(text, Form::Text)[0].severity.name();
    assert_eq!(severity("Released on 2025-01-20."), "note");
    assert_eq!(severity("Today is 2025-01-20."), "error");
    assert_eq!(severity("Released 2025-01-20T10:00Z."), "error");
}

#[test]
fn lines_and_patterns_are_allowed() {
    let uuid = "0b9f4f2e-1c55-4e0f-9f0a-5d8f8d1f6f5e";
    for allowed in [format!("{uuid} <!-- hr-allow: uuid -->"), format!("# hr-allow: jwt, uuid\n{uuid}")] {
        assert_eq!(found(&allowed), [""; 0], "{allowed}");
    }
    for found_anyway in
        [format!("{uuid} hr-allow: jwt"), format!("{uuid}\nhr-allow: uuid"), format!("say hr-allow: uuid\n{uuid}")]
    {
        assert_eq!(found(&found_anyway).len(), 1, "{found_anyway}");
    }
    let prompts = Prompt::read(uuid, Form::Text).unwrap();
    let options = Options { allow: vec!["^0b9f".parse().unwrap()], ..Options::default() };
    assert_eq!(cache_check::check(&prompts[0], &options), []);
}

/// Requests of each provider with a time in each place.
fn requests() -> Vec<(&'static str, Value, Vec<&'static str>)> {
    let now = "It is 2025-09-24T07:34:55Z.";
    let (user, answer) = (json!({"role": "user", "content": now}), json!({"role": "assistant", "content": now}));
    vec![
        (
            "anthropic",
            json!({"model": "claude-sonnet-4-5", "system": [{"type": "text", "text": now}],
                "tools": [{"name": "a", "description": now, "input_schema": {}}],
                "messages": [{"role": "user", "content": [{"type": "text", "text": now}]}, answer, user]}),
            vec!["/tools/0/description", "/system/0/text", "/messages/0/content/0/text"],
        ),
        (
            "openai",
            json!({"messages": [{"role": "system", "content": now}, user, answer, user],
                "tools": [{"type": "function", "function": {"name": "a/b", "description": now,
                    "parameters": {"properties": {"x/y": {"description": now}}}}}]}),
            vec![
                "/tools/0/function/description",
                "/tools/0/function/parameters/properties/x~1y/description",
                "/messages/0/content",
                "/messages/1/content",
            ],
        ),
        ("openai", json!({"instructions": now, "input": now}), vec!["/instructions", "/input"]),
        (
            "gemini",
            json!({"systemInstruction": {"parts": [{"text": now}]}, "contents": [
                {"role": "user", "parts": [{"text": now}]}, {"role": "model", "parts": [{"text": now}]}],
                "tools": [{"functionDeclarations": [{"name": "a", "description": now}]}]}),
            vec![
                "/systemInstruction/parts/0/text",
                "/tools/0/functionDeclarations/0/description",
                "/contents/0/parts/0/text",
            ],
        ),
    ]
}

#[test]
fn requests_are_read_in_the_order_in_which_they_are_cached() {
    for (provider, request, pointers) in requests() {
        // Each value is another one, since a value is told once.
        let text = serde_json::to_string_pretty(&request).unwrap();
        let pieces = text.split("55Z").enumerate();
        let text = pieces.map(|(at, piece)| if at == 0 { piece.to_string() } else { format!("{}Z{piece}", at + 9) });
        let text = text.collect::<String>();
        let prompt = Prompt::read(&text, Form::Auto).unwrap().remove(0);
        assert_eq!(prompt.provider.unwrap().name(), provider);
        let findings = cache_check::check(&prompt, &Options::default());
        let times = findings.iter().filter(|finding| finding.check == "iso-timestamp").collect::<Vec<_>>();
        let found = times.iter().map(|finding| finding.pointer.as_deref().unwrap()).collect::<Vec<_>>();
        assert_eq!(found, pointers, "{text}");
        for finding in &times {
            assert!(text[finding.offset..].starts_with(&finding.sample), "{finding:?}");
            let line = text.lines().nth(finding.line - 1).unwrap();
            assert!(line.chars().skip(finding.column - 1).collect::<String>().starts_with(&finding.sample));
        }
        assert!(times.is_sorted_by(|a, b| a.tokens_spoiled > b.tokens_spoiled), "{times:?}");
        assert!(prompt.parts.iter().any(|part| part.role != Role::Tool));
    }
}

#[test]
fn what_stands_in_messages_is_no_error() {
    let severities = |request: Value| {
        let found = findings(&request.to_string(), Form::Json).into_iter();
        found
            .filter(|finding| finding.check == "iso-timestamp")
            .map(|finding| finding.severity.name())
            .collect::<Vec<_>>()
    };
    let now = "It is 2025-09-24T07:34:55Z";
    let say = |role: &str, text: &str| json!({"role": role, "content": text});
    let fixed = json!([{"type": "text", "text": "Fixed", "cache_control": {"type": "ephemeral"}}]);
    for (request, expected) in [
        (json!({"messages": [say("system", now), say("user", "Hi")]}), vec!["error"]),
        (json!({"messages": [say("system", "s"), say("user", now)]}), vec!["note"]),
        (json!({"messages": [say("user", now), say("assistant", "a"), say("user", "b")]}), vec!["warning"]),
        (
            json!({"system": fixed, "messages": [say("user", now), say("assistant", "a"), say("user", "b")]}),
            vec!["note"],
        ),
        (
            json!({"messages": [say("user", "a"), {"type": "function_call_output", "output": now}, say("user", "b")]}),
            vec!["warning"],
        ),
    ] {
        assert_eq!(severities(request.clone()), expected, "{request}");
    }
    let twice = findings("Released on 2025-01-20.\nToday is 2025-01-20.", Form::Text);
    assert_eq!(twice.iter().map(|finding| finding.severity.name()).collect::<Vec<_>>(), ["note", "error"]);
}

#[test]
fn deep_and_wide_input_takes_neither_the_stack_nor_the_day() {
    let deep = format!(
        "{{\"messages\":[{{\"role\":\"user\",\"content\":{}{}}}],\"tools\":[{{\"parameters\":{}{}}}]}}",
        "[".repeat(60_000),
        "]".repeat(60_000),
        "[".repeat(60_000),
        "]".repeat(60_000)
    );
    let prompt = Prompt::read(&deep, Form::Json).unwrap().remove(0);
    assert_eq!(with_sorted_tools(&prompt), None);
    let ids = (0..8_000).map(|at| format!("{at:08x}-1c55-4e0f-9f0a-5d8f8d1f6f5e ")).collect::<String>();
    let line = format!("hr-allow: jwt {ids}");
    let requests = format!("{{\"system\":\"{ids}\"}}\n{}", "{\"system\":\"a\"}\n".repeat(8_000));
    let started = std::time::Instant::now();
    assert!(findings(&line, Form::Text).len() > 7_900);
    assert!(findings(&requests, Form::Lines).len() > 7_900);
    assert!(findings(&"-----BEGIN PRIVATE KEY ".repeat(20_000), Form::Text).is_empty());
    assert!(started.elapsed().as_secs() < 30, "{:?}", started.elapsed());
}

#[test]
fn places_behind_escapes_are_those_of_the_source() {
    let text = r#"{"system":"caf\u00e9 \"x\"\nToday is 2025-09-24","messages":[]}"#;
    let found = findings(text, Form::Json);
    assert!(text[found[1].offset..].starts_with("2025-09-24"), "{found:?}");
}

#[test]
fn changes_between_requests_are_told_by_what_they_are() {
    let base = json!({"tools": [{"name": "b", "description": "B"}, {"name": "a", "description": "A"}],
        "messages": [{"role": "system", "content": "Be brief.\nBe kind."}, {"role": "user", "content": "Hi"},
            {"role": "assistant", "content": "Hello"}, {"role": "user", "content": "Go on"}]});
    let changed = |pointer: &str, value: Value| {
        let mut request = base.clone();
        *request.pointer_mut(pointer).unwrap() = value;
        request
    };
    let table = [
        (base.clone(), vec![], 0),
        (changed("/messages/0/content", json!("Be brief.\r\nBe kind.")), vec!["whitespace-drift"], 1),
        (changed("/tools", json!([base["tools"][1], base["tools"][0]])), vec!["tool-order"], 1),
        (changed("/tools/0", json!({"description": "B", "name": "b"})), vec!["json-key-order"], 1),
        (changed("/messages/2/content", json!("[removed]")), vec!["message-edited"], 1),
        (changed("/messages/1/content", json!("Another question")), vec![], 1),
        (changed("/messages/3/content", json!("Stop")), vec![], 1),
        (changed("/messages/3/content", json!("Go on, please")), vec![], 0),
        (changed("/messages/3/role", json!("tool")), vec![], 1),
        (changed("/tools/1", json!({"name": "a", "description": "A", "strict": true})), vec![], 1),
    ];
    for (after, expected, lost) in table {
        let texts = [base.to_string(), after.to_string()];
        let [before, after] = texts.each_ref().map(|text| Prompt::read(text, Form::Json).unwrap().remove(0));
        let findings = cache_check::compare_pair(&before, &after, &Options::default());
        assert_eq!(findings.iter().map(|finding| finding.check).collect::<Vec<_>>(), expected, "{}", texts[1]);
        let common = cache_check::compare::Common::of(&before, &after);
        assert_eq!(usize::from(common.lost_tokens > 0), lost, "{common:?}");
        assert_eq!(common.shared_tokens + common.lost_tokens, before.tokens());
    }
}

#[test]
fn breakpoints_behind_what_changes_and_the_fifth_are_told() {
    let block = |text: &str| json!({"type": "text", "text": text, "cache_control": {"type": "ephemeral"}});
    let request =
        json!({"system": [block("Fixed"), block("It is 2025-09-24T07:34:55Z"), block("c"), block("d"), block("e")]});
    let text = request.to_string();
    let found = findings(&text, Form::Json);
    let advice = found.iter().filter(|finding| finding.check == "cache-control").map(|finding| finding.advice.as_str());
    let advice = advice.collect::<Vec<_>>();
    assert!(advice[0].contains("/system/1/text") && advice.last().unwrap().contains("number 5"), "{advice:?}");
    let first = found.iter().find(|finding| finding.check == "cache-control").unwrap();
    assert!(text[..first.offset].contains("07:34:55"), "the breakpoint before what changes is fine");
}

#[test]
fn the_verdict_follows_the_thresholds() {
    let uuids = "0b9f4f2e-1c55-4e0f-9f0a-5d8f8d1f6f5e 1b9f4f2e-1c55-4e0f-9f0a-5d8f8d1f6f5e ";
    for (text, expected) in [(uuids.to_string(), "stable"), (uuids.repeat(2), "unstable"), ("Fixed.".into(), "stable")]
    {
        let prompt = Prompt::read(&text, Form::Text).unwrap().remove(0);
        let options = Options::default();
        let verdict = Verdict::of(&prompt, &cache_check::check(&prompt, &options), &options.thresholds);
        assert_eq!(verdict.verdict, expected, "{verdict}");
        assert_eq!(verdict.prefix_hash.len(), 16);
    }
}

#[test]
fn sorting_moves_tools_and_keys_and_nothing_else() {
    let text =
        "{ \"tools\" : [ {\"name\":\"b\", \"a\": [2, 1]},\n {\"z\": 1.0, \"name\" : \"a\"} ], \"system\": \"s\" }";
    let prompt = Prompt::read(text, Form::Json).unwrap().remove(0);
    let sorted = with_sorted_tools(&prompt).unwrap();
    let mut fixed = text.to_string();
    fixed.replace_range(sorted.place, &sorted.text);
    assert_eq!(
        fixed,
        "{ \"tools\" : [ {\"name\": \"a\", \"z\" : 1.0},\n {\"a\":[2, 1], \"name\": \"b\"} ], \"system\": \"s\" }"
    );
    assert_eq!(fixed.len(), text.len());
    assert_eq!(with_sorted_tools(&Prompt::read(&fixed, Form::Json).unwrap()[0]), None);
}

#[test]
fn what_is_no_request_says_why() {
    let error = |text: &str, form: Form| Prompt::read(text, form).unwrap_err();
    assert!(matches!(error("{\"a\": }", Form::Json), ReadError::NotJson(why) if why.contains("line 1 column 7")));
    assert_eq!(error("{\"a\": 1}", Form::Json), ReadError::UnknownShape);
    assert!(
        matches!(error("{\"system\":\"a\"}\nnope\n", Form::Lines), ReadError::NotJson(why) if why.contains("line 2"))
    );
    assert_eq!(Prompt::read("{\"a\": 1}", Form::Auto).unwrap()[0].provider, None);
}

/// Runs `hr cache-check` in a folder of its own.
fn run(folder: &tempfile::TempDir, args: &[&str]) -> (Option<i32>, String, String) {
    let ran = Command::cargo_bin("hr").unwrap().current_dir(folder).arg("cache-check").args(args).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (ran.status.code(), text(ran.stdout), text(ran.stderr))
}

fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join(".git")).unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

#[test]
fn sarif_is_valid_and_annotations_are_those_of_github() {
    let request = requests().remove(0).1.to_string();
    let folder = folder(&[("a, b.json", request.as_bytes()), ("bad.json", b"{")]);
    let (code, sarif, _) = run(&folder, &["--format", "sarif", "a, b.json", "bad.json"]);
    assert_eq!(code, Some(2));
    let schema: Value = serde_json::from_str(include_str!("schemas/sarif-2.1.0.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let sarif: Value = serde_json::from_str(&sarif).unwrap();
    let errors = validator.iter_errors(&sarif).map(|error| error.to_string()).collect::<Vec<_>>();
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(sarif["runs"][0]["results"][1]["ruleId"], "iso-timestamp");
    let (_, github, _) = run(&folder, &["--format", "github", "a, b.json"]);
    let form =
        regex::Regex::new(r"^::(notice|warning|error) file=a%2C b\.json,line=\d+,col=\d+,title=[^,:]+::[^\r\n]+$")
            .unwrap();
    assert!(github.lines().count() > 1 && github.lines().all(|line| form.is_match(line)), "{github}");
}

#[test]
fn json_has_the_schema_that_is_promised() {
    let folder = folder(&[("p.md", b"Today is 2025-09-24\n")]);
    let (code, report, _) = run(&folder, &["--format", "json", "p.md"]);
    let report: Value = serde_json::from_str(&report).unwrap();
    let finding = json!({"file": "p.md", "line": 1, "column": 10, "offset": 9, "pointer": null, "check": "iso-timestamp",
        "severity": "error", "sample": "2025-09-24", "tokens_spoiled": report["findings"][0]["tokens_spoiled"],
        "advice": "move it below the cache breakpoint, or round it to the day", "times": 1});
    assert_eq!((code, &report["schema"], &report["findings"][0]), (Some(1), &json!(1), &finding));
    assert!(report["findings"][0]["tokens_spoiled"].as_u64().unwrap() > 0);
    assert_eq!((&report["verdict"], report["prefix_hash"].as_str().map(str::len)), (&json!("stable"), Some(16)));
}

#[test]
fn secrets_are_not_printed() {
    let key = "sk-ant-api03-a1B2c3D4e5F6g7H8i9J0k1L2m3N4";
    let pem = format!(
        "-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY----- f\u{fc}r {{{{ \u{e4} }}}}\n",
        "c3D4e5F6".repeat(20)
    );
    let prompt = format!("Today is 2025-09-24, the key is {key} twice {key}.\n{{{{ \"{key}\" }}}}\n{pem}");
    let request = |key: &str| {
        let text = format!("Token:\n{key} go");
        let messages = ["a", &text, "b", "c"].map(|text| json!({"role": "user", "content": text}));
        json!({"system": pem, "messages": messages}).to_string()
    };
    let (one, two) = (request(key), request(&key.replace('N', "M")));
    let folder = folder(&[("p.md", prompt.as_bytes()), ("a.json", one.as_bytes()), ("b.json", two.as_bytes())]);
    for format in ["text", "json", "sarif", "github"] {
        let (_, report, _) = run(&folder, &["--format", format, "p.md", "a.json", "b.json"]);
        assert!(report.contains("api-key") && !report.contains("c3D4e5F6"), "{format}: {report}");
        assert!(!report.contains("M4 go"), "{format}: {report}");
    }
}

#[test]
fn settings_come_from_the_file_and_from_what_is_typed() {
    let toml = b"[cache-check]\nallow = ['^4711$']\n[cache-check.severity]\ncounter = 'warning'\nuuid = 'off'\n";
    let prompt = b"Turn: 17\n0b9f4f2e-1c55-4e0f-9f0a-5d8f8d1f6f5e\nTurn: 4711\n";
    let folder = folder(&[("hr.toml", toml), ("p.md", prompt)]);
    for (args, expected) in [
        (&["p.md"][..], Some(0)),
        (&["p.md", "--max-warnings", "0"], Some(1)),
        (&["p.md", "--max-warnings", "1"], Some(0)),
        (&["p.md", "--severity", "counter=error"], Some(1)),
        (&["p.md", "--severity", "counter=error", "--exit-zero"], Some(0)),
        (&["p.md", "--severity", "count=error"], Some(2)),
        (&["p.md", "--severity", "counter"], Some(2)),
        (&["p.md", "--threshold", "uuid=0"], Some(2)),
        (&["p.md", "--allow", "("], Some(2)),
    ] {
        assert_eq!(run(&folder, args).0, expected, "{args:?}");
    }
    std::fs::write(folder.path().join("hr.toml"), "[cache-check]\nalow = []\n").unwrap();
    let (code, _, complaint) = run(&folder, &["p.md"]);
    assert!(code == Some(2) && complaint.contains("hr.toml") && complaint.contains("alow"), "{complaint}");
}

#[test]
fn what_cannot_be_read_is_told_and_the_rest_is_checked() {
    let folder = folder(&[
        ("a.json", b"not json"),
        ("b.json", b"{\"x\":1}"),
        ("g.json", b"{\"messages\":\"hi\"}"),
        ("h.json", b"{\"tools\":[{},5]}"),
        ("c.txt", b"ok\n\xff"),
        ("d.md", b"Turn: 17\n"),
    ]);
    let large = std::fs::File::create(folder.path().join("e.md")).unwrap();
    large.set_len(50 << 20).unwrap();
    let (code, report, complaint) = run(&folder, &["*.json", "c.txt", "e.md", "f.md", ".git", "d.md"]);
    assert_eq!(code, Some(2));
    assert!(report.contains("error[counter]") && report.contains("1 error,"), "{report}");
    for expected in [
        "a.json: not JSON",
        "b.json: no request",
        "g.json: `/messages` is a string; lists",
        "h.json: `/tools/1` is a number",
        "c.txt: not UTF-8 from byte 3",
        "e.md: 50 MiB",
        "f.md: No such",
        ".git: a folder",
    ] {
        assert!(complaint.contains(expected), "{expected} in {complaint}");
    }
}

#[test]
fn a_file_is_written_only_when_it_was_agreed() {
    let request = br#"{"system":"s","tools":[{"name":"b"},{"name":"a"}]}"#;
    let folder = folder(&[("r.json", request)]);
    let (code, diff, complaint) = run(&folder, &["--fix", "r.json"]);
    assert!(code == Some(1) && diff.contains("+++ r.json") && complaint.contains("--yes"), "{diff}{complaint}");
    let read = || std::fs::read(folder.path().join("r.json")).unwrap();
    assert_eq!(read(), request);
    assert_eq!(run(&folder, &["--fix", "--yes", "r.json"]).0, Some(0));
    assert_eq!(read(), br#"{"system":"s","tools":[{"name":"a"},{"name":"b"}]}"#);
    assert_eq!(run(&folder, &["--fix", "r.json"]), (Some(0), "nothing to sort\n".into(), String::new()));
}

#[test]
fn whatever_is_written_is_checked_without_a_panic() {
    let pieces = [
        "2025-09-24T07:34:55Z",
        "{{",
        "}}",
        "\u{e9}",
        "\\u00e9",
        "eyJ",
        "a1-",
        "/tmp/",
        "Turn: 1",
        "\n",
        "\"",
        " ",
        "17 Aug 2026",
    ];
    let mut state = 7u64;
    for length in 0..400 {
        let mut text = String::new();
        for _ in 0..length % 40 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            text.push_str(pieces[(state >> 33) as usize % pieces.len()]);
        }
        let as_text = findings(&text, Form::Text);
        let request = json!({ "system": text }).to_string();
        let as_json = findings(&request, Form::Json).into_iter().filter(|finding| finding.check != "prefix-too-short");
        let samples = |findings: Vec<Finding>| findings.into_iter().map(|finding| finding.sample).collect::<Vec<_>>();
        assert_eq!(samples(as_text), samples(as_json.collect()), "{text}");
    }
}

#[test]
#[ignore = "needs HR_CORPUS"]
fn planted_values_are_found_with_line_and_kind() {
    let kinds = BTreeMap::from(KINDS);
    let mut found: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for case in Case::all(Some("prompt_dynamic")) {
        let text = String::from_utf8_lossy(&case.input);
        let findings = findings(&text, Form::Text);
        for planted in case.told["expect"]["dynamic"].as_array().unwrap() {
            let (kind, value) = (planted["kind"].as_str().unwrap(), planted["text"].as_str().unwrap());
            let line = planted["line"].as_u64().unwrap() as usize;
            let is_it = |finding: &&Finding| {
                finding.line == line && finding.check == kinds[kind] && finding.sample.contains(value)
            };
            let count = found.entry(kind.to_string()).or_default();
            count.1 += 1;
            match findings.iter().find(is_it) {
                Some(_) => count.0 += 1,
                None => println!("missed: {} {kind} {value} in line {line}", case.told["id"]),
            }
        }
    }
    let (hits, all) = found.values().fold((0, 0), |sum, count| (sum.0 + count.0, sum.1 + count.1));
    println!("planted values: {hits} of {all}, {found:?}");
    assert!(hits * 1000 >= all * 995, "{hits} of {all}");
}

#[test]
#[ignore = "needs HR_CORPUS"]
fn prompts_as_they_are_have_few_findings_that_nobody_listed() {
    let (mut bytes, mut unlisted, mut listed) = (0, BTreeMap::<&str, usize>::new(), 0);
    for case in Case::all(Some("prompt_asis")) {
        let text = String::from_utf8_lossy(&case.input);
        let expected = &case.told["expect"];
        let texts = |key: &str, of: fn(&serde_json::Value) -> Option<&str>| -> Vec<String> {
            expected[key].as_array().into_iter().flatten().filter_map(of).map(str::to_owned).collect()
        };
        let mut known = texts("dynamic", |value| value["text"].as_str());
        known.extend(texts("template_holes", serde_json::Value::as_str));
        bytes += text.len();
        for finding in findings(&text, Form::Auto) {
            let is_listed = known.iter().any(|text| finding.sample.contains(text) || text.contains(&finding.sample));
            listed += usize::from(is_listed);
            if !is_listed {
                *unlisted.entry(finding.check).or_default() += 1;
                println!(
                    "{}:{} {} {} `{}`",
                    case.told["id"], finding.line, finding.severity, finding.check, finding.sample
                );
            }
        }
    }
    let count: usize = unlisted.values().sum();
    println!("prompts as they are: {count} findings not listed in {bytes} bytes {unlisted:?}, {listed} listed");
    assert!(count * 100_000 <= bytes, "{count} in {bytes} bytes");
}
