//! What must hold for any bytes at all; the fuzz targets and a property test call the same functions.

use hr::detect::{self, Kind};
use hr::document::{Document, Origin, clean};
use hr::pipeline::{Form, Request, compact};
use hr::rule::{Layer, RuleSet, Source};
use hr::tokens;

thread_local! {
    static RULES: RuleSet = RuleSet::with(&[]);
}

/// Cleaning knows where every line came from, and adds no bytes.
pub fn clean_holds(raw: &[u8]) {
    let doc = Document::new(raw, Origin::default());
    let raw_lines = raw.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() + 1;
    let screens = raw.contains(&0x1b);
    for line in 0..doc.len() {
        let source = doc.source_line(line);
        assert!(
            source >= 1 && (screens || source <= raw_lines),
            "line {line} came from raw line {source} of {raw_lines}"
        );
    }
    assert_eq!(clean(raw).text, doc.text(), "the same text twice");
}

/// Every line is in exactly one part.
pub fn detect_holds(raw: &[u8]) {
    let doc = Document::new(raw, Origin::default());
    let whole = detect::detect(&doc);
    let mut next = 0;
    for part in detect::parts(&doc, &whole) {
        assert_eq!(part.lines.start, next, "parts follow each other");
        next = part.lines.end;
    }
    assert_eq!(next, doc.len(), "parts are all of the text");
}

/// The compressor of a kind never makes more of a text, and makes the same of the same text.
pub fn kind_holds(kind: Kind, data: &[u8]) {
    // The first byte says which options are asked for, so that all of them are tried.
    let (&options, raw) = data.split_first().unwrap_or((&0, data));
    let request = Request {
        handle: Some("feedbeef".into()),
        kind: Some(kind),
        budget: (options & 1 == 1).then_some(usize::from(options) * 4),
        query: (options & 2 == 2).then(|| "error name value".to_string()),
        ..Request::default()
    };
    let out = RULES.with(|rules| compact(raw, &request, rules));
    let again = RULES.with(|rules| compact(raw, &request, rules));
    assert_eq!(out.text, again.text, "the same text twice");
    if out.form != Form::Raw {
        assert!(tokens::estimate(&out.text) <= tokens::estimate(raw), "never more");
    }
}

/// Any text is a rule file or has an error that names a place; never more than that.
pub fn rule_holds(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let source = Source { file: "fuzz.toml".into(), text: text.to_string(), layer: Layer::User };
    if let Some(error) = hr::rule::check(&source) {
        assert!(!error.to_string().is_empty());
    }
    let rules = RuleSet::with(&[source]);
    let request = Request { handle: Some("feedbeef".into()), ..Request::default() };
    let _ = compact(b"one\ntwo\nerror: three\n", &request, &rules);
}
