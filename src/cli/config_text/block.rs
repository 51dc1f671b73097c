//! A block between markers in a Markdown file, which several agents may share: the first marker has a sum of what is
//! between them, and names the agents.

use super::own::sum;

const BEGIN: &str = "<!-- hr: begin ";
const END: &str = "<!-- hr: end -->";

/// A text around its block.
struct Found<'a> {
    before: &'a str,
    agents: Vec<&'a str>,
    after: &'a str,
}

/// Puts the block at its place, or at the end.
pub fn put(text: &str, block: &str, agent: &str) -> Result<String, String> {
    if let Some(Found { before, mut agents, after }) = find(text)? {
        agents.push(agent);
        agents.sort_unstable();
        agents.dedup();
        return Ok(format!("{before}{}{after}", written(block, &agents)));
    }
    let block = written(block, &[agent]);
    Ok(match text {
        "" => block,
        _ if text.ends_with('\n') => format!("{text}\n{block}"),
        _ => format!("{text}\n\n{block}"),
    })
}

/// Takes an agent off the block, and with the last one the block and the blank line before it.
pub fn take(text: &str, block: &str, agent: &str) -> Result<String, String> {
    let Some(Found { before, mut agents, after }) = find(text)?.filter(|found| found.agents.contains(&agent)) else {
        return Ok(text.to_string());
    };
    agents.retain(|other| *other != agent);
    if !agents.is_empty() {
        return Ok(format!("{before}{}{after}", written(block, &agents)));
    }
    let before = if after.is_empty() { before.strip_suffix('\n').unwrap_or(before) } else { before };
    Ok(format!("{before}{after}"))
}

/// Whether the block is there for an agent.
pub fn is_in(text: &str, agent: &str) -> bool {
    text.lines().filter_map(agents).any(|(_, agents)| agents.contains(&agent))
}

/// Whether there is a block, for whatever agent.
pub fn is_there(text: &str) -> bool {
    text.lines().any(|line| agents(line).is_some())
}

fn written(block: &str, agents: &[&str]) -> String {
    format!("{BEGIN}{} {} -->\n{block}{END}\n", sum(block), agents.join(" "))
}

/// The sum and the agents in a first marker.
fn agents(line: &str) -> Option<(&str, Vec<&str>)> {
    let mut words = line.trim().strip_prefix(BEGIN)?.strip_suffix("-->")?.split_whitespace();
    Some((words.next()?, words.collect()))
}

/// The block with what is around it; an error when it is not as we wrote it.
fn find(text: &str) -> Result<Option<Found<'_>>, String> {
    let mut lines = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        lines.push((at, line));
        at += line.len();
    }
    let marks = |mark: &str| {
        let is_mark = |(_, line): &&(usize, &str)| line.trim_start().starts_with(mark);
        lines.iter().filter(is_mark).map(|(at, line)| (*at, at + line.len())).collect::<Vec<_>>()
    };
    let (begin, end) = match (&marks(BEGIN.trim_end())[..], &marks(END)[..]) {
        ([], []) => return Ok(None),
        ([begin], [end]) if begin.1 <= end.0 => (*begin, *end),
        _ => return Err("its `<!-- hr: -->` markers are damaged".into()),
    };
    let (told, agents) = agents(&text[begin.0..begin.1]).ok_or("its `<!-- hr: -->` markers are damaged")?;
    if sum(&text[begin.1..end.0].replace('\r', "")) != told {
        return Err("somebody edited the block; take it out by hand".into());
    }
    Ok(Some(Found { before: &text[..begin.0], agents, after: &text[end.1..] }))
}
