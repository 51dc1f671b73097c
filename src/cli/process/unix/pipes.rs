//! The pipes between the command and `hr`: one when `hr` writes both its streams to the same place, else two.

use std::io::{self, PipeReader, PipeWriter, pipe, stderr, stdout};
use std::os::fd::{AsFd, BorrowedFd};
use std::process::{Command, Stdio};

use rustix::buffer::spare_capacity;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::fstat;
use rustix::io::{Errno, read};

use crate::cli::process::{Sink, Stream};

/// How much a pipe holds unless told otherwise, and so the most that one read gets.
const READ: usize = 64 * 1024;
/// How much a pipe is made to hold once it was seen full: fewer changes between the command and `hr`.
#[cfg(target_os = "linux")]
const LARGE: usize = 1024 * 1024;

/// The ends that the command writes to.
#[derive(Debug)]
pub(super) struct Writers {
    stdout: PipeWriter,
    stderr: Option<PipeWriter>,
}

impl Writers {
    pub(super) fn stdout(&self) -> io::Result<PipeWriter> {
        self.stdout.try_clone()
    }

    pub(super) fn stderr(&self) -> io::Result<PipeWriter> {
        self.stderr.as_ref().unwrap_or(&self.stdout).try_clone()
    }
}

/// The ends that `hr` reads from, and what it has read.
#[derive(Debug)]
pub(super) struct Pipes {
    first: Pipe,
    second: Option<Pipe>,
}

/// Where something happened.
#[derive(Debug, Default)]
pub(super) struct Ready {
    pub(super) signals: bool,
    pipes: [bool; 2],
}

impl Pipes {
    /// Opens one pipe or two.
    pub(super) fn open() -> io::Result<(Self, Writers)> {
        let (reader, stdout) = pipe()?;
        if same_file() {
            let pipes = Self { first: Pipe::new(Stream::Both, reader), second: None };
            return Ok((pipes, Writers { stdout, stderr: None }));
        }
        let (second, stderr) = pipe()?;
        let pipes = Self { first: Pipe::new(Stream::Stdout, reader), second: Some(Pipe::new(Stream::Stderr, second)) };
        Ok((pipes, Writers { stdout, stderr: Some(stderr) }))
    }

    /// Whether somebody may still write.
    pub(super) fn any_open(&self) -> bool {
        self.each().any(|pipe| pipe.reader.is_some())
    }

    /// Waits until a pipe or `signals` is readable, or a signal arrives, or the time is over.
    ///
    /// A pipe whose contents nobody would read is closed: the command gets to know as it would without `hr`.
    pub(super) fn wait(&mut self, signals: BorrowedFd<'_>, timeout: Option<&Timespec>) -> Ready {
        let (stdout, stderr) = (stdout(), stderr());
        let mut fds = vec![PollFd::from_borrowed_fd(signals, PollFlags::IN)];
        for pipe in self.each() {
            if let Some(reader) = &pipe.reader {
                let target = if pipe.stream == Stream::Stderr { stderr.as_fd() } else { stdout.as_fd() };
                fds.push(PollFd::new(reader, PollFlags::IN));
                fds.push(PollFd::from_borrowed_fd(target, PollFlags::empty()));
            }
        }
        if poll(&mut fds, timeout).is_err() {
            return Ready::default();
        }
        let happened: Vec<PollFlags> = fds.iter().map(PollFd::revents).collect();
        let mut ready = Ready { signals: !happened[0].is_empty(), ..Ready::default() };
        let open = self.each_mut().enumerate().filter(|(_, pipe)| pipe.reader.is_some());
        for ((index, pipe), flags) in open.zip(happened[1..].chunks_exact(2)) {
            ready.pipes[index] = flags[0].contains(PollFlags::IN);
            let is_at_end = flags[0].intersects(PollFlags::HUP | PollFlags::ERR) && !ready.pipes[index];
            if is_at_end || flags[1].intersects(PollFlags::ERR | PollFlags::HUP) {
                pipe.reader = None;
            }
        }
        ready
    }

    /// Reads once from each pipe that has something; says whether bytes came.
    pub(super) fn read(&mut self, ready: &Ready, sink: &mut dyn Sink) -> bool {
        let mut came = false;
        for (pipe, ready) in self.each_mut().zip(ready.pipes) {
            came |= ready && pipe.read(sink);
        }
        came
    }

    /// Hands over what was read so far.
    pub(super) fn take(&mut self) -> (Vec<u8>, Option<Vec<u8>>) {
        (std::mem::take(&mut self.first.bytes), self.second.as_mut().map(|pipe| std::mem::take(&mut pipe.bytes)))
    }

    /// Leaves open pipes to a process that reads and forgets: a server started in the background must not die of its next
    /// line because `hr` has ended.
    pub(super) fn leave(&mut self) {
        for reader in self.each_mut().filter_map(|pipe| pipe.reader.take()) {
            let mut cat = Command::new("cat");
            cat.stdin(Stdio::from(reader)).stdout(Stdio::null()).stderr(Stdio::null()).current_dir("/");
            // Without it the writer gets to know that nobody reads, which is no reason for `hr` to fail.
            let _ = std::os::unix::process::CommandExt::process_group(&mut cat, 0).spawn();
        }
    }

    fn each(&self) -> impl Iterator<Item = &Pipe> {
        std::iter::once(&self.first).chain(&self.second)
    }

    fn each_mut(&mut self) -> impl Iterator<Item = &mut Pipe> {
        std::iter::once(&mut self.first).chain(&mut self.second)
    }
}

#[derive(Debug)]
struct Pipe {
    stream: Stream,
    reader: Option<PipeReader>,
    bytes: Vec<u8>,
    enlarged: bool,
}

impl Pipe {
    fn new(stream: Stream, reader: PipeReader) -> Self {
        Self { stream, reader: Some(reader), bytes: Vec::new(), enlarged: false }
    }

    /// Reads once and closes at the end; says whether bytes came.
    fn read(&mut self, sink: &mut dyn Sink) -> bool {
        let Some(reader) = &self.reader else { return false };
        self.bytes.reserve(READ);
        let before = self.bytes.len();
        match read(reader, spare_capacity(&mut self.bytes)) {
            Ok(0) => self.reader = None,
            Ok(length) => {
                sink.chunk(self.stream, &mut self.bytes, before);
                if length >= READ && !self.enlarged {
                    self.enlarge();
                }
                return true;
            }
            Err(Errno::INTR | Errno::AGAIN) => {}
            Err(_) => self.reader = None,
        }
        false
    }

    fn enlarge(&mut self) {
        self.enlarged = true;
        // It works without.
        #[cfg(target_os = "linux")]
        let _ = self.reader.as_ref().map(|reader| rustix::pipe::fcntl_setpipe_size(reader, LARGE));
    }
}

/// Whether standard output and standard error of `hr` are the same file.
fn same_file() -> bool {
    match (fstat(stdout()), fstat(stderr())) {
        (Ok(one), Ok(other)) => (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino),
        _ => false,
    }
}
