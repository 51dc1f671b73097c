//! Server-sent events: cuts a stream into events whatever its pieces, and leaves each as it is unless told otherwise.

use std::ops::Range;

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

/// A stream of events, read piece by piece.
#[derive(Debug, Default)]
pub(super) struct Events {
    /// The bytes of an event that is not complete.
    carry: Vec<u8>,
    /// Where in them the line begins that is not complete.
    line: usize,
    state: State,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    Reading,
    /// An event was too long: everything passes.
    Raw,
    /// The stream was ended: nothing passes.
    Closed,
}

/// A longer event is not waited for.
const LONGEST: usize = 1 << 20;

impl Events {
    /// Takes a piece; gives what may go on, complete events only. `each` is called with the data of each event.
    pub(super) fn push(&mut self, piece: &[u8], each: &mut dyn FnMut(&str) -> Fate) -> Vec<u8> {
        match self.state {
            State::Raw => return piece.to_vec(),
            State::Closed => return Vec::new(),
            State::Reading => {}
        }
        self.carry.extend_from_slice(piece);
        let (mut out, mut at) = (Vec::new(), 0);
        while let Some(end) = self.event_end(at) {
            let event = &self.carry[at..end];
            match fate(event, each) {
                (Fate::Keep, _) => out.extend_from_slice(event),
                (Fate::Data(data), line) => {
                    out.extend_from_slice(&event[..line.start]);
                    out.extend_from_slice(&data);
                    out.extend_from_slice(&event[line.end..]);
                }
                (Fate::Last(bytes), _) => {
                    out.extend_from_slice(&bytes);
                    (self.state, self.line) = (State::Closed, 0);
                    self.carry.clear();
                    return out;
                }
            }
            at = end;
        }
        self.carry.drain(..at);
        self.line -= at;
        if self.carry.len() > LONGEST {
            self.state = State::Raw;
            out.append(&mut self.carry);
        }
        out
    }

    /// What is left when the stream is over: the beginning of an event that never ended.
    pub(super) fn end(&mut self) -> Vec<u8> {
        self.line = 0;
        std::mem::take(&mut self.carry)
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
            if length == 0 {
                return Some(self.line);
            }
        }
    }
}

/// What becomes of an event, and where its data stands.
fn fate(event: &[u8], each: &mut dyn FnMut(&str) -> Fate) -> (Fate, Range<usize>) {
    let mut lines = Vec::new();
    let mut at = 0;
    while at < event.len() {
        let end = memchr::memchr2(b'\n', b'\r', &event[at..]).map_or(event.len(), |length| at + length);
        if let Some(data) = event[at..end].strip_prefix(b"data:") {
            let blank = usize::from(data.first() == Some(&b' '));
            lines.push(end - data.len() + blank..end);
        }
        at = end + 1;
    }
    let texts = lines.iter().map(|line| std::str::from_utf8(&event[line.clone()])).collect::<Result<Vec<_>, _>>();
    match (texts, &lines[..]) {
        (Ok(texts), [line]) => (each(texts[0]), line.clone()),
        (Ok(texts), [_, ..]) => match each(&texts.join("\n")) {
            // Data of several lines is not written anew.
            Fate::Keep | Fate::Data(_) => (Fate::Keep, 0..0),
            last @ Fate::Last(_) => (last, 0..0),
        },
        _ => (Fate::Keep, 0..0),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What comes out of a stream that is cut at some places, and the data of its events.
    fn read(stream: &[u8], cuts: &[usize], fate: impl Fn(&str) -> Fate) -> (Vec<u8>, Vec<String>) {
        let (mut events, mut out, mut seen) = (Events::default(), Vec::new(), Vec::new());
        let mut each = |data: &str| {
            seen.push(data.to_string());
            fate(data)
        };
        let mut cuts = cuts.iter().map(|cut| cut % (stream.len() + 1)).collect::<Vec<_>>();
        cuts.extend([0, stream.len()]);
        cuts.sort_unstable();
        for pair in cuts.windows(2) {
            out.extend(events.push(&stream[pair[0]..pair[1]], &mut each));
        }
        out.extend(events.end());
        (out, seen)
    }

    #[test]
    fn only_the_data_that_changes_is_written_anew() {
        let stream =
            b"event: a\r\ndata: {\"x\":1}\r\nid: 7\r\n\r\n: ping\n\ndata:2\n\ndata: 3\ndata: 4\n\ndata: [DONE]\n\ncut";
        let change = |data: &str| if data == "2" { Fate::Data(b"two".to_vec()) } else { Fate::Keep };
        let (out, seen) = read(stream, &[3, 20, 21, 22, 40], change);
        assert_eq!(String::from_utf8(out).unwrap(), String::from_utf8_lossy(stream).replace("data:2", "data:two"));
        assert_eq!(seen, ["{\"x\":1}", "2", "3\n4", "[DONE]"]);
        let stop = |data: &str| if data == "2" { Fate::Last(b"bye\n\n".to_vec()) } else { Fate::Keep };
        assert!(read(stream, &[], stop).0.ends_with(b": ping\n\nbye\n\n"));
    }

    #[test]
    fn an_event_without_end_passes_and_takes_no_more_memory() {
        let mut events = Events::default();
        let mut out = 0;
        for _ in 0..40 {
            out += events.push(&[b'x'; 64 << 10], &mut |_| Fate::Keep).len();
            assert!(events.carry.len() <= LONGEST + (64 << 10));
        }
        assert_eq!(out + events.end().len(), 40 * (64 << 10));
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
