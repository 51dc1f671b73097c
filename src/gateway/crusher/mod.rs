//! json-crusher: compacts the results of tools in a request, by their kind, and says how many tokens that saves.
//!
//! What a result becomes depends on its text and its call alone, so it is the same bytes in every turn and the provider's
//! cache stays good, breakpoints or not. Only the text between the quotes is written anew. What lost something ends with
//! a marker that counts it and names the hash of the original, which a store can be given.

mod offer;
mod rows;

use std::borrow::Cow;
use std::rc::Rc;

use self::rows::Rows;
use super::config::Keys;
use super::originals::Store;
use super::part::{Call, Kept, Outcome, Part};
use super::remembered::{Remembered, TEXTS, Weighed, key};
use super::request::{Request, Text, ToolCall, ToolResult};
use crate::detect::{Detection, Kind};
use crate::document::{Document, Origin};
use crate::pipeline::{self, Compaction, FooterPlace};
use crate::render::marker;
use crate::replay::formats;
use crate::rule::RuleSet;
use crate::tokens;

/// The name in a configuration.
pub(super) const NAME: &str = "json-crusher";

const SAVED: &str = "x-ai-tokens-saved";

/// What is compacted unless the configuration says otherwise. Files are read in order to be edited, and read as text or
/// code; a web page or a log is not.
const COMPRESSORS: [Kind; 5] = [Kind::Json, Kind::Log, Kind::Search, Kind::Diff, Kind::Html];

/// Tools that read files, in lower case: what they gave is what is going to be edited.
const EXCLUDED: [&str; 16] = [
    "read",
    "read_file",
    "readfile",
    "read_text_file",
    "read_many_files",
    "read_multiple_files",
    "fs_read",
    "get_file_contents",
    "get_file",
    "view",
    "view_file",
    "open",
    "open_file",
    "cat",
    "notebookread",
    "str_replace_based_edit_tool",
];

/// Compacts the results of tools.
#[derive(Debug)]
pub struct Crusher {
    compressors: Vec<Kind>,
    min_tokens: usize,
    lossy: bool,
    rows: Rows,
    excluded: Vec<String>,
    store: Option<Rc<Store>>,
    offers_tool: bool,
    rules: RuleSet,
    /// What texts became; none of those that stay.
    remembered: Remembered<Option<Rc<Crushed>>>,
}

/// What a text became.
#[derive(Debug)]
pub struct Crushed {
    /// The new text as it stands between the quotes of JSON.
    pub written: String,
    /// How many tokens it has less, as an estimate.
    pub saved: usize,
    /// What it was.
    pub kind: Kind,
    /// The hash of the original, if something of it is gone.
    pub hash: Option<String>,
}

impl Weighed for Crushed {
    fn size(&self) -> usize {
        self.written.len()
    }
}

impl Crushed {
    /// Puts it in the place of the text, if it is shorter; says whether it did.
    pub(super) fn put(&self, text: &Text<'_>, outcome: &mut Outcome) -> bool {
        self.written.len() < text.inside.len() && outcome.splices.replace(text.span.clone(), &*self.written)
    }
}

impl Crusher {
    /// Reads the options.
    pub fn new(keys: &mut Keys<'_>) -> Self {
        let compressors = keys.texts("compressors").map(|names| {
            let kinds = names.iter().map(|name| name.parse::<Kind>()).collect::<Vec<_>>();
            kinds.iter().filter_map(|kind| kind.as_ref().err()).for_each(|why| keys.note(why));
            kinds.into_iter().flatten().collect()
        });
        let (store, offers_tool) = (store(keys), keys.flag("offer_tool", false));
        if offers_tool && store.is_none() {
            keys.note("`offer_tool` needs `store_cluster`; no tool is offered");
        }
        Self {
            offers_tool: offers_tool && store.is_some(),
            store,
            compressors: compressors.unwrap_or_else(|| COMPRESSORS.to_vec()),
            min_tokens: keys.count("min_tokens", 200),
            lossy: keys.flag("lossy", true),
            rows: Rows {
                min_items: keys.count("min_items", 5),
                max_items_after: keys.count("max_items_after", 15),
                first_fraction: keys.share("first_fraction", 0.3),
                last_fraction: keys.share("last_fraction", 0.15),
                dedup_identical: keys.flag("dedup_identical", true),
                preserve_anomalies: keys.flag("preserve_anomalies", true),
            },
            excluded: keys.texts("exclude_tools").map_or_else(
                || EXCLUDED.map(ToString::to_string).to_vec(),
                |names| names.iter().map(|name| name.to_ascii_lowercase()).collect(),
            ),
            rules: RuleSet::none(),
            remembered: Remembered::of(TEXTS),
        }
    }

    /// What a text becomes that a command printed; `None` when it stays. What was `detected` before need not be again.
    pub fn crushed(&self, text: &str, command: Option<String>, detected: Option<&Detection>) -> Option<Crushed> {
        if text.len() < self.min_tokens || marker::imitates(text.as_bytes()) {
            return None;
        }
        // Of a longer text it is known later.
        if text.len() < 8 * self.min_tokens && tokens::estimate(text.as_bytes()) < self.min_tokens {
            return None;
        }
        let origin = Origin { command, exit_code: None };
        let request = pipeline::Request {
            origin: origin.clone(),
            // Nobody is told this handle: it says that something may go.
            handle: self.lossy.then(|| "gateway".into()),
            footer: FooterPlace::Apart,
            detected: detected.cloned(),
            ..pipeline::Request::default()
        };
        let doc = Document::new(text.as_bytes(), origin);
        let decision = pipeline::decide(&doc, &request, &self.rules);
        let kind = decision.plan.detection.kind;
        if decision.leave.is_some() || !self.compressors.contains(&kind) {
            return None;
        }
        let (fewer, mut gone) = match self.rows.fewer(text).filter(|_| self.lossy && kind == Kind::Json) {
            Some((fewer, gone)) => (Cow::Owned(fewer), gone),
            None => (Cow::Borrowed(text), Vec::new()),
        };
        let (before, out) = if gone.is_empty() {
            let out = pipeline::carried_out(&doc, &decision, &request).1;
            (out.tokens.0, out)
        } else {
            let request = pipeline::Request { kind: Some(Kind::Json), ..request };
            (tokens::estimate(text.as_bytes()), pipeline::compact(fewer.as_bytes(), &request, &self.rules))
        };
        if before < self.min_tokens {
            return None;
        }
        gone.extend(left_out(&out).filter(|_| kind != Kind::Json));
        let is_lossy = !gone.is_empty() || out.form == pipeline::Form::Compacted;
        finished(text, before, out, is_lossy, &gone)
    }

