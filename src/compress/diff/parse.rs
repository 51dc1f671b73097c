//! Reads patches: files, their headers, their hunks, and what every line of a hunk is.
//!
//! Lines of a hunk are counted by its header and not told by what they begin with, so that a removed `-- comment` is no
//! file header and a message between two patches is no context.

use std::ops::Range;

/// One file of a patch, as indexes into the lines that were read.
#[derive(Debug)]
pub(super) struct File {
    /// Its header, up to the first hunk.
    pub header: Range<usize>,
    /// Its name after the change, as far as the header tells.
    pub path: Vec<u8>,
    /// Its hunks.
    pub hunks: Vec<Hunk>,
}

impl File {
    /// All lines of the hunks.
    pub fn body(&self) -> Range<usize> {
        let end = self.hunks.last().map_or(self.header.end, |hunk| hunk.body.end);
        self.header.end..end
    }

    /// How many lines of its hunks are of a kind.
    pub fn count(&self, kind: Line) -> usize {
        self.hunks.iter().flat_map(|hunk| &hunk.lines).filter(|line| **line == kind).count()
    }
}

/// One hunk.
#[derive(Debug)]
pub(super) struct Hunk {
    /// The line with `@@`.
    pub header: usize,
    /// The lines below it.
    pub body: Range<usize>,
    /// What its header says.
    pub place: Place,
    /// What each line of the body is.
    pub lines: Vec<Line>,
    /// Whether the body ended before its header said so, so that nothing can be counted anew.
    pub is_cut: bool,
}

/// What a line of a hunk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    /// The same in all versions.
    Context,
    /// New in at least one of the old versions.
    Added,
    /// Gone from at least one of them.
    Removed,
    /// `\ No newline at end of file`, about the line before.
    NoNewline,
}

/// What the header of a hunk says: where it begins and how long it is in each version, the new one last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// Start and length in every version.
    pub spans: Vec<(u64, u64)>,
    /// What stands behind: the function.
    pub section: Vec<u8>,
}

impl Place {
    /// `@@ -1,2 +1,3 @@ fn main()`, or with more `@` for more versions.
    pub fn read(text: &[u8]) -> Option<Self> {
        let marks = text.iter().take_while(|byte| **byte == b'@').count();
        if !(2..=9).contains(&marks) {
            return None;
        }
        let close = [&b" "[..], &text[..marks]].concat();
        let end = memchr::memmem::find(&text[marks..], &close)? + marks;
        let mut spans = Vec::with_capacity(marks);
        for part in std::str::from_utf8(&text[marks..end]).ok()?.split_ascii_whitespace() {
            let sign = if spans.len() + 1 == marks { '+' } else { '-' };
            let (start, len) = part.strip_prefix(sign)?.split_once(',').unwrap_or((&part[1..], "1"));
            spans.push((start.parse().ok()?, len.parse().ok()?));
        }
        let section = text[end + close.len()..].trim_ascii().to_vec();
        (spans.len() == marks).then_some(Self { spans, section })
    }

    /// The header as git writes it.
    pub fn write(&self) -> Vec<u8> {
        let marks = "@".repeat(self.spans.len());
        let mut text = marks.clone();
        for (at, (start, len)) in self.spans.iter().enumerate() {
            let sign = if at + 1 == self.spans.len() { '+' } else { '-' };
            text.push_str(&if *len == 1 { format!(" {sign}{start}") } else { format!(" {sign}{start},{len}") });
        }
        let mut text = format!("{text} {marks}").into_bytes();
        if !self.section.is_empty() {
            text.push(b' ');
            text.extend_from_slice(&self.section);
        }
        text
    }
}

/// What a line of a hunk is, and by how much it moves each version on; `None` when it cannot be one.
pub(super) fn line(text: &[u8], versions: usize) -> Option<(Line, Vec<u64>)> {
    let old = versions - 1;
    if text.starts_with(b"\\") {
        return Some((Line::NoNewline, vec![0; versions]));
    }
    // Trailing blanks are gone, so a short line has blanks where its signs end.
    let signs = (0..old).map(|at| text.get(at).copied().unwrap_or(b' ')).collect::<Vec<_>>();
    if signs.iter().any(|sign| !matches!(sign, b' ' | b'+' | b'-')) {
        return None;
    }
    let removed = signs.contains(&b'-');
    let mut moves = signs.iter().map(|&sign| u64::from(sign == if removed { b'-' } else { b' ' })).collect::<Vec<_>>();
    moves.push(u64::from(!removed));
    let kind = match signs.iter().find(|sign| **sign != b' ') {
        Some(b'-') => Line::Removed,
        Some(_) if removed => Line::Removed,
        Some(_) => Line::Added,
        None => Line::Context,
    };
    Some((kind, moves))
}

