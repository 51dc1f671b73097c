//! A block between markers in a Markdown file.

const BEGIN: &str = "<!-- hr: begin -->\n";
const END: &str = "<!-- hr: end -->\n";

/// Puts the block at its place, or at the end.
pub fn put(text: &str, block: &str) -> Result<String, String> {
    let block = format!("{BEGIN}{block}{END}");
    if let Some((before, _, after)) = split(text)? {
        return Ok(format!("{before}{block}{after}"));
    }
    Ok(match text {
        "" => block,
        _ if text.ends_with('\n') => format!("{text}\n{block}"),
        _ => format!("{text}\n\n{block}"),
    })
}

/// Takes the block out, with the blank line before it.
pub fn take(text: &str) -> Result<String, String> {
    let Some((before, _, after)) = split(text)? else { return Ok(text.to_string()) };
    let before = if after.is_empty() { before.strip_suffix('\n').unwrap_or(before) } else { before };
    Ok(format!("{before}{after}"))
}

/// What is before the block, in it, and after it.
fn split(text: &str) -> Result<Option<(&str, &str, &str)>, String> {
    let Some(begin) = text.find(BEGIN) else {
        return if text.contains(BEGIN.trim_end()) || text.contains(END.trim_end()) {
            Err("its `<!-- hr: -->` markers are damaged".into())
        } else {
            Ok(None)
        };
    };
    let end = text[begin..].find(END).map(|end| begin + end + END.len());
    let end = end.ok_or("`<!-- hr: end -->` is missing")?;
    if text[end..].contains(BEGIN) {
        return Err("it has the block twice".into());
    }
    Ok(Some((&text[..begin], &text[begin..end], &text[end..])))
}
