//! Finds the templates of a log, message by message, in one pass.
//!
//! A tree of fixed depth in the manner of Drain (P. He, J. Zhu, Z. Zheng, M. R. Lyu: "Drain: An Online Log Parsing
//! Approach with Fixed Depth Tree", ICWS 2017): messages are led by their header and first word, and by their number of
//! words, to a leaf of few groups, and join the group that is most like them. The path is hashed, so a leaf is one look-up.
//!
//! Other than there, a word without digits counts as variable only when its place was seen with several words before:
//! `opened`, `closed` and `reset` are three events, the sixth user name is not.

use std::collections::HashMap;

use super::shape::{Shape, mix};

/// How many groups a leaf has at most; what is like none of them is unknown.
const LEAF: usize = 48;

/// How many templates are told apart at most.
const TEMPLATES: usize = 1 << 16;

/// How many shapes are remembered by their hash; others are compared again.
const SHAPES: usize = 1 << 18;

/// How many variants of a group are templates of their own.
const VARIANTS: u32 = 5;

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
    /// The places where messages of the group differ, as bits.
    loose: u128,
    variants: u32,
    /// The template for what differs in loose places only.
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
            Some((group, (0, _))) if self.groups[group as usize].variants >= VARIANTS => {
                return Some(self.groups[group as usize].last);
            }
            Some(_) if self.variants.len() >= TEMPLATES => return None,
            Some((group, (fixed, loose))) => {
                let group = &mut self.groups[group as usize];
                group.loose |= fixed | loose;
                group.last = template;
                self.variants.push(group.variants);
                group.variants += 1;
            }
            None if leaf.len() >= LEAF || self.variants.len() >= TEMPLATES => return None,
            None => {
                leaf.push(self.groups.len() as u32);
                let words = shape.words.clone().into_boxed_slice();
                self.groups.push(Group { words, loose: 0, variants: 1, last: template });
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
        assert_eq!(mine(&["link is up now", "link is down now", "link is up now"]), [Some(0), Some(1), Some(0)]);
    }
}
