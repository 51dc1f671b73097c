//! `hr show` and `hr store`: what is printed where, and how they end.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use hr::cli::commands::show::{ShowArgs, show};
use hr::cli::commands::store::{StoreArgs, look_after};
use hr::cli::error::CliResult;
use hr::store::dir::{DirStore, Limits};
use hr::store::{Handle, Meta, Recording, Store, Stream};
use proptest::prelude::{ProptestConfig, prop_assert_eq, proptest};

#[derive(Parser)]
enum Cli {
    Show(ShowArgs),
    Store(StoreArgs),
}

/// What a command did.
#[derive(Debug, PartialEq)]
struct Outcome {
    out: Vec<u8>,
    notes: String,
    /// The exit status, and what the failure says.
    end: (u8, String),
}

impl Outcome {
    fn text(&self) -> &str {
        std::str::from_utf8(&self.out).unwrap()
    }
}

fn run(store: &DirStore, args: &[&str]) -> Outcome {
    let cli = match Cli::try_parse_from(std::iter::once("hr").chain(args.iter().copied())) {
        Ok(cli) => cli,
        Err(error) => return Outcome { out: Vec::new(), notes: String::new(), end: (2, error.to_string()) },
    };
    let (mut out, mut notes) = (Vec::new(), Vec::new());
    let result = match cli {
        Cli::Show(args) => show(&args, store, &mut out, &mut notes),
        Cli::Store(args) => look_after(&args.action, store, &mut out),
    };
    Outcome { out, notes: String::from_utf8(notes).unwrap(), end: end(result) }
}

fn end(result: CliResult) -> (u8, String) {
    let codes = |code: ExitCode| (0..=2).find(|number| ExitCode::from(*number) == code).unwrap();
    match result {
        Ok(code) => (codes(code), String::new()),
        Err(error) => (codes(error.exit_code()), error.to_string()),
    }
}

fn store() -> (tempfile::TempDir, DirStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = DirStore::open(folder.path().join("store"), Limits::default());
    (folder, store)
}

fn put(store: &DirStore, bytes: &[u8]) -> Handle {
    let meta = Meta { command: Some("make all".into()), exit_code: Some(2), ..Meta::default() };
    store.put(&Recording::merged(bytes), &meta).unwrap()
}

/// `line 1` to `line 30`, with an error in line 12 and colour in line 20.
fn thirty_lines() -> String {
    let line = |number| match number {
        12 => "error: no such file".to_owned(),
        20 => "\x1b[31mwarning\x1b[0m: unused variable".to_owned(),
        _ => format!("line {number}"),
    };
    (1..=30).map(|number| line(number) + "\n").collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_original_is_printed_byte_for_byte(bytes: Vec<u8>) {
        let (_folder, store) = store();
        let handle = put(&store, &bytes).to_string();
        prop_assert_eq!(&run(&store, &["show", &handle]).out, &bytes);
        if !bytes.is_empty() {
            prop_assert_eq!(&run(&store, &["show", &handle, "--lines", "1-"]).out, &bytes);
        }
    }
}

#[test]
fn lines_by_number() {
    let (_folder, store) = store();
    put(&store, b"one\r\ntwo\n\xff\xfe\nfour\nfive");
    for (lines, expected) in [
        ("2", &b"two\n"[..]),
        ("1-2", b"one\r\ntwo\n"),
        ("4-", b"four\nfive"),
        ("-1", b"five"),
        ("-2", b"four\nfive"),
        ("4,1,3-4", b"one\r\n\xff\xfe\nfour\n"),
        ("5-99", b"five"),
    ] {
        let outcome = run(&store, &["show", "last", "--lines", lines]);
        assert_eq!((&outcome.out[..], outcome.end.0), (expected, 0), "{lines}");
    }
}

