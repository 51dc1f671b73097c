//! `hr replay`: every format is read alike, what is reported adds up, and the pages need nothing else.
//!
//! The sessions are made up after the formats' descriptions: a failing build is run, and what only its output said is used.

use assert_cmd::Command;
use hr::pipeline;
use hr::replay::{Event, How, Session, formats, run, without_copies};
use hr::rule::RuleSet;
use serde_json::{Value, json};

const ALL: How = How { session: true, all_tools: true };
const OUTPUT: &str = "building\nsrc/shop/cart.rs:120: error: no field total_price";

/// The same session as each recorder writes it.
fn recorded() -> Vec<(&'static str, String)> {
    let lines = |lines: &[Value]| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    let call = json!({ "command": "make shop" });
    vec![
        (
            "steps",
            lines(&[
                json!({"n": 0, "task": "mend the shop", "intent": "build it", "command": "make shop", "exit_code": 2, "output": OUTPUT}),
                json!({"n": 1, "intent": "look at total_price", "command": "sed -n '120p' cart.rs", "exit_code": 0, "output": "x"}),
            ]),
        ),
        (
            "claude-code",
            lines(&[
                json!({"type": "summary", "summary": "a shop"}),
                json!({"type": "user", "uuid": "1", "message": {"role": "user", "content": "mend the shop"}}),
                json!({"type": "assistant", "uuid": "2", "message": {"role": "assistant", "content": [
                    {"type": "text", "text": "build it"},
                    {"type": "tool_use", "id": "t1", "name": "Bash", "input": call}]}}),
                json!({"type": "user", "uuid": "3", "message": {"role": "user", "content": [
                    {"type": "tool_result", "tool_use_id": "t1", "is_error": true, "content": format!("Exit code 2\n{OUTPUT}")}]}}),
                json!({"type": "user", "uuid": "3", "message": {"role": "user", "content": "said twice by a resumed session"}}),
                json!({"type": "assistant", "uuid": "4", "message": {"role": "assistant", "content": [
                    {"type": "thinking", "thinking": "look at total_price, line 120 of cart.rs"}]}}),
            ]),
        ),
        (
            "codex",
            lines(&[
                json!({"timestamp": "2026-01-01T00:00:00Z", "type": "session_meta", "payload": {"id": "x", "instructions": "be kind"}}),
                json!({"type": "response_item", "payload": {"type": "message", "role": "user", "content": [
                    {"type": "input_text", "text": "mend the shop"}]}}),
                json!({"type": "event_msg", "payload": {"type": "user_message", "message": "mend the shop"}}),
                json!({"type": "response_item", "payload": {"type": "function_call", "name": "shell", "call_id": "t1",
                    "arguments": json!({"command": ["bash", "-lc", "make shop"]}).to_string()}}),
                json!({"type": "response_item", "payload": {"type": "function_call_output", "call_id": "t1",
                    "output": json!({"output": OUTPUT, "metadata": {"exit_code": 2, "duration_seconds": 0.1}}).to_string()}}),
                json!({"type": "response_item", "payload": {"type": "message", "role": "assistant", "content": [
                    {"type": "output_text", "text": "look at total_price, line 120 of cart.rs"}]}}),
            ]),
        ),
        (
            "codex",
            lines(&[
                json!({"type": "response_item", "payload": {"type": "function_call", "name": "exec_command", "call_id": "t1",
                    "arguments": json!({"cmd": "make shop"}).to_string()}}),
                json!({"type": "response_item", "payload": {"type": "function_call_output", "call_id": "t1", "output":
                    format!("Chunk ID: f9\nWall time: 0.1 seconds\nProcess exited with code 2\nOriginal token count: 9\nOutput:\n{OUTPUT}")}}),
                json!({"type": "response_item", "payload": {"type": "custom_tool_call", "name": "apply_patch", "call_id": "t2",
                    "input": "look at total_price, line 120 of cart.rs"}}),
            ]),
        ),
        (
            "gemini",
            json!({"sessionId": "x", "projectHash": "y", "messages": [
                {"id": "1", "type": "user", "content": "mend the shop"},
                {"id": "2", "type": "gemini", "content": "build it", "thoughts": [{"subject": "s", "description": "d"}], "toolCalls": [
                    {"id": "t1", "name": "run_shell_command", "args": call, "status": "success", "result": [
                        {"functionResponse": {"id": "t1", "name": "run_shell_command", "response": {"output": format!(
                            "Command: make shop\nDirectory: (root)\nOutput: {OUTPUT}\nError: (none)\nExit Code: 2\nSignal: (none)")}}}]}]},
                {"id": "3", "type": "gemini", "content": "look at total_price, line 120 of cart.rs"}]})
            .to_string(),
        ),
        (
            "gemini",
            json!([
                {"role": "user", "parts": [{"text": "mend the shop"}]},
                {"role": "model", "parts": [{"functionCall": {"name": "run_shell_command", "args": call}}]},
                {"role": "user", "parts": [{"functionResponse": {"name": "run_shell_command",
                    "response": {"output": format!("Output: {OUTPUT}\nExit Code: 2")}}}]},
                {"role": "model", "parts": [{"text": "look at total_price, line 120 of cart.rs"}]}])
            .to_string(),
        ),
        (
            "opencode",
            json!({"info": {"id": "ses_1"}, "messages": [
                {"info": {"role": "user"}, "parts": [{"type": "text", "text": "mend the shop"}]},
                {"info": {"role": "assistant"}, "parts": [
                    {"type": "tool", "tool": "bash", "callID": "t1", "state": {"status": "completed", "input": call, "output": OUTPUT,
                        "metadata": {"exit": 2}}},
                    {"type": "text", "text": "look at total_price, line 120 of cart.rs"}]}]})
            .to_string(),
        ),
        (
            "messages",
            json!({"model": "m", "messages": [
                {"role": "system", "content": "be kind"},
                {"role": "user", "content": "mend the shop"},
                {"role": "assistant", "content": null, "tool_calls": [{"id": "t1", "type": "function",
                    "function": {"name": "bash", "arguments": call.to_string()}}]},
                {"role": "tool", "tool_call_id": "t1", "content": OUTPUT},
                {"role": "assistant", "content": "look at total_price, line 120 of cart.rs"}]})
            .to_string(),
        ),
        (
            "messages",
            json!({"system": "be kind", "messages": [
                {"role": "user", "content": "mend the shop"},
                {"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "bash", "input": call}]},
                {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "text", "text": OUTPUT}]}]},
                {"role": "assistant", "content": "look at total_price, line 120 of cart.rs"}]})
            .to_string(),
        ),
        (
            "messages",
            json!({"instructions": "be kind", "input": [
                {"role": "user", "content": [{"type": "input_text", "text": "mend the shop"}]},
                {"type": "function_call", "call_id": "t1", "name": "bash", "arguments": call.to_string()},
                {"type": "function_call_output", "call_id": "t1", "output": OUTPUT},
                {"role": "assistant", "content": [{"type": "output_text", "text": "look at total_price, line 120 of cart.rs"}]}]})
            .to_string(),
        ),
    ]
}

