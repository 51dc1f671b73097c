//! Which patterns a text can match, told from the words it has.
//!
//! Each pattern needs some choices of words; each choice is told from its words. Every known word of a text is looked up
//! once, so most patterns cost nothing in most texts.

use super::pattern::{Choice, Pattern};
use super::vocabulary::{Id, Vocabulary};
use super::words::Words;

/// Which patterns begin with a word, and which need it.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// By word the patterns that can begin with it.
    first: Lists,
    /// By word the choices that it is a sign of.
    signs: Lists,
    /// By choice the patterns that need it.
    needed: Lists,
    /// How many choices each pattern needs; none where it is switched off.
    needs: Vec<u8>,
}

/// Lists of numbers, one behind the other.
#[derive(Debug, Default)]
struct Lists {
    ends: Vec<u32>,
    all: Vec<u16>,
}

impl Lists {
    fn of(lists: &[Vec<u16>]) -> Self {
        let ends = lists.iter().scan(0, |end, list| {
            *end += list.len() as u32;
            Some(*end)
        });
        Self { ends: ends.collect(), all: lists.concat() }
    }

    fn get(&self, number: usize) -> &[u16] {
        let start = if number == 0 { 0 } else { self.ends[number - 1] };
        &self.all[start as usize..self.ends[number] as usize]
    }
}

impl Index {
    /// Of patterns, each with whether it is looked for.
    pub(super) fn of<'p>(patterns: impl Iterator<Item = (&'p Pattern, bool)>, vocabulary: &Vocabulary) -> Self {
        let mut first = vec![Vec::new(); vocabulary.len()];
        let mut signs = first.clone();
        let (mut choices, mut needed, mut needs) = (Vec::<&Choice>::new(), Vec::<Vec<u16>>::new(), Vec::new());
        for (number, (pattern, is_on)) in patterns.enumerate() {
            let number = number as u16;
            let mut count = 0;
            for choice in pattern.needs().filter(|_| is_on) {
                let known = choices.iter().position(|known| *known == choice);
                let place = known.unwrap_or(choices.len());
                if known.is_none() {
                    choice.signs(vocabulary).for_each(|id| signs[usize::from(id)].push(place as u16));
                    choices.push(choice);
                    needed.push(Vec::new());
                }
                if needed[place].last() != Some(&number) {
                    needed[place].push(number);
                    count += 1;
                }
            }
            needs.push(count);
            if is_on {
                pattern.first().into_iter().for_each(|id| first[usize::from(id)].push(number));
            }
        }
        signs.iter_mut().for_each(Vec::dedup);
        Self { first: Lists::of(&first), signs: Lists::of(&signs), needed: Lists::of(&needed), needs }
    }

    /// The patterns that can begin with a word.
    pub(super) fn first(&self, id: Id) -> &[u16] {
        self.first.get(usize::from(id))
    }

    /// Which patterns have all that they need in a text, and which words it has.
    pub(super) fn possible(&self, words: &Words) -> (Vec<bool>, Vec<Id>) {
        let mut seen = vec![false; self.first.ends.len()];
        let mut stands = vec![false; self.needed.ends.len()];
        let mut missing = self.needs.clone();
        let mut distinct = Vec::new();
        for at in &words.known {
            let id = words.all[*at as usize].id;
            if std::mem::replace(&mut seen[usize::from(id)], true) {
                continue;
            }
            distinct.push(id);
            for choice in self.signs.get(usize::from(id)) {
                let choice = usize::from(*choice);
                if !std::mem::replace(&mut stands[choice], true) {
                    self.needed.get(choice).iter().for_each(|pattern| missing[usize::from(*pattern)] -= 1);
                }
            }
        }
        let open = self.needs.iter().zip(missing).map(|(needs, missing)| *needs > 0 && missing == 0);
        (open.collect(), distinct)
    }

    /// For each word whether one of some patterns begins with it.
    pub(super) fn beginnings(&self, open: &[bool], words: &[Id]) -> Vec<bool> {
        let mut begins = vec![false; self.first.ends.len()];
        for id in words {
            begins[usize::from(*id)] = self.first(*id).iter().any(|pattern| open[usize::from(*pattern)]);
        }
        begins
    }
}