#[test]
fn lines_by_pattern_look_like_grep() {
    let (_folder, store) = store();
    put(&store, thirty_lines().as_bytes());
    for (args, expected) in [
        (&["--grep", "^error"][..], "12:error: no such file\n"),
        (&["--grep", "error", "-C", "1"], "11-line 11\n12:error: no such file\n13-line 13\n"),
        (&["--grep", "error", "-A1"], "12:error: no such file\n13-line 13\n"),
        (&["--grep", "error", "-B", "2", "-A0"], "10-line 10\n11-line 11\n12:error: no such file\n"),
        (&["--grep", "^line 1$|^line 4$"], "1:line 1\n4:line 4\n"),
        (&["--grep", "^line 1$|^line 4$", "-A1"], "1:line 1\n2-line 2\n--\n4:line 4\n5-line 5\n"),
        (&["--grep", "line 1", "--lines", "15-16,29-"], "15:line 15\n16:line 16\n"),
        (&["--grep", "(?i)ERROR"], "12:error: no such file\n"),
    ] {
        let outcome = run(&store, &[&["show", "last"], args].concat());
        assert_eq!((outcome.text(), &outcome.end), (expected, &(0, String::new())), "{args:?}");
    }
}

#[test]
fn colour_codes_do_not_stop_a_pattern() {
    let (_folder, store) = store();
    put(&store, thirty_lines().as_bytes());
    assert_eq!(run(&store, &["show", "last", "--grep", "^warning: "]).text(), "20:warning: unused variable\n");
}

#[test]
fn parts_by_words_come_with_numbers_and_fit_the_budget() {
    let (_folder, store) = store();
    let filler = "compiling something that nobody asks about\n".repeat(40);
    let text = format!("{filler}\nerror in the parser\nat line 88\n\n{filler}\nthe parser is done\n");
    put(&store, text.as_bytes());
    let outcome = run(&store, &["show", "last", "--query", "Parser errors?"]);
    assert_eq!(outcome.text(), "42:error in the parser\n43:at line 88\n--\n86:the parser is done\n");
    let outcome = run(&store, &["show", "last", "--query", "parser error", "--budget", "14"]);
    assert_eq!(outcome.text(), "42:error in the parser\n43:at line 88\n");
    let outcome = run(&store, &["show", "last", "--query", "compiling", "--budget", "100"]);
    assert!(hr::tokens::estimate(&outcome.out) <= 130 && !outcome.out.is_empty(), "{}", outcome.text());
}

#[test]
fn a_line_longer_than_the_budget_is_shown_in_part() {
    let (_folder, store) = store();
    put(&store, format!("{}needle{}", "[1,2],".repeat(9000), ",[3,4]".repeat(9000)).as_bytes());
    let outcome = run(&store, &["show", "last", "--query", "needle", "--budget", "50"]);
    assert!(outcome.text().contains("needle") && outcome.out.len() < 250, "{}", outcome.text());
    assert_eq!(outcome.notes, "hr: 200 of the 108006 bytes of line 1\n");
}

#[test]
fn pages_cover_everything_and_say_where_they_are() {
    let (_folder, store) = store();
    let text = thirty_lines();
    put(&store, text.as_bytes());
    let pages: Vec<Outcome> =
        ["1", "2", "3"].map(|page| run(&store, &["show", "last", "--page", page, "--page-size", "12"])).into();
    assert_eq!(pages.iter().flat_map(|page| page.out.clone()).collect::<Vec<u8>>(), text.as_bytes());
    assert_eq!(pages[2].notes, "hr: page 3 of 3: lines 25-30 of 30\n");
    let page = |rest: &[&str]| run(&store, &[&["show", "last", "--page-size", "2", "--page", "2"], rest].concat());
    assert_eq!(page(&["--lines", "1,5-7"]).text(), "line 6\nline 7\n");
    assert_eq!(page(&["--grep", "line 2"]).text(), "22:line 22\n23:line 23\n");
}

