//! Why a store could not keep or give back a recording, and what can be done about it.

use std::fmt;
use std::io;
use std::path::PathBuf;

use super::Handle;

/// What went wrong with a store.
#[derive(Debug)]
pub enum StoreError {
    /// This is not how a recording is named.
    Malformed(String),
    /// No recording has this name and none ever had, as far as is known.
    Unknown {
        /// What was asked for.
        asked: String,
        /// Names that look like it.
        nearest: Vec<Handle>,
    },
    /// The recording was here, and was removed since.
    Gone {
        /// What was asked for.
        asked: String,
        /// What printed it.
        command: Option<String>,
    },
    /// Several recordings have names that start like this.
    Ambiguous {
        /// What was asked for.
        asked: String,
        /// The names, each with enough digits.
        candidates: Vec<Handle>,
    },
    /// There are fewer recordings than `last~N` asks for.
    TooFew {
        /// What was asked for.
        asked: String,
        /// How many there are.
        count: usize,
    },
    /// The recording alone is larger than the whole store may be.
    TooLarge {
        /// How large the store may be, in bytes.
        cap: u64,
    },
    /// What is stored is not what was put.
    Corrupt {
        /// Where it is stored.
        path: PathBuf,
        /// What does not fit.
        why: &'static str,
    },
    /// The system refused.
    Io {
        /// What was tried: `read`, `write`, ...
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
}

impl StoreError {
    /// Wraps what the system said.
    pub fn io(action: &'static str, path: impl Into<PathBuf>, source: io::Error) -> Self {
        Self::Io { action, path: path.into(), source }
    }

    /// Says what can be done, one sentence a hint.
    pub fn hints(&self) -> Vec<String> {
        let list = || "`hr show` lists the recordings there are".to_owned();
        match self {
            Self::Malformed(_) => vec![
                "a recording is named by at least 4 digits of its handle, or `last`, `last~1`, ...".to_owned(),
                list(),
            ],
            Self::Unknown { nearest, .. } if !nearest.is_empty() => {
                vec![format!("did you mean {}?", backticked(nearest)), list()]
            }
            Self::Unknown { .. } | Self::TooFew { .. } => vec![list()],
            Self::Gone { command: Some(command), .. } => vec![format!("to see it again, run `{command}`")],
            Self::Gone { command: None, .. } => vec!["to see it again, run its command again".to_owned(), list()],
            Self::Ambiguous { candidates, .. } => vec![format!("it could be {}", backticked(candidates))],
            Self::TooLarge { .. } => vec!["raise the size cap of the store".to_owned()],
            Self::Corrupt { .. } => vec!["run the command again; storing the same output again repairs it".to_owned()],
            Self::Io { .. } => vec!["`HR_HOME` names another folder to keep recordings in".to_owned()],
        }
    }
}

/// Lists names as `a`, `b` or `c`.
fn backticked(handles: &[Handle]) -> String {
    let mut text = String::new();
    for (index, handle) in handles.iter().enumerate() {
        text.push_str(match index {
            0 => "",
            _ if index + 1 == handles.len() => " or ",
            _ => ", ",
        });
        text.push_str(&format!("`{handle}`"));
    }
    text
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(text) => write!(f, "`{text}` is not a handle"),
            Self::Unknown { asked, .. } => write!(f, "there is no recording `{asked}`"),
            Self::Gone { asked, .. } => write!(f, "the recording `{asked}` was removed from the store"),
            Self::Ambiguous { asked, candidates } => {
                write!(f, "`{asked}` is the start of {} recordings' handles", candidates.len())
            }
            Self::TooFew { count: 0, .. } => f.write_str("nothing is recorded"),
            Self::TooFew { asked, count } => write!(f, "there is no `{asked}`: {count} recorded in all"),
            Self::TooLarge { cap } => write!(f, "the output alone is larger than the store may be ({cap} bytes)"),
            Self::Corrupt { path, why } => write!(f, "the recording in `{}` is damaged: {why}", path.display()),
            Self::Io { action, path, source } => write!(f, "cannot {action} `{}`: {source}", path.display()),
        }
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}
