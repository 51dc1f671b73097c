//! One JSON object: `schema` 1, the findings, the verdict, and what each prompt is.

use serde_json::{Value, json};

use super::Report;
use crate::cache_check::Provider;

/// Writes the report.
pub(super) fn written(report: &Report<'_>) -> String {
    let findings = report.findings().map(|(file, finding)| {
        let mut object = serde_json::Map::new();
        object.insert("file".into(), file.into());
        if let Ok(Value::Object(finding)) = serde_json::to_value(finding) {
            object.extend(finding);
        }
        Value::Object(object)
    });
    let prompts = report.checked.iter().map(|checked| {
        json!({
            "file": checked.input.name,
            "offset": checked.prompt.start,
            "provider": checked.prompt.provider.map(Provider::name),
            "model": checked.prompt.model,
            "tokens": checked.prompt.tokens(),
            "counts": checked.verdict,
            "common": checked.common,
        })
    });
    let is_unstable = report.checked.iter().any(|checked| checked.verdict.is_unstable());
    // One hash for all, when all begin alike.
    let mut hashes = report.checked.iter().map(|checked| checked.verdict.prefix_hash.as_str());
    let first = hashes.next();
    let hash = first.filter(|first| hashes.all(|hash| hash == *first));
    let unread = report.unread.iter().map(|unread| json!({ "file": unread.name, "error": unread.why }));
    let object = json!({
        "schema": 1,
        "findings": findings.collect::<Vec<_>>(),
        "verdict": if is_unstable { "unstable" } else { "stable" },
        "prefix_hash": hash,
        "prompts": prompts.collect::<Vec<_>>(),
        "errors": unread.collect::<Vec<_>>(),
    });
    format!("{object}\n")
}
