//! A screen of unlimited height that replays cursor movement; of unlimited width too, unless the width is known.
//!
//! It knows what the control sequences mean; the rows, the cursor and the finished lines are the buffer's. Colours and
//! everything else that is not text leave no trace.

mod buffer;
mod row;
mod sources;

pub(super) use self::buffer::FAR;
pub(crate) use self::buffer::MAX_ROWS;
use self::buffer::{Buffer, Fuel};

/// What can be spent beyond the length of the input, so that short texts may be padded freely.
const SPARE_FUEL: usize = 1 << 20;

/// What the pieces of a raw text are told to.
pub(super) trait Terminal {
    /// Writes plain text: no control characters but those that stay.
    fn write(&mut self, text: &[u8]);
    /// Ends the line.
    fn newline(&mut self);
    /// Goes back to the start of the row.
    fn carriage_return(&mut self);
    /// Goes back one column.
    fn backspace(&mut self);
    /// Carries out a two-byte escape.
    fn short(&mut self, action: u8);
    /// Carries out a control sequence.
    fn csi(&mut self, params: &[u8], action: u8);
}

/// The screen: the main one, and the alternate one while it is shown.
#[derive(Debug)]
pub(super) struct Screen {
    main: Buffer,
    alternate: Option<Buffer>,
    width: Option<usize>,
    /// How many line ends have been read.
    line: u32,
    fuel: Fuel,
}

impl Screen {
    /// A screen below text that is finished, for an input of `length` bytes; text wraps at the width.
    pub(super) fn new(finished: &[u8], length: usize, width: Option<usize>) -> Self {
        let main = Buffer::main(finished, width);
        let line = main.row() as u32;
        let fuel = Fuel((length + SPARE_FUEL).min((u32::MAX as usize).saturating_sub(length)));
        Self { main, alternate: None, width, line, fuel }
    }

    /// Carries out a sequence that moves or erases.
    fn movement(&mut self, params: Params, action: u8) {
        let line = self.line;
        let count = params.or_one(0);
        let buffer = self.alternate.as_mut().unwrap_or(&mut self.main);
        match action {
            b'A' => buffer.up(count, line),
            b'B' | b'e' => buffer.down(count),
            b'C' | b'a' => {
                let column = buffer.column();
                buffer.set_column(column + count);
            }
            b'D' => {
                let column = buffer.column();
                buffer.set_column(column.saturating_sub(count));
            }
            b'E' => {
                buffer.down(count);
                buffer.set_column(0);
            }
            b'F' => {
                buffer.up(count, line);
                buffer.set_column(0);
            }
            b'G' | b'`' => buffer.set_column(count - 1),
            b'H' | b'f' => buffer.position(count, params.or_one(1), line),
            b'd' => buffer.position_row(count, line),
            b'J' => buffer.erase_display(params.get(0), line, &mut self.fuel),
            b'K' => buffer.erase_line(params.get(0), &mut self.fuel),
            b'@' | b'P' | b'X' => buffer.edit(action, count, &mut self.fuel),
            b'r' => buffer.set_margin((params.get(1) > 0).then(|| params.get(1))),
            b's' => buffer.save_cursor(),
            b'u' => buffer.restore_cursor(),
            _ => {}
        }
    }

    /// Shows or leaves the alternate screen; other modes do not matter.
    fn set_modes(&mut self, params: &[u8], on: bool) {
        let alternate = params.split(|&byte| byte == b';').any(|mode| matches!(mode, b"47" | b"1047" | b"1049"));
        if alternate && !on {
            self.alternate = None;
        } else if alternate && self.alternate.is_none() {
            self.alternate = Some(Buffer::alternate(self.line, self.width));
        }
    }

    fn shown(&mut self) -> &mut Buffer {
        self.alternate.as_mut().unwrap_or(&mut self.main)
    }

    /// The final text and, when lines moved, the raw line of each; an alternate screen that was never left counts.
    pub(super) fn finish(self) -> (Vec<u8>, Option<Vec<u32>>) {
        let main = self.main.finish(None);
        let (text, sources) = match self.alternate {
            Some(alternate) => alternate.finish(Some(main)),
            None => main,
        };
        (text, sources.into_table())
    }
}

impl Terminal for Screen {
    fn write(&mut self, text: &[u8]) {
        let buffer = self.alternate.as_mut().unwrap_or(&mut self.main);
        buffer.write(text, self.line, &mut self.fuel);
    }

    fn newline(&mut self) {
        self.line += 1;
        let buffer = self.alternate.as_mut().unwrap_or(&mut self.main);
        buffer.newline(self.line, &mut self.fuel);
    }

    fn carriage_return(&mut self) {
        self.shown().set_column(0);
    }

    fn backspace(&mut self) {
        let buffer = self.shown();
        let column = buffer.column();
        buffer.set_column(column.saturating_sub(1));
    }

    fn short(&mut self, action: u8) {
        let line = self.line;
        match action {
            b'7' => self.shown().save_cursor(),
            b'8' => self.shown().restore_cursor(),
            b'D' => self.shown().down(1),
            b'E' => {
                self.shown().down(1);
                self.carriage_return();
            }
            b'M' => self.shown().up(1, line),
            b'c' => self.shown().clear(line),
            _ => {}
        }
    }

    fn csi(&mut self, params: &[u8], action: u8) {
        match params.first() {
            Some(b'?') if matches!(action, b'h' | b'l') => self.set_modes(&params[1..], action == b'h'),
            Some(b'<'..=b'?') => {}
            _ if action == b'm' => {}
            _ => self.movement(Params::new(params), action),
        }
    }
}

/// The first two numbers of a control sequence; 0 where none is given.
#[derive(Debug, Clone, Copy)]
pub(super) struct Params([usize; 2]);

impl Params {
    pub(super) fn new(params: &[u8]) -> Self {
        let mut numbers = [0usize; 2];
        for (number, digits) in numbers.iter_mut().zip(params.split(|&byte| byte == b';')) {
            *number = digits
                .iter()
                .take_while(|byte| byte.is_ascii_digit())
                .fold(0, |number: usize, byte| (number * 10 + usize::from(byte - b'0')).min(99_999));
        }
        Self(numbers)
    }

    pub(super) fn get(self, index: usize) -> usize {
        self.0[index]
    }

    /// The number, where 0 and nothing mean 1.
    pub(super) fn or_one(self, index: usize) -> usize {
        self.0[index].max(1)
    }
}
