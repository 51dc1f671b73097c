//! Offers the model a tool that gives originals back, in the form of each protocol.
//!
//! Tools stand at the beginning of what providers cache, so it is offered in all requests that have tools or in none: a
//! conversation sees the same list in every turn. Whoever runs the tools of the model has to know this one.

use crate::gateway::request::{Protocol, Request};

/// The name, which is that of the tool of `hr mcp`.
const NAME: &str = "hr_show";

const DESCRIPTION: &str = "Returns the whole text of a tool result that was shortened. Such a result ends with \
    `[hr: ...; hash=HASH]`; pass HASH as the handle. Call it only if what is missing there is needed.";

const PARAMETERS: &str = r#"{"type":"object","properties":{"handle":{"type":"string","description":"The hash of the shortened result: 16 hexadecimal digits."}},"required":["handle"]}"#;

/// The tool as another element of the request's list, and where that goes. None when there is no list, or when it has the
/// tool already.
pub(super) fn offered(request: &Request<'_>) -> Option<(usize, String)> {
    let list = request.tool_list.as_ref()?;
    if request.tools.iter().flat_map(|tool| &tool.names).any(|name| name.ends_with(NAME)) {
        return None;
    }
    let told = format!(r#""name":"{NAME}","description":"{DESCRIPTION}""#);
    let tool = match request.protocol {
        Protocol::Chat if list.is_bare => format!(r#"{{{told},"parameters":{PARAMETERS}}}"#),
        Protocol::Chat => format!(r#"{{"type":"function","function":{{{told},"parameters":{PARAMETERS}}}}}"#),
        Protocol::Responses => {
            format!(r#"{{"type":"function",{told},"parameters":{PARAMETERS},"strict":false}}"#)
        }
        Protocol::Messages => format!(r#"{{{told},"input_schema":{PARAMETERS}}}"#),
        Protocol::Gemini => format!(r#"{{{told},"parameters":{PARAMETERS}}}"#),
    };
    Some((list.end, format!(",{tool}")))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// The list of tools after the tool was offered, or nothing.
    fn after(path: &str, body: &Value) -> Option<Value> {
        let text = body.to_string();
        let request = Request::read(text.as_bytes(), path).unwrap();
        let (at, tool) = offered(&request)?;
        let changed: Value = serde_json::from_str(&format!("{}{tool}{}", &text[..at], &text[at..])).unwrap();
        let again = changed.to_string();
        assert_eq!(offered(&Request::read(again.as_bytes(), path).unwrap()), None, "{again}");
        let tools = changed.get("tools").or_else(|| changed.get("functions"));
        tools.cloned()
    }

    #[test]
    fn each_protocol_gets_its_form() {
        let parameters: Value = serde_json::from_str(PARAMETERS).unwrap();
        let (name, text) = (NAME, DESCRIPTION);
        let messages = json!([{"role": "user", "content": "Hi"}]);
        let own = json!({"name": "ls"});
        let function = json!({"name": name, "description": text, "parameters": parameters});
        for (path, body, expected) in [
            (
                "/v1/chat/completions",
                json!({"messages": messages, "tools": [{"type": "function", "function": own}], "n": 1}),
                json!([{"type": "function", "function": own}, {"type": "function", "function": function}]),
            ),
            ("/v1/chat/completions", json!({"functions": [own], "messages": messages}), json!([own, function])),
            (
                "/v1/responses",
                json!({"input": "Hi", "tools": [{"type": "web_search"}]}),
                json!([{"type": "web_search"}, {"type": "function", "name": name, "description": text, "parameters": parameters, "strict": false}]),
            ),
            (
                "/v1/messages",
                json!({"tools": [own], "messages": messages}),
                json!([own, {"name": name, "description": text, "input_schema": parameters}]),
            ),
            (
                "/v1beta/models/m:generateContent",
                json!({"contents": [], "tools": [{"functionDeclarations": [own]}, {"googleSearch": {}}]}),
                json!([{"functionDeclarations": [own, function]}, {"googleSearch": {}}]),
            ),
        ] {
            assert_eq!(after(path, &body), Some(expected), "{path}");
        }
    }

    #[test]
    fn who_has_no_tools_or_has_this_one_gets_none() {
        let messages = json!([{"role": "user", "content": "Hi"}]);
        for (path, body) in [
            ("/v1/messages", json!({"messages": messages})),
            ("/v1/messages", json!({"messages": messages, "tools": []})),
            ("/v1/messages", json!({"messages": messages, "tools": [{"name": "mcp__hr__hr_show"}]})),
            ("/v1beta/models/m:generateContent", json!({"contents": [], "tools": [{"googleSearch": {}}]})),
            ("/v1beta/models/m:generateContent", json!({"contents": [], "tools": [{"functionDeclarations": []}]})),
        ] {
            assert_eq!(after(path, &body), None, "{body}");
        }
    }
}
