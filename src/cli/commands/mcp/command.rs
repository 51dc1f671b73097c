//! Runs commands for `hr_run`: each in an `hr run` of its own, so that they are compacted and kept as everywhere else, and
//! nothing that happens to one of them happens to the server.

use std::collections::HashMap;
use std::io::{self, PipeReader, pipe};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::printed::{AFTERMATH, Next, Printed};
use crate::cli::process::{ACTIVE, End};
use crate::mcp::Refusal;
use crate::mcp::run::{Outcome, Run, Stopped};

/// How much of an output is held, in bytes; what is compacted is far shorter.
const HELD: usize = 64 << 20;
/// More than a pipe holds, in bytes.
const PIPE: usize = 2 << 20;
/// How long a command that was told to stop may take to end.
const LAST_WORDS: Duration = Duration::from_secs(3);
/// How often to look whether a command is to be stopped, or has ended while somebody else keeps its pipe open.
const LOOK: Duration = Duration::from_millis(50);
/// The same when nobody can print anything any more.
const SOON: Duration = Duration::from_millis(2);

/// Tells a command that nobody wants its result any more.
pub(super) type Stop = Arc<AtomicBool>;

/// The commands that run right now.
#[derive(Debug, Default)]
pub(super) struct Running {
    commands: Mutex<Commands>,
    fewer: Condvar,
}

#[derive(Debug, Default)]
struct Commands {
    /// How each of them is stopped.
    running: HashMap<u64, Stop>,
    started: u64,
    /// Whether the server is about to end.
    is_over: bool,
}

impl Running {
    /// Runs a command until it ends or is stopped.
    pub(super) fn run(&self, run: &Run, stop: Stop) -> Result<Outcome, Refusal> {
        let mut command = hr(run)?;
        command.arg("run").arg("--served").arg(run.room().to_string());
        if let Some(query) = &run.query {
            command.arg("--query").arg(query);
        }
        command.arg("-c").arg(&run.command);
        let (reader, child) = started(command).map_err(|error| cannot_run(&error))?;
        let number = self.enter(&stop);
        let printed = Printed::new(reader);
        let outcome = Following { child, printed, stop, held: Vec::new(), lost: 0, stopped: None }.follow(run);
        self.commands().running.remove(&number);
        self.fewer.notify_all();
        outcome
    }

    /// Notes a command that has been started.
    fn enter(&self, stop: &Stop) -> u64 {
        let mut commands = self.commands();
        if commands.is_over {
            stop.store(true, Ordering::Relaxed);
        }
        commands.started += 1;
        let number = commands.started;
        commands.running.insert(number, Arc::clone(stop));
        number
    }

    /// Stops all commands and waits until they have ended, for a while.
    pub(super) fn stop(&self) {
        let mut commands = self.commands();
        commands.is_over = true;
        commands.running.values().for_each(|stop| stop.store(true, Ordering::Relaxed));
        let many = |commands: &mut Commands| !commands.running.is_empty();
        let _ = self.fewer.wait_timeout_while(commands, LAST_WORDS + LOOK, many);
    }

    /// Stops all commands when the server is told to end.
    #[cfg(unix)]
    pub(super) fn stop_when_told(self: &Arc<Self>) -> io::Result<()> {
        use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

        let mut signals = signal_hook::iterator::Signals::new([SIGTERM, SIGINT, SIGHUP])?;
        let running = Arc::clone(self);
        thread::Builder::new().spawn(move || {
            if let Some(signal) = signals.forever().next() {
                running.stop();
                // It ends as if nobody had waited.
                let _ = signal_hook::low_level::emulate_default_handler(signal);
            }
        })?;
        Ok(())
    }

    #[cfg(not(unix))]
    pub(super) fn stop_when_told(self: &Arc<Self>) -> io::Result<()> {
        Ok(())
    }

