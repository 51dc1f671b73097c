//! The store in files: what it keeps, what it removes, and what may happen to it meanwhile.
#![allow(clippy::disallowed_methods, reason = "the tests do to the files what users and crashes do")]

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, SystemTime};

use hr::store::dir::{DirStore, Limits, Shrinker};
use hr::store::memory::MemoryStore;
use hr::store::{Handle, Meta, Recording, Reference, Store, StoreError, Stream};
use proptest::prelude::{ProptestConfig, any, prop_assert_eq, proptest};

/// Tells the test binary that it is a process of a test, and which store to use.
const CHILD: &str = "HR_TEST_STORE";

fn store() -> (tempfile::TempDir, DirStore) {
    limited(Limits::default())
}

fn limited(limits: Limits) -> (tempfile::TempDir, DirStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = DirStore::open(folder.path().join("hr/store"), limits);
    (folder, store)
}

fn meta(command: &str) -> Meta {
    Meta { command: Some(command.into()), exit_code: Some(0), unix_time: 1_700_000_000, ..Meta::default() }
}

fn put(store: &DirStore, text: &str) -> Handle {
    store.put(&Recording::merged(text.as_bytes()), &meta(text)).unwrap()
}

fn put_aged(store: &DirStore, text: &str, age: Duration) -> Handle {
    let handle = put(store, text);
    File::options().write(true).open(place(store, &handle)).unwrap().set_modified(SystemTime::now() - age).unwrap();
    handle
}

fn place(store: &DirStore, handle: &Handle) -> PathBuf {
    let hex = handle.to_hex();
    store.folder().join("objects").join(&hex[..2]).join(format!("{}.zst", &hex[2..]))
}

fn find(store: &dyn Store, text: &str) -> Result<Handle, StoreError> {
    store.find(&text.parse()?)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(self::files(&path)) } else { files.push(path) }
    }
    files
}

/// Bytes that do not compress, the same for the same seed.
fn noise(seed: u8, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    blake3::Hasher::new().update(&[seed]).finalize_xof().fill(&mut bytes);
    bytes
}

/// This test binary, started again to run one test in a process of its own.
fn child(test: &str, store: &DirStore) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([test, "--exact", "--nocapture"]).env(CHILD, store.folder()).stdin(Stdio::null());
    command
}

