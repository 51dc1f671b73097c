//! Server-sent events: cuts a stream into events whatever its pieces, and leaves each as it is unless told otherwise.

use std::ops::Range;

/// What is known of an event when it is asked what becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event<'e> {
    /// Its data.
    Data(&'e str),
    /// The data of one that the end of the stream cut off: behind it there is no blank line, and maybe more is missing.
    Cut(&'e str),
    /// It is no text, or has a line that is none of an event: a client may read it as something else.
    Strange,
    /// It is too long to wait for, and its bytes go on as they come.
    TooLong,
}

/// What becomes of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fate {
    /// It passes byte for byte.
    Keep,
    /// Its data is this instead.
    Data(Vec<u8>),
    /// These bytes stand in its place, and nothing of the stream follows.
    Last(Vec<u8>),
}

/// A stream of events, read piece by piece. Events behind the last one that passes are still read.
#[derive(Debug, Default)]
pub(super) struct Events {
    /// The bytes of an event that is not complete, and before them what went on with the piece that is read.
    carry: Vec<u8>,
    /// How much of them went on.
    gone: usize,
    /// How much of them came before the piece that is read, and whether the stream was closed then.
    held: (usize, bool),
    /// Where in them the line begins that is not complete.
    line: usize,
    /// Whether bytes of this line went on before.
    begun: bool,
    /// Whether the event that is not complete is too long: its bytes go on as they come.
    long: bool,
    /// Whether nothing passes any more.
    closed: bool,
}

/// A longer event is not waited for.
const LONGEST: usize = 1 << 20;

