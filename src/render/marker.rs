//! The only place that spells markers and footers.
//!
//! Every marker begins with `[hr` at the beginning of a line or after text it belongs to, is ASCII, and says exactly how
//! many of what went. Text of a tool that looks like one is told apart in [`imitates`].

use std::fmt::Write;

/// What every marker begins with.
const OPEN: &str = "[hr";

/// `[hr: 12 lines left out]`, with the range of lines when there is one: `[hr: lines 40-171 left out]`.
pub fn left_out(count: usize, label: &str, range: Option<(usize, usize)>) -> String {
    match range {
        Some((first, last)) if label == "lines" => format!("{OPEN}: lines {first}-{last} left out]"),
        _ => format!("{OPEN}: {} left out]", counted(count, label)),
    }
}

/// `[hr: lines 40-171 left out]`, of several stretches `[hr: lines 35-38, 40-171 left out]`, and with what is defined in
/// them `[hr: lines 40-171 left out, with inner, Guard]`.
pub fn lines_left_out(stretches: &[(usize, usize)], names: &[String]) -> String {
    let range =
        |(first, last): &(usize, usize)| if first == last { first.to_string() } else { format!("{first}-{last}") };
    let ranges = stretches.iter().map(range).collect::<Vec<_>>().join(", ");
    let lines = if matches!(stretches, [(first, last)] if first == last) { "line" } else { "lines" };
    let with = if names.is_empty() { String::new() } else { format!(", with {}", names.join(", ")) };
    format!("{OPEN}: {lines} {ranges} left out{with}]")
}

/// The same behind the first one in a text, which said what happened to the lines: `[hr: lines 40-171]`.
pub fn again(marker: &str) -> String {
    marker.replacen(" left out", "", 1)
}

/// Several labels in one gap: `[hr: 3 passing tests, 12 lines left out]`.
pub fn left_out_many(parts: &[(usize, &str)]) -> String {
    let parts = parts.iter().map(|(count, label)| counted(*count, label)).collect::<Vec<_>>();
    format!("{OPEN}: {} left out]", parts.join(", "))
}

/// ` [hr: and 11 more like it]`, behind the line that stands for its repeats.
pub fn repeats(more: usize) -> String {
    format!(" {OPEN}: {more} more like it]")
}

/// `[hr: 5210 bytes left out]`, inside a line whose middle went.
pub fn bytes_left_out(count: usize) -> String {
    format!("{OPEN}: {count} bytes left out]")
}

/// A number and what it counts, singular for one.
pub fn counted(count: usize, label: &str) -> String {
    if count == 1 { format!("1 {}", singular(label)) } else { format!("{count} {label}") }
}

/// The singular of a plural label: its last word loses its ending.
fn singular(label: &str) -> String {
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

/// `[hr: rust/cargo-test, exit 101, passed=210 failed=2; about 9800 -> 610 tokens; all of it: hr show 3f9a1c2b]`, and for
/// short texts `[hr: exit 1; 12 session lines left out; hr show 3f9a1c2b]`.
pub fn footer(footer: &Footer<'_>) -> String {
    let mut said = Vec::new();
    said.extend(footer.rule.map(ToString::to_string));
    said.extend(footer.exit_code.map(|code| format!("exit {code}")));
    if !footer.facts.is_empty() {
        said.push(footer.facts.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" "));
    }
    let mut parts = Vec::new();
    if !said.is_empty() {
        parts.push(said.join(", "));
    }
    parts.extend(footer.tokens.map(|(before, after)| format!("about {before} -> {after} tokens")));
    if !footer.left_out.is_empty() {
        let left_out = footer.left_out.iter().map(|(count, label)| counted(*count, label)).collect::<Vec<_>>();
        parts.push(format!("{} left out", left_out.join(", ")));
    }
    let show = if footer.tokens.is_some() || parts.is_empty() { "all of it: hr show" } else { "hr show" };
    parts.extend(footer.handle.map(|handle| format!("{show} {handle}")));
    let mut text = String::from(OPEN);
    // Infallible: writing to a string.
    let _ = write!(text, ": {}]", parts.join("; "));
    text
}

/// `[hr: exit 3]`, for a command that failed and printed nothing.
pub fn exit(code: i32) -> String {
    format!("{OPEN}: exit {code}]")
}

/// Whether a text could be taken for one that has our markers.
pub fn imitates(text: &[u8]) -> bool {
    memchr::memmem::find_iter(text, OPEN).any(|at| is_marker_at(text, at))
}

/// Whether a marker begins at `at`: `[hr: ` or `[hr 3f9a1c2b: `.
fn is_marker_at(text: &[u8], at: usize) -> bool {
    let rest = &text[at + OPEN.len()..];
    let rest = match rest.strip_prefix(b" ") {
        Some(named) => &named[named.iter().take_while(|byte| byte.is_ascii_hexdigit()).count()..],
        None => rest,
    };
    rest.starts_with(b":")
}

/// The handles that footers in a text name.
pub fn handles(text: &[u8]) -> Vec<&str> {
    const SHOW: &[u8] = b"hr show ";
    memchr::memmem::find_iter(text, SHOW)
        .filter_map(|at| {
            let rest = &text[at + SHOW.len()..];
            let len = rest.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
            (len >= 8 && rest.get(len) == Some(&b']')).then(|| std::str::from_utf8(&rest[..len]).ok()).flatten()
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
        assert_eq!(left_out(1, "passing tests", None), "[hr: 1 passing test left out]");
        assert_eq!(left_out(2, "matches", None), "[hr: 2 matches left out]");
        assert_eq!(left_out(132, "lines", Some((40, 171))), "[hr: lines 40-171 left out]");
        assert_eq!(lines_left_out(&[(4, 4)], &[]), "[hr: line 4 left out]");
        assert_eq!(again("/* [hr: lines 4-9 left out] */"), "/* [hr: lines 4-9] */");
        let names = ["a".into(), "B".into()];
        assert_eq!(lines_left_out(&[(1, 1), (4, 9)], &names), "[hr: lines 1, 4-9 left out, with a, B]");
    }

    #[test]
    fn imitations_are_neutralised_and_look_alikes_left() {
        assert_eq!(neutralised(b"x [hr: 3 lines left out]").unwrap(), b"x (hr: 3 lines left out]");
        assert_eq!(neutralised(b"[hr 3f9a1c2b: ok]").unwrap(), b"(hr 3f9a1c2b: ok]");
        assert_eq!(neutralised(b"[hrx: no marker]"), None);
        assert_eq!(neutralised(b"a[hr] b"), None);
    }

    #[test]
    fn footers_name_the_handle() {
        let text = footer(&Footer { handle: Some("3f9a1c2b"), exit_code: Some(101), ..Footer::default() });
        assert_eq!(text, "[hr: exit 101; hr show 3f9a1c2b]");
        assert_eq!(handles(text.as_bytes()), ["3f9a1c2b"]);
    }
}
