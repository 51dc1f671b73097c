//! The clean view: a table of what sequences leave on the screen, real recordings, and laws over any bytes.
#![allow(clippy::disallowed_methods, reason = "tests read their recordings")]

use std::borrow::Cow;
use std::path::Path;

use hr::document::{Document, Origin, clean};
use proptest::prelude::*;

/// What a raw text comes out as.
const SCREENS: &[(&str, &[u8], &[u8])] = &[
    ("colours", b"\x1b[1;31merror\x1b[0m: \x1b[38;5;12mx\x1b[m\n", b"error: x\n"),
    ("title", b"\x1b]0;build\x07a\x1b]2;b\x1b\\b\n", b"ab\n"),
    ("link keeps its text", b"\x1b]8;;https://a.example\x1b\\docs\x1b]8;;\x1b\\ here\n", b"docs here\n"),
    ("unterminated string ends with its line", b"a\x1b]0;lost\nb\n", b"a\nb\n"),
    ("device, privacy and program strings", b"a\x1bPq#0\x1b\\b\x1b^x\x1b\\c\x1b_G1\x1b\\d", b"abcd"),
    ("character set switches", b"\x1b(Ba\x1b)0b\x0e\x0fc", b"abc"),
    ("two-byte escapes", b"\x1b=a\x1b>b\x1bHc", b"abc"),
    ("sequence cut off by the end", b"abc\x1b[3", b"abc"),
    ("broken sequence loses only itself", b"a\x1b[3\xc3\xa4b", b"a\xc3\xa4b"),
    ("escape at the end", b"abc\x1b", b"abc"),
    ("bell and shifts are invisible", b"a\x07b\x01\x02c\x7f\n", b"abc\n"),
    ("8-bit control sequence", b"a\x9b31mb\x9b0mc", b"abc"),
    ("8-bit title", b"a\x9d0;t\x07b\x9d0;t\x9cc", b"abc"),
    ("8-bit bytes of a legacy encoding stay", b"\x1b[m\xb2\x9b1 caf\x90 \x93x\x94", b"\xb2\x9b1 caf\x90 \x93x\x94"),
    ("continuation bytes are no controls", "\x1b[mü ě 本 🛠\n".as_bytes(), "ü ě 本 🛠\n".as_bytes()),
    ("invalid UTF-8 stays", b"\x1b[m\xff\xfe\xc3(\rX\n", b"X\xfe\xc3(\n"),
    ("NUL and separators stay", b"\x1b[ma\0b\x1fc\x0cd\x0be\n", b"a\0b\x1fc\x0cd\x0be\n"),
    ("CRLF is a line end", b"\x1b[ma\r\nb\r\r\nc\r\n", b"a\nb\nc\n"),
    ("later frame overwrites", b" 10%\r 20%\r100%\n", b"100%\n"),
    ("shorter frame leaves the tail", b"loading modules\rdone\n", b"doneing modules\n"),
    ("erased tail", b"loading modules\rdone\x1b[K\n", b"done\n"),
    ("erased line", b"loading modules\x1b[2K\rdone\n", b"done\n"),
    ("erased start", b"abcdef\x1b[3D\x1b[1Kx\n", b"   xef\n"),
    ("frame that only erases", b"fold:start\r\x1b[0Knext\n", b"next\n"),
    ("progress without a line end", b"a\n1/2\r2/2", b"a\n2/2"),
    ("backspaces", b"abc\x08\x08X\n", b"aXc\n"),
    ("spinner", b"|\x08/\x08-\x08\\\x08 ok\n", b" ok\n"),
    ("overstruck bold and underline", b"N\x08NA\x08AM\x08ME _\x08x\n", b"NAME x\n"),
    ("backspace at the start", b"\x08\x08a\n", b"a\n"),
    ("tab stays", b"\x1b[ma\tb\n", b"a\tb\n"),
    ("tab in a line that is redrawn", b"x\ra\tb\n", b"a\tb\n"),
    ("tab over text moves only", b"loading 50%\r\tdone\n", b"loading done\n"),
    ("tab over blanks is written", b"         \r\tx\n", b"\tx\n"),
    ("tab that was written over", b"\tx\rabc\n", b"abc     x\n"),
    ("tab at the border of the text", b"abc\r\tx\n", b"abc\tx\n"),
    ("column and forward", b"name\x1b[10Gx\x1b[2Cy\n", b"name     x  y\n"),
    ("wide character written over on the left", "日本\rx\n".as_bytes(), "x 本\n".as_bytes()),
    ("wide character written over on the right", "日本\x1b[2Gx\n".as_bytes(), " x本\n".as_bytes()),
    ("combining mark stays with its letter", "e\u{301}a\rx\x1b[Cy\n".as_bytes(), b"xay\n"),
    ("combining mark in a split row", "xe\u{301}\ry\n".as_bytes(), "ye\u{301}\n".as_bytes()),
    ("characters inserted, deleted, erased", b"abcdef\r\x1b[2@\x1b[3C\x1b[P\x1b[X\n", b"  a def\n"),
    ("up and down", b"one\ntwo\n\x1b[2A\x1b[2KONE\x1b[2Bend\n", b"ONE\ntwo\n   end\n"),
    ("up beyond the top", b"a\nb\n\x1b[9Ax\n", b"x\nb\n"),
    ("previous and next line", b"a\nb\x1b[Fx\x1b[Ey\n", b"x\ny\n"),
    ("reverse index", b"ab\nc\x1bMx\n", b"ax\nc\n"),
    ("saved cursor", b"a\x1b7bc\x1b8X\x1b[sYZ\x1b[u-\n", b"aX-Z\n"),
    ("erase below", b"a\nb\nc\n\x1b[2A\x1b[Jx\n", b"a\nx\n"),
    ("blank rows below the cursor are not text", b"a\nb\nc\n\x1b[3A\x1b[J", b""),
    ("position on a page", b"\x1b[H\x1b[2Jab\ncd\x1b[1;2HX\x1b[2;1HY\n", b"aX\nYd\n"),
    ("row of a page", b"\x1b[Hab\ncd\x1b[1dX\n", b"abX\ncd\n"),
    ("redrawn in place", b"\x1b[Hcpu 10\nmem 7\n\x1b[Hcpu 20\nmem 8\n", b"cpu 20\nmem 8\n"),
    ("cleared screen keeps the scrollback", b"step 1\n\x1b[H\x1b[2Jstep 2\n", b"step 1\nstep 2\n"),
    ("clear command", b"$ clear\n\x1b[H\x1b[J\x1b[3J$ ls\n", b"$ clear\n$ ls\n"),
    ("cleared frames of one display", b"$\n\x1bcjobs\n1\n\x1bcjobs\n2\n\x1bcjobs\n3\n", b"$\njobs\n3\n"),
    ("absolute position cannot reach the log", b"log 1\nlog 2\n\x1b[Hx\n", b"log 1\nlog 2\nx\n"),
    ("alternate screen", b"$ less\n\x1b[?1049h\x1b[Hpage\ntext\x1b[?1049l$ ls\n", b"$ less\n$ ls\n"),
    ("alternate screen that was never left", b"$ top\n\x1b[?1049h\x1b[Hcpu\nmem", b"$ top\ncpu\nmem"),
    ("status line below the scrolling region", b"a\n\x1b7\x1b[0;23r\x1b8\x1b7\x1b[24;0f 50%\x1b8b\n", b"a\nb\n"),
    (
        "layers that are pulled side by side",
        b"pull\n\n\x1b[1A\x1b[2K\raa: wait\r\x1b[1B\n\x1b[1A\x1b[2K\rbb: wait\r\x1b[1B\x1b[2A\x1b[2K\raa: done\r\x1b[2B\x1b[1A\x1b[2K\rbb: done\r\x1b[1Bok\n",
        b"pull\naa: done\nbb: done\nok\n",
    ),
];

