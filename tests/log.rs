//! The compressor for logs: every kind of event is there, nothing is lost without being counted, nothing makes it fail.

use hr::detect::Kind;
use hr::document::{Document, Origin};
use hr::pipeline::{Compaction, Request, compact, decide, draft};
use hr::rule::RuleSet;
use proptest::prelude::*;

fn request() -> Request {
    Request { kind: Some(Kind::Log), handle: Some("3f9a1c2b".into()), ..Request::default() }
}

fn compacted(log: &str, request: &Request) -> Compaction {
    compact(log.as_bytes(), request, &RuleSet::with(&[]))
}

/// What a made-up service says, `#` for a number and `@` for a name of many.
const SAYS: [&str; 24] = [
    "INFO [worker-#] shop.cart: order # accepted for @ in #.# ms",
    "INFO [worker-#] shop.cart: order # shipped to warehouse #",
    "INFO [main] shop.http: GET /orders/# 200 # bytes",
    "INFO [main] shop.http: POST /orders/#/items 201 # bytes",
    "INFO [main] shop.http: connection opened by 10.0.#.#:#",
    "INFO [main] shop.http: connection closed by 10.0.#.#:#",
    "INFO [main] shop.http: connection reset by 10.0.#.#:#",
    "INFO [pool] shop.db: connection # of # in use",
    "INFO [pool] shop.db: pool grew to # connections",
    "DEBUG [cache] shop.cache: hit order:# after # us",
    "DEBUG [cache] shop.cache: miss order:#",
    "DEBUG [cache] shop.cache: evicted # entries, # kB",
    "INFO [timer] shop.mail: newsletter # sent to @",
    "INFO [timer] shop.mail: bounced from @",
    "WARN [pool] shop.db: slow query took # ms",
    "WARN [main] shop.http: retrying upstream in # ms",
    "WARN [cache] shop.cache: memory at # percent",
    "ERROR [main] shop.http: upstream timed out after # ms",
    "ERROR [pool] shop.db: deadlock detected in transaction #",
    "ERROR [pool] shop.db: cannot connect to replica #",
    "ERROR [timer] shop.mail: mailbox of @ is full",
    "FATAL [main] shop.http: cannot bind port #",
    "INFO [main] shop.http: reload requested",
    "INFO [main] shop.http: configuration version # loaded",
];

/// A log of so many lines in which seldom things are seldom.
fn service_log(lines: usize) -> String {
    let mut state = 7u64;
    let mut random = move |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut log = String::new();
    for line in 0..lines {
        let kind = if line < SAYS.len() { line } else { (random(24) * random(24) / 24) as usize };
        log += &format!("2026-01-02 03:{:02}:{:02},{:03} ", line / 60 % 60, line % 60, random(1000));
        for letter in SAYS[kind].chars() {
            match letter {
                '#' => log += &random(5000).to_string(),
                '@' => log.extend((0..6).map(|_| char::from(b'a' + random(26) as u8))),
                _ => log.push(letter),
            }
        }
        log.push('\n');
    }
    log
}

/// The longest part of a template without variables.
fn fixed(says: &str) -> &str {
    says.split(['#', '@']).max_by_key(|part| part.len()).unwrap()
}

#[test]
fn every_template_is_represented() {
    let log = service_log(4000);
    let out = compacted(&log, &request());
    let text = String::from_utf8(out.text).unwrap();
    let found = SAYS.iter().filter(|says| text.contains(fixed(says))).count();
    let saved = 100 - out.tokens.1 * 100 / out.tokens.0;
    println!("templates: {found} of {} represented, {saved} % saved", SAYS.len());
    assert_eq!(found, SAYS.len());
    assert!(saved >= 90, "{saved} %");
}

#[test]
fn what_is_counted_and_what_stays_is_all() {
    let log = service_log(1000);
    let text = String::from_utf8(compacted(&log, &request()).text).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with("[hr")).count();
    let counted = |line: &str| line.split("[hr: ").nth(1)?.split(' ').next()?.parse::<usize>().ok();
    let more: usize = text.lines().filter(|line| !line.starts_with("[hr")).filter_map(counted).sum();
    assert_eq!(lines + more, 1000);
}

#[test]
fn a_budget_is_met_with_the_severe_and_seldom_first() {
    let log = service_log(4000);
    let out = compacted(&log, &Request { budget: Some(400), ..request() });
    assert!(out.tokens.1 <= 412, "{}", out.tokens.1);
    let text = String::from_utf8(out.text).unwrap();
    assert!(text.contains("cannot bind port"), "{text}");
}

#[test]
fn what_is_asked_for_is_shown() {
    let log = service_log(2000) + "2026-01-02 03:59:00,000 INFO [main] shop.http: reload requested by flamingo\n";
    let log = log + &service_log(2000);
    let out = compacted(&log, &Request { query: Some("flamingo".into()), ..request() });
    assert!(String::from_utf8(out.text).unwrap().contains("flamingo"));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn any_lines_are_kept_rewritten_or_dropped_and_come_out_the_same_twice(
        picks in prop::collection::vec((0..14usize, any::<u32>(), "[ -~]{0,20}"), 1..160),
        budget in prop::option::of(0..2000usize),
    ) {
        let line = |(kind, number, text): &(usize, u32, String)| match kind {
            0 => format!("2026-01-02 03:04:05 INFO [w{number}] a.B: {text}"),
            1 => format!("2026-01-02 03:04:05 ERROR a.B: failed {number} {text}"),
            2 => format!("\tat a.b.C.d{}(C.java:{number})", number % 3),
            3 => "\tat java.util.List.get(List.java:1)".into(),
            4 => format!("  File \"/a/b.py\", line {number}, in f"),
            5 => "    g()".into(),
            6 => format!("#{} 0x{number:x} in f /a/b.c:1", number % 9),
            7 => format!("main.f(0x{number:x})"),
            8 => "\t/a/b.go:12 +0x1".into(),
            9 => format!("   {}: core::f", number % 20),
            10 => "Downloading from central: https://a/b".into(),
            11 => format!("{{\"level\":\"error\",\"n\":{number},\"msg\":\"{text}\"}}"),
            12 => format!("[{text}"),
            _ => text.clone(),
        };
        let log = picks.iter().map(line).collect::<Vec<_>>().join("\n") + "\n";
        let request = Request { budget, ..request() };
        prop_assert_eq!(compacted(&log, &request).text, compacted(&log, &request).text);
        let doc = Document::new(log.as_bytes(), Origin::default());
        let draft = draft(&doc, &decide(&doc, &request, &RuleSet::with(&[])));
        prop_assert!(draft.is_sound());
        prop_assert_eq!(draft.runs().map(|(lines, _)| lines.len()).sum::<usize>(), doc.len());
    }
}
