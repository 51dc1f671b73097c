//! Undoes what hides an attack from a reader of words: look-alikes and invisible characters.
//!
//! Text becomes NFKC without zero-width, bidirectional and tag characters; accents fall away from Latin
//! letters, and what is not ASCII becomes lower-case.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::decompose_canonical;

/// A text as it is compared with patterns. ASCII letters stay as they are: small and capital ones are the same to patterns.
pub(super) fn normal(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    // Characters that stand together make each other up; ASCII only takes marks, which fall away.
    while !rest.is_empty() {
        let (plain, other) = rest.split_at(ascii(rest.as_bytes()));
        out.push_str(plain);
        let end = other.bytes().position(|byte| byte.is_ascii()).unwrap_or(other.len());
        let start = out.len();
        for c in other[..end].chars() {
            let Some(c) = simple(c) else {
                out.truncate(start);
                out.extend(composed(&other[..end]));
                break;
            };
            out.push(c);
        }
        rest = &other[end..];
    }
    out.into()
}

/// How many bytes are ASCII at the beginning.
fn ascii(bytes: &[u8]) -> usize {
    let mut at = 0;
    while bytes[at..].first_chunk().is_some_and(|chunk| u64::from_ne_bytes(*chunk) & 0x8080_8080_8080_8080 == 0) {
        at += 8;
    }
    at + bytes[at..].iter().position(|byte| !byte.is_ascii()).unwrap_or(bytes.len() - at)
}

/// What becomes of characters that are not ASCII.
fn composed(run: &str) -> impl Iterator<Item = char> {
    let seen = run.chars().filter_map(visible);
    seen.nfkc().flat_map(char::to_lowercase).filter(|c| !is_mark(*c)).map(bare)
}

/// What becomes of a character that no other changes, as far as that needs no table: what most texts have.
fn simple(c: char) -> Option<char> {
    const LATIN: [char; 64] = [
        'a', 'a', 'a', 'a', 'a', 'a', 'æ', 'c', 'e', 'e', 'e', 'e', 'i', 'i', 'i', 'i', //
        'ð', 'n', 'o', 'o', 'o', 'o', 'o', '×', 'ø', 'u', 'u', 'u', 'u', 'y', 'þ', 'ß', //
        'a', 'a', 'a', 'a', 'a', 'a', 'æ', 'c', 'e', 'e', 'e', 'e', 'i', 'i', 'i', 'i', //
        'ð', 'n', 'o', 'o', 'o', 'o', 'o', '÷', 'ø', 'u', 'u', 'u', 'u', 'y', 'þ', 'y',
    ];
    let moved = |by: i32| char::from_u32(u32::from(c).wrapping_add_signed(by));
    match c {
        '\u{c0}'..='\u{ff}' => Some(LATIN[c as usize - 0xc0]),
        '\u{a0}' => Some(' '),
        '\u{400}'..='\u{40f}' => moved(0x50),
        '\u{410}'..='\u{42f}' => moved(0x20),
        '\u{ff21}'..='\u{ff3a}' => moved(0x20 - 0xfee0),
        '\u{ff01}'..='\u{ff5e}' => moved(-0xfee0),
        '§' | '©' | '«' | '®' | '°' | '±' | '·' | '»' => Some(c),
        '\u{430}'..='\u{45f}'
        | '\u{2010}'
        | '\u{2012}'..='\u{2016}'
        | '\u{2018}'..='\u{2023}'
        | '\u{2190}'..='\u{21ff}'
        | '\u{2500}'..='\u{27bf}'
        | '\u{3001}'..='\u{3029}'
        | '\u{3041}'..='\u{3096}'
        | '\u{30a1}'..='\u{30fa}'
        | '\u{30fc}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{1f300}'..='\u{1f6ff}'
        | '\u{1f900}'..='\u{1f9ff}' => Some(c),
        _ => None,
    }
}

