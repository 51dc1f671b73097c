//! The first sentence of a comment or docstring, which stays when the rest goes.

/// How many lines of a first paragraph stay when no sentence ends in them.
const LINES: usize = 2;

/// Where the first sentence of a comment ends, or its first paragraph when that has none; an offset into `text`.
///
/// Signs that comments are drawn with count as blanks. The end of the text when there is nothing behind.
pub(super) fn first_part(text: &[u8]) -> usize {
    let mut kept: Option<usize> = None;
    let mut lines = 0;
    let mut at = 0;
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let bare = bare(line);
        let tag = bare.starts_with(b"@") || bare.starts_with(b":param") || bare.starts_with(b"\\param");
        if (bare.is_empty() || tag) && kept.is_some() {
            break;
        }
        if !bare.is_empty() {
            lines += 1;
            let whole = at + line.trim_ascii_end().len();
            if let Some(end) = sentence_end(line) {
                return at + end;
            }
            if lines > LINES {
                break;
            }
            kept = Some(whole);
        }
        at += line.len();
    }
    kept.unwrap_or(text.len())
}

/// A line without the signs that comments are drawn with.
fn bare(line: &[u8]) -> &[u8] {
    let drawn = |byte: &u8| byte.is_ascii_whitespace() || b"/*#!;-=+~".contains(byte);
    let start = line.iter().position(|byte| !drawn(byte)).unwrap_or(line.len());
    let line = &line[start..];
    // The quotes that open a docstring, with a letter before them or not.
    let quotes = line.iter().take_while(|byte| b"rRuUbBfF".contains(byte)).count();
    match line.get(quotes..) {
        Some([b'"', b'"', b'"', rest @ ..] | [b'\'', b'\'', b'\'', rest @ ..]) => rest.trim_ascii(),
        _ => line.trim_ascii(),
    }
}

/// Where the first sentence of a line ends, if it ends within it or with it.
fn sentence_end(line: &[u8]) -> Option<usize> {
    let line = line.trim_ascii_end();
    let ends = |at: &usize| {
        line[*at] == b'.'
            && line.get(at + 1).is_none_or(u8::is_ascii_whitespace)
            // `e.g. ` and `i.e. ` end no sentence.
            && !(*at >= 2 && line[at - 2] == b'.')
    };
    memchr::memchr_iter(b'.', line).find(ends).map(|at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_paragraph_or_sentence_stays() {
        for (text, expected) in [
            ("/// Finds it.\n/// More.", "/// Finds it."),
            ("/// Finds\n/// it. More\n/// and more.", "/// Finds\n/// it."),
            ("/**\n * Finds it\n *\n * @param a b\n */", "/**\n * Finds it"),
            ("\"\"\"\nFinds it\n\nArgs:\n  a\n\"\"\"", "\"\"\"\nFinds it"),
            ("# one\n# two\n# three\n# four", "# one\n# two"),
            ("// e.g. this", "// e.g. this"),
        ] {
            let end = first_part(text.as_bytes());
            assert_eq!(&text[..end], expected);
        }
    }
}
