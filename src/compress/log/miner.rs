//! Finds the templates of a log, message by message, in one pass.
//!
//! A tree of fixed depth in the manner of Drain (P. He, J. Zhu, Z. Zheng, M. R. Lyu: "Drain: An Online Log Parsing
//! Approach with Fixed Depth Tree", ICWS 2017): messages are led by their header and first word, and by their number of
//! words, to a leaf of few groups, and join the group that is most like them. The path is hashed, so a leaf is one look-up.
//!
//! Other than there, a word without digits counts as variable only when its place was seen with several words before:
//! `opened`, `closed` and `reset` are three events, the sixth user name is not. Each place counts on its own, so `closed`
//! is an event of its own behind any number of names.

use std::collections::HashMap;

use super::shape::{Shape, mix};

/// How many groups a leaf has at most; what is like none of them is unknown.
const LEAF: usize = 48;

/// How many templates are told apart at most.
const TEMPLATES: usize = 1 << 16;

/// How many shapes are remembered by their hash; others are compared again.
const SHAPES: usize = 1 << 18;

/// With how many words a place was seen when it counts as variable.
const WORDS: usize = 5;

/// How many variants of a group are templates of their own.
const VARIANTS: u32 = 24;

/// Which template a message has.
pub type TemplateId = u32;

/// Finds templates; messages are pushed in the order of the log.
#[derive(Debug, Default)]
pub struct Miner {
    /// Shape to template.
    known: HashMap<u64, TemplateId>,
    /// Path to groups.
    leaves: HashMap<u64, Vec<u32>>,
    groups: Vec<Group>,
    /// For each template which variant of its group it is.
    variants: Vec<u32>,
}

/// Messages that differ in a few words.
#[derive(Debug)]
struct Group {
    words: Box<[u64]>,
    /// The places where messages of the group differ, as bits, and the words that were seen there, up to [`WORDS`].
    loose: u128,
    seen: Vec<(usize, Vec<u64>)>,
    /// The places with so many words, as bits.
    variable: u128,
    /// The templates by the words in places that are not variable.
    known: HashMap<u64, TemplateId>,
    variants: u32,
    /// The template of what has no other.
    last: TemplateId,
}

impl Miner {
    /// The template of a message: a new one, one that was seen, or none when there are too many to tell apart.
    pub fn push(&mut self, shape: &Shape) -> Option<TemplateId> {
        let hash = shape.hash();
        if let Some(&known) = self.known.get(&hash) {
            return Some(known);
        }
        let template = self.place(shape)?;
        if self.known.len() < SHAPES {
            self.known.insert(hash, template);
        }
        Some(template)
    }

    /// How many templates there are.
    pub fn len(&self) -> usize {
        self.variants.len()
    }

    /// Which variant of its group a template is, counted from 0: later ones say little new.
    pub fn variant(&self, template: TemplateId) -> u32 {
        self.variants[template as usize]
    }

    /// Finds the group of a shape that was not seen, or makes one.
    fn place(&mut self, shape: &Shape) -> Option<TemplateId> {
        let template = self.variants.len() as TemplateId;
        let leaf = self.leaves.entry(path(shape)).or_default();
        let best = leaf
            .iter()
            .map(|&group| (group, self.groups[group as usize].differences(&shape.words)))
            .min_by_key(|(_, (fixed, loose))| (fixed.count_ones(), loose.count_ones()))
            .filter(|(_, (fixed, loose))| {
                is_alike(shape.words.len() - shape.lead, fixed.count_ones() + loose.count_ones())
            });
        match best {
            Some((group, (fixed, loose))) => {
                let group = &mut self.groups[group as usize];
                let variant = group.see(&shape.words, fixed | loose);
                let key = group.key(&shape.words);
                if let Some(&known) = group.known.get(&key) {
                    return Some(known);
                }
                if group.variants >= VARIANTS {
                    return Some(group.last);
                }
                if self.variants.len() >= TEMPLATES {
                    return None;
                }
                group.known.insert(key, template);
                group.last = template;
                self.variants.push(variant.unwrap_or(group.variants));
                group.variants += 1;
            }
            None if leaf.len() >= LEAF || self.variants.len() >= TEMPLATES => return None,
            None => {
                leaf.push(self.groups.len() as u32);
                let words = shape.words.clone().into_boxed_slice();
                let mut group = Group {
                    words,
                    loose: 0,
                    seen: Vec::new(),
                    variable: 0,
                    known: HashMap::new(),
                    variants: 1,
                    last: template,
                };
                group.known.insert(group.key(&shape.words), template);
                self.groups.push(group);
                self.variants.push(0);
            }
        }
        Some(template)
    }
}