/// Erases a group of two bars and goes to its start, from the end of its last row.
macro_rules! erase_two {
    () => {
        "\x1b[1A\r\x1b[2K\x1b[1B\r\x1b[2K\x1b[1A"
    };
}

/// What bars come out as that rely on a terminal of 20 columns to wrap; `concat!` shows a row a line.
const BARS: &[(&str, &str, &str)] = &[
    (
        "one group",
        concat!("log\n", "fetch [=>   ] 1/3   ", "build [>    ] 0/3   ", erase_two!(), "done\n"),
        "log\ndone\n",
    ),
    (
        "lines between the groups",
        concat!(
            "log 1\nlog 2\n",
            "fetch 1/3           build 0/3           ",
            erase_two!(),
            "fetched a           fetched b           fetch 2/3           build 0/3           ",
            erase_two!(),
            "                      indented          fetch 3/3           build 1/3           ",
            erase_two!(),
            "done\n",
        ),
        "log 1\nlog 2\nfetched a\nfetched b\n\n  indented\ndone\n",
    ),
    (
        "last group stays",
        concat!(
            "a 1/2               b 1/2               ",
            "\x1b[1A\r",
            "a 2/2               b 2/2               \nend\n"
        ),
        "a 2/2\nb 2/2\nend\n",
    ),
    (
        "lines above the first group",
        concat!("fetched a           a 1/2               b 1/2               ", erase_two!(), "end\n"),
        "fetched a\nend\n",
    ),
    (
        "long line between the groups is one line",
        concat!(
            "a 1/2               b 1/2               ",
            erase_two!(),
            "a long line that goes on over more than two rows            ",
            "a 2/2               b 2/2               ",
            erase_two!(),
            "end\n",
        ),
        "a long line that goes on over more than two rows\nend\n",
    ),
    (
        "columns of a long line without bars stay apart and in it",
        concat!(
            "name             value             unit\n",
            "a 1/2               b 1/2               ",
            erase_two!(),
            "end\n"
        ),
        "name             value             unit\nend\n",
    ),
    (
        "wide character that does not fit wraps early",
        concat!(
            "a 1/2               b 1/2               ",
            erase_two!(),
            "nineteen columns...日本               \n",
            "end\n"
        ),
        "nineteen columns...日本\nend\n",
    ),
    (
        "going up counts the rows of a long line",
        concat!(
            "a 1/2               b 1/2               ",
            erase_two!(),
            "0123456789abcdefghij0123456789abcdefghij0123456789\n",
            "\x1b[3A\x1b[2K\x1b[3Bend\n",
        ),
        "\n0123456789abcdefghij0123456789\nend\n",
    ),
    (
        "text that is longer than any row",
        concat!(
            "a 1/2               b 1/2               ",
            erase_two!(),
            "ä日本語の長い行。ä日本語の長い行。ä日本語の長い行。ä日本語の長い行。ä日本語の長い行。",
            "\nend\n",
        ),
        "ä日本語の長い行。ä日本語の長い行。ä日本語の長い行。ä日本語の長い行。ä日本語の長い行。\nend\n",
    ),
    (
        "groups that differ in number and fill every row",
        concat!(
            "a.................1/b.................1/",
            "\x1b[1A\r",
            "a.................2/b.................2/c.................1/",
            "\x1b[2A\r",
            "a.................3/b.................3/c.................2/",
            "\x1b[2A\r\x1b[Jend\n",
        ),
        "end\n",
    ),
    (
        "bars that end in line ends do not wrap",
        concat!(
            "log\nfetch [=>   ] 1/3\nbuild            [ ]            0/3     ",
            erase_two!(),
            "fetch [==>  ] 2/3\nbuild            [=]            1/3     ",
            erase_two!(),
            "done\n",
        ),
        "log\ndone\n",
    ),
    (
        "a question is no bar",
        "what is the name of the project? \nand the version of the project? (1.0.0) \x1b[1A\r\x1b[2K\x1b[1B\r\x1b[2Kok\n",
        "\nok\n",
    ),
    (
        "columns beyond the border tell that there is none",
        concat!("log\n", "a 1/2               b 1/2               ", "\x1b[1A\r\x1b[Kover\n\x1b[30Gfar\n"),
        "over\na 1/2               b 1/2    far\n",
    ),
];

