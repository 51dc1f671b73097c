//! `--session`: a conversation is not shown again what it was shown lately, and nothing else changes.
#![cfg(unix)]

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn hr(&self, arguments: &[&str]) -> Command {
        let mut hr = Command::new(env!("CARGO_BIN_EXE_hr"));
        hr.env_remove("HR").env_remove("HR_ACTIVE").env("HR_HOME", self.0.path().join("hr")).args(arguments);
        hr.env("XDG_CONFIG_HOME", self.0.path());
        hr
    }

    /// What comes out of the filter for the content of a file that is read.
    fn read(&self, arguments: &[&str], text: &str) -> String {
        let mut hr = self.hr(&[&["--command", "cat -A prices.py"], arguments].concat());
        let mut child = hr.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
    }
}

/// A file with tabs and blanks at the ends of its lines.
fn file(changed: usize) -> String {
    let line = |at| {
        let price = if at == changed { "0.0".into() } else { format!("{at}.5") };
        format!("\tprice_{at} = compute_price({price})  \t\n")
    };
    (0..60).map(line).collect()
}

#[test]
fn a_file_that_is_read_again_shows_what_is_new() {
    let place = Place::new();
    assert_eq!(place.read(&["--session", "a"], &file(99)), file(99));
    let again = place.read(&["--session", "a"], &file(30));
    let (markers, kept): (Vec<&str>, Vec<&str>) = again.split_inclusive('\n').partition(|line| line.starts_with("[hr"));
    assert_eq!(kept.concat(), file(30).split_inclusive('\n').skip(28).take(5).collect::<String>());
    assert_eq!(markers[..2], ["[hr: lines 1-28 shown before]\n", "[hr: lines 34-60 shown before]\n"]);
    let handle = markers[2].trim_start_matches("[hr show ").split([':', ']']).next().unwrap();
    let original = place.hr(&["show", handle]).output().unwrap();
    assert_eq!(String::from_utf8(original.stdout).unwrap(), file(30));
    // What was shown of it now is too little to be marked, and two lines around it stay.
    let third = place.read(&["--session", "a"], &file(30));
    let markers: Vec<&str> = third.lines().filter(|line| line.starts_with("[hr: ")).collect();
    assert_eq!(markers, ["[hr: lines 1-28 shown before]", "[hr: lines 36-60 shown before]"]);
}

#[test]
fn only_the_conversation_itself_counts() {
    let place = Place::new();
    for arguments in [&["--session", "a"][..], &["--session", "b"], &[], &[], &["--session", "a", "--no-store"]] {
        assert_eq!(place.read(arguments, &file(99)), file(99), "{arguments:?}");
    }
    assert_ne!(place.read(&["--session", "b"], &file(99)), file(99));
}

#[test]
fn a_command_that_fails_the_same_way_still_shows_how() {
    let place = Place::new();
    let noise: String = (0..80).map(|at| format!("echo \"checking part {at} of the shop and its prices\"\n")).collect();
    let script = format!("{noise}echo 'src/shop.py:12: error: no price for book 7'\nexit 3\n");
    let path = place.0.path().join("check.sh");
    fs::write(&path, script).unwrap();
    let run = || place.hr(&["run", "--session", "a", "--", "sh", path.to_str().unwrap()]).output().unwrap();
    let (first, second) = (run(), run());
    assert_eq!((first.status.code(), second.status.code()), (Some(3), Some(3)));
    let second = String::from_utf8(second.stdout).unwrap();
    assert!(second.contains("src/shop.py:12: error: no price for book 7\n") && second.contains("exit 3"), "{second}");
    assert!(second.len() <= first.stdout.len(), "{second}");
}

#[test]
fn damage_only_shows_more() {
    let place = Place::new();
    place.read(&["--session", "a"], &file(99));
    let sessions = place.0.path().join("hr/sessions");
    for entry in fs::read_dir(&sessions).unwrap() {
        fs::write(entry.unwrap().path(), b"torn").unwrap();
    }
    assert_eq!(place.read(&["--session", "a"], &file(99)), file(99));
    assert_ne!(place.read(&["--session", "a"], &file(99)), file(99));
    fs::remove_dir_all(&sessions).unwrap();
    fs::write(&sessions, b"").unwrap();
    assert_eq!(place.read(&["--session", "a"], &file(99)), file(99));
}