/// The store of the test that started this process; `None` when the test runs on its own.
fn parents_store() -> Option<DirStore> {
    std::env::var_os(CHILD).map(|folder| DirStore::open(folder, Limits::default()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_bytes_come_back(stdout: Vec<u8>, stderr in any::<Option<Vec<u8>>>(), spooled: bool) {
        let (_folder, store) = store();
        let recording = Recording { stdout: &stdout, stderr: stderr.as_deref() };
        let handle = if spooled {
            let spool = store.spool(stderr.is_some(), &meta("x"));
            for piece in stdout.chunks(7) {
                spool.append(Stream::Stdout, piece).unwrap();
                spool.append(Stream::Stderr, &[]).unwrap();
            }
            stderr.iter().for_each(|bytes| spool.append(Stream::Stderr, bytes).unwrap());
            spool.finish(&meta("x")).unwrap()
        } else {
            store.put(&recording, &meta("x")).unwrap()
        };
        let stored = store.get(&handle).unwrap();
        prop_assert_eq!(stored.recording(), recording);
        prop_assert_eq!(stored.size, recording.size());
        prop_assert_eq!(&stored.meta, &meta("x"));
        prop_assert_eq!(handle, recording.handle());
        let memory = MemoryStore::default();
        prop_assert_eq!(memory.put(&recording, &meta("x")).unwrap(), handle);
        prop_assert_eq!(memory.get(&handle).unwrap(), stored);
    }
}

#[test]
fn opening_and_looking_makes_nothing() {
    let (folder, store) = store();
    let spool = store.spool(true, &meta("x"));
    assert!(store.list(9).unwrap().is_empty());
    assert!(matches!(find(&store, "last"), Err(StoreError::TooFew { count: 0, .. })));
    assert!(matches!(find(&store, "abcdef01"), Err(StoreError::Unknown { .. })));
    assert_eq!(store.sweep().unwrap().unwrap().kept, 0);
    spool.discard();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn what_grows_is_kept_whole_or_as_far_as_it_came() {
    let (_folder, store) = store();
    let parts = [noise(1, 300_000), b"a line\n".repeat(9_000), noise(2, 10)];
    let mut shrinker = Shrinker::new().unwrap();
    let shrunk = parts.each_ref().map(|part| shrinker.shrink(part).unwrap());
    let grown = || {
        let mut growing = store.grow(&meta("x")).unwrap();
        shrunk.iter().for_each(|part| growing.append(part).unwrap());
        growing
    };
    let whole = parts.concat();
    let recording = Recording::merged(&whole);
    let handle = grown().keep(recording.handle(), recording.size(), &meta("x")).unwrap();
    let stored = store.get(&handle).unwrap();
    assert!(stored.stdout == whole && stored.size == recording.size() && stored.meta == meta("x"));
    assert_eq!(files(&store.folder().join("spool")), [] as [PathBuf; 0]);
    assert!(store.remove(&handle).unwrap());

    let mut replayed = Vec::new();
    grown().replay(|bytes| replayed.extend_from_slice(bytes)).unwrap();
    assert!(replayed == whole);
    let left = files(&store.folder().join("spool")).remove(0);
    let file = File::options().write(true).open(&left).unwrap();
    file.set_len(file.metadata().unwrap().len() - 12).unwrap();
    drop(file);
    let orphan = store.get(&find(&store, "last").unwrap()).unwrap();
    assert!(orphan.meta.interrupted && whole.starts_with(&orphan.stdout) && orphan.stdout.len() > 300_000);
    assert_eq!(files(&store.folder().join("spool")), [] as [PathBuf; 0]);
}

#[test]
fn same_content_is_one_file_with_the_newest_facts() {
    let (_folder, store) = store();
    let first = put(&store, "same");
    put(&store, "other");
    let again = store.put(&Recording::merged(b"same"), &Meta { exit_code: Some(3), ..meta("again") }).unwrap();
    let listed = store.list(9).unwrap();
    assert_eq!((first, listed.len()), (again, 2));
    assert_eq!((listed[0].handle, listed[0].meta.exit_code), (again, Some(3)));
}

#[test]
fn newest_first_and_last_counts_back() {
    let (_folder, store) = store();
    let handles: Vec<Handle> = (0..5).map(|n| put(&store, &format!("output {n}"))).collect();
    let listed: Vec<Handle> = store.list(3).unwrap().iter().map(|entry| entry.handle).collect();
    assert_eq!(listed, [handles[4], handles[3], handles[2]]);
    assert_eq!(find(&store, "last").unwrap(), handles[4]);
    assert_eq!(find(&store, "last~4").unwrap(), handles[0]);
    assert!(matches!(find(&store, "last~5"), Err(StoreError::TooFew { count: 5, .. })));
}

#[test]
fn a_prefix_is_enough_and_a_typo_is_recognised() {
    let (_folder, store) = store();
    let handle = put(&store, "x");
    let hex = handle.to_hex();
    for length in [4, 8, 13, 64] {
        assert_eq!(find(&store, &hex[..length]).unwrap(), handle);
    }
    let typo = format!("{}{}", if hex.starts_with('0') { '1' } else { '0' }, &hex[1..8]);
    assert!(matches!(find(&store, &typo), Err(StoreError::Unknown { nearest, .. }) if nearest == [handle]));
    assert!(matches!(find(&store, &hex[..3]), Err(StoreError::Malformed(_))));
}

#[test]
fn names_that_start_alike_are_told_apart() {
    let (_folder, store) = store();
    let handle = put(&store, "x");
    let hex = handle.to_hex();
    let twin = Handle::from_hex(&format!("{}{}", &hex[..10], "0".repeat(54))).unwrap();
    fs::copy(place(&store, &handle), place(&store, &twin)).unwrap();
    assert_eq!(put(&store, "x").to_string(), "230100156265");
    let Err(StoreError::Ambiguous { candidates, .. }) = find(&store, &hex[..8]) else { panic!("not ambiguous") };
    assert!(candidates.iter().all(|candidate| candidate.to_string().len() == 12), "{candidates:?}");
    assert!(store.list(9).unwrap().iter().all(|entry| entry.handle.to_string().len() == 12));
}

#[cfg(unix)]
#[test]
fn nobody_else_may_look() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, store) = store();
    put(&store, "secret");
    let spool = store.spool(false, &meta("x"));
    spool.append(Stream::Stdout, b"secret").unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let files = files(folder.path());
    assert!(files.len() >= 4, "{files:?}");
    for file in &files {
        assert_eq!(mode(file), 0o600, "{file:?}");
        let folders = file.ancestors().skip(1).take_while(|above| *above != folder.path());
        folders.for_each(|above| assert_eq!(mode(above), 0o700, "{above:?}"));
    }
}

#[test]
fn old_recordings_go_and_their_command_stays_known() {
    let (_folder, store) = store();
    let day = Duration::from_secs(24 * 60 * 60);
    let old = put_aged(&store, "cargo test --old", 8 * day);
    let young = put_aged(&store, "young", 6 * day);
    let swept = store.sweep().unwrap().unwrap();
    assert_eq!((swept.removed, swept.kept), (1, 1));
    for error in [find(&store, &old.to_hex()[..6]).unwrap_err(), store.get(&old).unwrap_err()] {
        assert!(matches!(&error, StoreError::Gone { command: Some(command), .. } if command == "cargo test --old"));
        assert_eq!(error.hints(), ["to see it again, run `cargo test --old`"]);
    }
    // The newest stays, however old.
    assert_eq!(store.sweep_at(SystemTime::now() + 99 * day).unwrap().unwrap().removed, 0);
    assert!(store.get(&young).is_ok());
}

#[test]
fn over_the_cap_the_oldest_go() {
    let (_folder, store) = limited(Limits { bytes: 40_000, ..Limits::default() });
    let handles: Vec<Handle> =
        (0..9u8).map(|seed| store.put(&Recording::merged(&noise(seed, 9_000)), &meta("x")).unwrap()).collect();
    let kept = store.list(99).unwrap();
    assert!(kept.iter().map(|entry| entry.stored_bytes).sum::<u64>() <= 40_000, "{kept:?}");
    assert!(kept.len() >= 3, "{kept:?}");
    for (entry, newest) in kept.iter().zip(handles.iter().rev()) {
        assert_eq!(entry.handle, *newest);
    }
}

#[test]
fn larger_than_the_cap_is_refused_and_leaves_nothing() {
    let (_folder, store) = limited(Limits { bytes: 10_000, ..Limits::default() });
    let before = put(&store, "before");
    let error = store.put(&Recording::merged(&noise(1, 200_000)), &meta("x")).unwrap_err();
    assert!(matches!(error, StoreError::TooLarge { cap: 10_000 }));
    let spool = store.spool(false, &meta("x"));
    assert!(matches!(spool.append(Stream::Stdout, &noise(1, 200_000)), Err(StoreError::TooLarge { .. })));
    assert!(spool.finish(&meta("x")).is_err());
    assert!(store.get(&before).is_ok());
    let left = ["tmp", "spool"].map(|name| files(&store.folder().join(name)));
    assert_eq!(left, [[], []] as [[PathBuf; 0]; 2]);
    assert!(
        store.put(&Recording::merged(&vec![b'x'; 200_000]), &meta("x")).is_ok(),
        "it is the stored size that counts"
    );
}

#[test]
fn remains_of_killed_processes_are_swept_and_foreign_files_are_not() {
    let (folder, store) = store();
    let handle = put(&store, "x");
    let remains = store.folder().join("tmp/deadbeef-1-0");
    let fresh = store.folder().join("tmp/deadbeef-2-0");
    let hour = Duration::from_secs(60 * 60);
    for (path, age) in [(&remains, 2 * hour), (&fresh, Duration::ZERO)] {
        File::create(path).unwrap().set_modified(SystemTime::now() - age).unwrap();
    }
    let foreign: Vec<PathBuf> =
        ["notes.txt", "objects/README", "objects/zz/x.zst", "objects/ab/short.zst", "objects/ab/sub/x"]
            .iter()
            .map(|name| store.folder().join(name))
            .collect();
    for path in &foreign {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "mine").unwrap();
    }
    store.sweep_at(SystemTime::now() + hour / 2).unwrap();
    assert!(!remains.exists() && fresh.exists());
    assert_eq!(store.list(9).unwrap().len(), 1);
    assert_eq!(store.clear().unwrap(), [handle]);
    assert!(foreign.iter().all(|path| path.exists()), "{:?}", files(folder.path()));
}