    fn is_excluded(&self, result: &ToolResult<'_>, call: Option<&ToolCall<'_>>) -> bool {
        let name = call.map(|call| &call.name).or(result.name.as_ref());
        // A server of tools stands in front: `mcp__filesystem__read_file`, `functions.read_file`.
        name.map(|name| name.to_ascii_lowercase()).is_some_and(|name| {
            let last = name.rsplit("__").next().and_then(|name| name.rsplit(['.', '/', ':']).next()).unwrap_or(&name);
            self.excluded.iter().any(|excluded| *excluded == name || excluded == last)
        })
    }
}

impl Part for Crusher {
    fn name(&self) -> &'static str {
        NAME
    }

    fn headers(&self) -> Vec<Cow<'static, str>> {
        vec![SAVED.into()]
    }

    fn request(&self, request: &Request<'_>, _call: &Call<'_>, outcome: &mut Outcome) {
        let mut saved = 0;
        for (result, call) in request.answers() {
            if self.is_excluded(result, call) {
                continue;
            }
            let texts = result.texts.iter().filter(|text| text.inside.len() >= self.min_tokens);
            for text in texts {
                let make = || self.crushed(whole(text)?, call.and_then(command), text.detection()).map(Rc::new);
                let Some(crushed) = self.remembered.or_made(key(text, call), make) else { continue };
                if !crushed.put(text, outcome) {
                    continue;
                }
                saved += crushed.saved;
                outcome.count("ai_json_crusher_results_total", &[("type", crushed.kind.name())], 1);
                if let (Some(store), Some(hash)) = (&self.store, &crushed.hash) {
                    outcome.kept.push(Kept { store: Rc::clone(store), hash: hash.clone(), span: text.span.clone() });
                }
            }
        }
        if let Some((at, tool)) = offer::offered(request).filter(|_| self.offers_tool) {
            outcome.splices.replace(at..at, tool);
        }
        outcome.header(SAVED, saved.to_string());
        let model = request.model.as_deref().unwrap_or("unknown");
        let status = if saved > 0 { "compacted" } else { "unchanged" };
        outcome.count("ai_json_crusher_total", &[("model", model), ("status", status)], 1);
        if saved > 0 {
            outcome.count("ai_json_crusher_tokens_saved_total", &[("model", model)], saved as u64);
        }
    }
}

/// Where originals are posted to.
pub(super) fn store(keys: &mut Keys<'_>) -> Option<Rc<Store>> {
    let cluster = keys.text("store_cluster");
    let is_sound = |token: &String| !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
    let told = keys.text("store_token");
    let token = told.clone().filter(is_sound);
    if token.is_none() && told.is_some() {
        keys.note("`store_token` is no token of letters, digits and signs; none is sent");
    }
    if cluster.is_none() && told.is_some() {
        keys.note("`store_token` needs `store_cluster`");
    }
    cluster.map(|cluster| Rc::new(Store { cluster, token }))
}

/// What a text becomes that was compacted, if that is worth it; what lost something says so below.
pub(super) fn finished(text: &str, before: usize, out: Compaction, is_lossy: bool, gone: &[String]) -> Option<Crushed> {
    let kind = out.kind;
    let (mut new, mut after) = (String::from_utf8(out.text).ok()?, out.tokens.1);
    let hash = is_lossy.then(|| hash(text));
    if let Some(hash) = &hash {
        if !new.ends_with('\n') {
            new.push('\n');
        }
        let marker = marker::hashed(gone, hash);
        after += tokens::estimate(marker.as_bytes());
        new.push_str(&marker);
    }
    let is_worth_it = after + after / 50 + 8 < before && new.len() < text.len();
    if !is_worth_it {
        return None;
    }
    let mut written = serde_json::to_string(&new).ok()?;
    written.pop();
    written.remove(0);
    Some(Crushed { written, saved: before - after, kind, hash })
}

/// What a compaction left out, for the marker.
pub(super) fn left_out(out: &Compaction) -> Option<String> {
    let lines = out.dropped.iter().map(|dropped| dropped.lines[1] + 1 - dropped.lines[0]).sum::<usize>();
    (lines > 0).then(|| marker::counted(lines, "lines"))
}

/// The text of a string; none for one with half a surrogate pair, which could not be written again.
pub(super) fn whole<'t>(text: &'t Text<'_>) -> Option<&'t str> {
    let plain = text.plain();
    let is_torn = plain.len() < text.inside.len() && plain.contains(char::REPLACEMENT_CHARACTER);
    (!is_torn).then_some(plain)
}

/// The command line that a call stands for.
pub(super) fn command(call: &ToolCall<'_>) -> Option<String> {
    formats::command(&call.name, &serde_json::from_str(&call.arguments).ok()?)
}

/// The first 16 digits of the BLAKE3 of a text.
fn hash(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex()[..16].to_string()
}
