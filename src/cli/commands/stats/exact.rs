//! `--exact`: counts the tokens of calls again whose original is still kept.

use serde::Serialize;

use crate::cli::error::CliError;
use crate::cli::journal::Entry;
use crate::cli::settings::Settings;

/// How many of the calls that left something out were counted exactly.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Exact {
    /// Those that were.
    pub counted: usize,
    /// Those whose original is gone, or whose result comes out otherwise today.
    pub estimated: usize,
}

#[cfg(not(feature = "tokens-exact"))]
pub fn count(_: &mut [Entry], _: &Settings) -> Result<Exact, CliError> {
    Err(CliError::usage("`--exact` needs a vocabulary that this `hr` was built without")
        .hint("`cargo build --release --features tokens-exact` builds one with it")
        .hint("without `--exact` the tokens are estimated, a few percent off"))
}

/// Compacts the originals again and counts both texts, as long as the estimates say that it is the same result.
#[cfg(feature = "tokens-exact")]
pub fn count(entries: &mut [Entry], settings: &Settings) -> Result<Exact, CliError> {
    use crate::cli::args::HowArgs;
    use crate::cli::guarded::compact;
    use crate::document::Origin;
    use crate::pipeline::Request;
    use crate::store::{Reference, Store};
    use crate::tokens::exact;

    let store = settings.store()?;
    let how = HowArgs::default();
    let rules = settings.rules(&how);
    let request = settings.request(&how, &rules)?;
    let mut told = Exact::default();
    let wanted = |entry: &&mut Entry| !entry.is_retrieval() && entry.form.as_deref() == Some("compacted");
    for entry in entries.iter_mut().filter(wanted) {
        let recount = || {
            let handle = store.find(&entry.handle.as_deref()?.parse::<Reference>().ok()?).ok()?;
            let stored = store.get(&handle).ok()?;
            let origin = Origin { command: stored.meta.command.clone(), exit_code: stored.meta.exit_code };
            let request = Request { origin, handle: Some(handle.to_string()), ..request.clone() };
            let texts = std::iter::once(&stored.stdout).chain(&stored.stderr);
            let (mut before, mut after, mut estimate, mut bytes) = (0, 0, 0, (0, 0));
            for text in texts {
                let compaction = compact(text, &request, &rules);
                before += exact::count(text) as u64;
                after += exact::count(&compaction.text) as u64;
                estimate += compaction.tokens.1 as u64;
                bytes = (bytes.0 + text.len() as u64, bytes.1 + compaction.text.len() as u64);
            }
            (estimate == entry.after).then_some((before, after, bytes))
        };
        match recount() {
            Some((before, after, bytes)) => {
                (entry.before, entry.after) = (before, after);
                entry.cut(bytes);
                told.counted += 1;
            }
            None => told.estimated += 1,
        }
    }
    Ok(told)
}
