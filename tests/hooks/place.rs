//! A folder in which a line is run, and what is left of the run.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a run leaves.
#[derive(Debug, PartialEq, Eq)]
pub struct Run {
    /// The exit status, or the signal.
    pub end: String,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// The files of the folder: mode and content.
    pub files: BTreeMap<PathBuf, String>,
}

impl Run {
    /// What another run did not do alike, in short.
    pub fn difference(&self, other: &Self) -> Option<String> {
        let told = [
            ("end", &self.end, &other.end),
            ("stdout", &self.stdout, &other.stdout),
            ("stderr", &self.stderr, &other.stderr),
        ];
        let mut differing =
            told.iter().filter(|(_, a, b)| a != b).map(|(name, a, b)| format!("{name}: {}", apart(a, b)));
        differing.next().or_else(|| {
            let mut names = self.files.keys().chain(other.files.keys());
            let name = names.find(|name| self.files.get(*name) != other.files.get(*name))?;
            let text = |run: &Self| run.files.get(name).cloned().unwrap_or_else(|| "(no such file)".into());
            Some(format!("{}: {}", name.display(), apart(&text(self), &text(other))))
        })
    }
}

/// The first lines that differ.
fn apart(a: &str, b: &str) -> String {
    let longest = a.lines().count().max(b.lines().count());
    let (mut a, mut b) = (a.lines(), b.lines());
    let pairs = (0..longest).map(|_| (a.next(), b.next()));
    let differing = pairs.filter(|(a, b)| a != b).take(3);
    differing.map(|(a, b)| format!("{a:?} became {b:?}")).collect::<Vec<_>>().join(", ")
}

/// Whether `hr` does anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hr {
    Off,
    On,
}

/// A folder that is made anew for each run, always at the same path, so that runs can be compared byte for byte.
#[derive(Debug)]
pub struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    /// A place whose folder begins with what `fill` puts there.
    pub fn new(fill: impl Fn(&Path)) -> Self {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        fs::create_dir_all(folder.path().join("home")).unwrap();
        let filled = folder.path().join("filled");
        fs::create_dir_all(&filled).unwrap();
        fill(&filled);
        Command::new("find")
            .arg(&filled)
            .args(["-exec", "touch", "-d", "2024-01-01T00:00:00Z", "{}", "+"])
            .status()
            .unwrap();
        Self { folder }
    }

    /// The folder in which lines run.
    pub fn inside(&self) -> PathBuf {
        self.folder.path().join("box")
    }

    /// Runs a line with bash.
    pub fn run(&self, line: &str, hr: Hr, path: &str) -> Run {
        let inside = self.inside();
        if inside.exists() {
            fs::remove_dir_all(&inside).unwrap();
        }
        let copied = Command::new("cp").arg("-a").arg(self.folder.path().join("filled")).arg(&inside).status();
        assert!(copied.unwrap().success());
        // All that the line starts holds descriptor 9, so that the end of the output is the end of everything.
        let mut command = Command::new("/bin/sh");
        command.args(["-c", "exec 9>&1; exec \"$0\" -c \"$1\"", bash(), line]).current_dir(&inside).env_clear();
        command
            .env("PATH", path)
            .env("HOME", self.folder.path().join("home"))
            .env("HR_HOME", self.folder.path().join("store"));
        command
            .env("LC_ALL", "C")
            .env("TZ", "UTC")
            .env("VAR", "one two")
            .env("EMPTY", "")
            .env("NOTES", inside.join("notes"));
        for (who, name) in [("AUTHOR", "a"), ("COMMITTER", "c")] {
            command.env(format!("GIT_{who}_NAME"), name).env(format!("GIT_{who}_EMAIL"), "a@example.org");
            command.env(format!("GIT_{who}_DATE"), "1700000000 +0000");
        }
        if hr == Hr::Off {
            command.env("HR", "off");
        }
        let stdin = fs::File::open(inside.join("in.txt")).unwrap();
        let output = command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap();
        let mut files = BTreeMap::new();
        collect(&inside, &inside, &mut files);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Run { end: output.status.to_string(), stdout: text(&output.stdout), stderr: text(&output.stderr), files }
    }
}

/// The bash that tests use, with its whole path.
pub fn bash() -> &'static str {
    if Path::new("/bin/bash").exists() { "/bin/bash" } else { "/usr/bin/bash" }
}

fn collect(folder: &Path, root: &Path, files: &mut BTreeMap<PathBuf, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.strip_prefix(root).unwrap().to_owned();
        let meta = fs::symlink_metadata(&path).unwrap();
        files.insert(name.join("mode"), format!("{:o}", meta.permissions().mode()));
        if meta.is_symlink() {
            files.insert(name, fs::read_link(&path).unwrap().to_string_lossy().into_owned());
        } else if meta.is_dir() {
            collect(&path, root, files);
        } else if meta.is_file() && !name.ends_with(".git/index") {
            // The index holds times.
            files.insert(name, String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned());
        }
    }
}

/// Writes a file that can be run.
pub fn program(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}