#[test]
fn damage_is_noticed_wherever_it_is_and_storing_again_repairs_it() {
    let (_folder, store) = store();
    let text = noise(7, 5_000);
    let handle = store.put(&Recording::merged(&text), &meta("x")).unwrap();
    let whole = fs::read(place(&store, &handle)).unwrap();
    let mut damaged: Vec<Vec<u8>> = (0..whole.len())
        .step_by(whole.len() / 40)
        .map(|at| {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x55;
            bytes
        })
        .collect();
    damaged.extend([0, 3, 8, 60, whole.len() / 2, whole.len() - 1].map(|length| whole[..length].to_vec()));
    damaged.push(noise(8, 999));
    for bytes in damaged {
        fs::write(place(&store, &handle), &bytes).unwrap();
        match store.get(&handle) {
            Err(StoreError::Corrupt { .. }) => {}
            // What is known about it is not part of the content.
            Ok(stored) => assert!(stored.stdout == text, "other bytes came back"),
            Err(error) => panic!("{error}"),
        }
        assert_eq!(store.list(9).unwrap().len(), 1);
    }
    assert!(matches!(store.get(&handle), Err(StoreError::Corrupt { .. })));
    store.put(&Recording::merged(&text), &meta("x")).unwrap();
    assert_eq!(store.get(&handle).unwrap().stdout, text);
}

