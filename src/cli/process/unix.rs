//! Takes in what a command prints, with one loop over `poll(2)`: the pipes, the signals sent to `hr`, and whether anybody
//! still reads what `hr` is going to print. No thread, no timer while the command just runs.

mod pipes;
mod signals;

use std::convert::Infallible;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::event::Timespec;
use rustix::process::{Pid, Signal, kill_process};

use super::{ACTIVE, Captured, End, Program, Sink, StartError, start};
use pipes::Pipes;
use signals::{Effect, Signals};

/// How long a command that was told to stop may take before `hr` goes on without it: the result of a run that is being
/// stopped has to be out within 100 ms.
const STOPPING: Duration = Duration::from_millis(50);
/// How long the pipes must have been silent after the end of a command that was told to stop.
const QUIET: Duration = Duration::from_millis(10);
/// How long the pipes must have been silent after the command's end until `hr` gives up on whoever keeps them open.
const SILENCE: Duration = Duration::from_millis(200);
/// How long the pipes may be kept open after the command's end, silent or not.
const AFTERMATH: Duration = Duration::from_secs(1);

/// Replaces `hr` by the program, with all its streams and variables as they are; returns only when that fails.
pub fn pass_through(program: Program<'_>) -> Result<End, StartError> {
    let never: Infallible = start::start(program, |command| Err(command.exec()))?;
    match never {}
}

/// Runs a program and takes in what it prints.
///
/// Returns when the command has ended and its pipes are closed or have gone silent, or shortly after `hr` was told to stop
/// (`SIGTERM`, `SIGHUP`). Those signals are passed on; `SIGINT` and `SIGQUIT` reach the command from the terminal.
pub fn capture(program: Program<'_>, sink: &mut dyn Sink) -> Result<Captured, StartError> {
    let cannot = |error: io::Error| StartError::own("cannot take in the output", &error);
    let signals = Signals::watch().map_err(cannot)?;
    let (pipes, writers) = Pipes::open().map_err(cannot)?;
    let child = start::spawn(program, |command: &mut Command| {
        command.env(ACTIVE, "1").stdout(Stdio::from(writers.stdout()?)).stderr(Stdio::from(writers.stderr()?));
        Ok(())
    })?;
    drop(writers);
    sink.started(child.id());
    let mut run = Run { child, pipes, signals, end: None, ended: None, interrupted: None, last_data: None };
    run.follow(sink, Run::deadline);
    Ok(run.captured())
}

/// A command and what is known of it.
#[derive(Debug)]
struct Run {
    child: Child,
    pipes: Pipes,
    signals: Signals,
    end: Option<End>,
    /// When the end was noticed.
    ended: Option<Instant>,
    /// The signal that told `hr` to stop, and when.
    interrupted: Option<(i32, Instant)>,
    /// When the last bytes came after the end.
    last_data: Option<Instant>,
}

impl Run {
    /// Follows the command until it has ended and closed its pipes, or until the deadline that `deadline` sets.
    fn follow(&mut self, sink: &mut dyn Sink, deadline: impl Fn(&Self) -> Option<Instant>) {
        self.look_for_end();
        while self.end.is_none() || self.pipes.any_open() {
            let left = deadline(self).map(|at| at.saturating_duration_since(Instant::now()));
            if left == Some(Duration::ZERO) {
                return;
            }
            let timeout = left.and_then(|left| Timespec::try_from(left).ok());
            let ready = self.pipes.wait(self.signals.readable(), timeout.as_ref());
            if self.pipes.read(&ready, sink) && self.end.is_some() {
                self.last_data = Some(Instant::now());
            }
            if ready.signals {
                self.answer_signals();
            }
        }
    }

    /// Until when to wait, when not for ever.
    fn deadline(&self) -> Option<Instant> {
        let stopped = self.interrupted.map(|(_, at)| at + STOPPING);
        let silence = if self.interrupted.is_some() { QUIET } else { SILENCE };
        let silent = self.ended.map(|at| (at + AFTERMATH).min(self.last_data.unwrap_or(at) + silence));
        match (stopped, silent) {
            (Some(stopped), Some(silent)) => Some(stopped.min(silent)),
            (stopped, silent) => stopped.or(silent),
        }
    }

    fn answer_signals(&mut self) {
        for signal in self.signals.arrived() {
            match signals::effect(signal) {
                Effect::End => self.look_for_end(),
                Effect::Nothing => {}
                Effect::PassOn(signal) => self.send(signal),
                Effect::Stop(signal) if self.interrupted.is_none() => {
                    self.interrupted = Some((signal.as_raw(), Instant::now()));
                    self.send(signal);
                }
                Effect::Stop(_) => self.send(Signal::KILL),
            }
        }
    }

    fn look_for_end(&mut self) {
        if self.end.is_none()
            && let Ok(Some(status)) = self.child.try_wait()
        {
            self.end = Some(End::from(status));
            self.ended = Some(Instant::now());
        }
    }

    /// Sends a signal to the command, as long as its process id is its own.
    fn send(&self, signal: Signal) {
        if self.end.is_none() {
            // That it has just ended will be noticed.
            let _ = kill_process(Pid::from_child(&self.child), signal);
        }
    }

    fn captured(mut self) -> Captured {
        let (stdout, stderr) = self.pipes.take();
        let mut captured = Captured {
            stdout,
            stderr,
            end: self.end,
            interrupted: self.interrupted.map(|(signal, _)| signal),
            still_open: self.end.is_some() && self.pipes.any_open(),
            left: None,
        };
        if self.end.is_none() {
            captured.left = Some(Left(self));
        } else {
            self.pipes.leave();
            self.signals.release();
        }
        captured
    }
}

/// A command that still runs although `hr` was told to stop.
#[derive(Debug)]
pub struct Left(Run);

impl Left {
    /// Gives the command time to end; another signal to stop kills it.
    ///
    /// Whoever sent the signal waits for `hr`, and would take the command to be gone with it. A command that takes longer
    /// is left alone, its pipes read by somebody else, so that it can still finish what it is about.
    pub fn wait(mut self, limit: Duration, sink: &mut dyn Sink) -> Option<End> {
        let until = Instant::now() + limit;
        self.0.follow(sink, |run| Some(run.ended.map_or(until, |ended| until.min(ended + STOPPING))));
        self.0.pipes.leave();
        self.0.end
    }
}
