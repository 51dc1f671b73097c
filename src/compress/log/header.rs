//! Reads what a logger puts before a message: the time, the level, the thread, the component.
//!
//! Fields are known by their position and shape, never by a word somewhere in the line: `INFO retrying after error` is no
//! error. What is no header stays unread, so that lines without one can be told from lines with one.

use std::ops::Range;

/// How severe a logger says an event is, least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Trace, debug, verbose.
    Debug,
    /// Info, notice.
    Info,
    /// Warning.
    Warning,
    /// Error, fatal, critical and worse.
    Error,
}

impl Level {
    /// The level that a word is the name of.
    fn named(word: &[u8]) -> Option<Self> {
        const NAMES: [(&str, Level); 29] = [
            ("trace", Level::Debug),
            ("debug", Level::Debug),
            ("dbg", Level::Debug),
            ("verbose", Level::Debug),
            ("fine", Level::Debug),
            ("finer", Level::Debug),
            ("finest", Level::Debug),
            ("info", Level::Info),
            ("inf", Level::Info),
            ("information", Level::Info),
            ("informational", Level::Info),
            ("notice", Level::Info),
            ("config", Level::Info),
            ("log", Level::Info),
            ("warn", Level::Warning),
            ("wrn", Level::Warning),
            ("warning", Level::Warning),
            ("error", Level::Error),
            ("err", Level::Error),
            ("eror", Level::Error),
            ("severe", Level::Error),
            ("failure", Level::Error),
            ("fatal", Level::Error),
            ("ftl", Level::Error),
            ("critical", Level::Error),
            ("crit", Level::Error),
            ("alert", Level::Error),
            ("emerg", Level::Error),
            ("panic", Level::Error),
        ];
        NAMES.iter().find(|(name, _)| word.eq_ignore_ascii_case(name.as_bytes())).map(|(_, level)| *level)
    }

    /// The level of a single letter, as logcat and klog write it.
    fn lettered(letter: u8) -> Option<Self> {
        match letter {
            b'V' | b'D' | b'T' => Some(Self::Debug),
            b'I' | b'N' => Some(Self::Info),
            b'W' => Some(Self::Warning),
            b'E' | b'F' | b'C' => Some(Self::Error),
            _ => None,
        }
    }

    /// The level of a number: a syslog priority up to 191 in `<…>`, or pino's tens.
    fn numbered(number: u32, priority: bool) -> Option<Self> {
        match number {
            _ if priority => Some(match number % 8 {
                0..=3 => Self::Error,
                4 => Self::Warning,
                5 | 6 => Self::Info,
                _ => Self::Debug,
            }),
            10 | 20 => Some(Self::Debug),
            30 => Some(Self::Info),
            40 => Some(Self::Warning),
            50 | 60 => Some(Self::Error),
            _ => None,
        }
    }
}

/// The header of a line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Header {
    /// Where the time stands; empty when there is none.
    pub time: Range<usize>,
    /// The level, when it says one.
    pub level: Option<Level>,
    /// A thread in brackets or a host, which says nothing about what happened; empty when there is none.
    pub thread: Range<usize>,
    /// Where the message begins.
    pub message: usize,
}

impl Header {
    /// Whether a logger wrote it: it says when, and what a build's runner puts before each line is not all of it.
    pub fn is_logged(&self, line: &[u8]) -> bool {
        if self.time.is_empty() {
            return self.message == 0 || matches!(line.first(), Some(byte) if byte.is_ascii_uppercase());
        }
        let stamp = &line[self.time.clone()];
        // Runners of GitHub and Azure stamp what a program prints with seven decimals.
        let runner = stamp.len() == 28 && stamp.ends_with(b"Z") && stamp[19] == b'.';
        !runner
    }

    /// Whether it says more than when: how severe, or who.
    pub fn speaks(&self) -> bool {
        self.level.is_some() || self.message > self.time.end
    }
}

/// How far into a line a header reaches at most, in bytes.
const REACH: usize = 200;