#[test]
fn screens() {
    for &(name, raw, expected) in BARS {
        assert_eq!(show(&clean(raw.as_bytes()).text), show(expected.as_bytes()), "{name}");
    }
    for &(name, raw, expected) in SCREENS {
        let cleaned = clean(raw);
        assert_eq!(show(&cleaned.text), show(expected), "{name}");
    }
}

#[test]
fn far_movement_allocates_nothing() {
    let cleaned = clean(b"a\x1b[999999999Cb\n\x1b[999999999Bc\x1b[999999999;999999999Hd\n");
    assert!(cleaned.text.len() < 2000, "{}", cleaned.text.len());
    assert_eq!(cleaned.text.iter().filter(|byte| byte.is_ascii_alphabetic()).count(), 4);
}

#[test]
fn text_without_controls_is_borrowed() {
    let long = "text\twith \0 tabs, ümläute, 本 and 🛠 in it\r\n".repeat(500);
    let texts: [&[u8]; 5] = [b"", b"a\nb", b"\n\n", long.as_bytes(), b"caf\xe9 \xff\xfe \xb2\x9b1m\n"];
    for text in texts {
        assert!(matches!(clean(text).text, Cow::Borrowed(_)), "{}", show(&text[..text.len().min(60)]));
    }
}

#[test]
fn a_control_is_found_wherever_it_stands() {
    for at in (0..9000).step_by(37).chain([4094, 4095, 4096, 4097, 8191, 8192, 8999]) {
        for control in [b"\x1b[m".as_slice(), b"\r", b"\x07", b"\x9b0m"] {
            let mut raw = vec![b'a'; 9000];
            raw.splice(at..at, control.iter().copied());
            let length = if control == b"\r" { at.max(9000 - at) } else { 9000 };
            assert_eq!(clean(&raw).text, vec![b'a'; length], "{at} {control:?}");
        }
    }
}

