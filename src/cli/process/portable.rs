//! Takes in what a command prints where there are no signals and no `poll(2)`: two threads, two pipes.

use std::convert::Infallible;
use std::io::{ErrorKind, Read};
use std::process::Stdio;
use std::sync::mpsc;
use std::time::Duration;

use super::{ACTIVE, Captured, End, Program, Sink, StartError, Stream, start};

/// How long the pipes must have been silent after the command's end until `hr` gives up on whoever keeps them open.
const SILENCE: Duration = Duration::from_millis(200);
/// How often it is looked whether a silent command has ended.
const LOOK: Duration = Duration::from_millis(10);

/// Runs the program with all streams and variables as they are.
pub fn pass_through(program: Program<'_>) -> Result<End, StartError> {
    start::start(program, |command| command.status()).map(End::from)
}

/// Runs a program and takes in what it prints until it has ended and its pipes are closed or silent.
pub fn capture(program: Program<'_>, sink: &mut dyn Sink) -> Result<Captured, StartError> {
    let mut child = start::spawn(program, |command| {
        command.env(ACTIVE, "1").stdout(Stdio::piped()).stderr(Stdio::piped());
        Ok(())
    })?;
    sink.started(child.id());
    let (sender, chunks) = mpsc::sync_channel(16);
    if let Some(pipe) = child.stdout.take() {
        forward(pipe, Stream::Stdout, sender.clone());
    }
    if let Some(pipe) = child.stderr.take() {
        forward(pipe, Stream::Stderr, sender.clone());
    }
    drop(sender);
    let (mut stdout, mut stderr, mut end) = (Vec::new(), Vec::new(), None);
    let still_open = loop {
        match chunks.recv_timeout(if end.is_some() { SILENCE } else { LOOK }) {
            Ok((stream, bytes)) => {
                let held = if stream == Stream::Stderr { &mut stderr } else { &mut stdout };
                let new = held.len();
                held.extend_from_slice(&bytes);
                sink.chunk(stream, held, new);
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => break false,
            Err(mpsc::RecvTimeoutError::Timeout) if end.is_some() => break true,
            Err(mpsc::RecvTimeoutError::Timeout) => end = child.try_wait().ok().flatten().map(End::from),
        }
    };
    let end = end.or_else(|| child.wait().ok().map(End::from));
    Ok(Captured { stdout, stderr: Some(stderr), end, interrupted: None, still_open, left: None })
}

type Chunk = (Stream, Vec<u8>);

fn forward(mut pipe: impl Read + Send + 'static, stream: Stream, chunks: mpsc::SyncSender<Chunk>) {
    std::thread::spawn(move || {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            match pipe.read(&mut buffer) {
                Ok(0) => return,
                Ok(length) if chunks.send((stream, buffer[..length].to_vec())).is_err() => return,
                Err(error) if error.kind() != ErrorKind::Interrupted => return,
                Ok(_) | Err(_) => {}
            }
        }
    });
}

/// A command that still runs although `hr` was told to stop: there is none here.
#[derive(Debug)]
pub struct Left(Infallible);

impl Left {
    /// Gives the command time to end.
    pub fn wait(self, _: Duration, _: &mut dyn Sink) -> Option<End> {
        match self.0 {}
    }
}