#[test]
fn two_streams_are_kept_apart() {
    let (_folder, store) = store();
    store.put(&Recording { stdout: b"out\n", stderr: Some(b"warn\nerr\n") }, &Meta::default()).unwrap();
    let shown = run(&store, &["show", "last"]);
    assert_eq!(shown.text(), "out\n");
    assert!(shown.notes.ends_with(" --stderr\n") && shown.notes.contains("9 B"), "{}", shown.notes);
    assert_eq!(run(&store, &["show", "last", "--stderr"]).text(), "warn\nerr\n");
    assert_eq!(run(&store, &["show", "last", "--stderr", "--lines", "2"]).text(), "err\n");
    assert_eq!(run(&store, &["show", "last", "--stderr", "--grep", "w"]).text(), "1:warn\n");
    put(&store, b"merged");
    assert_eq!(run(&store, &["show", "last", "--stderr"]).end.0, 1);
}

#[test]
fn an_interrupted_recording_says_so() {
    let (_folder, store) = store();
    let spool = store.spool(false, &Meta::default());
    spool.append(Stream::Stdout, b"half\n").unwrap();
    drop(spool);
    let shown = run(&store, &["show", "last"]);
    assert_eq!(shown.text(), "half\n");
    assert!(shown.notes.contains("ends where hr was killed"), "{}", shown.notes);
    assert!(run(&store, &["show"]).text().contains("interrupted"));
}

#[test]
fn failures_say_what_is_wrong_and_what_to_do() {
    let (_folder, store) = store();
    let removed = store.put(&Recording::merged(b"x"), &Meta { command: Some("make old".into()), ..Meta::default() });
    let removed = removed.unwrap().to_string();
    run(&store, &["store", "purge", &removed]);
    put(&store, thirty_lines().as_bytes());
    for (args, code, said) in [
        (&["last~7"][..], 1, "there is no `last~7`: 1 recorded in all"),
        (&["abcdef01"], 1, "there is no recording `abcdef01`"),
        (&[&removed], 1, "hint: to see it again, run `make old`"),
        (&["xyz"], 2, "`xyz` is not a handle"),
        (&["last", "--lines", "0"], 2, "`0` does not name lines"),
        (&["last", "--lines", "9-3"], 2, "`9-3` does not name lines"),
        (&["last", "--lines", "31-"], 1, "none of these lines is there: it has 30 lines"),
        (&["last", "--lines", "99", "--grep", "x"], 1, "it has 30 lines"),
        (&["last", "--grep", "absent"], 1, "matches `absent`"),
        (&["last", "--grep", "("], 2, "unclosed group"),
        (&["last", "--query", "absent"], 1, "is about `absent`"),
        (&["last", "--query", "?!"], 2, "`?!` has no words"),
        (&["last", "--page", "2"], 1, "there is no page 2 of 1"),
        (&["last", "--page", "0"], 1, "there is no page 0 of 1"),
        (&["last", "--query", "x", "--grep", "x"], 2, "cannot be used with"),
        (&["last", "--format", "json"], 2, "cannot be used with"),
        (&["last", "-C", "1"], 2, "--grep"),
        (&["--lines", "4"], 2, "HANDLE"),
    ] {
        let outcome = run(&store, &[&["show"], args].concat());
        assert_eq!(outcome.end.0, code, "{args:?}: {outcome:?}");
        assert!(outcome.end.1.contains(said), "{args:?}: {}", outcome.end.1);
        assert!(outcome.out.is_empty(), "{args:?}");
    }
}

