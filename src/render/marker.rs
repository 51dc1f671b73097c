//! The only place that spells markers and footers.
//!
//! Every marker begins with `[hr` at the beginning of a line or after text it belongs to, is ASCII, and says exactly how
//! many of what went. Text of a tool that looks like one is told apart in [`imitates`].

use std::fmt;

/// What every marker begins with.
const OPEN: &str = "[hr";

/// What a footer with a handle begins with: the command that gives the original.
const OPEN_SHOW: &str = "[hr show ";

/// What lines are called that the reader was shown before.
pub const SHOWN: &str = "lines shown before";

/// `[hr: 12 lines cut]`, with the range of lines when there is one: `[hr: lines 40-171 cut]`.
pub fn left_out(count: usize, label: &str, range: Option<(usize, usize)>) -> String {
    match range {
        Some((first, last)) if label == SHOWN => format!("{OPEN}: lines {first}-{last} shown before]"),
        None if label == SHOWN => format!("{OPEN}: {}]", counted(count, label)),
        Some((first, last)) if label == "lines" => format!("{OPEN}: lines {first}-{last} cut]"),
        _ => format!("{OPEN}: {} cut]", counted(count, label)),
    }
}

/// `[hr: lines 40-171 cut]`, of several stretches `[hr: lines 35-38, 40-171 cut]`, and with what is defined in
/// them `[hr: lines 40-171 cut, with inner, Guard]`.
pub fn lines_left_out(stretches: &[(usize, usize)], names: &[String]) -> String {
    let range =
        |(first, last): &(usize, usize)| if first == last { first.to_string() } else { format!("{first}-{last}") };
    let ranges = stretches.iter().map(range).collect::<Vec<_>>().join(", ");
    let lines = if matches!(stretches, [(first, last)] if first == last) { "line" } else { "lines" };
    let with = if names.is_empty() { String::new() } else { format!(", with {}", names.join(", ")) };
    format!("{OPEN}: {lines} {ranges} cut{with}]")
}

/// The same behind the first one in a text, which said what happened to the lines: `[hr: lines 40-171]`.
pub fn again(marker: &str) -> String {
    marker.replacen(" cut", "", 1)
}

/// Several labels in one gap: `[hr: 3 passing tests, 12 lines cut]`.
pub fn left_out_many(parts: &[(usize, &str)]) -> String {
    let parts = parts.iter().map(|(count, label)| counted(*count, label)).collect::<Vec<_>>();
    format!("{OPEN}: {} cut]", parts.join(", "))
}

/// ` [hr: and 11 more]`, behind the line that stands for its repeats.
pub fn repeats(more: usize) -> String {
    format!(" {OPEN}: {more} more]")
}

/// `[hr: 812 matches in 340 files cut]`, for files that are not even named.
pub fn matches_left_out(matches: usize, files: usize) -> String {
    format!("{OPEN}: {} in {} cut]", counted(matches, "matches"), counted(files, "files"))
}

/// `[hr: 41 times, in:]`, behind a line whose places stand below.
pub fn same_line(count: usize) -> String {
    format!("{OPEN}: {count} times, in:]")
}

/// `[hr: lock file, 120 added and 44 removed lines cut]`, for all changes of a file.
pub fn changes_left_out(what: &str, added: usize, removed: usize) -> String {
    format!("{OPEN}: {what}, {added} added and {} cut]", counted(removed, "removed lines"))
}

/// ` [hr: 11 more, last at line 1987]`, behind the first of its kind; the first such marker of a text says that
/// the others are counted and not shown in their order.
pub fn repeats_until(more: usize, last: usize, explain: bool) -> String {
    let explained = if explain { "; each kind is shown once, where it came first" } else { "" };
    let place = if more == 1 { "at" } else { "last at" };
    format!(" {OPEN}: {more} more, {place} line {last}{explained}]")
}

/// `[hr: 5210 bytes cut]`, inside a line whose middle went.
pub fn bytes_left_out(count: usize) -> String {
    format!("{OPEN}: {count} bytes cut]")
}

/// `[hr: 5210 encoded bytes cut]`, behind the head of base64 and the like.
pub fn encoded_left_out(count: usize) -> String {
    format!("{OPEN}: {count} encoded bytes cut]")
}

/// `[hr: rows 13-96 cut]`: which places of a list, counted from 1, where it is about one `unit` each.
pub fn places_left_out(unit: &str, first: usize, last: usize) -> String {
    if first == last { format!("{OPEN}: {unit} {first} cut]") } else { format!("{OPEN}: {unit}s {first}-{last} cut]") }
}

/// `"[hr]":"37 links, 2 fields cut"`: the member of a JSON object that counts those which are gone.
pub fn member_left_out(parts: &[(usize, &str)]) -> String {
    let parts = parts.iter().filter(|(count, _)| *count > 0);
    let parts = parts.map(|(count, label)| counted(*count, label)).collect::<Vec<_>>();
    format!("\"{OPEN}]\":\"{} cut\"", parts.join(", "))
}

/// `[hr: same as .items[3].owner]`: a value that stands at another place of its document as well.
pub fn same_as(place: &str) -> String {
    format!("{OPEN}: same as {place}]")
}

