//! The token estimate against exact counts, on texts written for it and on a corpus when one is there.
#![allow(clippy::disallowed_methods, reason = "tests read the corpus")]

use hr::tokens::estimate;
use proptest::prelude::*;

/// The median error that is allowed in every group of texts.
const MEDIAN: f64 = 0.10;
/// The error that is allowed for any one of the texts below.
const WORST: f64 = 0.25;

#[test]
fn texts_are_estimated_within_bounds() {
    let mut errors = Vec::new();
    for &(name, tokens, text) in TEXTS {
        let error = error(estimate(text.as_bytes()), tokens);
        assert!(error <= WORST, "{name}: {} for {tokens}", estimate(text.as_bytes()));
        errors.push(error);
    }
    assert!(median(&mut errors) <= MEDIAN, "{errors:?}");
}

#[test]
fn all_texts_together_are_estimated_within_five_percent() {
    let exact: usize = TEXTS.iter().map(|&(_, tokens, _)| tokens).sum();
    let estimated: usize = TEXTS.iter().map(|&(_, _, text)| estimate(text.as_bytes())).sum();
    assert!(error(estimated, exact) <= 0.05, "{estimated} for {exact}");
}

#[test]
fn nothing_costs_nothing_and_anything_something() {
    assert_eq!(estimate(b""), 0);
    for byte in 0..=255 {
        assert!((1..=3).contains(&estimate(&[byte])), "{byte:#x}: {}", estimate(&[byte]));
    }
}

#[test]
fn long_runs_cost_in_proportion() {
    let units: [&[u8]; 9] = [b"x", b"X", b"7", b"-", b" ", b"\n", b"\x1b", b"\xff", "\u{2500}".as_bytes()];
    for unit in units {
        let (short, long) = (estimate(&unit.repeat(10_000)), estimate(&unit.repeat(100_000)));
        assert!(long > 9 * short && long <= 10 * short, "{unit:?}: {short} and {long}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_have_an_estimate(text in prop::collection::vec(any::<u8>(), 0..300)) {
        let tokens = estimate(&text);
        prop_assert_eq!(tokens == 0, text.is_empty());
        prop_assert!(tokens <= 3 * text.len());
    }
}

#[cfg(not(feature = "tokens-exact"))]
#[test]
fn exact_without_the_vocabulary_says_how_to_get_it() {
    use hr::cli::commands::tokens::{TokensArgs, run};

    let failure = run(&TokensArgs { exact: true, files: Vec::new() }).unwrap_err();
    assert!(failure.to_string().contains("--features tokens-exact"), "{failure}");
}

#[cfg(feature = "tokens-exact")]
mod exact {
    use std::collections::BTreeMap;
    use std::path::{Path, PathBuf};

    use hr::tokens::{estimate, exact};

    use super::{MEDIAN, TEXTS, error, median};

    /// How many cases of a group are looked at, and how long one may be: the exact count is slow in a debug build.
    const CASES: usize = 40;
    const MAX_BYTES: usize = 60_000;

    #[test]
    fn counts_are_those_of_the_vocabulary() {
        for &(name, tokens, text) in TEXTS {
            assert_eq!(exact::count(text.as_bytes()), tokens, "{name}");
        }
        assert_eq!(exact::count(b"<|endoftext|>"), 7, "a special token's name is text");
        assert_eq!(exact::count(b"\xff"), 1);
    }

    /// Reads `corpus/open` beside the checkout, or where `HR_CORPUS` says; passes when there is none.
    #[test]
    fn corpus_is_estimated_within_bounds() {
        let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus/open");
        let corpus = std::env::var_os("HR_CORPUS").map_or_else(beside, PathBuf::from);
        let mut worst = 0.0f64;
        for (group, cases) in groups(&corpus) {
            let (mut errors, mut estimated, mut counted) = (Vec::new(), 0, 0);
            for text in cases {
                let tokens = exact::count(&text);
                errors.push(error(estimate(&text), tokens));
                estimated += estimate(&text);
                counted += tokens;
            }
            let median = median(&mut errors);
            let total = estimated as f64 / counted as f64 - 1.0;
            println!(
                "{group:16} {:4} cases, median {:4.1} %, total {:+5.1} %",
                errors.len(),
                median * 1e2,
                total * 1e2
            );
            worst = worst.max(median);
        }
        assert!(worst <= MEDIAN, "a group has a median error of {worst:.3}");
    }

    /// The inputs of the first short cases of each group.
    fn groups(corpus: &Path) -> BTreeMap<String, Vec<Vec<u8>>> {
        let mut groups = BTreeMap::<String, Vec<Vec<u8>>>::new();
        for group in folders(corpus) {
            for case in folders(&group) {
                let cases = groups.entry(name(&group)).or_default();
                if cases.len() < CASES {
                    cases.extend(input(&case).filter(|text| (1..=MAX_BYTES).contains(&text.len())));
                }
            }
        }
        groups.retain(|_, cases| !cases.is_empty());
        groups
    }

    fn input(case: &Path) -> Option<Vec<u8>> {
        let description: serde_json::Value =
            serde_json::from_slice(&std::fs::read(case.join("case.json")).ok()?).ok()?;
        std::fs::read(case.join(description["input"].as_str()?)).ok()
    }

    fn folders(path: &Path) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
        let mut folders: Vec<_> = entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
        folders.sort();
        folders
    }

    fn name(path: &Path) -> String {
        path.file_name().unwrap().to_string_lossy().into_owned()
    }
}