/// What a reader sees of a character: nothing of format characters, and of a tag the letter it stands for.
pub(in crate::gateway) fn visible(c: char) -> Option<char> {
    match c {
        '\u{e0020}'..='\u{e007e}' => char::from_u32(u32::from(c) - 0xe0000),
        '\u{ad}'
        | '\u{34f}'
        | '\u{61c}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0001}'..='\u{e01ef}' => None,
        // Formulas in one character, of up to 18 letters: the rest become six at most.
        '\u{fdfa}' | '\u{fdfb}' => Some(' '),
        // Letters in squares and flags have no compatibility mapping.
        '\u{1f170}'..='\u{1f189}' => Some(latin(c, 0x1f170)),
        '\u{1f150}'..='\u{1f169}' => Some(latin(c, 0x1f150)),
        '\u{1f1e6}'..='\u{1f1ff}' => Some(latin(c, 0x1f1e6)),
        _ => Some(c),
    }
}

fn latin(c: char, first: u32) -> char {
    char::from(b'a' + (u32::from(c) - first) as u8)
}

fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// A Latin letter without its accents; other letters stay.
fn bare(c: char) -> char {
    if !matches!(c, '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}') {
        return c;
    }
    let mut base = None;
    decompose_canonical(c, |part| base = base.or(Some(part)));
    base.filter(char::is_ascii).unwrap_or(c)
}

/// The ASCII letter that a letter of another script looks like.
pub(super) fn look_alike(c: char) -> Option<char> {
    Some(match c {
        'а' | 'α' | 'ɑ' | 'ꭺ' => 'a',
        'в' | 'β' | 'ь' | 'ᏼ' => 'b',
        'с' | 'ϲ' | 'ᴄ' | 'ⅽ' => 'c',
        'ԁ' | 'ɗ' | 'ꮷ' => 'd',
        'е' | 'ε' | 'є' | 'ҽ' | 'ᴇ' => 'e',
        'ϝ' | 'ꞙ' => 'f',
        'ɡ' | 'ց' | 'ɢ' => 'g',
        'һ' | 'հ' | 'н' | 'ʜ' => 'h',
        'і' | 'ι' | 'ı' | 'ɪ' | 'ӏ' | 'ⅰ' => 'i',
        'ј' | 'ϳ' => 'j',
        'к' | 'κ' | 'ᴋ' => 'k',
        'ʟ' | 'ⅼ' => 'l',
        'м' | 'ᴍ' | 'ⅿ' => 'm',
        'ո' | 'η' | 'п' | 'ɴ' => 'n',
        'о' | 'ο' | 'σ' | 'օ' | 'ᴏ' | 'ө' => 'o',
        'р' | 'ρ' | 'ᴘ' => 'p',
        'ԛ' | 'զ' => 'q',
        'г' | 'ʀ' => 'r',
        'ѕ' | 'ꜱ' | 'ʂ' => 's',
        'т' | 'τ' | 'ᴛ' => 't',
        'υ' | 'ս' | 'ᴜ' | 'ц' => 'u',
        'ν' | 'ѵ' | 'ᴠ' | 'ⅴ' => 'v',
        'ԝ' | 'ω' | 'ѡ' | 'ᴡ' | 'ш' => 'w',
        'х' | 'χ' | 'ⅹ' => 'x',
        'у' | 'γ' | 'ү' | 'ʏ' => 'y',
        'ᴢ' | 'ʐ' => 'z',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn disguises_fall() {
        let table = [
            ("ＩＧＮＯＲＥ", "ignore"),
            ("Ça VA: “ÉTÉ”", "ca VA: “eTe”"),
            ("ig\u{200b}no\u{ad}re", "ignore"),
            ("\u{202e}ïgnörè", "ignore"),
            ("𝓲𝓰𝓷𝓸𝓻𝓮 ⓐⓛⓛ 🅰🅻🅻", "ignore all all"),
            ("\u{e0069}\u{e0067}", "ig"),
            ("忽略", "忽略"),
        ];
        for (text, expected) in table {
            assert_eq!(normal(text), expected);
        }
    }

    #[test]
    fn what_needs_no_table_becomes_what_the_table_says() {
        for c in ('\u{80}'..=char::MAX).filter(|c| simple(*c).is_some()) {
            assert_eq!(composed(c.encode_utf8(&mut [0; 4])).collect::<Vec<_>>(), [simple(c).unwrap()], "{c:?}");
        }
        let longest = ('\u{80}'..=char::MAX).map(|c| composed(c.encode_utf8(&mut [0; 4])).count()).max();
        assert_eq!(longest, Some(6));
    }
}
