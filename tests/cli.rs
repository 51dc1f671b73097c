//! The program as its callers meet it: how commands are wired, and input and surroundings that nobody wishes for.
//!
//! Whatever is wrong with the store, the rules or the text: the text comes out, standard error says why, and `hr run`
//! ends as the command ended.
#![cfg(unix)]

use std::fs;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

const HR: &str = env!("CARGO_BIN_EXE_hr");

#[test]
fn cases_in_files() {
    let place = Place::new();
    // What the cases show does not depend on the built-in rules and on how logs are weighed.
    let rule = "id = 'cases/build'\nsummary = 'steps go'\n[match]\ntool = ['build-steps']\n\
                [[step]]\ndrop = { lines = ['^step '], label = 'steps' }\n";
    place.write("config/hr/rules/cases/build.toml", rule);
    let path = |name: &str| place.at(name).display().to_string();
    let cases = trycmd::TestCases::new();
    cases.register_bin("hr", Path::new(HR));
    cases.env("HR_HOME", path("hr")).env("XDG_CONFIG_HOME", path("config"));
    cases.case("tests/cli/*.toml");
}

#[test]
fn json_form_is_one_object_on_one_line() {
    let place = Place::new();
    let input = log(400);
    let arguments = ["--format", "json", "--budget", "100", "--command", "make all", "--exit-code", "2"];
    let output = feed(place.hr(&arguments), input.as_bytes());
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(text(&output.stdout).matches('\n').count(), 1);
    assert_eq!((answer["schema"].as_i64(), answer["exit_code"].as_i64()), (Some(1), Some(2)));
    assert_eq!(answer["form"], "compacted");
    assert!(answer["text"].as_str().unwrap().contains("error: module has no entry point\n"));
    assert!(!answer["text"].as_str().unwrap().contains("all of it"), "the handle has its own key");
    let original = feed(place.hr(&["show", answer["handle"].as_str().unwrap()]), b"");
    assert_eq!(text(&original.stdout), input);
}