fn read_one(text: &str) -> Session {
    let mut sessions = formats::read(text, "s").unwrap();
    assert_eq!(sessions.len(), 1, "{text}");
    sessions.remove(0)
}

#[test]
fn every_format_tells_the_same_session() {
    for (format, text) in recorded() {
        let session = read_one(&text);
        assert_eq!(session.agent, format);
        let output = session.outputs().next().unwrap();
        assert_eq!((output.command.as_deref(), output.text.as_str()), (Some("make shop"), OUTPUT), "{format}: {text}");
        assert!(format == "messages" || output.exit_code == Some(2), "{format}: {text}");
        let last = session.events.iter().rev().find(|event| matches!(event, Event::Wrote(_))).unwrap();
        assert!(matches!(last, Event::Wrote(text) if text.contains("120")), "{format}: {last:?}");
    }
}

#[test]
fn what_is_used_later_is_found_in_every_format() {
    // Whatever is cut, nothing is left of the first result.
    let nothing = |raw: &[u8], request: &pipeline::Request| {
        let mut compaction = pipeline::Compaction::untouched(raw, &request.origin);
        compaction.text.clear();
        compaction.tokens.1 = 0;
        compaction
    };
    for (format, text) in recorded() {
        let replayed = run(&read_one(&text), &nothing, ALL);
        let lost: Vec<&str> = replayed.outputs[0].lost.iter().map(|(_, text)| text.as_str()).collect();
        assert!(lost.contains(&"total_price") && lost.contains(&"cart.rs:120"), "{format}: {lost:?}");
    }
}