impl Events {
    /// Takes a piece; gives what may go on, complete events only. `each` is called with each event.
    pub(super) fn push(&mut self, piece: &[u8], each: &mut dyn FnMut(Event<'_>) -> Fate) -> Vec<u8> {
        self.settle();
        self.carry.extend_from_slice(piece);
        let (mut out, mut at) = (Vec::new(), 0);
        while let Some(end) = self.event_end(at) {
            if std::mem::take(&mut self.long) {
                self.pass(&mut out, at..end);
            } else {
                self.ask(&mut out, at..end, false, each);
            }
            at = end;
        }
        if !self.long && self.carry.len() - at > LONGEST {
            self.long = true;
            if let Fate::Last(bytes) = each(Event::TooLong) {
                self.close(&mut out, &bytes);
            }
        }
        if self.long {
            // Only what follows tells whether a carriage return at the end is a line end of its own.
            let end = self.carry.len() - usize::from(self.carry[at..].ends_with(b"\r"));
            self.pass(&mut out, at..end);
            self.begun |= self.line < end;
            (self.line, at) = (end.max(self.line), end);
        }
        self.gone = at;
        out
    }

    /// Gives what is left when the stream is over: an event behind which no blank line came.
    pub(super) fn end(&mut self, each: &mut dyn FnMut(Event<'_>) -> Fate) -> Vec<u8> {
        let (mut out, rest) = (Vec::new(), self.gone..self.carry.len());
        if self.long {
            self.pass(&mut out, rest);
        } else {
            self.ask(&mut out, rest, true, each);
        }
        self.gone = self.carry.len();
        out
    }

    /// Knows that the client has what `push` and `end` gave.
    pub(super) fn settle(&mut self) {
        self.carry.drain(..self.gone);
        self.line = self.line.saturating_sub(self.gone);
        (self.gone, self.held) = (0, (self.carry.len(), self.closed));
    }

    /// Gives up: the bytes that came before the piece that is read, and did not go on; `None` when nothing may go on.
    pub(super) fn give_up(&mut self) -> Option<Vec<u8>> {
        let Self { mut carry, held: (held, closed), .. } = std::mem::take(self);
        carry.truncate(held);
        (!closed).then_some(carry)
    }

    fn pass(&self, out: &mut Vec<u8>, span: Range<usize>) {
        if !self.closed {
            out.extend_from_slice(&self.carry[span]);
        }
    }

    fn close(&mut self, out: &mut Vec<u8>, bytes: &[u8]) {
        if !std::mem::replace(&mut self.closed, true) {
            out.extend_from_slice(bytes);
        }
    }

    /// Lets `each` decide about an event.
    fn ask(&mut self, out: &mut Vec<u8>, span: Range<usize>, is_cut: bool, each: &mut dyn FnMut(Event<'_>) -> Fate) {
        let event = &self.carry[span.clone()];
        match fate(event, is_cut, each) {
            (Fate::Keep, _) => self.pass(out, span),
            (Fate::Data(_), _) if self.closed => {}
            (Fate::Data(data), line) => {
                out.extend_from_slice(&event[..line.start]);
                out.extend_from_slice(&data);
                out.extend_from_slice(&event[line.end..]);
            }
            (Fate::Last(bytes), _) => self.close(out, &bytes),
        }
    }

    /// Where the event ends that begins at `from`: behind a blank line.
    fn event_end(&mut self, from: usize) -> Option<usize> {
        self.line = self.line.max(from);
        loop {
            let rest = &self.carry[self.line..];
            let length = memchr::memchr2(b'\n', b'\r', rest)?;
            // Only what follows tells whether a carriage return is a line end of its own.
            let next = if rest[length] == b'\r' { Some(*rest.get(length + 1)?) } else { None };
            self.line += length + if next == Some(b'\n') { 2 } else { 1 };
            if !std::mem::take(&mut self.begun) && length == 0 {
                return Some(self.line);
            }
        }
    }
}

/// What becomes of an event, and where its data stands.
fn fate(event: &[u8], is_cut: bool, each: &mut dyn FnMut(Event<'_>) -> Fate) -> (Fate, Range<usize>) {
    let mut lines = Vec::new();
    let mut at = 0;
    let mut is_strange = false;
    while at < event.len() {
        let end = memchr::memchr2(b'\n', b'\r', &event[at..]).map_or(event.len(), |length| at + length);
        // A stream may begin with a byte order mark.
        let line = event[at..end].strip_prefix(b"\xef\xbb\xbf").unwrap_or(&event[at..end]);
        if let Some(data) = line.strip_prefix(b"data:") {
            let blank = usize::from(data.first() == Some(&b' '));
            lines.push(end - data.len() + blank..end);
        } else {
            is_strange |= !is_other_field(line);
        }
        at = end + 1;
    }
    if is_strange && lines.is_empty() {
        return (each(Event::Strange), 0..0);
    }
    let texts = lines.iter().map(|line| std::str::from_utf8(&event[line.clone()])).collect::<Result<Vec<_>, _>>();
    let mut told = |data: &str| each(if is_cut { Event::Cut(data) } else { Event::Data(data) });
    match (texts, &lines[..]) {
        (Ok(texts), [line]) => (told(texts[0]), line.clone()),
        (Ok(texts), [_, ..]) => match told(&texts.join("\n")) {
            // Data of several lines is not written anew.
            Fate::Keep | Fate::Data(_) => (Fate::Keep, 0..0),
            last @ Fate::Last(_) => (last, 0..0),
        },
        (Ok(_), []) => (Fate::Keep, 0..0),
        (Err(_), _) => (each(Event::Strange), 0..0),
    }
}

/// Whether a line without data is one that streams of events have; nothing follows from it.
fn is_other_field(line: &[u8]) -> bool {
    let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
    matches!(name, b"" | b"event" | b"id" | b"retry" | b"data")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What comes out of a stream that is cut at some places, and what is known of its events.
    fn read(stream: &[u8], cuts: &[usize], fate: impl Fn(Event<'_>) -> Fate) -> (Vec<u8>, Vec<String>) {
        let (mut events, mut out, mut seen) = (Events::default(), Vec::new(), Vec::new());
        let mut each = |event: Event<'_>| {
            match event {
                Event::Data(data) | Event::Cut(data) => seen.push(data.to_string()),
                Event::Strange | Event::TooLong => seen.push(format!("{event:?}")),
            }
            fate(event)
        };
        let mut cuts = cuts.iter().map(|cut| cut % (stream.len() + 1)).collect::<Vec<_>>();
        cuts.extend([0, stream.len()]);
        cuts.sort_unstable();
        for pair in cuts.windows(2) {
            out.extend(events.push(&stream[pair[0]..pair[1]], &mut each));
        }
        out.extend(events.end(&mut each));
        (out, seen)
    }

    #[test]
    fn only_the_data_that_changes_is_written_anew() {
        let stream =
            b"event: a\r\ndata: {\"x\":1}\r\nid: 7\r\n\r\n: ping\n\ndata:2\n\ndata: 3\ndata: 4\n\ndata: [DONE]\n\ncut";
        let change =
            |event: Event<'_>| if event == Event::Data("2") { Fate::Data(b"two".to_vec()) } else { Fate::Keep };
        let (out, seen) = read(stream, &[3, 20, 21, 22, 40], change);
        assert_eq!(String::from_utf8(out).unwrap(), String::from_utf8_lossy(stream).replace("data:2", "data:two"));
        assert_eq!(seen, ["{\"x\":1}", "2", "3\n4", "[DONE]", "Strange"]);
        // What follows the last one is read, and does not pass.
        let stop =
            |event: Event<'_>| if event == Event::Data("2") { Fate::Last(b"bye\n\n".to_vec()) } else { Fate::Keep };
        let (out, seen) = read(stream, &[], stop);
        assert!(out.ends_with(b": ping\n\nbye\n\n") && seen.len() == 5, "{seen:?}");
    }

    #[test]
    fn a_long_event_passes_unread_and_the_next_is_read() {
        let long = "x".repeat(LONGEST + 5);
        let stream = format!("data: 1\n\ndata: {long}\r\nid: {long}\r\n\r\ndata: 2\n\n");
        let around = stream.len() - 20..stream.len();
        for cuts in [vec![], around.collect::<Vec<_>>(), (0..stream.len()).step_by(50_000).collect()] {
            let (out, seen) = read(stream.as_bytes(), &cuts, |_| Fate::Keep);
            assert!(out == stream.as_bytes());
            let seen = seen.iter().map(|data| &data[..data.len().min(9)]).collect::<Vec<_>>();
            if !cuts.is_empty() {
                assert_eq!(seen, ["1", "TooLong", "2"]);
            }
        }
        let mut events = Events::default();
        let mut out = 0;
        for _ in 0..40 {
            out += events.push(&[b'x'; 64 << 10], &mut |_| Fate::Keep).len();
            assert!(events.carry.len() <= LONGEST + (64 << 10));
        }
        assert_eq!(out + events.end(&mut |_| Fate::Keep).len(), 40 * (64 << 10));
    }

    #[test]
    fn the_last_event_needs_no_blank_line() {
        for end in ["", "\n", "\r\n"] {
            let stream = format!("data: 1\n\ndata: 2{end}");
            let cut =
                |event: Event<'_>| if event == Event::Cut("2") { Fate::Last(b"bye".to_vec()) } else { Fate::Keep };
            assert_eq!(read(stream.as_bytes(), &[12], cut), (b"data: 1\n\nbye".to_vec(), vec!["1".into(), "2".into()]));
        }
    }

    #[test]
    fn what_was_held_is_given_back_once() {
        let mut events = Events::default();
        events.push(b"data: 1\n\ndata", &mut |_| Fate::Keep);
        events.settle();
        events.push(b": 2\n\n", &mut |_| Fate::Keep);
        assert_eq!(events.give_up().unwrap(), b"data");
        events.push(b"data: 1\n\n", &mut |_| Fate::Last(Vec::new()));
        events.settle();
        assert_eq!(events.give_up(), None);
    }

    proptest! {
        #[test]
        fn a_stream_that_nobody_changes_stays_whatever_its_pieces(
            stream in proptest::collection::vec(prop_oneof![
                Just(b"data: {\"a\":1}".to_vec()), Just(b"\n".to_vec()), Just(b"\r\n".to_vec()), Just(b"\r".to_vec()),
                Just(b"event: x".to_vec()), Just(b"data:".to_vec()), Just(b"\xff".to_vec()),
            ], 0..40),
            cuts in proptest::collection::vec(any::<usize>(), 0..8),
        ) {
            let stream = stream.concat();
            let (out, seen) = read(&stream, &cuts, |_| Fate::Keep);
            prop_assert_eq!(&out, &stream);
            prop_assert_eq!(seen, read(&stream, &[], |_| Fate::Keep).1);
        }
    }
}
