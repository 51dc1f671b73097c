//! Writing to the standard streams: a reader that went away is success.

use std::io::{self, ErrorKind, Write};

use super::error::CliError;

/// Writes bytes to standard output.
pub fn print(bytes: &[u8]) -> Result<(), CliError> {
    let mut out = io::stdout().lock();
    forgive(out.write_all(bytes).and_then(|()| out.flush()))
}

/// Turns a failed write into an error, except for a reader that went away.
pub fn forgive(written: io::Result<()>) -> Result<(), CliError> {
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(CliError::input(format!("cannot write the output: {error}")))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Says something on standard error; a standard error that is closed hears nothing.
pub fn complain(message: &str) {
    let _ = writeln!(io::stderr().lock(), "{message}");
}