#[test]
fn without_a_handle_the_recent_ones_are_listed() {
    let (_folder, store) = store();
    let empty = run(&store, &["show"]);
    assert_eq!((empty.text(), &empty.notes[..], empty.end.0), ("", "hr: nothing is recorded\n", 0));
    let handles: Vec<Handle> = (0..25).map(|n| put(&store, format!("{n}").repeat(2000).as_bytes())).collect();
    let listed = run(&store, &["show"]);
    let lines: Vec<&str> = listed.text().lines().collect();
    assert_eq!(lines.len(), 21);
    assert_eq!(lines[0], "HANDLE      AGE         EXIT        SIZE  COMMAND");
    assert_eq!(lines[1], format!("{}    0s            2     3.9 KiB  make all", handles[24]));
    let json: serde_json::Value = serde_json::from_slice(&run(&store, &["show", "--format", "json"]).out).unwrap();
    assert_eq!(json["schema"], 1);
    assert_eq!(json["recordings"].as_array().unwrap().len(), 20);
    let newest = &json["recordings"][0];
    assert_eq!(newest["handle"], handles[24].to_string());
    assert_eq!(
        (&newest["exit_code"], &newest["bytes"], &newest["command"]),
        (&2.into(), &4000.into(), &"make all".into())
    );
}

#[test]
fn the_store_is_looked_after() {
    let (_folder, store) = store();
    let handles = [b"one", b"two", b"six"].map(|bytes| put(&store, bytes));
    let listed = run(&store, &["store", "ls"]);
    assert_eq!(listed.text().lines().count(), 5);
    assert!(listed.text().ends_with(" of 256.0 MiB\n"), "{}", listed.text());
    let swept = run(&store, &["store", "gc"]);
    assert!(swept.text().starts_with("removed 0 recordings, 0 B; kept 3 recordings, "), "{}", swept.text());
    let wrong = run(&store, &["store", "purge", "last", "00000000"]);
    assert_eq!((wrong.end.0, store.list(9).unwrap().len()), (1, 3), "all or nothing");
    let purged = run(&store, &["store", "purge", &handles[1].to_string(), "last"]);
    assert_eq!(purged.text(), format!("purged {}\npurged {}\n", handles[1], handles[2]));
    assert_eq!(run(&store, &["store", "purge"]).end.0, 2);
    assert_eq!(run(&store, &["store", "purge", "--all", "last"]).end.0, 2);
    assert_eq!(run(&store, &["store", "purge", "--all"]).text(), format!("purged {}\n", handles[0]));
    assert_eq!(run(&store, &["store", "purge", "--all"]).text(), "nothing to purge\n");
}

/// A reader that goes away after some bytes, or fails in another way.
struct Reader(usize, io::ErrorKind);

impl Write for Reader {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(self.0);
        self.0 -= taken;
        if taken == 0 { Err(self.1.into()) } else { Ok(taken) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_reader_that_goes_away_is_success_and_a_full_disk_is_not() {
    let (_folder, store) = store();
    put(&store, "some words\n".repeat(50_000).as_bytes());
    for args in [&[][..], &["last"], &["last", "--lines", "2-"], &["last", "--grep", "words"]] {
        for (kind, code) in [(io::ErrorKind::BrokenPipe, 0), (io::ErrorKind::StorageFull, 1)] {
            let Ok(Cli::Show(parsed)) = Cli::try_parse_from([&["hr", "show"], args].concat()) else {
                panic!("{args:?}")
            };
            let ended = end(show(&parsed, &store, &mut Reader(30, kind), &mut io::sink()));
            assert_eq!(ended.0, code, "{args:?}: {}", ended.1);
        }
    }
}

#[test]
fn the_program_shows_what_the_library_stored() {
    let home = tempfile::tempdir().unwrap();
    let store = DirStore::open(home.path().join("store"), Limits::default());
    let handle = put(&store, b"\xff\0binary\r\n");
    let hr = |args: &[&str]| {
        let mut command = assert_cmd::Command::cargo_bin("hr").unwrap();
        command.env("HR_HOME", home.path()).args(args).assert()
    };
    hr(&["show", &handle.to_string()]).success().stdout(&b"\xff\0binary\r\n"[..]).stderr("");
    hr(&["show", "ffff"]).code(1).stdout("");
    hr(&["show", "last", "--lines", "0"]).code(2);
    hr(&["store", "purge", "last"]).success().stdout(format!("purged {handle}\n"));
}
