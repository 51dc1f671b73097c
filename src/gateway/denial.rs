//! A refusal in the form that a provider's clients read errors in.

use serde_json::{Value, json};

use super::part::Denial;
use super::request::Protocol;

/// The body of the answer.
pub(super) fn body(denial: &Denial, protocol: Protocol) -> String {
    value(denial, protocol).to_string()
}

/// The event that ends a stream.
pub(super) fn event(denial: &Denial, protocol: Protocol) -> Vec<u8> {
    let name = if matches!(protocol, Protocol::Messages | Protocol::Responses) { "event: error\n" } else { "" };
    format!("{name}data: {}\n\n", value(denial, protocol)).into_bytes()
}

fn value(denial: &Denial, protocol: Protocol) -> Value {
    let Denial { status, details, message } = denial;
    match protocol {
        Protocol::Chat | Protocol::Responses => {
            json!({"error": {"message": message, "type": "permission_error", "param": null, "code": details}})
        }
        Protocol::Messages => json!({"type": "error", "error": {"type": "permission_error", "message": message}}),
        Protocol::Gemini => json!({"error": {"code": status, "message": message, "status": "PERMISSION_DENIED"}}),
    }
}