/// Reads the header of a line, when it has one.
pub fn read(line: &[u8]) -> Option<Header> {
    if line.first() == Some(&b'{') {
        return structured(line);
    }
    let line = &line[..line.len().min(REACH)];
    let (start, priority) = source(line);
    if let Some(klog) = klog(&line[start..]) {
        return Some(Header { time: start + 1..start + klog.0, level: klog.1, thread: 0..0, message: start + klog.0 });
    }
    let Some(time) = find_time(line, start) else { return untimed(line, start, priority) };
    let mut header = Header { message: time.end, level: priority, time, thread: 0..0 };
    if header.time.start > start && access(line, &mut header) {
        return Some(header);
    }
    fields(line, &mut header);
    if header.thread.is_empty() && line[header.time.clone()].first().is_some_and(u8::is_ascii_alphabetic) {
        header.thread = host(line, &header);
    }
    Some(header)
}

/// The host that syslog names behind a time that begins with a month.
fn host(line: &[u8], header: &Header) -> Range<usize> {
    let start = header.time.end + indentation(&line[header.time.end..]);
    let end = word_end(line, start);
    let plain = line[start..end].iter().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(byte));
    if plain && end <= header.message { start..end } else { 0..0 }
}

/// A JSON object of one line: the level is the value of its key.
fn structured(line: &[u8]) -> Option<Header> {
    if line.last() != Some(&b'}') {
        return None;
    }
    let head = &line[..line.len().min(2000)];
    const KEYS: [&[u8]; 6] = [b"\"level\"", b"\"severity\"", b"\"lvl\"", b"\"levelname\"", b"\"log.level\"", b"\"@l\""];
    let level = KEYS.iter().find_map(|key| {
        let at = memchr::memmem::find(head, key)? + key.len();
        let value = head[at..].trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
        level_value(value.strip_prefix(b"\"").unwrap_or(value))
    });
    const TIMES: [&[u8]; 5] = [b"\"time", b"\"ts\"", b"\"@t", b"\"date", b"\"msg\""];
    let timed = TIMES.iter().any(|key| memchr::memmem::find(head, key).is_some());
    (level.is_some() || timed).then_some(Header { level, ..Header::default() })
}

/// The level that a value begins with: a name or a number.
fn level_value(value: &[u8]) -> Option<Level> {
    let word = &value[..value.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count()];
    Level::named(word).or_else(|| Level::numbered(number(word)?, false))
}

fn number(word: &[u8]) -> Option<u32> {
    std::str::from_utf8(word).ok()?.parse().ok()
}

/// Where the line of a source begins behind what names it, and the level of a syslog priority: `web-1  | `, `<11>1 `.
fn source(line: &[u8]) -> (usize, Option<Level>) {
    let blanks = indentation(line);
    if line.get(blanks) == Some(&b'<') {
        let digits = line[blanks + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        if (1..=3).contains(&digits) && line.get(blanks + 1 + digits) == Some(&b'>') {
            let level = number(&line[blanks + 1..blanks + 1 + digits]).and_then(|number| Level::numbered(number, true));
            let rest = blanks + digits + 2;
            return (if line[rest..].starts_with(b"1 ") { rest + 2 } else { rest }, level);
        }
    }
    let name =
        line.iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')).count();
    let gap = indentation(&line[name..]);
    if name > 0 && gap > 0 && line[name + gap..].starts_with(b"| ") {
        return (name + gap + 2, None);
    }
    (blanks, None)
}

fn indentation(line: &[u8]) -> usize {
    line.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}

/// `E0517 12:34:56.789012    1 file.go:12] `: where it ends, and its level.
fn klog(line: &[u8]) -> Option<(usize, Option<Level>)> {
    let digits = line.get(1..5)?.iter().all(u8::is_ascii_digit);
    let clock = line.get(5) == Some(&b' ') && line.get(8) == Some(&b':') && line.get(11) == Some(&b':');
    let level = Level::lettered(*line.first()?).filter(|_| digits && clock)?;
    Some((memchr::memchr(b' ', &line[6..]).map_or(line.len(), |blank| 6 + blank), Some(level)))
}

/// What a word says about being a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stamp {
    /// A time or a date of its own.
    Full,
    /// A part of one that needs another.
    Part,
    /// The name of a month or a day: a number may follow.
    Name,
    /// A day, a year or a zone: only behind another part.
    Rest,
}

