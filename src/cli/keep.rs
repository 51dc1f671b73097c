//! Compacts what was printed and keeps the original: what the filter, `hr run` and later hooks share.

use std::sync::Arc;
use std::thread;

use super::args::{FactsPlace, FilterArgs, Format, HowArgs};
use super::error::CliError;
use super::guarded::compact;
use super::journal::{self, Call};
use super::output;
use super::session::Session;
use super::settings::Settings;
use crate::pipeline::{Compaction, Form, Request};
use crate::render::{json, marker};
use crate::rule::RuleSet;
use crate::store::dir::{DirStore, Spool};
use crate::store::{Meta, Recording, Reference, Store, StoreError};

/// From this size on the original is stored while the text is compacted: both take a good part of a second for 100 MB.
const LARGE: usize = 4 << 20;

/// What was printed, with what is needed to compact and keep it.
#[derive(Debug)]
pub struct Printed<'a> {
    /// The bytes.
    pub recording: Recording<'a>,
    /// What the caller wants; the handle is filled in here.
    pub request: Request,
    /// The part of the recording that is already in the store's files.
    pub spool: Option<Spool>,
    /// Whether the command was stopped: then the original is kept in any case.
    pub interrupted: bool,
}

/// What goes out, for both streams.
#[derive(Debug)]
pub struct Compacted {
    /// Standard output, or both streams when they were one.
    pub stdout: Compaction,
    /// Standard error, when it came apart.
    pub stderr: Option<Compaction>,
}

impl Compacted {
    fn is_lossy(&self) -> bool {
        self.stdout.form == Form::Compacted || self.stderr.as_ref().is_some_and(|err| err.form == Form::Compacted)
    }
}

/// Compacts a recording and keeps it when meaning was lost. Without a store, or when it cannot be written, nothing is lost.
///
/// A conversation that is named is told only what it was not shown lately.
pub fn compact_and_keep(mut printed: Printed<'_>, how: &HowArgs, rules: &RuleSet, settings: &Settings) -> Compacted {
    let session = how.session.as_deref().and_then(Session::named);
    printed.request.shown = session.as_ref().map(|session| Arc::new(session.shown()));
    let compacted = compacted_and_kept(printed, how, rules, settings);
    if let Some(session) = session {
        let stderr = compacted.stderr.as_ref().map_or(&[][..], |stderr| &stderr.text);
        session.note(&[&compacted.stdout.text, stderr]);
    }
    compacted
}

fn compacted_and_kept(mut printed: Printed<'_>, how: &HowArgs, rules: &RuleSet, settings: &Settings) -> Compacted {
    let store = if how.no_store { None } else { settings.store().map_err(|error| warn(&error)).ok() };
    let Some(store) = store else { return both(&printed.recording, &printed.request, rules, how.most) };
    printed.request.known = known_handles(&printed.recording, &store);
    let handle = printed.recording.handle().to_string();
    printed.request.handle = Some(handle.clone());
    let size = printed.recording.stdout.len() + printed.recording.stderr.map_or(0, <[u8]>::len);
    let (compacted, kept) = if size >= LARGE && printed.spool.is_none() {
        let meta = meta(&printed, None);
        thread::scope(|scope| {
            let storing = scope.spawn(|| store.put(&printed.recording, &meta));
            let compacted = both(&printed.recording, &printed.request, rules, how.most);
            (compacted, storing.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        })
    } else {
        let compacted = both(&printed.recording, &printed.request, rules, how.most);
        let meta = meta(&printed, Some(&compacted));
        let wanted = compacted.is_lossy() || printed.interrupted;
        let kept = match (wanted, printed.spool.take()) {
            (true, Some(spool)) => spool.finish(&meta),
            (true, None) => store.put(&printed.recording, &meta),
            (false, spool) => {
                if let Some(spool) = spool {
                    spool.discard();
                }
                return compacted;
            }
        };
        (compacted, kept)
    };
    settle(compacted, kept.map(|handle| handle.to_string()), &handle, &mut printed, rules, how)
}

/// Says what the store said: another handle is printed, a failure means that nothing may be lost.
fn settle(
    compacted: Compacted,
    kept: Result<String, StoreError>,
    handle: &str,
    printed: &mut Printed<'_>,
    rules: &RuleSet,
    how: &HowArgs,
) -> Compacted {
    match kept {
        Ok(kept) if kept == handle => return compacted,
        Ok(kept) => printed.request.handle = Some(kept),
        Err(_) if !compacted.is_lossy() => return compacted,
        Err(error) => {
            output::complain(&format!("hr: nothing is left out, since the original cannot be kept: {error}"));
            printed.request.handle = None;
        }
    }
    both(&printed.recording, &printed.request, rules, how.most)
}

fn warn(error: &CliError) {
    output::complain(&format!("{error}"));
}

/// Compacts both streams; what then is longer than `most` tokens is fitted into them.
fn both(recording: &Recording<'_>, request: &Request, rules: &RuleSet, most: Option<usize>) -> Compacted {
    let one = |text| {
        let compaction = compact(text, request, rules);
        match most {
            Some(most) if compaction.tokens.1 > most => {
                compact(text, &Request { budget: Some(most), ..request.clone() }, rules)
            }
            _ => compaction,
        }
    };
    Compacted { stdout: one(recording.stdout), stderr: recording.stderr.map(one) }
}

/// The handles named in the text that the store knows: such text went through `hr` before.
fn known_handles(recording: &Recording<'_>, store: &DirStore) -> Vec<String> {
    let streams = [Some(recording.stdout), recording.stderr];
    let named = streams.into_iter().flatten().flat_map(marker::handles);
    let known = |digits: &&str| digits.parse::<Reference>().is_ok_and(|reference| store.find(&reference).is_ok());
    named.filter(known).map(ToString::to_string).collect()
}

fn meta(printed: &Printed<'_>, compacted: Option<&Compacted>) -> Meta {
    let sum = |pick: fn(&Compaction) -> usize| {
        compacted.map(|both| (pick(&both.stdout) + both.stderr.as_ref().map_or(0, pick)) as u64)
    };
    Meta {
        command: printed.request.origin.command.clone(),
        exit_code: printed.request.origin.exit_code,
        tokens_before: sum(|one| one.tokens.0),
        tokens_after: sum(|one| one.tokens.1),
        interrupted: printed.interrupted,
        ..Meta::default()
    }
}

/// Prints a compaction the way the options ask for, and notes it in the journal.
pub fn print(compaction: &Compaction, FilterArgs { how, command, .. }: &FilterArgs) -> Result<(), CliError> {
    match how.format {
        Format::Json => output::print(&json::render(compaction))?,
        Format::Text => output::print(&compaction.text)?,
    }
    if let (FactsPlace::Stderr, Some(footer)) = (how.facts, &compaction.footer) {
        output::complain(footer);
    }
    journal::compacted(Call::filter(command.as_deref()), Some(compaction), None);
    Ok(())
}