#[test]
fn recordings_come_out_as_the_final_screen() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings");
    let mut seen = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "raw") {
            let raw = std::fs::read(&path).unwrap();
            let expected = std::fs::read(path.with_extension("screen")).unwrap();
            assert_eq!(show(&clean(&raw).text), show(&expected), "{}", path.display());
            seen += 1;
        }
    }
    assert!(seen >= 7, "only {seen} recordings in {}", folder.display());
}

type Lines = Option<&'static [u32]>;

/// The 0-based raw line of each clean line; the numbers of the lines themselves where there is no table.
const SOURCES: &[(&str, &[u8], Lines)] = &[
    ("colours", b"\x1b[1ma\x1b[0m\nb\n\nc", None),
    ("progress", b"a\n1\r2\r3\nb\n", None),
    ("redrawn rows come from where they were last begun", b"a\nb\nc\n\x1b[2A\x1b[2KB\nd\n", Some(&[0, 3, 4])),
    ("lines behind an alternate screen", b"a\n\x1b[?1049hx\ny\n\x1b[?1049lb\nc\n", Some(&[0, 3, 4])),
    ("lines behind dropped frames", b"\x1bcj\n1\n\x1bcj\n2\nend\n", Some(&[2, 3, 4])),
    ("erased lines", b"a\nb\n\x1b[2A\x1b[Jc\n", Some(&[2])),
    (
        "lines that wrapped",
        b"0123456789012345678901234567890123456789012345\na                   b                   \x1b[1A\r\x1b[Jc\nd\n",
        None,
    ),
    ("lines above a bar", b"x\na                   b                   c                   \x1b[1A\r\x1b[Jd\n", Some(&[0, 1, 1])),
];