/// Finds the time at the beginning of a line, or behind a few words that are names or numbers.
fn find_time(line: &[u8], start: usize) -> Option<Range<usize>> {
    let mut at = start;
    // A line that begins with a number is a record: any word may be a field.
    let numbered = line[start..]
        .split(|byte| *byte == b' ')
        .next()
        .is_some_and(|word| !word.is_empty() && word.iter().all(u8::is_ascii_digit));
    for _ in 0..5 {
        let open = at + line[at..].iter().take_while(|byte| matches!(byte, b'[' | b'(' | b'"')).count();
        // `[    0.123456]`, the seconds since the kernel started.
        let open = if open > at { open + indentation(&line[open..]) } else { open };
        if let Some(end) = time(line, open) {
            return Some(open..end);
        }
        let word = word_end(line, at);
        if !(numbered || is_name(&line[at..word])) {
            return None;
        }
        at = word + indentation(&line[word..]);
    }
    None
}

/// Whether a word before the time is one that loggers put there: a host, an address, a number, a label, a dash.
fn is_name(word: &[u8]) -> bool {
    let named =
        |byte: &u8| byte.is_ascii_digit() || byte.is_ascii_uppercase() || matches!(byte, b'.' | b'-' | b'_' | b'/');
    !word.is_empty() && (word.iter().any(|byte| named(byte) && !byte.is_ascii_uppercase()) || word.iter().all(named))
}

fn word_end(line: &[u8], at: usize) -> usize {
    line[at..].iter().position(|byte| matches!(byte, b' ' | b'\t')).map_or(line.len(), |len| at + len)
}

/// Where the time that begins at `at` ends, closing bracket included.
fn time(line: &[u8], at: usize) -> Option<usize> {
    let mut end = at;
    let (mut full, mut parts, mut named) = (false, 0, false);
    let mut next = at;
    while next < line.len() {
        let len =
            line[next..].iter().take_while(|byte| !matches!(byte, b' ' | b'\t' | b']' | b')' | b'|' | b'"')).count();
        let word = line[next..next + len].trim_ascii();
        match stamp(word) {
            Some(Stamp::Full) if !full || parts < 3 => full = true,
            Some(Stamp::Name) if !full => named = true,
            Some(Stamp::Part) if !full || parts < 1 => {}
            Some(Stamp::Rest) if named || full && (matches!(word[0], b'+' | b'-') || word[0].is_ascii_uppercase()) => {}
            _ => break,
        }
        parts += 1;
        end = next + len;
        let closed = matches!(line.get(end), Some(b']' | b')' | b'|' | b'"'));
        if closed {
            end += 1;
            break;
        }
        next = end + indentation(&line[end..]);
    }
    let sixes = || parts >= 2 && line[at..end].iter().filter(|byte| byte.is_ascii_digit()).count() >= 12;
    (full || sixes()).then_some(end)
}

/// Judges one word of a time.
fn stamp(word: &[u8]) -> Option<Stamp> {
    const NAMES: [&[u8]; 19] = [
        b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec", b"Mon", b"Tue",
        b"Wed", b"Thu", b"Fri", b"Sat", b"Sun",
    ];
    const ZONES: [&[u8]; 5] = [b"AM", b"PM", b"UTC", b"GMT", b"Z"];
    let word = word.strip_suffix(b",").or_else(|| word.strip_suffix(b":")).unwrap_or(word);
    let first = *word.first()?;
    if NAMES.contains(&word) {
        return Some(Stamp::Name);
    }
    if ZONES.contains(&word)
        || matches!(first, b'+' | b'-') && word.len() >= 5 && word[1..].iter().all(|b| b.is_ascii_digit() || *b == b':')
    {
        return Some(Stamp::Rest);
    }
    if !first.is_ascii_digit() {
        return None;
    }
    let clock = word.len() >= 5
        && memchr::memchr_iter(b':', word).any(|colon| {
            let digit = |at: usize| word.get(at).is_some_and(u8::is_ascii_digit);
            colon >= 1 && digit(colon - 1) && digit(colon + 1) && digit(colon + 2)
        });
    let letters = word.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    if clock && letters <= 4 && word.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-/.:,+_".contains(byte)) {
        return Some(Stamp::Full);
    }
    plain_stamp(word)
}

/// Judges a word of digits and separators without a colon.
fn plain_stamp(word: &[u8]) -> Option<Stamp> {
    if !word.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'/' | b'.')) {
        return None;
    }
    let groups = word.split(|byte| !byte.is_ascii_digit()).map(<[u8]>::len).collect::<Vec<_>>();
    match groups[..] {
        [4, 2, 2] | [2, 2, 4] | [2, 2, 2] if word.len() > 6 => Some(Stamp::Full),
        [4, 2, 2, ..] if word.len() > 15 => Some(Stamp::Full),
        [10 | 13] if word[0] == b'1' => Some(Stamp::Full),
        [10, 1..=9] if word[0] == b'1' => Some(Stamp::Full),
        [1..=7, 6] => Some(Stamp::Full),
        [2, 2] | [6 | 8] => Some(Stamp::Part),
        [1 | 2 | 4] => Some(Stamp::Rest),
        _ => None,
    }
}