fn error(estimated: usize, exact: usize) -> f64 {
    (estimated as f64 / exact as f64 - 1.0).abs()
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Texts of many kinds, each with its exact number of tokens in o200k_base.
#[rustfmt::skip]
const TEXTS: &[(&str, usize, &str)] = &[
    ("english prose", 53, "The filter reads what a tool printed and keeps the lines that an agent will need. Everything else is counted, named in a marker, and stored, so that nothing is lost for good. If the result would not be shorter, the text passes as it came."),
    ("markdown", 64, "# Getting started

1. Install the program with `cargo install`.
2. Run **any** command through it:

```sh
hr run -- cargo test
```

> The exit status is the one of the command.

- [Rules](docs/rules.md)
- [Questions](docs/faq.md)
"),
    ("rust code", 71, "impl Ledger {
    /// Adds an entry.
    pub fn push(&mut self, entry: Entry) -> Result<usize, Full> {
        if self.entries.len() >= self.limit {
            return Err(Full { limit: self.limit });
        }
        self.entries.push(entry);
        Ok(self.entries.len() - 1)
    }
}
"),
    ("python code", 91, r#"from dataclasses import dataclass


@dataclass(frozen=True)
class Harbour:
    name: str
    berths: int = 4

    def free(self, ships: list[str]) -> int:
        """How many berths are free."""
        return max(0, self.berths - len(ships))


if __name__ == "__main__":
    print(Harbour("Skagen").free(["Anna", "Tern"]))
"#),
    ("javascript code", 81, "export async function loadOrders(client, { since, limit = 50 } = {}) {
  const rows = await client.query(`SELECT * FROM orders WHERE created_at > $1 LIMIT $2`, [since, limit]);
  return rows.map((row) => ({ ...row, total: row.items.reduce((sum, i) => sum + i.price * i.count, 0) }));
}
"),
    ("rust compiler", 105, "error[E0308]: mismatched types
  --> src/harbour.rs:42:17
   |
41 |     let depth: u16 = match chart.depth(position) {
   |                --- expected due to this
42 |         Some(d) => d as i32,
   |                    ^^^^^^^^ expected `u16`, found `i32`

error: aborting due to 1 previous error

For more information about this error, try `rustc --explain E0308`.
"),
    ("cargo test", 90, "running 4 tests
test ledger::tests::empty_ledger_has_no_entries ... ok
test ledger::tests::push_returns_the_index ... ok
test ledger::tests::limit_is_kept ... FAILED
test harbour::tests::berths_are_counted ... ok

test result: FAILED. 3 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.02s
"),
    ("pytest", 78, "============================= test session starts ==============================
platform linux -- Python 3.12.3, pytest-8.3.2, pluggy-1.5.0
rootdir: /home/me/harbour
collected 12 items

tests/test_berths.py ....F..                                             [ 58%]
tests/test_ships.py .....                                                [100%]
"),
    ("python traceback", 71, r#"Traceback (most recent call last):
  File "/home/me/harbour/cli.py", line 88, in main
    run(args)
  File "/home/me/harbour/run.py", line 19, in run
    plan = load_plan(args.plan)
           ^^^^^^^^^^^^^^^^^^^^
KeyError: 'berths'
"#),
    ("java stack", 67, r#"Exception in thread "main" java.lang.IllegalStateException: ledger is closed
	at com.example.ledger.Ledger.append(Ledger.java:112)
	at com.example.ledger.Service.lambda$record$0(Service.java:58)
	at java.base/java.util.concurrent.ThreadPoolExecutor.runWorker(ThreadPoolExecutor.java:1144)
"#),
    ("service log", 128, "2031-03-04T11:22:33.451Z INFO  [ledger-7] request id=8f31 method=GET path=/v1/berths status=200 took=12ms
2031-03-04T11:22:33.502Z WARN  [ledger-7] retry 2/5 for upstream tide-service: connection reset by peer
2031-03-04T11:22:34.017Z ERROR [ledger-3] request id=8f32 method=POST path=/v1/ships status=500 took=1503ms
"),
    ("access log", 111, r#"192.0.2.14 - - [04/Mar/2031:11:22:33 +0000] "GET /assets/app.js HTTP/1.1" 304 0 "-" "Mozilla/5.0 (X11; Linux x86_64)"
192.0.2.77 - - [04/Mar/2031:11:22:35 +0000] "POST /api/ships HTTP/1.1" 201 532 "-" "curl/8.5.0"
"#),
    ("search results", 68, "src/ledger.rs:14:pub struct Ledger {
src/ledger.rs:88:        let ledger = Ledger::default();
src/cli/commands/show.rs:31:    ledger: &Ledger,
tests/ledger.rs:7:use harbour::Ledger;
tests/common/mod.rs:22:pub fn ledger() -> Ledger {
"),
    ("directory list", 101, "total 48
drwxr-xr-x 4 me me  4096 Mar  4 11:22 docs
-rw-r--r-- 1 me me  1287 Mar  4 11:20 Cargo.toml
-rw-r--r-- 1 me me 20443 Mar  4 11:20 Cargo.lock
-rwxr-xr-x 1 me me   512 Feb 27 09:01 build.sh
"),
    ("paths", 54, "./node_modules/left-pad/index.js
./packages/harbour-ui/src/components/BerthList.tsx
./packages/harbour-ui/src/components/__tests__/BerthList.test.tsx
./packages/tide-client/dist/esm/index.d.ts
"),
    ("diff", 117, "diff --git a/src/ledger.rs b/src/ledger.rs
index 3b18e51..9c2fa07 100644
--- a/src/ledger.rs
+++ b/src/ledger.rs
@@ -12,7 +12,8 @@ impl Ledger {
     pub fn total(&self) -> u64 {
-        self.entries.iter().map(|e| e.amount).sum()
+        let open = self.entries.iter().filter(|e| !e.settled);
+        open.map(|e| e.amount).sum()
     }
"),
    ("json", 106, r#"{
  "name": "harbour",
  "version": "2.4.1",
  "berths": [
    { "id": 17, "depth": 4.25, "free": true, "tags": ["north", "deep"] },
    { "id": 18, "depth": 3.1, "free": false, "tags": [] }
  ],
  "updated_at": "2031-03-04T11:22:33Z"
}
"#),
    ("minified json", 76, r#"[{"id":1001,"user":{"login":"tern","admin":false},"labels":["bug","p2"],"comments":4,"url":"https://api.example.com/issues/1001"},{"id":1002,"user":{"login":"anna","admin":true},"labels":[],"comments":0,"url":"https://api.example.com/issues/1002"}]"#),
    ("html", 101, r#"<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Harbour</title></head>
<body class="page">
  <ul id="berths">
    <li class="berth free"><a href="/berths/17">Berth 17</a></li>
    <li class="berth"><a href="/berths/18">Berth 18</a></li>
  </ul>
</body>
</html>
"#),
    ("yaml", 58, r#"services:
  ledger:
    image: example/ledger:2.4.1
    ports:
      - "8080:8080"
    environment:
      LOG_LEVEL: debug
      DATABASE_URL: postgres://ledger@db/ledger
    depends_on: [db]
"#),
    ("table", 82, "+----+---------+--------+-------+
| id | name    | depth  | free  |
+----+---------+--------+-------+
| 17 | north 1 |   4.25 | true  |
| 18 | north 2 |   3.10 | false |
+----+---------+--------+-------+
2 rows in set (0.01 sec)
"),
    ("csv", 71, "date,ship,berth,tons,paid
2031-03-01,Tern,17,1250,true
2031-03-01,Anna,18,980,false
2031-03-02,Skua,17,4100,true
2031-03-03,Petrel,21,75,true
"),
    ("shell script", 74, r#"#!/usr/bin/env bash
set -euo pipefail
for f in "$@"; do
  [[ -f "$f" ]] || { echo "no such file: $f" >&2; exit 1; }
  sha256sum -- "$f" | awk '{ print $1 }' >> "${OUT:-sums.txt}"
done
"#),
    ("hashes", 69, "3f786850e387550fdab836ed7e6dc881de23001b
89e6c98d92887913cadf06b2adb97f26cde4849b
2b66fd261ee5c6cfc8de7fa466bab600bcfe4f69
"),
    ("base64", 107, "VGhlIHF1aWNrIGJyb3duIGZveCBqdW1wcyBvdmVyIHRoZSBsYXp5IGRvZy4gVGhlIGhhcmJvdXIgaXMg
b3BlbiBmcm9tIHNpeCBpbiB0aGUgbW9ybmluZyB1bnRpbCB0ZW4gYXQgbmlnaHQsIGFsbCB5ZWFyIHJv
"),
    ("upper-case names", 45, "MAX_RETRY_COUNT=5
HTTP_PROXY=
CACHE_TTL_SECONDS=3600
EXPORT_BUCKET=ledger-exports
FEATURE_FLAGS=FAST_PATH,NEW_LEDGER
#define LEDGER_MAX_ENTRIES 4096
"),
    ("german", 48, "Der Hafen ist von sechs bis zweiundzwanzig Uhr geöffnet. Wer später ankommt, meldet sich über Funk und wartet, bis ein Liegeplatz zugewiesen wird. Die Gebühren richten sich nach der Länge des Schiffes."),
    ("french", 37, "Le port est ouvert de six heures à vingt-deux heures. Les bateaux qui arrivent plus tard s’annoncent par radio et attendent qu’une place leur soit attribuée."),
    ("russian", 41, "Порт открыт с шести утра до десяти вечера. Суда, прибывающие позже, сообщают о себе по радио и ждут, пока им не назначат место у причала."),
    ("chinese", 38, "港口每天早上六点到晚上十点开放。晚到的船只需要通过无线电报告，并等待分配泊位。费用根据船只的长度计算。"),
    ("japanese", 44, "港は朝六時から夜十時まで開いています。遅れて到着する船は無線で連絡し、係留場所が割り当てられるまで待ちます。"),
    ("korean", 36, "항구는 아침 여섯 시부터 밤 열 시까지 열려 있습니다. 늦게 도착하는 배는 무선으로 연락하고 자리를 기다립니다."),
    ("emoji and marks", 44, "✅ 12 passed  ❌ 1 failed  ⚠️ 3 warnings
  ✓ berths are counted (4 ms)
  ✗ ledger is closed
  → see the log … 🚀
"),
    ("progress bar", 55, "Downloading ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━ 100% 1.3/1.3 MB
rows: 100%|██████████████████████████| 40/40 [00:00<00:00, 48.05it/s]
"),
    ("sql", 72, "SELECT b.id, b.name, count(s.id) AS ships
FROM berths AS b
LEFT JOIN ships AS s ON s.berth_id = b.id AND s.left_at IS NULL
WHERE b.depth >= 3.5
GROUP BY b.id, b.name
HAVING count(s.id) < b.capacity
ORDER BY ships DESC;
"),
];