#[test]
fn what_is_left_whole_loses_nothing() {
    let rules = RuleSet::built_in();
    for (format, text) in recorded() {
        let replayed = run(&read_one(&text), &|raw, request| pipeline::compact(raw, request, &rules), ALL);
        assert_eq!(replayed.outputs[0].totals.lost, 0, "{format}");
        assert!(replayed.outputs[0].totals.used >= 2, "{format}");
    }
}

#[test]
fn what_no_hook_sees_stays() {
    let rules = RuleSet::built_in();
    let log: String = (0..300).map(|at| format!("INFO request {at} was answered in {at} ms\n")).collect();
    for (tool, input, is_seen) in
        [("Bash", json!({"command": "./serve"}), true), ("WebFetch", json!({"url": "https://shop.example"}), false)]
    {
        let text = json!([
            {"role": "user", "content": "look"},
            {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": tool, "input": input}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": log}]},
        ]);
        let replay = |all_tools| {
            let how = How { session: true, all_tools };
            run(&read_one(&text.to_string()), &|raw, request| pipeline::compact(raw, request, &rules), how).outputs[0]
                .totals
                .clone()
        };
        let (hooks, gateway) = (replay(false), replay(true));
        assert!(gateway.after * 2 < gateway.before, "{tool}");
        assert_eq!(hooks.after * 2 < hooks.before, is_seen, "{tool}");
        assert_eq!(hooks.unseen > 0, !is_seen, "{tool}");
    }
}

#[test]
fn lines_that_the_session_was_shown_are_counted() {
    let rules = RuleSet::built_in();
    let step = |n: usize, output: &str| {
        json!({"n": n, "intent": "look at it", "command": "cat shop.py", "exit_code": 0, "output": output}).to_string()
    };
    let file: String = (0..80).map(|at| format!("price_{at} = compute_price({at})\n")).collect();
    let text = [step(0, &file), step(1, &file), step(2, "price_70")].join("\n");
    let replay = |session| {
        let how = How { session, all_tools: false };
        run(&read_one(&text), &|raw, request| pipeline::compact(raw, request, &rules), how)
    };
    let (with, without) = (replay(true), replay(false));
    assert!(with.outputs[1].totals.shown_before > 300 && with.outputs[1].totals.after < 60);
    assert_eq!(without.outputs[1].totals.after, without.outputs[1].totals.before);
    assert_eq!(with.outputs.iter().map(|output| output.totals.lost).sum::<usize>(), 0);
}

#[test]
fn a_session_that_was_resumed_counts_once() {
    let rules = RuleSet::built_in();
    let replay = |text: &str| run(&read_one(text), &|raw, request| pipeline::compact(raw, request, &rules), ALL);
    let (_, text) = &recorded()[0];
    let longer =
        format!("{text}{}\n", json!({"n": 2, "intent": "go on", "command": "ls", "exit_code": 0, "output": "x"}));
    let left = without_copies(vec![replay(text), replay(&longer), replay(text)]);
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].outputs.len(), 3);
}

#[test]
fn subagents_have_a_context_of_their_own() {
    let line = |id: &str, side: bool, content: Value| {
        json!({"type": "user", "uuid": id, "isSidechain": side, "agentId": "a1", "message": {"role": "user", "content": content}})
            .to_string()
    };
    let result = json!([{"type": "tool_result", "tool_use_id": "t", "content": "x"}]);
    let text = [line("1", false, result.clone()), line("2", true, result)].join("\n");
    let names: Vec<String> = formats::read(&text, "s").unwrap().into_iter().map(|session| session.name).collect();
    assert_eq!(names, ["s", "s#a1"]);
}