/// The files of a text; what belongs to none, such as the messages of commits, is not in them.
pub(super) fn files(lines: &[&[u8]]) -> Vec<File> {
    let mut files = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let Some(header) = header(lines, at) else {
            at += 1;
            continue;
        };
        let mut file = File { path: path(&lines[header.clone()]), hunks: Vec::new(), header };
        at = file.header.end;
        while let Some(hunk) = hunk(lines, at) {
            at = hunk.body.end;
            let is_cut = hunk.is_cut;
            file.hunks.push(hunk);
            if is_cut {
                break;
            }
        }
        files.push(file);
    }
    files
}

/// The header of a file that begins at a line.
fn header(lines: &[&[u8]], at: usize) -> Option<Range<usize>> {
    const MORE: [&[u8]; 14] = [
        b"index ",
        b"old mode ",
        b"new mode ",
        b"deleted file mode ",
        b"new file mode ",
        b"copy from ",
        b"copy to ",
        b"rename from ",
        b"rename to ",
        b"similarity index ",
        b"dissimilarity index ",
        b"mode ",
        b"Binary files ",
        b"=======",
    ];
    let named = [&b"diff --git "[..], b"diff --cc ", b"diff --combined ", b"Index: "];
    let unified = |at: usize| {
        lines[at].starts_with(b"--- ")
            && lines.get(at + 1).is_some_and(|text| text.starts_with(b"+++ "))
            && lines.get(at + 2).is_some_and(|text| Place::read(text).is_some())
    };
    let begins = named.iter().any(|name| lines[at].starts_with(name));
    if !begins {
        return if unified(at) { Some(at..at + 2) } else { Place::read(lines[at]).map(|_| at..at) };
    }
    let mut end = at + 1;
    while end < lines.len() && MORE.iter().any(|start| lines[end].starts_with(start)) {
        end += 1;
    }
    let names = lines.get(end).is_some_and(|text| text.starts_with(b"--- "))
        && lines.get(end + 1).is_some_and(|text| text.starts_with(b"+++ "));
    Some(at..if names { end + 2 } else { end })
}

/// The hunk that begins at a line.
fn hunk(lines: &[&[u8]], header: usize) -> Option<Hunk> {
    let place = Place::read(lines.get(header)?)?;
    let mut left = place.spans.iter().map(|(_, len)| *len).collect::<Vec<_>>();
    let mut kinds = Vec::new();
    let mut at = header + 1;
    let mut is_cut = false;
    while left.iter().any(|left| *left > 0) {
        let found = lines.get(at).and_then(|text| line(text, left.len()));
        let fits = |moves: &[u64]| moves.iter().zip(&left).all(|(moves, left)| moves <= left);
        let Some((kind, moves)) = found.filter(|(_, moves)| fits(moves)) else {
            is_cut = true;
            break;
        };
        left.iter_mut().zip(moves).for_each(|(left, moves)| *left -= moves);
        kinds.push(kind);
        at += 1;
    }
    if lines.get(at).is_some_and(|text| text.starts_with(b"\\ ")) {
        kinds.push(Line::NoNewline);
        at += 1;
    }
    Some(Hunk { header, body: header + 1..at, place, lines: kinds, is_cut })
}

/// The name of a file by its header.
fn path(header: &[&[u8]]) -> Vec<u8> {
    let value = |start: &[u8]| header.iter().find_map(|line| line.strip_prefix(start));
    let plain = |name: &[u8]| -> Vec<u8> {
        let name = name.split(|byte| *byte == b'\t').next().unwrap_or(name);
        let prefixed = name.len() > 2 && name[1] == b'/' && b"abciow".contains(&name[0]);
        if prefixed { name[2..].to_vec() } else { name.to_vec() }
    };
    if let Some(name) = value(b"diff --cc ").or(value(b"diff --combined ")).or(value(b"Index: ")) {
        return name.to_vec();
    }
    if let Some(name) = value(b"rename to ").or(value(b"copy to ")) {
        return name.to_vec();
    }
    match (value(b"+++ "), value(b"--- ")) {
        (Some(new), _) if new != b"/dev/null" => plain(new),
        (_, Some(old)) if old != b"/dev/null" => plain(old),
        _ => value(b"diff --git ").and_then(twice).map(<[u8]>::to_vec).unwrap_or_default(),
    }
}

/// The name in `a/name b/name`, or in `name name`.
pub(super) fn twice(names: &[u8]) -> Option<&[u8]> {
    let middle = names.len() / 2;
    if names.get(middle) != Some(&b' ') {
        return None;
    }
    let (one, other) = (&names[..middle], &names[middle + 1..]);
    let bare = |name: &'_ [u8]| name.len() > 2 && name[1] == b'/' && b"abciow12".contains(&name[0]);
    match (bare(one) && bare(other) && one[2..] == other[2..], one == other) {
        (true, _) => Some(&other[2..]),
        (false, true) => Some(other),
        (false, false) => None,
    }
}