/// The place that [`same_as`] names.
pub fn place_of_same(marker: &str) -> Option<&str> {
    marker.strip_prefix(OPEN)?.strip_prefix(": same as ")?.strip_suffix(']')
}

/// `[hr: table 1]`, where the array was that stands below as a table.
pub fn table_name(number: usize) -> String {
    format!("{OPEN}: table {number}]")
}

/// What [`table_name`] costs, about, in tokens.
pub const TABLE_NAME_TOKENS: usize = 7;

/// What the rows of a table were.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Elements of an array.
    Rows,
    /// Documents, a line each.
    Lines,
}

/// The line above a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table {
    /// Its number in the text.
    pub number: usize,
    /// How many rows it has.
    pub kept: usize,
    /// How many there were.
    pub total: usize,
    /// What they were.
    pub unit: Unit,
    /// Whether some columns stand with their value in the line of names.
    pub constants: bool,
    /// How many columns of links are gone.
    pub links: usize,
}

/// `[hr: table 1: 12 of 100 rows, 88 cut, # is the row; name=value holds for every row]`.
impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, kept, total, .. } = self;
        let unit = match self.unit {
            Unit::Rows => "rows",
            Unit::Lines => "JSON lines",
        };
        write!(f, "{OPEN}: table {number}: {kept}")?;
        if kept < total {
            write!(f, " of {total} {unit}, {} cut, # is the row", total - kept)?;
        } else {
            write!(f, " {unit}")?;
        }
        if self.links > 0 {
            write!(f, "; {} cut", counted(self.links, "link columns"))?;
        }
        f.write_str(if self.constants { "; name=value holds for every row]" } else { "]" })
    }
}

impl Table {
    /// Reads the line above a table that has all its rows.
    pub fn parse(line: &str) -> Option<Self> {
        let rest = line.strip_prefix(OPEN)?.strip_prefix(": table ")?.strip_suffix(']')?;
        let (number, rest) = rest.split_once(": ")?;
        let (rows, constants) = rest.split_once(';').map_or((rest, false), |(rows, _)| (rows, true));
        let (kept, unit) = rows.split_once(' ')?;
        let unit = match unit {
            "rows" => Unit::Rows,
            "JSON lines" => Unit::Lines,
            _ => return None,
        };
        let kept = kept.parse().ok()?;
        Some(Self { number: number.parse().ok()?, kept, total: kept, unit, constants, links: 0 })
    }
}

/// A number and what it counts, singular for one.
pub fn counted(count: usize, label: &str) -> String {
    if count == 1 { format!("1 {}", singular(label)) } else { format!("{count} {label}") }
}

/// The singular of a plural label: its last word loses its ending.
fn singular(label: &str) -> String {
    if label == SHOWN {
        return "line shown before".into();
    }
    for (plural, one) in [("ies", "y"), ("ches", "ch"), ("shes", "sh"), ("sses", "ss"), ("xes", "x"), ("s", "")] {
        if let Some(stem) = label.strip_suffix(plural) {
            return format!("{stem}{one}");
        }
    }
    label.to_string()
}

/// What a footer says.
#[derive(Debug, Clone, Default)]
pub struct Footer<'a> {
    /// The handle of the original.
    pub handle: Option<&'a str>,
    /// The rule, when one applied.
    pub rule: Option<&'a str>,
    /// The exit status, when it is known and not 0.
    pub exit_code: Option<i32>,
    /// Named values.
    pub facts: &'a [(String, String)],
    /// Tokens before and after, when saying so is worth it.
    pub tokens: Option<(usize, usize)>,
    /// What went, when no marker in the text says so.
    pub left_out: &'a [(usize, String)],
}

/// `[hr show 3f9a1c2b: 12 session lines cut; exit 1]`, and for long texts
/// `[hr show 3f9a1c2b: 12 session lines cut; rust/cargo-test, exit 101, passed=210 failed=2; about 9800 -> 610 tokens]`.
///
/// It begins with the command that gives the rest, and goes on with what that is; `[hr show 3f9a1c2b]` when a short text
/// stands for all of it.
pub fn footer(footer: &Footer<'_>) -> String {
    let mut parts = Vec::new();
    if !footer.left_out.is_empty() {
        let left_out = footer.left_out.iter().map(|(count, label)| counted(*count, label)).collect::<Vec<_>>();
        parts.push(format!("{} cut", left_out.join(", ")));
    }
    let mut said = Vec::new();
    said.extend(footer.rule.map(ToString::to_string));
    said.extend(footer.exit_code.map(|code| format!("exit {code}")));
    if !footer.facts.is_empty() {
        said.push(footer.facts.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" "));
    }
    if !said.is_empty() {
        parts.push(said.join(", "));
    }
    parts.extend(footer.tokens.map(|(before, after)| format!("about {before} -> {after} tokens")));
    match footer.handle {
        Some(handle) if parts.is_empty() => return format!("{OPEN_SHOW}{handle}]"),
        None if parts.is_empty() => parts.push("all of it".to_string()),
        _ => {}
    }
    let open = footer.handle.map_or_else(|| OPEN.to_string(), |handle| format!("{OPEN_SHOW}{handle}"));
    format!("{open}: {}]", parts.join("; "))
}

