//! Lists of recordings as people and programs read them.

use std::io::{self, Write};

use serde::Serialize;

use crate::store::{Entry, Handle};

/// How a list is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum ListFormat {
    /// A table
    #[default]
    Text,
    /// One JSON object
    Json,
}

/// How much of a command line a table shows, in characters.
const COMMAND: usize = 70;

/// Prints a table: name, age, exit status, size and command.
pub fn write_table(entries: &[Entry], now: u64, out: &mut dyn Write) -> io::Result<()> {
    let names = entries.iter().map(|entry| entry.handle.to_string().len()).max().unwrap_or(0);
    let width = names.max(Handle::DIGITS);
    writeln!(out, "{:width$}  {:>4}  {:>11}  {:>10}  COMMAND", "HANDLE", "AGE", "EXIT", "SIZE")?;
    for Entry { handle, size, meta, .. } in entries {
        let exit = match meta.exit_code {
            _ if meta.interrupted => "interrupted".to_owned(),
            Some(code) => code.to_string(),
            None => "-".to_owned(),
        };
        let command = meta.command.as_deref().map_or_else(|| "-".to_owned(), one_line);
        let age = age(now.saturating_sub(meta.unix_time));
        writeln!(out, "{handle:width$}  {age:>4}  {exit:>11}  {:>10}  {command}", bytes(size.bytes()))?;
    }
    Ok(())
}

/// Prints a JSON object with all that is known about each recording.
pub fn write_json(entries: &[Entry], out: &mut dyn Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct List<'a> {
        schema: u32,
        recordings: Vec<Row<'a>>,
    }
    #[derive(Serialize)]
    struct Row<'a> {
        handle: Handle,
        command: Option<&'a str>,
        exit_code: Option<i32>,
        interrupted: bool,
        unix_time: u64,
        bytes: u64,
        stderr_bytes: Option<u64>,
        lines: u64,
        stored_bytes: u64,
        tokens_before: Option<u64>,
        tokens_after: Option<u64>,
    }
    let recordings = entries.iter().map(|Entry { handle, size, stored_bytes, meta }| Row {
        handle: *handle,
        command: meta.command.as_deref(),
        exit_code: meta.exit_code,
        interrupted: meta.interrupted,
        unix_time: meta.unix_time,
        bytes: size.bytes(),
        stderr_bytes: size.stderr,
        lines: size.lines,
        stored_bytes: *stored_bytes,
        tokens_before: meta.tokens_before,
        tokens_after: meta.tokens_after,
    });
    let recordings = recordings.collect();
    serde_json::to_writer_pretty(&mut *out, &List { schema: 1, recordings })?;
    writeln!(out)
}

/// Spells a number of bytes: `812 B`, `48.1 KiB`.
pub fn bytes(count: u64) -> String {
    if count < 1024 {
        return format!("{count} B");
    }
    let mut value = count as f64 / 1024.0;
    let mut unit = "KiB";
    for larger in ["MiB", "GiB", "TiB"] {
        // What would be printed as 1024.0 belongs to the next unit.
        if value < 1023.95 {
            break;
        }
        value /= 1024.0;
        unit = larger;
    }
    format!("{value:.1} {unit}")
}

/// Spells a time that has passed: `5s`, `12m`, `3h`, `2d`.
pub fn age(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m", seconds / 60),
        3600..86400 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86400),
    }
}

/// Makes a command line fit a table: no control characters, and not all of a long one.
fn one_line(command: &str) -> String {
    let mut shown: String = command.chars().take(COMMAND).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if command.chars().nth(COMMAND).is_some() {
        shown.push_str("...");
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_ages() {
        for (count, text) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (49254, "48.1 KiB"),
            ((1 << 20) - 1, "1.0 MiB"),
            (256 << 20, "256.0 MiB"),
        ] {
            assert_eq!(bytes(count), text);
        }
        for (seconds, text) in [(0, "0s"), (59, "59s"), (60, "1m"), (7199, "1h"), (86400 * 9, "9d")] {
            assert_eq!(age(seconds), text);
        }
    }

    #[test]
    fn commands_cannot_break_the_table() {
        assert_eq!(one_line("a\n\x1b[31mb"), "a  [31mb");
        assert_eq!(one_line(&"x".repeat(71)), "x".repeat(70) + "...");
    }
}