#[test]
fn lines_know_where_they_came_from() {
    for &(name, raw, expected) in SOURCES {
        assert_eq!(clean(raw).sources.as_deref(), expected, "{name}");
    }
    let document = Document::new(b"a\nb\n\x1b[2A\x1b[Jc  \n", Origin::default());
    assert_eq!((document.line(0), document.source_line(0)), (b"c".as_slice(), 3));
}

#[test]
fn a_late_escape_reaches_only_the_last_rows() {
    let mut raw = "line\n".repeat(5000).into_bytes();
    raw.extend_from_slice(b"\x1b[400A\x1b[2Kchanged\x1b[400B\r\x1b[31mend\n");
    let cleaned = clean(&raw);
    let lines: Vec<&[u8]> = cleaned.text.split(|&byte| byte == b'\n').collect();
    assert_eq!((lines.len(), lines[4600], lines[5000]), (5002, b"changed".as_slice(), b"end".as_slice()));
    assert_eq!(cleaned.sources.unwrap()[4600], 5000);
}

#[test]
fn a_long_line_on_a_narrow_terminal_takes_linear_time() {
    // Were all that is left looked at again for every row, this took minutes.
    for unit in ["long line ", "日本\u{301}\t", "\t"] {
        let raw = [BAR, unit.repeat(2_000_000 / unit.len()).as_bytes()].concat();
        assert!(clean(&raw).text.len() > 1_000_000, "{unit}");
    }
    let invalid = [BAR, &vec![0xFF; 1_000_000]].concat();
    assert_eq!(clean(&invalid).text.iter().filter(|&&byte| byte == 0xFF).count(), 1_000_000);
}

#[test]
fn hostile_input_stays_linear() {
    let many = |unit: &[u8]| unit.repeat(100_000 / unit.len());
    let long = |unit: &[u8]| [vec![b'x'; 100_000], many(unit)].concat();
    let inputs = [
        many(b"\r"),
        many(b"\x1b[500Cx\n"),
        many(b"\x1b[500;500Hx\x1b[2J"),
        many(b"\x1b[A\x1b[B"),
        many(b"\x1b[500Bx\x1b[2J"),
        many(b"\x1b7\x1b[999;1Hx\x1b8y"),
        many("a\u{301}\x08".as_bytes()),
        many(b"\x90x"),
        many(b"\x1b]x"),
        many(b"\x1b[?1049hx\x1b[?1049l"),
        long(b"\x08x"),
        long(b"\r\x1b[49999999C\x1b[1Kx"),
        long(b"\x1b[2K\x1b[499999Cx"),
        long(b"\r\x1b[@\x1b[P"),
        long(b"\n\x1b[Ax"),
        many(BAR),
        many(&[BAR, b"\x1b[499Bx\x1b[499A"].concat()),
        [BAR, &many(b"x\x1b[A")].concat(),
        [BAR, &many(b"\n\x1b[499B\x1b[499A")].concat(),
        [BAR, &many("日\t\u{301}".as_bytes())].concat(),
        [&many(b"x  "), b"\x1b[499A\r".as_slice(), &many(b"x\x1b[m")].concat(),
        long(b"\x1b[99A"),
    ];
    for input in inputs {
        let cleaned = clean(&input);
        let bound = 2 * input.len() + (1 << 20) + 1000;
        assert!(cleaned.text.len() <= bound, "{}: {}", show(&input[input.len() - 20..]), cleaned.text.len());
    }
}

/// Two rows of a terminal of 20 columns, and up again.
const BAR: &[u8] = b"\ra                   b                   \x1b[A\r";

