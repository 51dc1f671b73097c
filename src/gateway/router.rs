//! content-router: says in headers what the last result of a tool is, so that routes and other filters can go by it.

use std::borrow::Cow;

use super::config::Keys;
use super::part::{Call, Outcome, Part};
use super::request::{Request, Text};
use crate::detect::{self, Kind};
use crate::document::{Document, Origin};

/// The name in a configuration.
pub(super) const NAME: &str = "content-router";

const TYPE: &str = "x-ai-content-type";
const BYTES: &str = "x-ai-content-bytes";

/// Says what the last result of a tool is.
#[derive(Debug)]
pub struct Router;

impl Router {
    /// It has no options.
    pub fn new(_keys: &mut Keys<'_>) -> Self {
        Self
    }
}

impl Part for Router {
    fn name(&self) -> &'static str {
        NAME
    }

    fn headers(&self) -> Vec<Cow<'static, str>> {
        vec![TYPE.into(), BYTES.into()]
    }

    fn request(&self, request: &Request<'_>, _call: &Call<'_>, outcome: &mut Outcome) {
        let Some(result) = request.tool_results().next_back() else {
            outcome.no_header(TYPE);
            outcome.no_header(BYTES);
            return;
        };
        let (kind, bytes) = match (&result.texts[..], &result.others[..]) {
            ([text], []) => (text.detected().kind, text.plain().len()),
            (texts, others) => {
                let all = texts.iter().chain(others).map(Text::plain).collect::<Vec<_>>().join("\n");
                (detect::detect(&Document::new(all.as_bytes(), Origin::default())).kind, all.len())
            }
        };
        let kind = name(kind);
        outcome.header(TYPE, kind);
        outcome.header(BYTES, bytes.to_string());
        outcome.count("ai_content_router_total", &[("type", kind)], 1);
    }
}

/// The type that a kind of content goes by.
fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Json => "json_array",
        Kind::Code => "source_code",
        Kind::Search => "search",
        Kind::Log => "build",
        Kind::Diff => "diff",
        Kind::Html => "html",
        Kind::Text => "text",
    }
}