#[test]
fn damaged_own_files_do_not_stop_storing() {
    let (_folder, store) = store();
    put(&store, "x");
    for name in ["tally", "history.jsonl", "lock", "spool/deadbeef-1-0"] {
        fs::create_dir_all(store.folder().join("spool")).unwrap();
        fs::write(store.folder().join(name), b"\xff\xfe nonsense \0").unwrap();
    }
    let handle = put(&store, "y");
    assert_eq!(store.list(9).unwrap().len(), 2);
    store.remove(&handle).unwrap();
    assert!(!store.remove(&handle).unwrap());
    let gone = store.get(&handle).unwrap_err();
    assert!(matches!(gone, StoreError::Gone { .. } | StoreError::Unknown { .. }), "{gone}");
}

#[test]
fn a_folder_that_cannot_be_is_an_error_not_a_panic() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let store = DirStore::open(file.path().join("store"), Limits::default());
    let failed = |result: Result<(), StoreError>| matches!(result, Err(StoreError::Io { .. }));
    assert!(failed(store.put(&Recording::merged(b"x"), &meta("x")).map(|_| ())));
    assert!(failed(store.list(9).map(|_| ())));
    assert!(failed(store.find(&Reference::Last(0)).map(|_| ())));
    let spool = store.spool(false, &meta("x"));
    assert!(failed(spool.append(Stream::Stdout, b"x")));
    assert!(spool.append(Stream::Stdout, b"y").is_ok(), "said once");
    assert!(failed(spool.finish(&meta("x")).map(|_| ())));
}

/// A small file system of its own; there is none where the user may not mount.
#[cfg(target_os = "linux")]
struct Disk(tempfile::TempDir);

#[cfg(target_os = "linux")]
impl Disk {
    fn new() -> Option<Self> {
        let disk = Self(tempfile::tempdir().unwrap());
        let mounted = disk.call("mount", &["-t", "tmpfs", "-o", "size=256k", "tmpfs"]);
        if !mounted {
            eprintln!("skipped: no file system of its own can be mounted here");
        }
        mounted.then_some(disk)
    }

