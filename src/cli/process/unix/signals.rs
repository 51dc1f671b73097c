//! The signals that `hr` has to know of while a command runs, and what each of them means for the command.

use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rustix::process::Signal;
use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};
use signal_hook::flag::register_conditional_default;
use signal_hook::iterator::backend::SignalDelivery;
use signal_hook::iterator::exfiltrator::SignalOnly;

/// What a signal to `hr` means.
#[derive(Debug, Clone, Copy)]
pub(super) enum Effect {
    /// The command may have ended.
    End,
    /// The terminal has sent it to the command, too.
    Nothing,
    /// The command is to have it.
    PassOn(Signal),
    /// The command is to have it, and `hr` is to come to an end.
    Stop(Signal),
}

/// All but the one that announces the command's end: by default each of them ends a program.
const SENT: [i32; 6] = [SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2];

/// What a signal means.
pub(super) fn effect(signal: i32) -> Effect {
    match signal {
        SIGCHLD => Effect::End,
        SIGTERM => Effect::Stop(Signal::TERM),
        SIGHUP => Effect::Stop(Signal::HUP),
        SIGUSR1 => Effect::PassOn(Signal::USR1),
        SIGUSR2 => Effect::PassOn(Signal::USR2),
        _ => Effect::Nothing,
    }
}

/// Signals noted as they arrive.
#[derive(Debug)]
pub(super) struct Signals {
    delivery: SignalDelivery<UnixStream, SignalOnly>,
    ignored: u64,
}

impl Signals {
    /// Starts to note signals.
    ///
    /// What `hr` was started to ignore, as `nohup` and background jobs are, stays ignored, here and by the command.
    pub(super) fn watch() -> io::Result<Self> {
        let ignored = ignored();
        let (read, write) = UnixStream::pair()?;
        let wanted = sent(ignored).chain([SIGCHLD]);
        Ok(Self { delivery: SignalDelivery::with_pipe(read, write, SignalOnly, wanted)?, ignored })
    }

    /// Is readable when signals have arrived.
    pub(super) fn readable(&self) -> BorrowedFd<'_> {
        self.delivery.get_read().as_fd()
    }

    /// The signals that have arrived since the last call.
    pub(super) fn arrived(&mut self) -> impl Iterator<Item = i32> + use<> {
        self.delivery.pending()
    }

    /// Lets the signals do again what they do by default.
    pub(super) fn release(self) {
        let always = Arc::new(AtomicBool::new(true));
        for signal in sent(self.ignored) {
            // Without it the signal has no effect for the few milliseconds that are left.
            let _ = register_conditional_default(signal, Arc::clone(&always));
        }
    }
}

fn sent(ignored: u64) -> impl Iterator<Item = i32> {
    SENT.into_iter().filter(move |signal| ignored & (1 << (signal - 1)) == 0)
}

/// The set of signals that are ignored, with signal 1 as the lowest bit; empty where the system does not tell.
fn ignored() -> u64 {
    let mut status = [0; 4096];
    let length = std::fs::File::open("/proc/self/status").and_then(|mut file| file.read(&mut status));
    ignored_in(&status[..length.unwrap_or(0)]).unwrap_or(0)
}

fn ignored_in(status: &[u8]) -> Option<u64> {
    const LABEL: &[u8] = b"\nSigIgn:\t";
    let start = memchr::memmem::find(status, LABEL)? + LABEL.len();
    let digits = std::str::from_utf8(status.get(start..start + 16)?).ok()?;
    u64::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ignored_signals_are_read_from_the_status_file() {
        let status = b"SigBlk:\t0000000000000000\nSigIgn:\t0000000000001001\nSigCgt:\t0000000000000440\n";
        assert_eq!(ignored_in(status), Some(0x1001));
        assert_eq!(ignored_in(b"Name:\thr\n"), None);
        assert_eq!(ignored_in(b"\nSigIgn:\t00"), None);
    }

    #[test]
    fn ignored_signals_are_not_watched() {
        assert!(sent(1).all(|signal| signal != SIGHUP));
        assert_eq!(sent(0).count(), SENT.len());
    }
}
