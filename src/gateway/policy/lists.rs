//! Lists of names of tools, and how names are compared: as a reader sees them, whatever their capitals.

use std::rc::Rc;

use unicode_normalization::UnicodeNormalization;

use crate::gateway::guard::visible;

/// Which tools are allowed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lists {
    allow: Vec<Name>,
    deny: Vec<Name>,
    default: Option<bool>,
    /// Those for all callers, where these are one caller's.
    all: Option<Rc<Self>>,
}

impl Lists {
    /// Tools that are allowed; those that are denied, whatever else is said; what holds for others, which without that
    /// are allowed unless there are tools that are allowed. `*` stands for any characters, `?` for one.
    pub fn new(allow: &[String], deny: &[String], default: Option<bool>) -> Self {
        let names = |patterns: &[String]| patterns.iter().map(|pattern| Name::of(pattern)).collect();
        Self { allow: names(allow), deny: names(deny), default, all: None }
    }

    /// Whether a tool is allowed.
    pub fn allows(&self, tool: &str) -> bool {
        let name = Name::of(tool);
        let allowed = || self.allow().iter().any(|pattern| name.fits(pattern));
        !self.deny().any(|pattern| name.fits(pattern)) && (allowed() || self.allows_others())
    }

    /// Whether a tool is in the list of those that are denied.
    pub fn denies(&self, tool: &str) -> bool {
        let name = Name::of(tool);
        self.deny().any(|pattern| name.fits(pattern))
    }

    /// Whether a name that begins so may be of a tool that is allowed.
    pub fn may_allow(&self, beginning: &str) -> bool {
        // What follows may make up one letter with these.
        if !beginning.is_ascii() {
            return true;
        }
        let name = Name::of(beginning);
        let is_lost = self.deny().any(|pattern| pattern.plain.ends_with(&['*']) && name.fits(pattern));
        !is_lost && (self.allows_others() || self.allow().iter().any(|pattern| name.begins(pattern)))
    }

    fn allows_others(&self) -> bool {
        let default = self.default.or(self.all.as_ref().and_then(|all| all.default));
        default.unwrap_or(self.allow().is_empty())
    }

    fn allow(&self) -> &[Name] {
        match &self.all {
            Some(all) if self.allow.is_empty() => &all.allow,
            _ => &self.allow,
        }
    }

    fn deny(&self) -> impl Iterator<Item = &Name> {
        self.all.iter().flat_map(|all| &all.deny).chain(&self.deny)
    }

    /// These lists for their caller: what is denied to all stays denied, the rest is the caller's own where it has any.
    pub fn behind(self, all: &Rc<Self>) -> Self {
        Self { all: Some(Rc::clone(all)), ..self }
    }
}

/// A name or a pattern of names, in small letters.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Name {
    plain: Vec<char>,
    /// With a line where a capital began a word: `google_search` for `googleSearch`.
    snake: Vec<char>,
}

impl Name {
    fn of(text: &str) -> Self {
        let seen = text.chars().filter(|c| !c.is_control());
        // ASCII is what it looks like.
        let seen = if text.is_ascii() { seen.collect() } else { seen.filter_map(visible).nfkc().collect::<String>() };
        let (mut plain, mut snake) = (Vec::new(), Vec::new());
        let mut after_small = false;
        for letter in seen.trim().chars() {
            if after_small && letter.is_uppercase() {
                snake.push('_');
            }
            after_small = letter.is_lowercase() || letter.is_ascii_digit();
            plain.extend(letter.to_lowercase());
            snake.extend(letter.to_lowercase());
        }
        Self { plain, snake }
    }

    fn fits(&self, pattern: &Self) -> bool {
        fits(&pattern.plain, &self.plain) || fits(&pattern.snake, &self.snake)
    }

    /// Whether a name that fits can begin so.
    fn begins(&self, pattern: &Self) -> bool {
        begins(&pattern.plain, &self.plain) || begins(&pattern.snake, &self.snake)
    }
}

fn begins(pattern: &[char], beginning: &[char]) -> bool {
    let fixed = pattern.iter().position(|letter| matches!(letter, '*' | '?')).unwrap_or(pattern.len());
    let common = fixed.min(beginning.len());
    pattern[..common] == beginning[..common] && (fixed < pattern.len() || beginning.len() <= fixed)
}

/// Whether a name fits a pattern; linear in the name for each `*`.
fn fits(pattern: &[char], name: &[char]) -> bool {
    let (mut at, mut place) = (0, 0);
    // Where the last `*` stands, and how much of the name it covers so far.
    let mut star: Option<(usize, usize)> = None;
    while place < name.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, place));
                at += 1;
            }
            Some(letter) if *letter == '?' || *letter == name[place] => {
                at += 1;
                place += 1;
            }
            _ => match &mut star {
                Some((star, covered)) => {
                    *covered += 1;
                    (at, place) = (*star + 1, *covered);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|letter| *letter == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lists(allow: &[&str], deny: &[&str], default: Option<bool>) -> Lists {
        let own = |list: &[&str]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
        Lists::new(&own(allow), &own(deny), default)
    }

    #[test]
    fn lists_say_which_tools_are_allowed() {
        let table = [
            (lists(&[], &[], None), "bash", true),
            (lists(&[], &["bash*"], None), "Bash_tool", false),
            (lists(&["read_*"], &[], None), "read_file", true),
            (lists(&["read_*"], &[], None), "write_file", false),
            (lists(&["read_*"], &[], Some(true)), "write_file", true),
            (lists(&["*"], &["mcp__*__delete?"], None), "mcp__git__deletes", false),
            (lists(&["*"], &["mcp__*__delete?"], None), "mcp__git__delete", true),
            (lists(&[], &[], Some(false)), "bash", false),
        ];
        for (lists, tool, allowed) in table {
            assert_eq!(lists.allows(tool), allowed, "{lists:?} {tool}");
        }
    }

    #[test]
    fn a_name_in_disguise_is_the_name() {
        let lists = lists(&[], &["delete_all", "googleSearch", "web_fetch", "straße?"], None);
        for name in [
            " delete_all\n",
            "DELETE_ALL",
            "deleteAll",
            "delete_\u{200b}all",
            "delete\u{2060}_all\u{fe0f}",
            "ｄｅｌｅｔｅ＿ａｌｌ",
            "google_search",
            "GOOGLESEARCH",
            "webFetch",
            "WebFetch",
            "Straßen",
        ] {
            assert!(lists.denies(name) && !lists.allows(name), "{name:?}");
        }
        for name in ["delete_all_", "deleteall", "delete all", "webfetcher", ""] {
            assert!(lists.allows(name), "{name:?}");
        }
    }

    #[test]
    fn a_beginning_is_refused_when_nothing_that_follows_can_help() {
        let table = [
            (lists(&["read_file"], &[], None), "read_", true),
            (lists(&["read_file"], &[], None), "read_files", false),
            (lists(&["readFile"], &[], None), "read_f", true),
            (lists(&["*"], &["bash"], None), "bash", true),
            (lists(&["*"], &["bash*"], None), "bash_", false),
        ];
        for (lists, beginning, may) in table {
            assert_eq!(lists.may_allow(beginning), may, "{lists:?} {beginning}");
        }
    }
}
