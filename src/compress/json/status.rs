//! Which fields tell a failure. Decided by the field's name and what stands in it, never by a word somewhere in the row:
//! a snippet of code with `error` in it is no failure.

use crate::json::{Shape, Tape, Value};
use crate::signal::{Signal, Signals};

/// How deep a row is searched, and how many elements of the arrays in it.
const DEPTH: usize = 7;
const ELEMENTS: usize = 16;

/// Names whose value is a state in a word.
const STATES: [&str; 15] = [
    "status",
    "state",
    "level",
    "severity",
    "result",
    "conclusion",
    "outcome",
    "phase",
    "health",
    "lvl",
    "loglevel",
    "levelname",
    "action",
    "type",
    "reason",
];

/// States that are failures.
const FAILED: [&str; 34] = [
    "error",
    "err",
    "errored",
    "fail",
    "failed",
    "failure",
    "fatal",
    "critical",
    "crit",
    "alert",
    "emergency",
    "emerg",
    "severe",
    "panic",
    "crashed",
    "crashloopbackoff",
    "imagepullbackoff",
    "errimagepull",
    "oomkilled",
    "evicted",
    "unhealthy",
    "unavailable",
    "timeout",
    "timed_out",
    "timedout",
    "rejected",
    "denied",
    "aborted",
    "broken",
    "down",
    "dead",
    "invalid",
    "blocked",
    "high",
];

/// Names of fields that are there, or are not empty, when something failed.
const FAILURES: [&str; 20] = [
    "error",
    "errors",
    "exception",
    "failure",
    "failures",
    "traceback",
    "stacktrace",
    "stack_trace",
    "errormessage",
    "error_message",
    "errormsg",
    "error_msg",
    "errordescription",
    "error_description",
    "lasterror",
    "last_error",
    "failurereason",
    "failure_reason",
    "fatal",
    "panic",
];

/// Names whose number is a status of HTTP or of a process.
const CODES: [&str; 8] =
    ["status", "status_code", "statuscode", "http_status", "httpstatus", "exit_code", "exitcode", "exit_status"];

/// Names whose `false` is a failure.
const GOOD: [&str; 6] = ["ok", "success", "successful", "passed", "healthy", "succeeded"];

/// Names of fields that say what happened in words.
const TEXTS: [&str; 8] = ["message", "msg", "text", "log", "detail", "details", "reason", "output"];

/// Names, or their endings, of fields that say what a thing is.
const NAMES: [&str; 20] = [
    "id",
    "name",
    "title",
    "state",
    "status",
    "conclusion",
    "action",
    "number",
    "message",
    "reason",
    "login",
    "sha",
    "ref",
    "arn",
    "version",
    "type",
    "code",
    "body",
    "path",
    "level",
];

/// Whether a row tells a failure.
pub(super) fn has_failure(tape: &Tape<'_>, row: Value) -> bool {
    search(tape, row, DEPTH)
}

fn search(tape: &Tape<'_>, value: Value, depth: usize) -> bool {
    match tape.shape(value) {
        Shape::Object if depth > 0 => tape
            .members(value)
            .any(|(key, value)| is_failure(tape, tape.inside(key), value) || search(tape, value, depth - 1)),
        Shape::Array if depth > 0 => {
            tape.elements(value).take(ELEMENTS).any(|element| search(tape, element, depth - 1))
        }
        _ => false,
    }
}

/// Whether a field tells a failure.
pub(super) fn is_failure(tape: &Tape<'_>, key: &[u8], value: Value) -> bool {
    let named = |names: &[&str]| names.iter().any(|name| key.eq_ignore_ascii_case(name.as_bytes()));
    let raw = tape.raw(value);
    match tape.shape(value) {
        Shape::Word => raw == b"false" && named(&GOOD),
        Shape::Number => {
            let number = std::str::from_utf8(raw).ok().and_then(|text| text.parse::<i64>().ok());
            let exits = key.len() >= 4 && key[..4].eq_ignore_ascii_case(b"exit");
            named(&CODES) && number.is_some_and(|number| if exits { number != 0 } else { (400..600).contains(&number) })
                || raw != b"0" && named(&FAILURES)
        }
        Shape::String => {
            let inside = tape.inside(value);
            !inside.is_empty() && named(&FAILURES)
                || inside.len() <= 24
                    && named(&STATES)
                    && FAILED.iter().any(|state| inside.eq_ignore_ascii_case(state.as_bytes()))
                || named(&TEXTS) && Signals::shared().of(inside) == Signal::Failure
        }
        Shape::Array | Shape::Object => !tape.is_empty(value) && named(&FAILURES),
    }
}

/// Whether a field says what a thing is or how it is.
pub(super) fn names(key: &[u8]) -> bool {
    NAMES.iter().any(|name| {
        key.len() >= name.len() && {
            let (front, end) = key.split_at(key.len() - name.len());
            let apart = match front.last() {
                None => true,
                Some(b'_' | b'-' | b'.') => true,
                Some(byte) => byte.is_ascii_lowercase() && end[0].is_ascii_uppercase(),
            };
            apart && end.eq_ignore_ascii_case(name.as_bytes())
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_told_by_field_and_value() {
        for (row, fails) in [
            (r#"{"level":"ERROR"}"#, true),
            (r#"{"level":"info","msg":"0 errors"}"#, false),
            (r#"{"status":503}"#, true),
            (r#"{"status":204}"#, false),
            (r#"{"exit_code":0}"#, false),
            (r#"{"exitCode":137}"#, true),
            (r#"{"result":{"ok":false}}"#, true),
            (r#"{"a":{"b":[{"ok":true},{"c":{"reason":"CrashLoopBackOff"}}]}}"#, true),
            (r#"{"error":null,"errors":[]}"#, false),
            (r#"{"error":{"code":"E1"}}"#, true),
            (r#"{"snippet":"fn error() { panic!() }","path":"errors.rs"}"#, false),
            (r#"{"message":"thread 'main' panicked at src/main.rs:2:5"}"#, true),
        ] {
            let tape = Tape::read(row.as_bytes()).unwrap();
            assert_eq!(has_failure(&tape, 0), fails, "{row}");
        }
    }

    #[test]
    fn names_are_whole_words() {
        for (key, is_name) in [("id", true), ("user_id", true), ("userId", true), ("paid", false), ("tokens", false)] {
            assert_eq!(names(key.as_bytes()), is_name, "{key}");
        }
    }
}