/// `[hr: 85 of 100 items of .rows cut; hash=3f9a1c2b4d5e6f70]`, below a text whose original goes by its hash.
pub fn hashed(parts: &[String], hash: &str) -> String {
    let parts = if parts.is_empty() { String::new() } else { format!("{} cut; ", parts.join(", ")) };
    format!("{OPEN}: {parts}hash={hash}]")
}

/// `[hr: exit 3]`, for a command that failed and printed nothing.
pub fn exit(code: i32) -> String {
    format!("{OPEN}: exit {code}]")
}

/// `[hr: page 1 of 4]`: something about the text above that is no gap in it.
pub fn note(text: &str) -> String {
    format!("{OPEN}: {text}]")
}

/// Whether a text could be taken for one that has our markers.
pub fn imitates(text: &[u8]) -> bool {
    memchr::memmem::find_iter(text, OPEN).any(|at| is_marker_at(text, at))
}

/// Whether a marker begins at `at`: `[hr: `, `[hr show 3f9a1c2b: `, `[hr show 3f9a1c2b]` or `[hr 3f9a1c2b: `.
fn is_marker_at(text: &[u8], at: usize) -> bool {
    let rest = &text[at + OPEN.len()..];
    let show = rest.strip_prefix(b" show");
    match show.unwrap_or(rest).strip_prefix(b" ") {
        Some(named) => {
            let digits = named.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
            let ends = show.is_some() && digits > 0 && named[digits..].starts_with(b"]");
            ends || named[digits..].starts_with(b":")
        }
        None => show.unwrap_or(rest).starts_with(b":"),
    }
}

/// The tokens of the markers in a text, about: each from where it begins to the end of its line.
pub fn cost(text: &[u8]) -> usize {
    let (mut sum, mut end) = (0, 0);
    for at in memchr::memmem::find_iter(text, OPEN).filter(|&at| is_marker_at(text, at)) {
        if at >= end {
            end = memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |length| at + length + 1);
            sum += crate::tokens::estimate(&text[at..end]);
        }
    }
    sum
}

/// The handles that footers in a text name.
pub fn handles(text: &[u8]) -> Vec<&str> {
    memchr::memmem::find_iter(text, OPEN_SHOW)
        .filter_map(|at| {
            let rest = &text[at + OPEN_SHOW.len()..];
            let len = rest.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
            (len >= 8 && matches!(rest.get(len), Some(b':' | b']')))
                .then(|| std::str::from_utf8(&rest[..len]).ok())
                .flatten()
        })
        .collect()
}

/// A line in which nothing can be taken for a marker any more: `[hr` becomes `(hr`.
pub fn neutralised(line: &[u8]) -> Option<Vec<u8>> {
    imitates(line).then(|| {
        let mut text = line.to_vec();
        for at in memchr::memmem::find_iter(line, OPEN).filter(|&at| is_marker_at(line, at)) {
            text[at] = b'(';
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_say_what_and_how_many() {
        assert_eq!(left_out(1, "passing tests", None), "[hr: 1 passing test cut]");
        assert_eq!(left_out(2, "matches", None), "[hr: 2 matches cut]");
        assert_eq!(left_out(132, "lines", Some((40, 171))), "[hr: lines 40-171 cut]");
        assert_eq!(lines_left_out(&[(4, 4)], &[]), "[hr: line 4 cut]");
        assert_eq!(again("/* [hr: lines 4-9 cut] */"), "/* [hr: lines 4-9] */");
        let names = ["a".into(), "B".into()];
        assert_eq!(lines_left_out(&[(1, 1), (4, 9)], &names), "[hr: lines 1, 4-9 cut, with a, B]");
    }

    #[test]
    fn imitations_are_neutralised_and_look_alikes_left() {
        assert_eq!(neutralised(b"x [hr: 3 lines cut]").unwrap(), b"x (hr: 3 lines cut]");
        assert_eq!(neutralised(b"[hr 3f9a1c2b: ok]").unwrap(), b"(hr 3f9a1c2b: ok]");
        assert_eq!(neutralised(b"[hr show 3f9a1c2b: ok]").unwrap(), b"(hr show 3f9a1c2b: ok]");
        assert_eq!(neutralised(b"[hrx: no marker]"), None);
        assert_eq!(neutralised(b"a[hr] b"), None);
    }

    #[test]
    fn footers_name_the_handle() {
        let text = footer(&Footer { handle: Some("3f9a1c2b"), exit_code: Some(101), ..Footer::default() });
        assert_eq!(text, "[hr show 3f9a1c2b: exit 101]");
        assert_eq!(handles(text.as_bytes()), ["3f9a1c2b"]);
        let text = footer(&Footer { handle: Some("3f9a1c2b"), ..Footer::default() });
        assert_eq!(text, "[hr show 3f9a1c2b]");
        assert_eq!(handles(text.as_bytes()), ["3f9a1c2b"]);
        assert!(imitates(text.as_bytes()));
    }
}
