//! Tells the options of a program from its operands, given which options take a value. The knowledge about single
//! programs is in the tables of the other files.

/// An option as it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Given<'a> {
    /// The name without dashes.
    name: &'a str,
    /// Whether it is one letter, alone or in a cluster, and not a whole word.
    letter: bool,
    /// Its value, attached or the next word.
    pub(super) value: Option<&'a str>,
    /// The index of the word that holds the value, or of the option itself.
    pub(super) last: usize,
}

/// Where options may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Where {
    /// Before the first operand.
    Leading,
    /// Anywhere before `--`.
    Anywhere,
}

/// The words of a program, told apart.
#[derive(Debug, Default)]
pub(super) struct Told<'a> {
    /// The options in order.
    pub(super) options: Vec<Given<'a>>,
    /// The indexes of the operands; with [`Where::Leading`] only of the first.
    pub(super) operands: Vec<usize>,
}

impl Given<'_> {
    /// Says whether this is the option `name`, written with its dashes.
    pub(super) fn is(&self, name: &str) -> bool {
        let bare = name.trim_start_matches('-');
        bare == self.name && self.letter == is_letter(name)
    }
}

impl<'a> Told<'a> {
    /// Tells `words` (without the program) apart; `with_value` names the options that take a value, with their dashes.
    ///
    /// A name that ends in `#` takes the next word only when that is a number, as in `make -j 8`.
    pub(super) fn new(words: &'a [String], with_value: &[&str], place: Where) -> Self {
        let mut told = Self::default();
        let mut at = 0;
        while at < words.len() {
            let word = words[at].as_str();
            if word == "--" {
                told.operands.extend(at + 1..words.len());
                break;
            }
            if !word.starts_with('-') || word == "-" {
                told.operands.push(at);
                if place == Where::Leading {
                    break;
                }
                at += 1;
                continue;
            }
            at = told.option(words, at, with_value) + 1;
        }
        told
    }

    /// Reads the option at `at` and returns the index of its last word.
    fn option(&mut self, words: &'a [String], at: usize, with_value: &[&str]) -> usize {
        let word = words[at].as_str();
        let (name, attached) = word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
        let bare = name.trim_start_matches('-');
        let next = words.get(at + 1).map(String::as_str);
        if word.starts_with("--") || (name.len() > 2 && with_value.contains(&name)) {
            let value = attached.or_else(|| takes(with_value, name, next));
            let last = at + usize::from(attached.is_none() && value.is_some());
            self.options.push(Given { name: bare, letter: false, value, last });
            return last;
        }
        let letters = &word[1..];
        for (index, letter) in letters.char_indices() {
            let end = index + letter.len_utf8();
            let (name, rest) = (&letters[index..end], &letters[end..]);
            let mut spelled = [b'-', 0, 0, 0, 0];
            spelled[1..=name.len()].copy_from_slice(name.as_bytes());
            let spelled = std::str::from_utf8(&spelled[..=name.len()]).unwrap_or_default();
            let optional = with_value.iter().any(|known| known.strip_suffix('#') == Some(spelled));
            if (optional || with_value.contains(&spelled)) && !rest.is_empty() {
                let value = rest.strip_prefix('=').unwrap_or(rest);
                self.options.push(Given { name, letter: true, value: Some(value), last: at });
                return at;
            }
            let value = if rest.is_empty() { takes(with_value, spelled, next) } else { None };
            let last = at + usize::from(value.is_some());
            self.options.push(Given { name, letter: true, value, last });
            if value.is_some() {
                return last;
            }
        }
        at
    }

    /// The first given option that is one of `names`.
    pub(super) fn find(&self, names: &[&str]) -> Option<&Given<'a>> {
        self.options.iter().find(|option| names.iter().any(|name| option.is(name)))
    }

    /// Says whether one of `names` was given.
    pub(super) fn has(&self, names: &[&str]) -> bool {
        self.find(names).is_some()
    }
}

/// The next word when the option takes it as its value.
fn takes<'a>(with_value: &[&str], name: &str, next: Option<&'a str>) -> Option<&'a str> {
    let next = next?;
    let number = next.bytes().all(|byte| byte.is_ascii_digit());
    let takes = with_value.iter().any(|known| match known.strip_suffix('#') {
        Some(known) => known == name && number,
        None => *known == name,
    });
    takes.then_some(next)
}

/// Says whether an option is spelled with one letter.
fn is_letter(name: &str) -> bool {
    !name.starts_with("--") && name.chars().count() == 2
}
