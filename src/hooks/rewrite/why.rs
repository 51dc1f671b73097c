//! Why a line, or a part of it, is left as it is.

use std::fmt;

use crate::command::NotUnderstood;

/// Why a line is left as it is, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// There is no command in it.
    Empty,
    /// The shell parser does not understand it.
    NotUnderstood(NotUnderstood),
    /// This command runs under `hr` already, or is `hr`.
    Already(String),
    /// `HR`, or another variable of `hr`, is set in it.
    Told(String),
    /// This command changes how the shell runs the others.
    Unsettling(String),
    /// It defines functions.
    Functions,
    /// This variable would change `hr` itself.
    Variable(String),
    /// The shell runs this itself.
    Builtin(String),
    /// This is not found in `PATH`, or may be a function or an alias.
    NoProgram(String),
    /// This prints little or nothing.
    Little(String),
    /// No rule knows this, and it is not known to print much.
    Unknown(String),
    /// This prints a file as it is, and who reads it may want to change the file.
    File(String),
    /// It runs in the background.
    Background,
    /// A loop, branch, group or subshell.
    Compound,
    /// This goes on after the line, asks as somebody else, or runs elsewhere.
    Elsewhere(String),
    /// This talks with a person or goes on until it is stopped.
    Interactive(String),
    /// What this prints goes to a file or descriptor.
    Redirected(String),
    /// What this prints goes to another program, or the other program's output is what was asked for.
    Piped(String),
}

impl Why {
    /// Of several parts that are left, the reason of the one with the highest rank is told: the rarer one.
    fn rank(&self) -> u8 {
        match self {
            Self::Empty => 0,
            Self::Builtin(_) => 1,
            Self::Little(_) => 2,
            Self::Unknown(_) => 3,
            Self::File(_) => 4,
            Self::Compound => 5,
            Self::Piped(_) | Self::Redirected(_) => 6,
            Self::Background => 7,
            _ => 8,
        }
    }

    /// The reason that tells more.
    pub(super) fn or(self, other: Self) -> Self {
        if other.rank() > self.rank() { other } else { self }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("there is no command in it"),
            Self::NotUnderstood(why) => write!(f, "it is not understood: {why}"),
            Self::Already(name) => write!(f, "`{name}` takes care of its output already"),
            Self::Told(name) => write!(f, "it sets `{name}`"),
            Self::Unsettling(name) => write!(f, "`{name}` changes how the shell runs commands"),
            Self::Functions => f.write_str("it defines functions, which `hr` cannot run"),
            Self::Variable(name) => write!(f, "`{name}` would change `hr` itself"),
            Self::Builtin(name) => write!(f, "the shell runs `{name}` itself"),
            Self::NoProgram(name) => write!(f, "`{name}` may be a function or an alias of the shell"),
            Self::Little(name) => write!(f, "`{name}` prints little or nothing"),
            Self::Unknown(name) => write!(f, "no rule knows `{name}`"),
            Self::File(name) => write!(f, "`{name}` prints a file as it is"),
            Self::Background => f.write_str("it runs in the background"),
            Self::Compound => f.write_str("it is a loop, branch, group or subshell"),
            Self::Elsewhere(name) => write!(f, "`{name}` outlives the line, runs elsewhere or as somebody else"),
            Self::Interactive(name) => write!(f, "`{name}` talks with a person or goes on until it is stopped"),
            Self::Redirected(name) => write!(f, "what `{name}` prints goes elsewhere"),
            Self::Piped(name) => write!(f, "`{name}` reads what is printed"),
        }
    }
}
