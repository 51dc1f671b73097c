//! Writes to the program's own standard streams until everything is out or nobody reads any more.

use super::Stream;

/// Writes all bytes to standard output, or to standard error for `Stream::Stderr`.
///
/// That the reader has gone is not an error of the command, whose status must not change: the rest is given up. A stream
/// that somebody has made non-blocking is waited for.
#[cfg(unix)]
pub fn write_all(stream: Stream, mut bytes: &[u8]) {
    use rustix::event::{PollFd, PollFlags, poll};
    use rustix::io::Errno;

    let (stdout, stderr) = (std::io::stdout(), std::io::stderr());
    let fd = match stream {
        Stream::Both | Stream::Stdout => rustix::fd::AsFd::as_fd(&stdout),
        Stream::Stderr => rustix::fd::AsFd::as_fd(&stderr),
    };
    while !bytes.is_empty() {
        match rustix::io::write(fd, bytes) {
            Ok(written) => bytes = &bytes[written..],
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => {
                let _ = poll(&mut [PollFd::from_borrowed_fd(fd, PollFlags::OUT)], None);
            }
            Err(_) => return,
        }
    }
}

/// Writes all bytes to standard output, or to standard error for `Stream::Stderr`; gives up when the reader has gone.
#[cfg(not(unix))]
pub fn write_all(stream: Stream, bytes: &[u8]) {
    use std::io::Write;

    let _ = match stream {
        Stream::Both | Stream::Stdout => std::io::stdout().write_all(bytes),
        Stream::Stderr => std::io::stderr().write_all(bytes),
    };
}