    /// A panic of another call leaves a list that is complete before or after the change.
    fn commands(&self) -> MutexGuard<'_, Commands> {
        self.commands.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// This program, in the folder of a call.
fn hr(run: &Run) -> Result<Command, Refusal> {
    let mut command = Command::new(own_path());
    if let Some(folder) = &run.cwd {
        if !Path::new(folder).is_dir() {
            let refusal = Refusal::new(format!("`{folder}` is no folder"));
            let here = std::env::current_dir().unwrap_or_default();
            return Err(refusal.hint(format!("cwd is taken from `{}` on", here.display())));
        }
        command.current_dir(folder);
    }
    // What an `hr run` around the server takes in is the protocol, not the output of this command.
    command.env_remove(ACTIVE);
    Ok(command)
}

/// Where this program is; one that was replaced since it was started still has its own file on Linux.
fn own_path() -> PathBuf {
    let own = std::env::current_exe().unwrap_or_else(|_| PathBuf::from("hr"));
    if own.exists() || !cfg!(target_os = "linux") { own } else { PathBuf::from("/proc/self/exe") }
}

fn cannot_run(error: &io::Error) -> Refusal {
    Refusal::new(format!("the command cannot be run: {error}")).hint("try again, or run it without hr")
}

/// Starts a command with nothing to read and one pipe for all that it prints.
fn started(mut command: Command) -> io::Result<(PipeReader, Child)> {
    let (reader, writer) = pipe()?;
    command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let child = command.spawn()?;
    Ok((reader, child))
}

/// A command while it runs.
struct Following {
    child: Child,
    printed: Printed,
    stop: Stop,
    held: Vec<u8>,
    lost: u64,
    stopped: Option<Stopped>,
}

impl Following {
    fn follow(mut self, run: &Run) -> Result<Outcome, Refusal> {
        let mut deadline = Instant::now() + Duration::from_secs(run.timeout as u64);
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let next = self.printed.next(left.min(LOOK));
            match next {
                Next::Bytes(bytes) => self.hold(&bytes),
                Next::Closed if self.has_ended() => break,
                // It ends any moment.
                Next::Closed => thread::sleep(SOON),
                Next::Nothing if self.has_ended() => {
                    self.take_in_what_is_left();
                    break;
                }
                Next::Nothing => {}
            }
            let is_late = Instant::now() >= deadline;
            let is_unwanted = self.stop.load(Ordering::Relaxed);
            match self.stopped {
                None if is_late || is_unwanted => {
                    self.stopped = Some(if is_unwanted { Stopped::Cancelled } else { Stopped::TimedOut });
                    deadline = Instant::now() + LAST_WORDS;
                    end(&mut self.child, Signal::Terminate);
                }
                Some(_) if is_late => {
                    end(&mut self.child, Signal::Kill);
                    break;
                }
                None | Some(_) => {}
            }
        }
        self.ended()
    }

    /// Reads what the command had printed: it is in the pipe, which somebody else keeps open and may print to for ever.
    fn take_in_what_is_left(&mut self) {
        let mut left = PIPE;
        while let Next::Bytes(bytes) = self.printed.next(AFTERMATH) {
            self.hold(&bytes);
            left = left.saturating_sub(bytes.len());
            if left == 0 {
                return;
            }
        }
    }

    fn has_ended(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(Some(_)))
    }

    fn hold(&mut self, bytes: &[u8]) {
        let kept = bytes.len().min(HELD - self.held.len());
        self.held.extend_from_slice(&bytes[..kept]);
        self.lost += (bytes.len() - kept) as u64;
    }

    fn ended(mut self) -> Result<Outcome, Refusal> {
        let status = self.child.wait().map_err(|error| cannot_run(&error))?;
        if self.stopped.is_some() {
            // What it had started goes with it.
            end(&mut self.child, Signal::Kill);
        }
        Ok(Outcome { text: self.held, lost: self.lost, code: End::from(status).code(), stopped: self.stopped })
    }
}

/// How to end a command.
#[derive(Debug, Clone, Copy)]
enum Signal {
    /// It may say a last word.
    Terminate,
    /// At once.
    Kill,
}

/// Ends a command with all that it has started and that is still in its group.
#[cfg(unix)]
fn end(child: &mut Child, signal: Signal) {
    use rustix::process::{Pid, Signal as Unix, kill_process_group};

    let signal = match signal {
        Signal::Terminate => Unix::TERM,
        Signal::Kill => Unix::KILL,
    };
    // A group that is empty by now needs no ending.
    let _ = kill_process_group(Pid::from_child(child), signal);
}

#[cfg(not(unix))]
fn end(child: &mut Child, _: Signal) {
    let _ = child.kill();
}
