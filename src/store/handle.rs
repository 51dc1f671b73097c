//! Names of recordings: the content hash, and what a user may type for it.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use super::StoreError;

/// The name of a recording: its content hash, shown by as many decimal digits as tell it apart.
///
/// The hash, read as a fraction between 0 and 1, is written in decimal: tokenizers take three decimal digits for a
/// token, where nine hexadecimal ones are often five or six. Two handles are equal when they name the same content,
/// however many digits they show.
#[derive(Clone, Copy)]
pub struct Handle {
    hash: [u8; 32],
    digits: u8,
}

impl Handle {
    /// How many decimal digits are shown when nothing calls for more: about 30 bits of the hash.
    pub const DIGITS: usize = 9;
    /// How many decimal digits are shown at most: about 120 bits.
    const MOST_DIGITS: usize = 36;
    /// How many hexadecimal digits a complete name has.
    pub const ALL_DIGITS: usize = 64;

    /// Names a content hash.
    pub fn new(hash: [u8; 32]) -> Self {
        Self { hash, digits: Self::DIGITS as u8 }
    }

    /// Reads a complete name.
    pub fn from_hex(hex: &str) -> Option<Self> {
        let mut hash = [0; 32];
        if hex.len() != Self::ALL_DIGITS || !hex.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')) {
            return None;
        }
        for (byte, pair) in hash.iter_mut().zip(hex.as_bytes().chunks_exact(2)) {
            *byte = std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok())?;
        }
        Some(Self::new(hash))
    }

    /// The complete name: 64 lower-case hexadecimal digits.
    pub fn to_hex(&self) -> String {
        let digit = |nibble: u8| char::from(b"0123456789abcdef"[usize::from(nibble & 15)]);
        self.hash.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
    }

    /// The first decimal digits of the hash as a fraction.
    fn decimal(&self, digits: usize) -> String {
        let (high, low) = self.hash.split_at(8);
        let word = |bytes: &[u8]| bytes.iter().take(8).fold(0, |word, byte| word << 8 | u128::from(*byte));
        let (mut high, mut low) = (word(high), word(low));
        let digit = |_| {
            low *= 10;
            high = high * 10 + (low >> 64);
            let digit = (high >> 64) as u8;
            (high, low) = (high & u128::from(u64::MAX), low & u128::from(u64::MAX));
            char::from(b'0' + digit)
        };
        (0..digits).map(digit).collect()
    }

    /// Shows enough digits, in steps of three, to tell this name from each of the others.
    #[must_use]
    pub fn apart_from<'a>(self, others: impl IntoIterator<Item = &'a Self>) -> Self {
        let own = self.decimal(Self::MOST_DIGITS);
        let shared = |other: &Self| {
            let other = other.decimal(Self::MOST_DIGITS);
            own.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count()
        };
        let shared = others.into_iter().filter(|other| **other != self).map(shared).max();
        let digits = shared.map_or(0, |shared| (shared + 1).next_multiple_of(3)).clamp(Self::DIGITS, Self::MOST_DIGITS);
        Self { digits: digits as u8, ..self }
    }

    /// Whether the name starts with these digits: decimal as it is shown, or lower-case hexadecimal as files have it.
    pub(crate) fn starts_with(&self, digits: &str) -> bool {
        (is_decimal(digits) && self.decimal(digits.len()) == digits) || self.to_hex().starts_with(digits)
    }

    /// The first bytes of the hashes whose names start with these digits, which are hexadecimal or decimal.
    pub fn first_bytes(digits: &str) -> Vec<u8> {
        let mut bytes: Vec<u8> = digits.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok()).into_iter().collect();
        let leading = &digits[..digits.len().min(Self::DIGITS)];
        if let (true, Ok(number)) = (is_decimal(digits), leading.parse::<u64>()) {
            let unit = 10_u64.pow(leading.len() as u32);
            bytes.extend((number * 256 / unit) as u8..=((number * 256 + 255) / unit).min(255) as u8);
        }
        bytes.sort_unstable();
        bytes.dedup();
        bytes
    }
}

/// Whether digits can be those that a handle shows.
fn is_decimal(digits: &str) -> bool {
    digits.len() <= Handle::MOST_DIGITS && digits.bytes().all(|digit| digit.is_ascii_digit())
}

impl PartialEq for Handle {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash
    }
}

impl Eq for Handle {}

impl std::hash::Hash for Handle {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.hash.hash(state);
    }
}

impl PartialOrd for Handle {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Handle {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.hash.cmp(&other.hash)
    }
}

impl fmt::Display for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.decimal(usize::from(self.digits)))
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Handle({self})")
    }
}

impl Serialize for Handle {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// How a user names a recording: `248443772` or any four or more first digits that are enough, `last`, `last~2`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// The first digits of a name, lower case.
    Digits(String),
    /// So many recordings before the newest.
    Last(usize),
}

impl Reference {
    /// How many digits a reference has at least.
    pub const MIN_DIGITS: usize = 4;
    /// How many similar names an error offers.
    const NEAREST: usize = 3;

    /// Finds the one name that is meant, among all of a store, newest first.
    pub(crate) fn resolve(&self, names: &[Handle]) -> Result<Handle, StoreError> {
        let asked = self.to_string();
        let digits = match self {
            Self::Last(back) => {
                let too_few = StoreError::TooFew { asked, count: names.len() };
                return names.get(*back).map(|name| name.apart_from(names)).ok_or(too_few);
            }
            Self::Digits(digits) => digits,
        };
        let meant: Vec<Handle> = names.iter().filter(|name| name.starts_with(digits)).copied().collect();
        match meant[..] {
            [] => Err(StoreError::Unknown { asked, nearest: nearest(digits, names) }),
            [name] => Ok(name.apart_from(names)),
            _ => Err(StoreError::Ambiguous {
                asked,
                candidates: meant.iter().map(|name| name.apart_from(names)).collect(),
            }),
        }
    }
}