/// A home, a configuration and a project of their own.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("project")).unwrap();
        Self { folder }
    }

    fn at(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// Writes a file, with the folders above it.
    fn write(&self, path: &str, text: &str) {
        let path = self.at(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn hr(&self, args: &[&str]) -> Command {
        let mut command = Command::new(HR);
        command.args(args).current_dir(self.at("project"));
        command.env("HR_HOME", self.at("hr")).env("HOME", self.at(".")).env("XDG_CONFIG_HOME", self.at("config"));
        command.env_remove("HR").env_remove("HR_ACTIVE").env_remove("XDG_DATA_HOME");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}

/// Feeds a text to a command and waits for its end.
fn feed(mut command: Command, text: &[u8]) -> Output {
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    std::thread::scope(|scope| {
        // Whoever does not read its input has not asked for it.
        scope.spawn(move || drop(stdin.write_all(text)));
        child.wait_with_output().unwrap()
    })
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A log of `lines` lines of which one is an error.
fn log(lines: usize) -> String {
    let line = |number| match number {
        n if n == lines / 2 => "error: module has no entry point\n".to_string(),
        n => format!("step {n}: compiled module {n}\n"),
    };
    (1..=lines).map(line).collect()
}

/// A script that prints a text of some size and ends with status 7.
const SEVEN: &str = "i=0; while [ $i -lt 60 ]; do i=$((i+1)); echo \"step $i of the build took $i ms\"; done; exit 7";

/// What [`SEVEN`] prints.
fn seven() -> String {
    (1..=60).map(|number| format!("step {number} of the build took {number} ms\n")).collect()
}

#[test]
fn what_cannot_be_shortened_passes_byte_for_byte() {
    let place = Place::new();
    let binary = (0..200_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect::<Vec<_>>();
    let table: [(&str, Vec<u8>); 9] = [
        ("empty", Vec::new()),
        ("one line end", b"\n".to_vec()),
        ("no line end at the end", b"abc\ndef".to_vec()),
        ("carriage returns", b"abc\r\ndef\r\n".to_vec()),
        ("NUL bytes", [b"text\n\0\0more\n".as_slice(), log(400).as_bytes()].concat()),
        ("binary", binary),
        ("invalid UTF-8", b"caf\xe9 \xff\xfe\n\xc3\x28\n".to_vec()),
        ("UTF-16", "text\nmore\n".encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("a byte order mark", b"\xef\xbb\xbftext\n".to_vec()),
    ];
    for (name, input) in table {
        let output = feed(place.hr(&[]), &input);
        assert_eq!(output.status.code(), Some(0), "{name}: {}", text(&output.stderr));
        assert!(output.stdout == input, "{name}: {} bytes became {}", input.len(), output.stdout.len());
        assert_eq!(text(&output.stderr), "", "{name}");
    }
}

#[test]
fn bad_bytes_among_shortened_lines_stay_as_they_are() {
    let place = Place::new();
    let input = [log(2000).as_bytes(), b"fatal error: caf\xe9 \xff\n"].concat();
    let output = feed(place.hr(&["--budget", "200"]), &input);
    assert!(output.stdout.len() < input.len() / 4);
    assert!(memchr::memmem::find(&output.stdout, b"fatal error: caf\xe9 \xff\n").is_some());
    let original = feed(place.hr(&["show", "last"]), b"");
    assert!(original.stdout == input, "the original comes back byte for byte");
}

#[test]
fn a_reader_that_went_away_is_success() {
    let place = Place::new();
    for args in [&["--raw"][..], &[], &["explain"], &["--format", "json"]] {
        let mut child = place.hr(args).spawn().unwrap();
        drop(child.stdout.take());
        let mut stdin = child.stdin.take().unwrap();
        let _ = stdin.write_all(log(5000).as_bytes());
        drop(stdin);
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), text(&output.stderr).as_str()), (Some(0), ""), "{args:?}");
    }
}

#[test]
fn huge_inputs_come_out_small_and_soon() {
    let place = Place::new();
    let one_line = [b"x".repeat(10_000_000), b" error: in the middle ".to_vec(), b"y".repeat(10_000_000)].concat();
    let lines = (0..1_000_000_u64).map(|n| format!("{n:x} request {} served\n", n * 7919 % 10_007)).collect::<String>();
    for (name, input) in [("one line of 20 MB", one_line), ("a million lines", lines.into_bytes())] {
        let start = Instant::now();
        let output = feed(place.hr(&[]), &input);
        assert_eq!((output.status.code(), text(&output.stderr).as_str()), (Some(0), ""), "{name}");
        assert!(output.stdout.len() < 100_000, "{name}: {} bytes", output.stdout.len());
        // Far more than it takes, and far less than anything that is not linear would.
        assert!(start.elapsed() < Duration::from_secs(120), "{name}: {:?}", start.elapsed());
        let original = feed(place.hr(&["show", "last"]), b"");
        assert!(original.stdout == input, "{name}: the original comes back byte for byte");
    }
}

/// Spoils a place, and says what standard error must name.
type Spoil = (&'static str, fn(&Place, &mut Command), &'static [&'static str]);

/// Stores that cannot be written. Access rights do not stop root, so the obstacles are ones that nobody passes.
const STORES: &[Spoil] = &[
    ("HR_HOME is a file", |place, _| place.write("hr", "in the way"), &["original cannot be kept"]),
    (
        "HR_HOME is below a file",
        |place, command| {
            place.write("file", "in the way");
            command.env("HR_HOME", place.at("file/hr"));
        },
        &["original cannot be kept"],
    ),
    (
        "HR_HOME cannot be made",
        |_, command| {
            command.env("HR_HOME", "/proc/hr");
        },
        &["original cannot be kept"],
    ),
    (
        "HR_HOME is a loop of links",
        |place, _| symlink(place.at("hr"), place.at("hr")).unwrap(),
        &["original cannot be kept"],
    ),
    (
        "HOME is not absolute and there is no other",
        |_, command| {
            command.env_remove("HR_HOME").env_remove("XDG_CONFIG_HOME").env("HOME", "nowhere");
        },
        &["no home folder", "set `HR_HOME`"],
    ),
];

#[test]
fn without_a_store_nothing_is_lost() {
    for (name, spoil, says) in STORES {
        let input = log(400);
        let place = Place::new();
        let mut command = place.hr(&["--budget", "100"]);
        spoil(&place, &mut command);
        let output = feed(command, input.as_bytes());
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{name}: {stderr}");
        assert_eq!(text(&output.stdout), input, "{name}");
        assert!(says.iter().all(|what| stderr.contains(what)), "{name}: {stderr}");
    }
}

#[test]
fn a_long_text_without_a_store_passes_byte_for_byte() {
    let input = (0..700_000).map(|n| format!("{n} request {} served\n", n % 1009)).collect::<String>();
    assert!(input.len() > 16 << 20, "long enough to be read in parts: {}", input.len());
    for (name, spoil, says) in [STORES[0], STORES[STORES.len() - 1]] {
        let place = Place::new();
        let mut command = place.hr(&[]);
        spoil(&place, &mut command);
        let output = feed(command, input.as_bytes());
        assert!(text(&output.stdout) == input, "{name}: {} bytes", output.stdout.len());
        assert!(says.iter().all(|what| text(&output.stderr).contains(what)), "{name}: {}", text(&output.stderr));
    }
}

#[test]
fn a_store_without_access_rights_loses_nothing() {
    let place = Place::new();
    fs::create_dir(place.at("hr")).unwrap();
    fs::set_permissions(place.at("hr"), fs::Permissions::from_mode(0o500)).unwrap();
    let is_writable = fs::write(place.at("hr/probe"), "").is_ok();
    let input = log(400);
    let output = feed(place.hr(&["--budget", "100"]), input.as_bytes());
    assert_eq!(output.status.code(), Some(0));
    if !is_writable {
        assert_eq!(text(&output.stdout), input);
        assert!(text(&output.stderr).contains("original cannot be kept"), "{}", text(&output.stderr));
    }
    fs::set_permissions(place.at("hr"), fs::Permissions::from_mode(0o700)).unwrap();
}

const HEAD: &str = "id = 'my/rule'\nsummary = 'a rule'\n";

/// Rule files that cannot be used, and what standard error must say about them after the file's name.
const RULES: &[(&str, &str, &[&str])] = &[
    ("unknown key", "prioritty = 3\n", &[":3:1: ", "`prioritty`", "did you mean `priority`?"]),
    ("unknown step", "[[step]]\ndropp = { lines = ['^x'] }\n", &[":4:1: ", "`dropp`", "did you mean `drop`?"]),
    ("unknown key of a step", "[[step]]\ndrop = { line = ['^x'] }\n", &[":4:10: ", "`line`", "`lines`"]),
    ("broken TOML", "[match\n", &[":3:"]),
    ("missing value", "[match]\ntool = \n", &[":4:"]),
    ("wrong type", "protect = 'one'\n", &[":3:11: "]),
    ("bad regex", "protect = ['fine', '(unclosed']\n", &[":3:", "unclosed group"]),
    ("too large regex", "protect = ['(a{1000}){1000}']\n", &[":3:13: ", "too large"]),
    ("unknown kind", "kind = 'jsn'\n", &[":3:", "`jsn`"]),
    ("two keys in a step", "[[step]]\ndrop = { lines = ['^x'] }\nwindow = { head = 3 }\n", &["exactly one thing"]),
    ("not UTF-8", "", &["UTF-8"]),
];

#[test]
fn broken_rules_are_named_and_the_text_passes() {
    for folder in ["config/hr/rules", "project/.hr/rules"] {
        for (name, body, says) in RULES {
            let place = Place::new();
            let file = format!("{folder}/my/rule.toml");
            place.write(&file, &format!("{HEAD}{body}"));
            if *name == "not UTF-8" {
                fs::write(place.at(&file), b"id = '\xff'\n").unwrap();
            }
            let output = feed(place.hr(&[]), b"some text\n");
            let stderr = text(&output.stderr);
            assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(0), "some text\n"), "{name}");
            assert!(stderr.contains("my/rule.toml:"), "{name} in {folder}: {stderr}");
            assert!(says.iter().all(|what| stderr.contains(what)), "{name} in {folder}: {stderr}");
            assert_eq!(stderr.lines().count(), 1, "{name} in {folder}: {stderr}");
        }
    }
}

#[test]
fn one_broken_rule_does_not_stop_the_others() {
    let place = Place::new();
    place.write("config/hr/rules/a.toml", "id = ");
    place.write(
        "config/hr/rules/my/rule.toml",
        &format!("{HEAD}[match]\ntool = ['mytool']\n[[step]]\ndrop = {{ lines = ['^step'], label = 'steps' }}\n"),
    );
    let output = feed(place.hr(&["--command", "mytool"]), log(60).as_bytes());
    assert!(text(&output.stdout).contains(": 59 steps cut]"), "{}", text(&output.stdout));
    assert!(text(&output.stderr).contains("a.toml:1:"), "{}", text(&output.stderr));
}

#[test]
fn rule_files_that_are_named_are_tested_wherever_they_are() {
    let rule = |expected: &str| {
        let test = format!(
            "[[test]]\nname = 'steps go'\ninput = \"step 1\\nstep 2\\nend\\n\"\nexpect = \"{expected}\\nend\"\n"
        );
        format!("{HEAD}[match]\ntool = ['mytool']\n[[step]]\ndrop = {{ lines = ['^step'], label = 'steps' }}\n{test}")
    };
    for path in ["project/.hr/rules/my/rule.toml", "config/hr/rules/my/rule.toml", "elsewhere.toml"] {
        for (expected, status, says) in
            [("[hr: 2 steps cut]", 0, "1 passed, 0 failed\n"), ("other", 1, "0 passed, 1 failed\n")]
        {
            let place = Place::new();
            place.write(path, &rule(expected));
            let output = feed(place.hr(&["test", &place.at(path).display().to_string()]), b"");
            assert_eq!(output.status.code(), Some(status), "{path}: {}", text(&output.stderr));
            assert!(text(&output.stdout).ends_with(says), "{path}: {}", text(&output.stdout));
        }
    }
}

/// Rules folders that are not plain folders of readable files.
const FOLDERS: &[Spoil] = &[
    ("a file instead of a folder", |place, _| place.write("config/hr/rules", "in the way"), &["config/hr/rules"]),
    (
        "a loop of links",
        |place, _| {
            fs::create_dir_all(place.at("config/hr/rules")).unwrap();
            symlink(place.at("config/hr/rules"), place.at("config/hr/rules/again")).unwrap();
            symlink(place.at("config/hr/rules/self.toml"), place.at("config/hr/rules/self.toml")).unwrap();
        },
        &[],
    ),
    ("a folder named as a rule", |place, _| fs::create_dir_all(place.at("project/.hr/rules/odd.toml")).unwrap(), &[]),
    (
        "a folder without access rights",
        |place, _| {
            fs::create_dir_all(place.at("config/hr/rules/closed")).unwrap();
            fs::set_permissions(place.at("config/hr/rules/closed"), fs::Permissions::from_mode(0o000)).unwrap();
        },
        &[],
    ),
];

#[test]
fn odd_rules_folders_do_not_stop_the_text() {
    for (name, spoil, says) in FOLDERS {
        let place = Place::new();
        let mut command = place.hr(&[]);
        spoil(&place, &mut command);
        let output = feed(command, b"some text\n");
        let stderr = text(&output.stderr);
        assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(0), "some text\n"), "{name}");
        assert!(says.iter().all(|what| stderr.contains(what)), "{name}: {stderr}");
    }
}

#[test]
fn a_wrapped_command_keeps_its_status_whatever_is_broken() {
    let spoils = STORES.iter().chain(FOLDERS).map(|(name, spoil, _)| (*name, *spoil));
    for (name, spoil) in spoils {
        let place = Place::new();
        let mut command = place.hr(&["run", "--", "sh", "-c", SEVEN]);
        spoil(&place, &mut command);
        let output = feed(command, b"");
        assert_eq!(output.status.code(), Some(7), "{name}: {}", text(&output.stderr));
        assert_eq!(text(&output.stdout), seven(), "{name}");
    }
    for (name, body, says) in RULES.iter().filter(|(name, ..)| *name != "not UTF-8") {
        let place = Place::new();
        place.write("project/.hr/rules/my/rule.toml", &format!("{HEAD}{body}"));
        let output = feed(place.hr(&["run", "--", "sh", "-c", SEVEN]), b"");
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(7), seven()), "{name}");
        assert!(says.iter().all(|what| text(&output.stderr).contains(what)), "{name}: {}", text(&output.stderr));
    }
}

#[test]
fn a_wrapped_command_keeps_its_status_with_wrong_options() {
    let place = Place::new();
    for args in [&["--rule", "nope/nothing"][..], &["--kind", "jsn"]] {
        let output = feed(place.hr(&[&["run"], args, &["--", "sh", "-c", SEVEN]].concat()), b"");
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(7), seven()), "{args:?}");
        assert!(text(&output.stderr).contains(args[1]), "{}", text(&output.stderr));
    }
}
