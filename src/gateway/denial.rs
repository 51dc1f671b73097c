//! What a client is told whose request is refused, in the shape of the provider that it speaks to.

use serde_json::json;

use crate::cache_check::Provider;

/// The body of a refusal with status 403. The code is for programs (`prompt_guard`), the message for people.
pub fn body(provider: Provider, code: &str, message: &str) -> String {
    let body = match provider {
        Provider::OpenAi => json!({
            "error": { "message": message, "type": "invalid_request_error", "param": null, "code": code }
        }),
        Provider::Anthropic => json!({
            "type": "error", "error": { "type": "permission_error", "message": format!("{code}: {message}") }
        }),
        Provider::Gemini => json!({
            "error": {
                "code": 403, "message": message, "status": "PERMISSION_DENIED",
                "details": [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": code.to_ascii_uppercase() }]
            }
        }),
    };
    body.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_provider_has_its_shape() {
        let table = [
            (Provider::OpenAi, r#"{"error":{"message":"no \"x\"","type":"invalid_request_error","param":null,"code":"tool_policy"}}"#),
            (Provider::Anthropic, r#"{"type":"error","error":{"type":"permission_error","message":"tool_policy: no \"x\""}}"#),
        ];
        for (provider, expected) in table {
            assert_eq!(body(provider, "tool_policy", "no \"x\""), expected);
        }
        assert!(body(Provider::Gemini, "tool_policy", "no").contains(r#""status":"PERMISSION_DENIED""#));
    }
}