#[test]
fn what_is_no_session_says_what_it_is() {
    let table = [
        ("plain text", "neither JSON nor lines of JSON"),
        ("{\"a\": 1}", "JSON, but no session of a known format"),
        ("[{\"role\": \"user\", \"content\": \"hi\"}]", "a session without tool results"),
        ("", "neither JSON nor lines of JSON"),
        ("[[[", "neither JSON nor lines of JSON"),
    ];
    for (text, why) in table {
        assert_eq!(formats::read(text, "s").unwrap_err().to_string(), why, "{text}");
    }
}

/// A folder with a long session: a log of which a line in the middle is used later.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let log: String = (0..900).map(|n| format!("step {n}: compiled module_{n} in {} ms\n", n * 7919 % 1000)).collect();
    let rows = [
        json!({"command": "./build", "exit_code": 0, "output": log}),
        json!({"intent": "module_451 again", "command": "ls", "exit_code": 0, "output": "a\n"}),
    ];
    let text: String = rows.iter().map(|row| format!("{row}\n")).collect();
    std::fs::write(folder.path().join("one.jsonl"), text).unwrap();
    std::fs::write(folder.path().join("settings.json"), "{}").unwrap();
    folder
}

fn hr(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hr"));
    command.arg("replay").args(args).env("HR_HOME", "/nonexistent").env("XDG_CONFIG_HOME", "/nonexistent");
    command
}

#[test]
fn reports_say_what_is_saved_and_what_is_lost() {
    let folder = folder();
    let path = folder.path().to_str().unwrap();
    let out = hr(&[path, "--format", "json"]).assert().success().get_output().stdout.clone();
    let report: Value = serde_json::from_slice(&out).unwrap();
    assert_eq!((report["schema"].as_i64(), report["sessions"].as_i64()), (Some(1), Some(1)));
    assert_eq!((report["totals"]["outputs"].as_i64(), report["totals"]["used"].as_i64()), (Some(2), Some(1)));
    let sum: i64 = report["by_rule"].as_array().unwrap().iter().map(|group| group["before"].as_i64().unwrap()).sum();
    assert_eq!(Some(sum), report["totals"]["before"].as_i64());
    assert!(report["percent"]["saved"].as_f64().unwrap() > 25.0, "{report}");
    assert_eq!(report["lost"][0]["lost"][0]["text"], "module_451");
    assert_eq!(report["lost"][0]["command"], "./build");
    assert!(report["percent"]["saved_net"].as_f64() < Some(0.0), "all of it is read again");
    let text = String::from_utf8(hr(&[path]).assert().success().get_output().stdout.clone()).unwrap();
    assert!(text.contains("1 items used that only tool results had; 1 lost (100.00 %), in 1 results."), "{text}");
    let page =
        String::from_utf8(hr(&[path, "--format", "html"]).assert().success().get_output().stdout.clone()).unwrap();
    assert!(page.starts_with("<!doctype html>") && page.contains("<svg") && page.contains("module_451"));
    assert!(!page.contains("http") && !page.contains("<script"), "a page needs nothing else");
}

#[test]
fn limits_decide_how_it_ends() {
    let folder = folder();
    let path = folder.path().to_str().unwrap();
    hr(&[path, "--min-saved", "25"]).assert().code(0);
    hr(&[path, "--max-loss", "1"]).assert().code(1);
    hr(&[path, "--min-saved", "99.9"]).assert().code(1);
    hr(&["/nonexistent/file.jsonl"]).assert().code(2);
    let settings = folder.path().join("settings.json");
    hr(&[settings.to_str().unwrap()]).assert().code(2);
    let empty = tempfile::tempdir().unwrap();
    hr(&[empty.path().to_str().unwrap()]).assert().code(2);
}
