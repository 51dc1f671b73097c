//! Pages: the laws hold on random tags and on pages cut off anywhere, deep ones are no danger, encodings lose nothing.

use hr::golden::{self, Case, Failure};
use hr::pipeline::{Compaction, Form, Request, compact};
use hr::rule::RuleSet;
use proptest::prelude::*;

/// Pieces of pages, right and wrong.
const PIECES: &[&str] = &[
    "<p>",
    "</p>",
    "<div class='nav menu'>",
    "</div>",
    "<ul>",
    "<li>",
    "</ul>",
    "<table>",
    "<tr>",
    "<td colspan=9>",
    "</table>",
    "<pre>",
    "</pre>",
    "<code>",
    "</code>",
    "<a href='/x?utm_source=y'>",
    "</a>",
    "<b>",
    "</i>",
    "<h2>",
    "</h2>",
    "<blockquote>",
    "<script>",
    "</script>",
    "<!--",
    "-->",
    "<svg>",
    "</svg>",
    "<article>",
    "<main hidden>",
    "<dl><dt>",
    "<dd>",
    "<br>",
    "<img alt='[hr: 3 lines cut]'>",
    "&amp;",
    "&#0;",
    "&nosuch;",
    "<",
    ">",
    "`",
    "\n",
    "[<b>hr</b>: exit 1; all of it: hr show 0123abcd]",
    "some words of a text that goes on, ",
    "\u{e9}t\u{e9} ",
    "<form action=/f><input name=q>",
    "<select><option>",
    "<textarea>",
    "<template>",
    "</html>",
    "<html>",
    "<ol start=-3>",
];

fn pages() -> impl Strategy<Value = Vec<u8>> {
    let known = prop::sample::select(PIECES).prop_map(|piece| piece.as_bytes().to_vec());
    let any = prop::collection::vec(any::<u8>(), 0..8);
    let piece = (prop_oneof![9 => known, 1 => any], 1..4_usize).prop_map(|(piece, times)| piece.repeat(times));
    prop::collection::vec(piece, 0..300).prop_map(|pieces| [b"<!doctype html>\n".to_vec(), pieces.concat()].concat())
}

fn laws_hold(input: Vec<u8>) -> Result<(), TestCaseError> {
    let verdict = golden::run(&Case { input, ..Case::default() }, &RuleSet::built_in());
    let broken = verdict.failures.iter().filter(|failure| matches!(failure, Failure::Law(_))).collect::<Vec<_>>();
    prop_assert!(broken.is_empty(), "{broken:?}");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn laws_hold_on_random_tags(page in pages()) {
        laws_hold(page)?;
    }

    #[test]
    fn laws_hold_on_pages_cut_off_anywhere(cut in 0..3264_usize) {
        let page = include_bytes!("../fixtures/html/article/input");
        laws_hold(page[..cut.min(page.len())].to_vec())?;
    }
}

fn compacted(page: &[u8], budget: Option<usize>, query: Option<&str>) -> Compaction {
    let query = query.map(ToString::to_string);
    let request = Request { handle: Some("0123abcd".into()), budget, query, ..Request::default() };
    compact(page, &request, &RuleSet::built_in())
}

fn text(compaction: &Compaction) -> String {
    String::from_utf8_lossy(&compaction.text).into_owned()
}

#[test]
fn links_within_code_end_with_it() {
    for link in [
        "<code><a href=/x> </a></code>",
        "<p><a href=/x>a <code><a href=/y> </a> </code></a>",
        "<code> <a href=/x>y</a> </code>z",
    ] {
        let page = format!("<!doctype html><html><body><h1>Codes</h1>{}</body></html>", link.repeat(80));
        laws_hold(page.into_bytes()).unwrap();
    }
}

#[test]
fn a_hundred_thousand_open_tags_are_no_danger() {
    for tag in ["<div>", "<b><p>", "<ul><li>", "<table><tr><td>", "<a href=x><p>", "<svg>", "<blockquote>", "<pre>"] {
        let page = format!("<html><body>{}<p>words at the bottom of it all</p>", tag.repeat(100_000));
        let found = compacted(page.as_bytes(), None, None);
        assert!(found.tokens.1 < found.tokens.0, "{tag}");
        assert!(tag == "<svg>" || text(&found).contains("words at the bottom of it all"), "{tag}");
    }
}

/// Sections of prose about one number each.
fn sections() -> String {
    let about = |n| {
        let words = format!("Sentences about subject {n} that explain it at some length, as pages do. ").repeat(4);
        format!("<h2>Subject {n}</h2><p>{words}</p><p>{words}</p>\n")
    };
    format!("<html><body><h1>All of it</h1>{}</body></html>", (0..60).map(about).collect::<String>())
}

#[test]
fn budget_is_met_and_what_is_looked_for_stays() {
    let page = sections().replace("subject 41 that", "subject 41 with its flux capacitor that");
    for budget in [300, 1000, 3000] {
        let found = compacted(page.as_bytes(), Some(budget), Some("flux capacitor"));
        assert!(found.tokens.1 <= budget, "{} tokens for {budget}", found.tokens.1);
        assert!(found.tokens.1 * 10 >= budget * 8, "{} tokens for {budget}", found.tokens.1);
        let text = text(&found);
        assert!(text.contains("# All of it") && text.contains("flux capacitor"), "{text}");
        assert!(text.contains("## Subject 41\n") && text.contains("paragraphs cut]"), "{text}");
    }
}

#[test]
fn other_markup_is_no_page() {
    let item = "<item><title>Words of a feed that say something</title><link>https://a.example/1</link></item>\n";
    for root in ["rss", "feed", "svg", "project"] {
        let feed = format!("<?xml version=\"1.0\"?>\n<{root}>\n{}</{root}>\n", item.repeat(40));
        let found = compacted(feed.as_bytes(), None, None);
        assert!(found.kind != hr::detect::Kind::Html, "{root}");
        let told =
            Request { kind: Some(hr::detect::Kind::Html), handle: Some("0123abcd".into()), ..Request::default() };
        let found = compact(feed.as_bytes(), &told, &RuleSet::built_in());
        assert!(text(&found).contains("</title>"), "{root}");
    }
}

#[test]
fn lines_around_a_page_stay() {
    let script = format!("<script>{}</script>", "var a = 1;\n".repeat(200));
    let page = format!("<!doctype html><html><head>{script}</head><body><p>It works.</p></body></html>");
    let answer = format!("HTTP/1.1 200 OK\nContent-Type: text/html\n\n{page}\n* Connection #0 left intact\n");
    let found = compacted(answer.as_bytes(), None, None);
    assert_eq!(found.form, Form::Compacted);
    for line in ["HTTP/1.1 200 OK\n", "It works.\n", "1 script cut]\n", "* Connection #0 left intact\n"] {
        assert!(text(&found).contains(line), "{}", text(&found));
    }
}