/// Picks the names that differ in one or two of the digits asked for, the most similar first.
fn nearest(digits: &str, names: &[Handle]) -> Vec<Handle> {
    let differing = |name: &Handle| {
        let name = if is_decimal(digits) { name.decimal(digits.len()) } else { name.to_hex() };
        name.bytes().zip(digits.bytes()).filter(|(a, b)| a != b).count()
    };
    let mut similar: Vec<(usize, Handle)> = names.iter().map(|name| (differing(name), *name)).collect();
    similar.retain(|(differing, _)| *differing <= 2);
    similar.sort();
    similar.iter().take(Reference::NEAREST).map(|(_, name)| name.apart_from(names)).collect()
}

impl FromStr for Reference {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        let malformed = || StoreError::Malformed(text.to_owned());
        if let Some(back) = text.strip_prefix("last") {
            return match back.strip_prefix('~') {
                None if back.is_empty() => Ok(Self::Last(0)),
                Some(count) if count.bytes().all(|digit| digit.is_ascii_digit()) => {
                    count.parse().map(Self::Last).map_err(|_| malformed())
                }
                _ => Err(malformed()),
            };
        }
        let length = Self::MIN_DIGITS..=Handle::ALL_DIGITS;
        if length.contains(&text.len()) && text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Ok(Self::Digits(text.to_ascii_lowercase()));
        }
        Err(malformed())
    }
}

impl From<&Handle> for Reference {
    fn from(handle: &Handle) -> Self {
        Self::Digits(handle.to_hex())
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Digits(digits) => f.write_str(digits),
            Self::Last(0) => f.write_str("last"),
            Self::Last(back) => write!(f, "last~{back}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(start: &str) -> Handle {
        Handle::from_hex(&format!("{start:0<64}")).unwrap()
    }

    #[test]
    fn hex_and_back() {
        let handle = Handle::new(std::array::from_fn(|index| index as u8 * 7));
        assert_eq!(Handle::from_hex(&handle.to_hex()), Some(handle));
        for bad in ["", "3f9a1c2b", &"g".repeat(64), &"A".repeat(64), &"\u{e9}".repeat(32)] {
            assert_eq!(Handle::from_hex(bad), None, "{bad}");
        }
    }

    #[test]
    fn as_many_digits_as_tell_it_apart() {
        let handle = name("3f9a1c2b77d1");
        for (other, shown) in [
            ("a0b1c2d3e4", "248445282"),
            ("3f9a1c2c", "248445282566"),
            ("3f9a1c2b77d", "248445282566368"),
            ("3f9a1c2b77d1", "248445282"),
            ("3f9a1c2b77d1000000000001", "248445282566368774723741807974"),
        ] {
            assert_eq!(handle.apart_from([&name(other)]).to_string(), shown, "beside {other}");
        }
    }

    #[test]
    fn digits_lead_to_the_folder_of_their_name() {
        for step in 0..=u8::MAX {
            let handle =
                Handle::new(std::array::from_fn(|index| step.wrapping_mul(index as u8 + 1).wrapping_sub(step)));
            for digits in [&handle.to_string()[..4], &handle.to_string(), &handle.to_hex()[..4], &handle.to_hex()] {
                let bytes = Handle::first_bytes(digits);
                assert!(bytes.contains(&handle.hash[0]) && bytes.len() <= 3, "{digits}: {bytes:?}");
            }
        }
    }

    #[test]
    fn a_reference_means_one_name_or_says_why_not() {
        let names = [name("3f9a1c2b77d1"), name("3f9a1c2b88"), name("a0b1c2d3e4")];
        let find = |text: &str| text.parse::<Reference>().unwrap().resolve(&names);
        assert_eq!(find("2484452825663").unwrap().to_string(), "248445282566");
        assert_eq!(find("3f9a1c2b7").unwrap(), names[0]);
        assert_eq!(find("A0B1").unwrap(), names[2]);
        assert_eq!(find("6277").unwrap(), names[2]);
        assert_eq!(find("last~1").unwrap(), names[1]);
        for text in ["248445282", "3f9a"] {
            assert!(matches!(find(text), Err(StoreError::Ambiguous { candidates, .. }) if candidates == names[..2]));
        }
        assert!(matches!(find("last~3"), Err(StoreError::TooFew { count: 3, .. })));
        for text in ["627712419", "a0b1c2e3"] {
            assert!(matches!(find(text), Err(StoreError::Unknown { nearest, .. }) if nearest == [names[2]]));
        }
        assert!(matches!(find("00000000"), Err(StoreError::Unknown { nearest, .. }) if nearest.is_empty()));
    }

    #[test]
    fn references_as_typed() {
        for (text, expected) in [
            ("3f9a1c2b", Some(Reference::Digits("3f9a1c2b".into()))),
            ("3F9A", Some(Reference::Digits("3f9a".into()))),
            ("last", Some(Reference::Last(0))),
            ("last~2", Some(Reference::Last(2))),
            ("3f9", None),
            ("last~", None),
            ("last~-1", None),
            ("last~99999999999999999999999", None),
            ("lastly", None),
            ("3f9a1c2g", None),
            ("", None),
        ] {
            assert_eq!(text.parse::<Reference>().ok(), expected, "{text}");
        }
    }
}