impl Group {
    /// Where words differ: in fixed places, and in loose ones.
    fn differences(&self, words: &[u64]) -> (u128, u128) {
        let differ = self.words.iter().zip(words).enumerate().filter(|(_, (one, other))| one != other);
        let places = differ.fold(0, |places: u128, (at, _)| places | 1 << at);
        (places & !self.loose, places & self.loose)
    }

    /// Takes note of the words of a message in the places where it differs; the least number of words that any place with
    /// a new one had before.
    fn see(&mut self, words: &[u64], places: u128) -> Option<u32> {
        let mut least = None;
        for at in (0..words.len().min(128)).filter(|at| places >> at & 1 == 1) {
            if self.loose >> at & 1 == 0 {
                self.loose |= 1 << at;
                self.seen.push((at, vec![self.words[at]]));
            }
            let Some((_, seen)) = self.seen.iter_mut().find(|(place, _)| *place == at) else { continue };
            if seen.len() < WORDS && !seen.contains(&words[at]) {
                least = Some(least.map_or(seen.len(), |least: usize| least.min(seen.len())));
                seen.push(words[at]);
                self.variable |= u128::from(seen.len() >= WORDS) << at;
            }
        }
        least.map(|least| least as u32)
    }

    /// A hash of the words of a message, but for those in variable places.
    fn key(&self, words: &[u64]) -> u64 {
        let word = |at: usize| if self.variable >> at & 1 == 1 { 0 } else { words[at] };
        (0..words.len().min(128)).fold(0, |hash, at| mix(hash, word(at)))
    }
}

/// Whether messages of so many words are alike when so many of them differ.
fn is_alike(words: usize, differ: u32) -> bool {
    differ as usize * 5 <= words * 2
}

/// The path to the leaf: level, what stands before the message and its first word, and the number of words.
fn path(shape: &Shape) -> u64 {
    let lead = (shape.lead + 1).min(shape.words.len());
    let start = mix(shape.words.len() as u64, shape.level.map_or(9, |level| level as u64));
    shape.words[..lead].iter().fold(start, |hash, word| mix(hash, *word))
}

#[cfg(test)]
mod tests {
    use super::super::header::Header;
    use super::*;

    fn mine(lines: &[&str]) -> Vec<Option<TemplateId>> {
        let mut miner = Miner::default();
        lines.iter().map(|line| miner.push(&Shape::of(line.as_bytes(), &Header::default(), false))).collect()
    }

    #[test]
    fn places_with_many_words_are_variable_and_places_with_few_are_not() {
        let users = ["a", "b", "c", "d", "e", "f", "g"].map(|user| format!("Invalid user {user} from 1.2.3.4"));
        let found = mine(&users.each_ref().map(String::as_str));
        assert_eq!(found, [0, 1, 2, 3, 4, 4, 4].map(Some));
        let says =
            |at: usize| format!("user {} was {} by", ["a", "b", "c", "d", "e", "f", "g"][at], ["in", "out"][at / 6]);
        let found = mine(&[0, 1, 2, 3, 4, 5, 6].map(says).each_ref().map(String::as_str));
        assert_eq!(found, [0, 1, 2, 3, 4, 4, 5].map(Some));
        assert_eq!(mine(&["link is up now", "link is down now", "link is up now"]), [Some(0), Some(1), Some(0)]);
    }
}
