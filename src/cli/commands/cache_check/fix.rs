//! `--fix`: what is safe to rewrite, shown first.

use std::fs;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use similar::TextDiff;

use super::inputs::Input;
use crate::cache_check::{Prompt, sorted};
use crate::cli::error::{CliError, CliResult};
use crate::cli::output;

/// Sorts the tools of the requests in each file; asks before it writes, unless `yes`.
pub(super) fn run(prompts: &[(&Input, Prompt<'_>)], yes: bool, some_unread: bool) -> CliResult {
    let mut files: Vec<(&Input, String)> = Vec::new();
    for (input, prompt) in prompts {
        let Some(sorted) = sorted::with_sorted_tools(prompt) else { continue };
        match files.last_mut().filter(|(other, _)| std::ptr::eq(*other, *input)) {
            // Of several requests in a file each is as long as before, so the others keep their places.
            Some((_, text)) => text.replace_range(sorted.place, &sorted.text),
            None => {
                let mut text = input.text.clone();
                text.replace_range(sorted.place, &sorted.text);
                files.push((input, text));
            }
        }
    }
    if files.is_empty() {
        output::print(b"nothing to sort\n")?;
    }
    let mut written = 0;
    for (input, text) in &files {
        if !yes {
            let diff = TextDiff::from_lines(input.text.as_str(), text.as_str());
            output::print(diff.unified_diff().header(&input.name, &input.name).to_string().as_bytes())?;
        }
        if input.name == "-" || !(yes || agreed(&input.name)?) {
            continue;
        }
        fs::write(&input.name, text)
            .map_err(|error| CliError::input(format!("cannot write `{}`: {error}", input.name)))?;
        output::print(format!("{}: sorted\n", input.name).as_bytes())?;
        written += 1;
    }
    let left = files.len() - written;
    if left > 0 && !yes && !std::io::stdin().is_terminal() {
        output::complain("hr: nothing was written; `--fix --yes` writes it");
    }
    Ok(ExitCode::from(if some_unread { 2 } else { u8::from(left > 0) }))
}

/// Asks on the terminal; without one nobody agrees.
fn agreed(name: &str) -> Result<bool, CliError> {
    if !(std::io::stdin().is_terminal() && std::io::stderr().is_terminal()) {
        return Ok(false);
    }
    let mut err = std::io::stderr().lock();
    output::forgive(write!(err, "write {name}? [y/N] ").and_then(|()| err.flush()))?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).map_err(|error| CliError::input(error.to_string()))?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
