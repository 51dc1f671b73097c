//! SARIF 2.1.0, as code scanning reads it.

use serde_json::{Value, json};

use super::{Report, sentence};
use crate::cache_check::{CHECKS, Check, Finding, Severity};

const SCHEMA: &str =
    "https://raw.githubusercontent.com/oasis-tcs/sarif-spec/main/sarif-2.1/schema/sarif-schema-2.1.0.json";

/// Writes the report.
pub(super) fn written(report: &Report<'_>) -> String {
    let notifications = report.unread.iter().map(|unread| {
        json!({
            "level": "error",
            "message": { "text": unread.why },
            "locations": [{ "physicalLocation": { "artifactLocation": { "uri": uri(&unread.name) } } }],
        })
    });
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "hr cache-check",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": CHECKS.iter().map(rule).collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": report.unread.is_empty(),
                "toolExecutionNotifications": notifications.collect::<Vec<_>>(),
            }],
            "results": report.findings().map(|(file, finding)| result(file, finding)).collect::<Vec<_>>(),
        }],
    });
    format!("{log}\n")
}

fn level(severity: Severity) -> &'static str {
    // The names are those of SARIF.
    severity.name()
}

fn rule(check: &Check) -> Value {
    json!({
        "id": check.name,
        "shortDescription": { "text": check.summary() },
        "help": { "text": check.documentation(), "markdown": check.documentation() },
        "defaultConfiguration": { "level": level(check.severity) },
    })
}

fn result(file: &str, finding: &Finding) -> Value {
    let Finding { line, column, offset, length, check, severity, .. } = finding;
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": { "uri": uri(file) },
            "region": { "startLine": line, "startColumn": column, "byteOffset": offset, "byteLength": length },
        },
    });
    if let Some(pointer) = &finding.pointer {
        location["logicalLocations"] = json!([{ "fullyQualifiedName": pointer }]);
    }
    json!({
        "ruleId": check,
        "ruleIndex": CHECKS.iter().position(|known| known.name == *check),
        "level": level(*severity),
        "message": { "text": sentence(finding) },
        "locations": [location],
        "partialFingerprints": { "checkAndSample/v1": format!("{check}:{}", finding.sample) },
    })
}

/// A path as a reference that a URI allows.
fn uri(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let path = if cfg!(windows) { path.replace('\\', "/") } else { path.to_string() };
    path.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
