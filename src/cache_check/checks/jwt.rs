//! A JSON web token in the prefix.
//!
//! Tokens are signed anew every few minutes, and whoever reads the prompt can use them until they expire. What counts as
//! one is decided by its header: the first part decodes to JSON that names an algorithm (RFC 7519).
//!
//! Example: `Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.e30.…` in a tool's description.
//!
//! What to do: keep tokens out of prompts; give the tool its credentials where it runs.

use std::sync::LazyLock;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use memchr::memmem::Finder;

use crate::cache_check::finding::Spot;
use crate::cache_check::{Check, Counted, Look, Severity, Text};

pub(in crate::cache_check) const CHECK: Check = Check {
    name: "jwt",
    severity: Severity::Error,
    advice: "keep the token out of the prompt; give it to the tool where it runs",
    counted: Some(Counted::Jwt),
    is_secret: true,
    source: documented!("jwt.rs"),
    look: Look::Text(look),
};

/// How `{"` begins in base64.
const OPENING: &[u8] = b"eyJ";

fn look(text: &Text<'_>, spots: &mut Vec<Spot>) {
    static FINDER: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(OPENING));
    let bytes = text.bytes();
    for start in FINDER.find_iter(bytes) {
        let is_inside = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.".contains(byte);
        if text.left(start).is_some_and(|byte| is_inside(&byte)) {
            continue;
        }
        let length = bytes[start..].iter().take_while(|byte| is_inside(byte)).count();
        let token = text.text[start..start + length].trim_end_matches(['.', '-']);
        let parts = token.split('.').collect::<Vec<_>>();
        if matches!(parts.len(), 3 | 5) && has_algorithm(parts[0]) {
            let sample = format!("{}... ({} characters)", &token[..token.len().min(6)], token.len());
            spots.push(Spot::at(start..start + token.len()).reading(sample));
        }
    }
}

fn has_algorithm(header: &str) -> bool {
    let decoded = BASE64_URL_SAFE_NO_PAD.decode(header).ok();
    let header = decoded.and_then(|json| serde_json::from_slice::<serde_json::Value>(&json).ok());
    header.is_some_and(|header| header.get("alg").is_some())
}