    fn call(&self, program: &str, args: &[&str]) -> bool {
        let mut command = Command::new(program);
        command.args(args).arg(self.0.path()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    }

    fn store(&self) -> DirStore {
        DirStore::open(self.0.path().join("store"), Limits::default())
    }
}

#[cfg(target_os = "linux")]
impl Drop for Disk {
    fn drop(&mut self) {
        self.call("umount", &[]);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_and_loses_nothing() {
    let Some(disk) = Disk::new() else { return };
    let store = disk.store();
    let small = put(&store, "small");
    let large = store.put(&Recording::merged(&noise(1, 900_000)), &meta("large"));
    let spool = store.spool(false, &meta("x"));
    let appended = spool.append(Stream::Stdout, &noise(2, 900_000));
    for full in [large.map(|_| ()), appended] {
        assert!(matches!(full, Err(StoreError::Io { action: "write", .. })), "{full:?}");
    }
    assert_eq!(store.get(&small).unwrap().stdout, b"small");
    assert_eq!(files(&store.folder().join("tmp")), [] as [PathBuf; 0]);
    put(&store, "after");
}

#[cfg(target_os = "linux")]
#[test]
fn a_read_only_folder_still_gives_back() {
    let Some(disk) = Disk::new() else { return };
    let store = disk.store();
    let handle = put(&store, "kept");
    let spool = store.spool(false, &meta("x"));
    spool.append(Stream::Stdout, b"orphan").unwrap();
    drop(spool);
    assert!(disk.call("mount", &["-o", "remount,ro"]));
    assert_eq!(store.get(&find(&store, "last").unwrap()).unwrap().stdout, b"kept");
    assert_eq!(store.list(9).unwrap().len(), 1);
    for refused in [
        store.put(&Recording::merged(b"x"), &meta("x")).map(|_| ()),
        store.spool(false, &meta("x")).append(Stream::Stdout, b"x"),
        store.sweep().map(|_| ()),
        store.remove(&handle).map(|_| ()),
    ] {
        assert!(matches!(refused, Err(StoreError::Io { .. })), "{refused:?}");
    }
    assert!(disk.call("mount", &["-o", "remount,rw"]));
    assert_eq!(store.list(9).unwrap().len(), 2);
}

/// Not a test of its own: prints where a process with another environment keeps its files.
#[test]
fn child_prints_its_home() {
    if parents_store().is_some() {
        println!("home={:?}", hr::cli::home::store_folder().ok());
    }
}

#[test]
fn the_home_is_hr_home_or_the_data_folder() {
    let cwd = std::env::current_dir().unwrap();
    let (_folder, store) = store();
    for (variables, expected) in [
        ([("HR_HOME", "/a"), ("XDG_DATA_HOME", "/b")], PathBuf::from("/a/store")),
        ([("HR_HOME", "rel"), ("XDG_DATA_HOME", "/b")], cwd.join("rel/store")),
        ([("HR_HOME", ""), ("XDG_DATA_HOME", "/b")], PathBuf::from("/b/hr/store")),
        ([("HR_HOME", ""), ("XDG_DATA_HOME", "ignored")], PathBuf::from("/home/me/.local/share/hr/store")),
    ] {
        let output = child("store::child_prints_its_home", &store).env("HOME", "/home/me").envs(variables).output();
        let text = String::from_utf8(output.unwrap().stdout).unwrap();
        assert!(text.contains(&format!("home={:?}", Some(&expected))), "{variables:?}: {text}");
    }
}

#[test]
fn a_running_spool_is_no_recording_yet() {
    let (_folder, store) = store();
    let spool = store.spool(false, &meta("running"));
    spool.append(Stream::Stdout, b"half").unwrap();
    assert!(store.list(9).unwrap().is_empty());
    store.sweep_at(SystemTime::now() + Duration::from_secs(30 * 24 * 60 * 60)).unwrap();
    spool.append(Stream::Stdout, b" done").unwrap();
    let handle = spool.finish(&meta("running")).unwrap();
    assert_eq!(store.get(&handle).unwrap().stdout, b"half done");
    assert_eq!(files(&store.folder().join("spool")), [] as [PathBuf; 0]);
}

#[test]
fn a_discarded_spool_leaves_nothing_and_a_dropped_one_is_an_orphan() {
    let (_folder, store) = store();
    let spool = |text: &str| {
        let spool = store.spool(false, &meta(text));
        spool.append(Stream::Stdout, text.as_bytes()).unwrap();
        spool
    };
    spool("discarded").discard();
    drop(spool("dropped"));
    let listed = store.list(9).unwrap();
    assert_eq!(listed.len(), 1);
    assert!(listed[0].meta.interrupted);
    assert_eq!(listed[0].meta.command.as_deref(), Some("dropped"));
}

#[test]
fn a_spool_without_output_is_an_empty_recording() {
    let (_folder, store) = store();
    let merged = store.spool(false, &meta("true")).finish(&meta("true")).unwrap();
    let split = store.spool(true, &meta("true")).finish(&meta("true")).unwrap();
    assert_ne!(merged, split);
    assert_eq!(store.get(&split).unwrap().stderr.as_deref(), Some(&b""[..]));
}

/// Not a test of its own: the process that the next one kills.
#[test]
fn child_spools_and_waits() {
    let Some(store) = parents_store() else { return };
    let spool = store.spool(true, &meta("make all"));
    spool.append(Stream::Stdout, b"one\n").unwrap();
    spool.append(Stream::Stderr, b"warning\n").unwrap();
    spool.append(Stream::Stdout, b"two\n").unwrap();
    println!("ready");
    thread::sleep(Duration::from_secs(60));
}

#[test]
fn what_a_killed_process_recorded_can_be_shown() {
    use std::io::BufRead;
    let (_folder, store) = store();
    put(&store, "before");
    let mut child = child("store::child_spools_and_waits", &store).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = std::io::BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("ready")));
    assert_eq!(store.list(9).unwrap().len(), 1, "its process still runs");
    child.kill().unwrap();
    child.wait().unwrap();
    // The last piece is cut in the middle of its length.
    let spool = files(&store.folder().join("spool")).remove(0);
    File::options().append(true).open(&spool).unwrap().write_all(b"o\x05\0").unwrap();
    let handle = find(&store, "last").unwrap();
    let stored = store.get(&handle).unwrap();
    assert_eq!((&stored.stdout[..], stored.stderr.as_deref()), (&b"one\ntwo\n"[..], Some(&b"warning\n"[..])));
    assert_eq!(stored.meta, Meta { interrupted: true, ..meta("make all") });
    assert!(!spool.exists());
}

/// Not a test of its own: one of the processes that the next one starts.
#[test]
fn child_writes() {
    if let Some(store) = parents_store() {
        write_a_lot(&store);
    }
}

/// Threads that store, find, list and sweep all at once.
fn write_a_lot(store: &DirStore) {
    thread::scope(|scope| {
        for writer in 0..8u8 {
            scope.spawn(move || {
                for round in 0..12 {
                    let own = noise(writer, 100 + round);
                    let handle = store.put(&Recording::merged(&own), &meta("own")).unwrap();
                    assert_eq!(store.get(&handle).unwrap().stdout, own);
                    let shared = put(store, &format!("shared {round}"));
                    assert_eq!(store.get(&shared).unwrap().stdout, format!("shared {round}").as_bytes());
                    let spool = store.spool(false, &meta("spooled"));
                    spool.append(Stream::Stdout, &own).unwrap();
                    assert_eq!(spool.finish(&meta("spooled")).unwrap(), handle);
                    store.list(5).unwrap();
                    store.sweep().unwrap();
                }
            });
        }
    });
}

#[test]
fn many_processes_and_threads_share_a_store() {
    let (_folder, store) = store();
    let children: Vec<_> =
        (0..3).map(|_| child("store::child_writes", &store).stdout(Stdio::null()).spawn().unwrap()).collect();
    write_a_lot(&store);
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let listed = store.list(usize::MAX).unwrap();
    assert_eq!(listed.len(), 8 * 12 + 12);
    assert!(listed.iter().all(|entry| !entry.meta.interrupted && store.get(&entry.handle).is_ok()));
    assert!(files(&store.folder().join("tmp")).is_empty() && files(&store.folder().join("spool")).is_empty());
    // Every line was added whole.
    let history = fs::read_to_string(store.folder().join("history.jsonl")).unwrap();
    assert!(history.lines().all(|line| line.starts_with("{\"handle\"") && line.ends_with('}')));
}

#[test]
fn clearing_forgets_commands_too() {
    let (folder, store) = store();
    let handle = put(&store, "curl -H 'token: hunter2'");
    assert_eq!(store.clear().unwrap(), [handle]);
    assert!(matches!(store.get(&handle), Err(StoreError::Unknown { .. })));
    for file in files(folder.path()) {
        assert!(!String::from_utf8_lossy(&fs::read(&file).unwrap()).contains("hunter2"), "{file:?}");
    }
}

#[test]
fn the_history_is_bounded() {
    let (_folder, store) = store();
    let handle = put(&store, "first");
    let history = store.folder().join("history.jsonl");
    for _ in 0..2 {
        let line = fs::read_to_string(&history).unwrap();
        fs::write(&history, line.repeat(1 + (600 << 10) / line.len())).unwrap();
        store.sweep().unwrap();
        put(&store, "later");
    }
    let both = [history, store.folder().join("history.old.jsonl")];
    assert!(both.iter().map(|path| fs::metadata(path).unwrap().len()).sum::<u64>() < 1 << 20);
    store.remove(&handle).unwrap();
    assert!(matches!(store.get(&handle), Err(StoreError::Unknown { .. })), "the older half is forgotten");
}
