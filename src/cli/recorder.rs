//! Keeps a long text in the store while it is read: chunks are compressed by threads, and written in their order.
//!
//! Whoever reads the text hands its chunks over and goes on. When a part cannot be kept, nothing of the text is lost: the
//! recorder passes on all that it was given.

use std::collections::VecDeque;
use std::io;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use crate::store::dir::{Growing, Shrinker};
use crate::store::{Handle, Meta, Size, StoreError};

/// How much is compressed at once, in bytes.
pub const CHUNK: usize = 1 << 20;
/// How many threads compress, which takes longer than all else.
const SHRINKERS: usize = 2;
/// How many chunks may be with each of them.
const WAITING: usize = 2;

/// A text on its way to the store.
pub struct Recorder {
    growing: Growing,
    workers: Vec<Worker>,
    turn: usize,
    /// The workers that have chunks, in the order of the chunks.
    waiting: VecDeque<usize>,
    spare: Vec<Vec<u8>>,
    /// How many bytes were handed over.
    added: u64,
    /// What was handed over and is not in the store.
    unkept: Vec<u8>,
}

/// A thread that compresses chunks, and gives them back with what became of them. It ends when its worker is dropped.
struct Worker {
    chunks: SyncSender<Vec<u8>>,
    done: Receiver<(Vec<u8>, io::Result<Vec<u8>>)>,
}

impl Recorder {
    /// Records what is handed over.
    pub fn new(growing: Growing) -> Result<Self, StoreError> {
        let workers = (0..SHRINKERS).map(|_| Worker::start()).collect::<io::Result<_>>();
        let workers = workers.map_err(|source| StoreError::io("compress", "the text", source))?;
        let (waiting, spare, unkept) = (VecDeque::new(), Vec::new(), Vec::new());
        Ok(Self { growing, workers, turn: 0, waiting, spare, added: 0, unkept })
    }

    /// A chunk to fill; what is in it is of no use any more.
    pub fn spare(&mut self) -> Vec<u8> {
        self.spare.pop().unwrap_or_default()
    }

    /// Takes a chunk over. After a failure only [`give_back`](Self::give_back) is of use.
    pub fn add(&mut self, chunk: Vec<u8>) -> Result<(), StoreError> {
        self.added += chunk.len() as u64;
        let mut kept = Ok(());
        if self.waiting.len() == SHRINKERS * WAITING {
            kept = self.settle();
        }
        if kept.is_ok() {
            let worker = self.turn % SHRINKERS;
            match self.workers[worker].chunks.send(chunk) {
                Ok(()) => {
                    self.turn += 1;
                    self.waiting.push_back(worker);
                    return Ok(());
                }
                Err(refused) => {
                    self.forgo();
                    self.unkept.extend_from_slice(&refused.0);
                    return Err(StoreError::io("compress", "the text", io::ErrorKind::BrokenPipe.into()));
                }
            }
        }
        self.forgo();
        self.unkept.extend_from_slice(&chunk);
        kept
    }

    /// Makes it a recording of this name and size.
    pub fn keep(&mut self, handle: Handle, size: Size, meta: &Meta) -> Result<Handle, StoreError> {
        while !self.waiting.is_empty() {
            if let Err(error) = self.settle() {
                self.forgo();
                return Err(error);
            }
        }
        if self.added != size.bytes() {
            return Err(StoreError::io("keep", "the text", io::Error::other("a part of it was not handed over")));
        }
        self.growing.keep(handle, size, meta)
    }

    /// Writes the oldest chunk that is with a worker.
    fn settle(&mut self) -> Result<(), StoreError> {
        let Some(worker) = self.waiting.pop_front() else { return Ok(()) };
        // A worker that is gone has panicked, and its chunks with it: that is no failure of the store.
        let (chunk, shrunk) = self.workers[worker].done.recv().expect("compressing does not panic");
        let shrunk = shrunk.map_err(|source| StoreError::io("compress", "the text", source));
        let kept = shrunk.and_then(|shrunk| self.growing.append(&shrunk));
        if kept.is_err() {
            self.unkept.extend_from_slice(&chunk);
        }
        self.spare.push(chunk);
        kept
    }

    /// Takes the chunks back that are with the workers.
    fn forgo(&mut self) {
        while let Some(worker) = self.waiting.pop_front() {
            if let Ok((chunk, _)) = self.workers[worker].done.recv() {
                self.unkept.extend_from_slice(&chunk);
            }
        }
    }

    /// Passes on all that was handed over, and leaves nothing in the store.
    pub fn give_back(self, mut sink: impl FnMut(&[u8])) -> Result<(), StoreError> {
        let replayed = self.growing.replay(&mut sink);
        sink(&self.unkept);
        self.growing.discard();
        replayed
    }

    /// Leaves nothing in the store.
    pub fn discard(self) {
        self.growing.discard();
    }
}

impl Worker {
    fn start() -> io::Result<Self> {
        let (chunks, to_do) = sync_channel::<Vec<u8>>(WAITING);
        let (give, done) = sync_channel(WAITING);
        let mut shrinker = Shrinker::new()?;
        thread::Builder::new().spawn(move || {
            for chunk in to_do {
                let shrunk = shrinker.shrink(&chunk);
                if give.send((chunk, shrunk)).is_err() {
                    return;
                }
            }
        })?;
        Ok(Self { chunks, done })
    }
}
