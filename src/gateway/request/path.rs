//! What the path of a request tells: the protocol, and of Gemini the model.

use super::Protocol;

impl Protocol {
    /// The protocol that a path names, if it does.
    pub fn of_path(path: &str) -> Option<Self> {
        Path::of(path).protocol()
    }
}

/// A path, cut at its slashes and decoded.
#[derive(Debug)]
pub(super) struct Path {
    segments: Vec<String>,
}

impl Path {
    pub(super) fn of(path: &str) -> Self {
        let path = path.split(['?', '#']).next().unwrap_or_default();
        Self { segments: path.split('/').filter(|segment| !segment.is_empty()).map(decoded).collect() }
    }

    /// The protocol that the end names.
    pub(super) fn protocol(&self) -> Option<Protocol> {
        let segments = self.segments.iter().map(String::as_str).collect::<Vec<_>>();
        match &segments[..] {
            [.., "chat", "completions"] => Some(Protocol::Chat),
            [.., "responses"] => Some(Protocol::Responses),
            [.., "messages"] => Some(Protocol::Messages),
            [.., last] if last.ends_with(":generateContent") || last.ends_with(STREAM) => Some(Protocol::Gemini),
            _ => None,
        }
    }

    /// The model that stands in it.
    pub(super) fn model(&self) -> Option<String> {
        let at = self.segments.iter().rposition(|segment| segment == "models")?;
        let rest = self.segments[at + 1..].join("/");
        rest.rsplit_once(':').map(|(model, _)| model.to_string())
    }

    /// Whether Gemini is asked for a stream.
    pub(super) fn streams(&self) -> bool {
        self.segments.last().is_some_and(|last| last.ends_with(STREAM))
    }
}

const STREAM: &str = ":streamGenerateContent";

/// A segment without percent signs; what is no code stays.
fn decoded(segment: &str) -> String {
    let bytes = segment.as_bytes();
    let digit = |at: usize| char::from(*bytes.get(at)?).to_digit(16);
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = if bytes[at] == b'%' { digit(at + 1).zip(digit(at + 2)) } else { None };
        out.push(code.map_or(bytes[at], |(high, low)| (high << 4 | low) as u8));
        at += if code.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_tell_protocol_and_model() {
        for (path, protocol, model) in [
            ("/v1/chat/completions", Some(Protocol::Chat), None),
            ("/v1/chat/complet%69ons/?a=/messages", Some(Protocol::Chat), None),
            ("/v1//messages//", Some(Protocol::Messages), None),
            ("/v1/chat%2Fcompletions", None, None),
            ("/v1/messages/count_tokens", None, None),
            ("/v1/completions", None, None),
            ("/v1beta/models/gemini-2.5%2Dpro%3AgenerateContent", Some(Protocol::Gemini), Some("gemini-2.5-pro")),
            ("/models/a/b:streamGenerateContent/", Some(Protocol::Gemini), Some("a/b")),
        ] {
            assert_eq!((Protocol::of_path(path), Path::of(path).model().as_deref()), (protocol, model), "{path}");
        }
    }
}