/// The fields between a time and its message.
fn fields(line: &[u8], header: &mut Header) {
    let mut at = header.message;
    // A letter is a level behind numbers only: `stdout F` is no failure.
    let mut numbers = true;
    for nth in 0..7 {
        at += line[at..].iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'|' | b'-' | b',')).count();
        let Some(&first) = line.get(at) else { break };
        if first == b'[' {
            let Some(len) = memchr::memchr(b']', &line[at..line.len().min(at + 80)]) else { break };
            let inner = line[at + 1..at + len].trim_ascii();
            let end = at + len + 1;
            match bracketed(inner) {
                Some(level) if header.level.is_none() => header.level = Some(level),
                // What follows a component is the message's own.
                _ if header.thread.is_empty() && line.get(end) != Some(&b':') => header.thread = at..end,
                _ => break,
            }
            at = end;
            header.message = header.message.max(at);
            continue;
        }
        let end = word_end(line, at);
        let word = &line[at..end];
        let name = word.iter().take_while(|byte| !matches!(byte, b':' | b'|' | b'=')).count();
        let delimited = matches!(word.get(name), Some(b':' | b'|'));
        if word.get(name) == Some(&b'=') && matches!(&word[..name], b"level" | b"lvl" | b"severity") {
            header.level = level_value(word[name + 1..].strip_prefix(b"\"").unwrap_or(&word[name + 1..]));
            header.message = end;
            break;
        }
        if header.level.is_none() {
            let lettered = name == 1 && word.len() == 1;
            header.level = level_word(&word[..name], nth == 0 || delimited).filter(|_| numbers || !lettered);
            if header.level.is_some() {
                at += name;
                header.message = at;
                continue;
            }
        } else if !word.iter().any(u8::is_ascii_digit) && !delimited && !word.contains(&b'.') {
            break;
        }
        numbers &= word.iter().all(u8::is_ascii_digit);
        at = end;
        if word.ends_with(b":") {
            header.message = end;
            // A level may still be the first word of the message: `sshd[12]: error: …`.
            if header.level.is_none() {
                let next = end + indentation(&line[end..]);
                let len = line[next..].iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
                if matches!(line.get(next + len), Some(b':')) {
                    header.level = Level::named(&line[next..next + len]);
                }
            }
            break;
        }
    }
}

/// The level in brackets: `[error]`, `[core:error]`.
fn bracketed(inner: &[u8]) -> Option<Level> {
    let name = inner.rsplit(|byte| *byte == b':').next().unwrap_or(inner);
    Level::named(name.trim_ascii()).or_else(|| if let [letter] = name { Level::lettered(*letter) } else { None })
}

/// The level that a word of the header names: in capitals, or in any case where it stands alone or behind the time.
fn level_word(word: &[u8], speaks: bool) -> Option<Level> {
    let core = match word {
        [b'<' | b'(', inner @ .., b'>' | b')'] => inner,
        _ => word.rsplit(|byte| *byte == b'.').next().unwrap_or(word),
    };
    match core {
        [letter] if word.len() == 1 => Level::lettered(*letter),
        _ if speaks || core.len() >= 3 && core.iter().all(u8::is_ascii_uppercase) => Level::named(core),
        _ => None,
    }
}

/// A line of a web server's access log: the class of the status is its level.
fn access(line: &[u8], header: &mut Header) -> bool {
    let rest = &line[header.time.end..];
    let Some(request) = rest.trim_ascii_start().strip_prefix(b"\"") else { return false };
    let Some(quote) = memchr::memmem::find(request, b"\" ") else { return false };
    header.level = match request.get(quote + 2) {
        Some(b'5') => Some(Level::Error),
        Some(b'4') => Some(Level::Warning),
        Some(b'1'..=b'3') => Some(Level::Info),
        _ => return false,
    };
    true
}

