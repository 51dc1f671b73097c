//! What a command prints, read when it is there and waited for when it is not.
//!
//! On Unix the one who follows the command also reads the pipe: when the command has ended, all it printed is there to be
//! read, so that nothing is missed however slow the machine is.

use std::io::PipeReader;
use std::time::Duration;

/// How much is read at once, in bytes.
const PIECE: usize = 64 << 10;

/// What comes next.
pub(super) enum Next {
    /// It has printed this.
    Bytes(Vec<u8>),
    /// Nobody can print anything any more.
    Closed,
    /// Nothing came in time.
    Nothing,
}

#[cfg(unix)]
pub(super) use unix::{AFTERMATH, Printed};

#[cfg(unix)]
mod unix {
    use std::io::Read;

    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    use super::{Duration, Next, PIECE, PipeReader};

    /// How long to wait for what was printed by a command that has ended.
    pub(in super::super) const AFTERMATH: Duration = Duration::ZERO;

    /// The reading end of the pipe.
    pub(in super::super) struct Printed(PipeReader);

    impl Printed {
        pub(in super::super) fn new(reader: PipeReader) -> Self {
            Self(reader)
        }

        /// Reads what is there, or waits for it.
        pub(in super::super) fn next(&mut self, timeout: Duration) -> Next {
            let timeout = Timespec::try_from(timeout).ok();
            let ready = poll(&mut [PollFd::new(&self.0, PollFlags::IN)], timeout.as_ref());
            if !matches!(ready, Ok(1..)) {
                return Next::Nothing;
            }
            let mut piece = vec![0; PIECE];
            match self.0.read(&mut piece) {
                Ok(0) => Next::Closed,
                Ok(length) => {
                    piece.truncate(length);
                    Next::Bytes(piece)
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => Next::Nothing,
                Err(_) => Next::Closed,
            }
        }
    }
}

#[cfg(not(unix))]
pub(super) use portable::{AFTERMATH, Printed};

#[cfg(not(unix))]
mod portable {
    use std::io::Read;
    use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
    use std::thread;

    use super::{Duration, Next, PIECE, PipeReader};

    /// How long to wait for what was printed by a command that has ended.
    pub(in super::super) const AFTERMATH: Duration = Duration::from_secs(1);

    /// What a thread has read from the pipe.
    pub(in super::super) struct Printed(Receiver<Vec<u8>>);

    impl Printed {
        pub(in super::super) fn new(mut reader: PipeReader) -> Self {
            let (pass_on, pieces) = sync_channel(16);
            thread::spawn(move || {
                let mut piece = vec![0; PIECE];
                while let Ok(length @ 1..) = reader.read(&mut piece) {
                    if pass_on.send(piece[..length].to_vec()).is_err() {
                        return;
                    }
                }
            });
            Self(pieces)
        }

        /// Takes what was read, or waits for it.
        pub(in super::super) fn next(&mut self, timeout: Duration) -> Next {
            match self.0.recv_timeout(timeout) {
                Ok(piece) => Next::Bytes(piece),
                Err(RecvTimeoutError::Disconnected) => Next::Closed,
                Err(RecvTimeoutError::Timeout) => Next::Nothing,
            }
        }
    }
}