/// Pieces that random terminal output is made of.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        "[a-z ]{0,12}".prop_map(String::into_bytes),
        Just("日本 e\u{301} 🛠".as_bytes().to_vec()),
        prop::sample::select(vec![
            "\n",
            "\r",
            "\r\n",
            "\t",
            "\x08",
            "\x1b[K",
            "\x1b[2K",
            "\x1b[1K",
            "\x1b[A",
            "\x1b[3B",
            "\x1b[5C",
            "\x1b[2D",
            "\x1b[H",
            "\x1b[2J",
            "\x1b[J",
            "\x1b[1J",
            "\x1b[9G",
            "\x1b[4;7H",
            "\x1b7",
            "\x1b8",
            "\x1b[?1049h",
            "\x1b[?1049l",
            "\x1b[2@",
            "\x1b[2P",
            "\x1b[2X",
            "\x1bM",
            "\x1bc",
            "\x1b[1;9r",
            "\x1b[12;1H",
            "\x1b[r",
            "\x1b[31m",
            "\x1b]0;t\x07",
        ])
        .prop_map(|piece| piece.as_bytes().to_vec()),
        Just(BAR.to_vec()),
        prop::collection::vec(any::<u8>(), 0..4),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

/// Lines and bars as they are drawn on a terminal: each is filled with blanks up to the border.
fn fill(lines: &[String], width: usize) -> String {
    let rows = |line: &String| line.chars().count().div_ceil(width).max(1);
    lines.iter().map(|line| format!("{line:columns$}", columns = rows(line) * width)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_come_out_clean_and_stay_so(raw in pieces()) {
        let cleaned = clean(&raw);
        prop_assert!(matches!(clean(&cleaned.text).text, Cow::Borrowed(_)) || raw.iter().any(|&byte| byte >= 0x80));
        let lines = cleaned.text.split(|&byte| byte == b'\n').count()
            - usize::from(cleaned.text.is_empty() || cleaned.text.ends_with(b"\n"));
        if let Some(sources) = &cleaned.sources {
            let last = raw.iter().filter(|&&byte| byte == b'\n').count() as u32;
            prop_assert_eq!(sources.len(), lines);
            prop_assert!(sources.iter().all(|&source| source <= last));
        }
    }

    #[test]
    fn nothing_printed_around_bars_is_lost(
        width in 20..150usize,
        before in prop::collection::vec("[a-zü]{0,9}( [a-z]{1,9}){0,30}", 0..5),
        frames in prop::collection::vec((2..6usize, prop::collection::vec("[a-zü]{0,9}( [a-z]{1,9}){0,30}", 0..4)), 2..9),
    ) {
        // A line that ends at the border or a blank before it cannot be told from one that goes on.
        let ends_early = |line: &String| line.is_empty() || (1..width - 1).contains(&(line.chars().count() % width));
        let mut raw: String = before.iter().map(|line| format!("{line}\n")).collect();
        let mut expected = before;
        let mut shown = 0;
        for (bars, mut lines) in frames {
            // One group without lines above it has to tell the width.
            lines.retain(|line| shown > 0 && ends_early(line));
            if shown > 0 {
                raw += &format!("\x1b[{}A{}\r\x1b[2K\x1b[{}A", shown - 1, "\r\x1b[2K\x1b[1B".repeat(shown - 1), shown - 1);
            }
            raw += &fill(&lines, width);
            raw += &fill(&(0..bars).map(|bar| format!("bar {bar}")).collect::<Vec<_>>(), width);
            expected.append(&mut lines);
            shown = bars;
        }
        raw += &format!("\x1b[{}A\r\x1b[Jend\n", shown - 1);
        expected.push("end\n".into());
        prop_assert_eq!(show(&clean(raw.as_bytes()).text), show(expected.join("\n").as_bytes()));
    }

    #[test]
    fn text_with_colours_only_is_what_another_stripper_says(
        words in prop::collection::vec("[a-zäö本.:/ ]{0,9}(\u{1b}\\[[0-9;]{0,6}m|\u{1b}\\]8;;[a-z:/]{0,9}\u{1b}\\\\|\n|\u{1b}\\(B)", 0..40),
    ) {
        let raw = words.concat();
        let cleaned = clean(raw.as_bytes());
        prop_assert_eq!(show(&cleaned.text), show(&strip_ansi_escapes::strip(&raw)));
        prop_assert!(cleaned.sources.is_none());
    }
}

fn show(text: &[u8]) -> String {
    text.escape_ascii().to_string().replace("\\n", "\n")
}
