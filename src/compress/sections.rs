//! Weighs the lines of prose, manuals and help pages by their sections: headings first, then each section's beginning.
//!
//! A reader who sees the headings and how each section begins knows what there is to ask for. Texts without headings have
//! no such weights.

use super::salience::Weight;

/// What a heading weighs.
const HEADING: Weight = 70;
/// What the first block of a section weighs; later ones weigh less and less.
const FIRST: Weight = 40;
/// So many headings make sections.
const LEAST: usize = 3;

/// The weight of every line by its place in its section; none when the text has no sections.
pub(super) fn weights(lines: &[&[u8]]) -> Option<Vec<Weight>> {
    let headings = (0..lines.len()).map(|at| is_heading(lines, at)).collect::<Vec<_>>();
    if headings.iter().filter(|heading| **heading).count() < LEAST {
        return None;
    }
    let mut weights = Vec::with_capacity(lines.len());
    let mut block: Weight = 0;
    let mut within = false;
    for (line, heading) in lines.iter().zip(headings) {
        if heading {
            (block, within) = (0, false);
            weights.push(HEADING);
        } else if line.is_empty() {
            within = false;
            weights.push(0);
        } else {
            block += Weight::from(!within);
            within = true;
            weights.push(FIRST.saturating_sub(block * 4).max(2));
        }
    }
    Some(weights)
}

/// Whether a line is a heading: of Markdown, underlined, in capitals, or short and alone with a colon or blank lines around.
fn is_heading(lines: &[&[u8]], at: usize) -> bool {
    let line = lines[at];
    let Some(first) = line.first().filter(|byte| !byte.is_ascii_whitespace()) else { return false };
    let blank = |at: Option<usize>| at.and_then(|at| lines.get(at)).is_none_or(|line| line.is_empty());
    let after_blank = blank(at.checked_sub(1));
    let hashes = line.iter().take_while(|byte| **byte == b'#').count();
    let markdown = (1..=6).contains(&hashes) && line.get(hashes) == Some(&b' ');
    let rule = |line: &[u8]| line.len() >= 3 && b"=-~^".contains(&line[0]) && line.iter().all(|byte| *byte == line[0]);
    let underlined = !rule(line) && line.len() <= 100 && lines.get(at + 1).is_some_and(|next| rule(next));
    let letters = line.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    let capitals = after_blank && letters >= 3 && line.len() <= 60 && !line.iter().any(u8::is_ascii_lowercase);
    let asks = after_blank && line.len() <= 60 && line.ends_with(b":");
    // Text of any script: a short line that stands alone and ends no sentence.
    let ends = [&b"."[..], b",", b";", b"\xe3\x80\x82", b"\xef\xbc\x8c"].iter().any(|end| line.ends_with(end));
    let alone = after_blank
        && blank(Some(at + 1))
        && line.len() <= 60
        && !ends
        && (first.is_ascii_alphanumeric() || *first >= 0x80);
    markdown || underlined || capitals || asks || alone
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_weigh_more_than_what_follows_and_beginnings_more_than_the_rest() {
        let text = "NAME\n   frob\n\nSYNOPSIS\n   frob [-x]\n\nDESCRIPTION\n   One.\n\n   Two.\n\n   Three.\n";
        let lines = text.lines().map(str::as_bytes).collect::<Vec<_>>();
        let weights = weights(&lines).unwrap();
        assert_eq!(weights.iter().filter(|weight| **weight == HEADING).count(), 3);
        assert!(weights[7] > weights[9] && weights[9] > weights[11]);
    }

    #[test]
    fn text_without_headings_has_no_sections() {
        assert_eq!(weights(&[b"one sentence here.", b"another one.", b"and a last one."]), None);
    }
}