/// A line without a time whose first word is a level: `[INFO] x`, `ERROR:root:x`, `warning: x`, `E/Tag(12): x`, `level=info`.
fn untimed(line: &[u8], start: usize, priority: Option<Level>) -> Option<Header> {
    let rest = &line[start..];
    let found = |level: Level, len: usize| Header { level: Some(level), message: start + len, ..Header::default() };
    if let Some(level) = priority {
        return Some(found(level, 0));
    }
    if let [letter, b'/', ..] = rest {
        let colon = memchr::memmem::find(rest, b": ").filter(|at| *at < 60)?;
        return Level::lettered(*letter).map(|level| found(level, colon + 1));
    }
    if rest.first() == Some(&b'[') {
        let end = memchr::memchr(b']', rest).filter(|at| *at < 20)?;
        return bracketed(&rest[1..end]).map(|level| found(level, end + 1));
    }
    // Most lines have no pair at all.
    let pairs = if memchr::memchr(b'=', rest).is_some() { &[&b"level="[..], b"lvl=", b"severity="][..] } else { &[] };
    if let Some(pair) = pairs.iter().find_map(|key| memchr::memmem::find(rest, key).map(|at| at + key.len())) {
        let keyed = rest[..pair].iter().all(u8::is_ascii_graphic) || rest[..pair].contains(&b'=');
        let value = &rest[pair..];
        return level_value(value.strip_prefix(b"\"").unwrap_or(value)).filter(|_| keyed).map(|level| found(level, 0));
    }
    let name = rest.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let level = Level::named(&rest[..name])?;
    let capitals = rest[..name].iter().all(u8::is_ascii_uppercase);
    (rest.get(name) == Some(&b':') || capitals && matches!(rest.get(name), Some(b' ' | b'\t' | b'[')))
        .then(|| found(level, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_by_position() {
        for (line, time, level) in [
            ("2015-10-18 18:01:47,978 INFO [main] org.apache.X: Created", "2015-10-18 18:01:47,978", Some(Level::Info)),
            ("Dec 10 06:55:46 LabSZ sshd[24200]: Invalid user x", "Dec 10 06:55:46", None),
            ("Dec 10 06:55:46 LabSZ sshd[24200]: error: PAM gone", "Dec 10 06:55:46", Some(Level::Error)),
            ("[Sun Dec 04 04:47:44 2005] [error] mod_jk child", "Sun Dec 04 04:47:44 2005]", Some(Level::Error)),
            ("03-17 16:13:38.811  1702  2395 D WindowManager: x", "03-17 16:13:38.811", Some(Level::Debug)),
            ("081109 203615 148 INFO dfs.DataNode: x", "081109 203615", Some(Level::Info)),
            ("2016-09-28 04:30:30, Info                  CBS    Loaded", "2016-09-28 04:30:30,", Some(Level::Info)),
            ("17/06/09 20:10:40 INFO exec.Backend: error is gone", "17/06/09 20:10:40", Some(Level::Info)),
            (
                "- 1117838570 2005.06.03 R02 2005-06-03-15.42 RAS KERNEL FATAL x",
                "1117838570 2005.06.03",
                Some(Level::Error),
            ),
            ("2026-01-02T03:04:05.123456Z stdout F hello", "2026-01-02T03:04:05.123456Z", None),
            ("I0517 12:34:56.789012    1 main.go:12] up", "0517 12:34:56.789012", Some(Level::Info)),
            (
                "1.2.3.4 - - [10/Oct/2000:13:55:36 -0700] \"GET / HTTP/1.0\" 503 12",
                "10/Oct/2000:13:55:36 -0700]",
                Some(Level::Error),
            ),
            ("[    0.123456] usb 1-1: new device", "0.123456]", None),
            ("ERROR:root:disk is gone", "", Some(Level::Error)),
            ("time=2026-01-02T03:04:05Z level=warn msg=\"slow\"", "", Some(Level::Warning)),
            ("{\"level\":\"error\",\"msg\":\"gone\"}", "", Some(Level::Error)),
            ("web-1  | 2026-01-02 03:04:05 WARN slow", "2026-01-02 03:04:05", Some(Level::Warning)),
        ] {
            let header = read(line.as_bytes()).unwrap_or_else(|| panic!("no header: {line}"));
            assert_eq!((&line[header.time.clone()], header.level), (time, level), "{line}");
        }
        for line in ["    at a.b.C.d(C.java:12)", "the error is in line 12", "Compiling foo v1.2.3", "", "12"] {
            assert_eq!(read(line.as_bytes()), None, "{line}");
        }
    }
}
