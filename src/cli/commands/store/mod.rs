//! `hr store`: looks after the recordings that are kept.

mod serve;

use std::io::{self, Write};

use self::serve::ServeArgs;
use super::show::{unix_now, written};
use crate::cli::error::{CliError, CliResult};
use crate::cli::recordings::{self, ListFormat, bytes};
use crate::store::dir::DirStore;
use crate::store::{Entry, Handle, Reference, Store};

/// Looks after the recordings
#[derive(Debug, clap::Args)]
pub struct StoreArgs {
    /// What to do
    #[command(subcommand)]
    pub action: StoreAction,
}

/// What to do with the recordings.
#[derive(Debug, clap::Subcommand)]
pub enum StoreAction {
    /// Lists all recordings, newest first
    Ls {
        /// How the list is printed
        #[arg(long, value_enum, default_value_t)]
        format: ListFormat,
    },
    /// Serves the recordings over HTTP, for a gateway that keeps what it leaves out
    Serve(ServeArgs),
    /// Removes now what is too old or too much
    Gc,
    /// Removes recordings for good, without asking
    Purge {
        /// Which ones: handles or their first digits, `last`, `last~2`; their command lines stay known
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        handles: Vec<String>,

        /// All recordings, and the command lines of those that were removed before
        #[arg(long)]
        all: bool,
    },
}

/// Runs the command on the program's own output.
pub fn run(args: &StoreArgs, store: DirStore) -> CliResult {
    if let StoreAction::Serve(args) = &args.action {
        return serve::run(args, store);
    }
    let store = &store;
    look_after(&args.action, store, &mut io::stdout().lock())
}

/// Runs the command on any output.
pub fn look_after(action: &StoreAction, store: &DirStore, out: &mut dyn Write) -> CliResult {
    match action {
        StoreAction::Ls { format } => written(list(*format, &store.list(usize::MAX)?, store, out)),
        StoreAction::Serve(_) => Err(CliError::usage("only the program itself can serve")),
        StoreAction::Gc => make_room(store, out),
        StoreAction::Purge { all: true, .. } => written(print_purged(&store.clear()?, out)),
        StoreAction::Purge { handles, all: false } => purge(handles, store, out),
    }
}

fn list(format: ListFormat, entries: &[Entry], store: &DirStore, out: &mut dyn Write) -> io::Result<()> {
    if format == ListFormat::Json {
        return recordings::write_json(entries, out);
    }
    recordings::write_table(entries, unix_now(), out)?;
    let taken = entries.iter().map(|entry| entry.stored_bytes).sum();
    writeln!(out, "{}: {} of {}", recordings_of(entries.len()), bytes(taken), bytes(store.limits().bytes))
}

fn make_room(store: &DirStore, out: &mut dyn Write) -> CliResult {
    let Some(swept) = store.sweep()? else {
        return written(writeln!(out, "another hr is making room right now"));
    };
    let (removed, kept) = (recordings_of(swept.removed), recordings_of(swept.kept));
    written(writeln!(
        out,
        "removed {removed}, {}; kept {kept}, {}",
        bytes(swept.removed_bytes),
        bytes(swept.kept_bytes)
    ))
}

/// Removes recordings, all of them or, when a name is wrong, none.
fn purge(names: &[String], store: &DirStore, out: &mut dyn Write) -> CliResult {
    let find = |name: &String| Ok(store.find(&name.parse::<Reference>()?)?);
    let handles = names.iter().map(find).collect::<Result<Vec<Handle>, CliError>>()?;
    let mut removed = Vec::new();
    for handle in handles {
        if store.remove(&handle)? {
            removed.push(handle);
        }
    }
    written(print_purged(&removed, out))
}

fn print_purged(handles: &[Handle], out: &mut dyn Write) -> io::Result<()> {
    handles.iter().try_for_each(|handle| writeln!(out, "purged {handle}"))?;
    if handles.is_empty() { writeln!(out, "nothing to purge") } else { Ok(()) }
}

fn recordings_of(count: usize) -> String {
    format!("{count} recording{}", if count == 1 { "" } else { "s" })
}
