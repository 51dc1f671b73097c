//! One step a line: a command, what the agent meant by it, and what came out. The plainest form, easy to make from others.

use serde_json::Value;

use super::Format;
use super::transcript::{Transcript, exit_code, text};
use crate::replay::Session;

pub(super) const FORMAT: Format = Format {
    name: "steps",
    summary: "lines with `command`, `output`, and if known `exit_code` and `intent`",
    is: |line| line["command"].is_string() && line["output"].is_string(),
    read,
};

fn read(lines: &[Value], name: &str) -> Vec<Session> {
    let mut transcript = Transcript::new(name, FORMAT.name);
    for (number, line) in lines.iter().enumerate() {
        let id = number.to_string();
        transcript.told(text(line, "task"));
        transcript.wrote(text(line, "intent"));
        transcript.called(&id, "bash", &serde_json::json!({ "command": line["command"] }));
        transcript.returned(&id, exit_code(&line["exit_code"]), text(line, "output"));
    }
    vec![transcript.finish()]
}
