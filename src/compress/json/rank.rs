//! Which rows of a list stay first: those a query is about, the ends, failures, what stands out, then one of each sort.
//!
//! Nothing is random: what is left over comes in an order that spreads evenly over the list, whatever number is taken.

use std::collections::{HashMap, HashSet};

use super::columns::Survey;
use super::status;
use crate::json::{Shape, Tape, Value};
use crate::rule::step::template_hash;
use crate::store::query::{Words, best_blocks};
use crate::tokens;

/// Of rows longer than this only the beginning tells which sort they are.
const SORT_BYTES: usize = 2048;

/// The order in which the rows of lists stay, found once for each list.
pub(super) struct Ranks<'r, 't> {
    tape: &'r Tape<'t>,
    words: Option<Words>,
    /// How many tokens rows may take that a query is about.
    room: usize,
    orders: HashMap<(Value, usize), Order>,
    /// The rows that the query is about.
    wanted: HashSet<Value>,
}

/// Places of rows, the most telling first.
#[derive(Debug, Default)]
struct Order {
    places: Vec<u32>,
    failures: usize,
}

/// Stands for the list of all documents.
const DOCUMENTS: Value = Value::MAX;

impl<'r, 't> Ranks<'r, 't> {
    pub(super) fn new(tape: &'r Tape<'t>, query: Option<&str>, room: usize) -> Self {
        Self { tape, words: query.and_then(Words::new), room, orders: HashMap::new(), wanted: HashSet::new() }
    }

    /// The documents that stay, in their order.
    pub(super) fn documents(&mut self, most: usize) -> Vec<usize> {
        let roots = self.tape.roots();
        self.take(DOCUMENTS, roots.len(), most, |ranks| ranks.rows(roots))
    }

    /// The elements of an array that stay, in their order.
    pub(super) fn elements(&mut self, array: Value, elements: &[Value], most: usize) -> Vec<usize> {
        self.take(array, elements.len(), most, |ranks| ranks.rows(elements))
    }

    #[cfg(feature = "gateway")]
    /// All rows of a list, the most telling first, and how many of the first are different failures and the ends.
    pub(super) fn order(&mut self, rows: &[Value]) -> (Vec<usize>, usize) {
        let order = self.rows(rows);
        (order.places.iter().map(|&place| place as usize).collect(), 2 + order.failures)
    }

    /// The members of an object that stay, in their order.
    pub(super) fn members(
        &mut self,
        object: Value,
        keys: &[Value],
        values: &[Value],
        most: usize,
        is_map: bool,
    ) -> Vec<usize> {
        self.take(
            object,
            values.len(),
            most,
            |ranks| {
                if is_map { ranks.rows(values) } else { ranks.fields(keys, values) }
            },
        )
    }

    /// Whether the query is about a row: then nothing in it is left out.
    pub(super) fn is_wanted(&self, row: Value) -> bool {
        self.wanted.contains(&row)
    }

    /// The largest number of different failures in one list, of those that were looked at.
    pub(super) fn failures(&self) -> usize {
        self.orders.values().map(|order| order.failures).max().unwrap_or(0)
    }

    fn take(&mut self, list: Value, count: usize, most: usize, find: impl FnOnce(&mut Self) -> Order) -> Vec<usize> {
        if count <= most {
            return (0..count).collect();
        }
        if !self.orders.contains_key(&(list, count)) {
            let order = find(self);
            self.orders.insert((list, count), order);
        }
        let mut kept =
            self.orders[&(list, count)].places[..most].iter().map(|&place| place as usize).collect::<Vec<_>>();
        kept.sort_unstable();
        kept
    }

    /// Orders rows.
    fn rows(&mut self, rows: &[Value]) -> Order {
        let mut picked = Picked::new(rows.len());
        let about = self.about(rows);
        self.wanted.extend(about.iter().map(|&place| rows[place]));
        picked.extend(about);
        picked.extend([0, rows.len() - 1]);
        let before = picked.order.len();
        let (first_failures, other_failures) = self.failing(rows);
        picked.extend(first_failures);
        let failures = picked.order.len() - before;
        picked.extend([1, 2].into_iter().filter(|place| *place < rows.len()));
        let survey = Survey::of(self.tape, rows);
        picked.extend(survey.standing_out());
        picked.extend(other_failures);
        if !rows.iter().any(|&row| matches!(self.tape.shape(row), Shape::Object | Shape::Array)) {
            // Of single values the ends of the list say more than a few here and there.
            picked.extend((0..rows.len()).flat_map(|place| [place, rows.len() - 1 - place]));
        }
        picked.extend(survey.one_of_each());
        picked.extend(self.sorts(rows));
        picked.extend(evenly(rows.len()));
        Order { places: picked.order, failures }
    }

    /// Orders fields by what they tell: failures, identity and state, short values, containers, links.
    fn fields(&self, keys: &[Value], values: &[Value]) -> Order {
        let about = self.about(values).into_iter().collect::<HashSet<_>>();
        let weight = |place: usize| {
            let (key, value) = (self.tape.inside(keys[place]), values[place]);
            let is_link = self.tape.raw(value).starts_with(b"\"http");
            match self.tape.shape(value) {
                _ if about.contains(&place) || status::is_failure(self.tape, key, value) => 0,
                Shape::String | Shape::Number if status::names(key) => 1,
                Shape::Array | Shape::Object => 4,
                _ if is_link => 5,
                _ if self.tape.raw(value).len() <= 60 => 2,
                _ => 3,
            }
        };
        let mut places = (0..keys.len()).collect::<Vec<_>>();
        places.sort_by_key(|&place| (weight(place), place));
        Order { places: places.into_iter().map(|place| place as u32).collect(), failures: 0 }
    }

    /// The rows that the query is about.
    fn about(&self, rows: &[Value]) -> Vec<usize> {
        let Some(words) = &self.words else { return Vec::new() };
        // A blank line after each row makes it a block of its own.
        let lines = rows.iter().flat_map(|&row| [self.tape.raw(row), b""]).collect::<Vec<_>>();
        let places = best_blocks(&lines, words, self.room).into_iter().map(|block| block.start / 2);
        // The best row is found even if there is no room for all of it.
        places.filter(|&place| tokens::estimate(lines[2 * place]) <= self.room).collect()
    }

    /// The rows with a failure: the first of each sort, and the others.
    fn failing(&self, rows: &[Value]) -> (Vec<usize>, Vec<usize>) {
        let mut seen = HashSet::new();
        (0..rows.len())
            .filter(|&place| status::has_failure(self.tape, rows[place]))
            .partition(|&place| seen.insert(self.sort(rows[place])))
    }

    /// The first row of each sort, if there are fewer sorts than half of the rows.
    fn sorts(&self, rows: &[Value]) -> Vec<usize> {
        let mut seen = HashSet::new();
        let first = (0..rows.len()).filter(|&place| seen.insert(self.sort(rows[place]))).collect::<Vec<_>>();
        if first.len() * 2 <= rows.len() { first } else { Vec::new() }
    }

    /// A row with its numbers, paths and the like masked, as a hash.
    fn sort(&self, row: Value) -> u64 {
        let raw = self.tape.raw(row);
        template_hash(&raw[..raw.len().min(SORT_BYTES)])
    }
}

/// Places in the order they were picked, each once.
struct Picked {
    order: Vec<u32>,
    has: Vec<bool>,
}

impl Picked {
    fn new(count: usize) -> Self {
        Self { order: Vec::with_capacity(count), has: vec![false; count] }
    }

    fn extend(&mut self, places: impl IntoIterator<Item = usize>) {
        for place in places {
            if !std::mem::replace(&mut self.has[place], true) {
                self.order.push(place as u32);
            }
        }
    }
}

/// All places, so that any number of them from the front lies evenly: the sequence of van der Corput.
fn evenly(count: usize) -> impl Iterator<Item = usize> {
    let bits = usize::BITS - count.saturating_sub(1).leading_zeros();
    (0..1_usize << bits)
        .map(move |place| place.reverse_bits().checked_shr(usize::BITS - bits).unwrap_or(0))
        .filter(move |place| *place < count)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rows that stay of an array, counted from 0.
    fn kept(array: &str, most: usize, query: Option<&str>) -> Vec<usize> {
        let tape = Tape::read(array.as_bytes()).unwrap();
        let elements = tape.elements(0).collect::<Vec<_>>();
        Ranks::new(&tape, query, 500).elements(0, &elements, most)
    }

    fn array(count: usize, row: impl Fn(usize) -> String) -> String {
        format!("[{}]", (0..count).map(row).collect::<Vec<_>>().join(","))
    }

    #[test]
    fn ends_failures_and_what_stands_out_come_first() {
        let rows = array(200, |at| {
            let state = if at == 77 { "failed" } else { "ok" };
            let zone = if at == 120 { "mars" } else { "earth" };
            let time = if at == 33 { 9000 } else { 10 + at % 7 };
            format!(r#"{{"id":{at},"state":"{state}","zone":"{zone}","ms":{time},"text":"no error here {at}"}}"#)
        });
        assert_eq!(kept(&rows, 3, None), [0, 77, 199]);
        assert_eq!(kept(&rows, 7, None), [0, 1, 2, 33, 77, 120, 199]);
        assert_eq!(kept(&rows, 4, Some("mars")), [0, 77, 120, 199]);
        assert_eq!(kept(&rows, 1, Some("mars")), [120]);
    }

    #[test]
    fn a_shift_of_the_mean_is_kept_with_the_row_before() {
        let rows = array(100, |at| (if at < 60 { 10 + at % 3 } else { 40 + at % 3 }).to_string());
        let kept = kept(&rows, 8, None);
        assert!(kept.contains(&59) && kept.contains(&60), "{kept:?}");
    }

    #[test]
    fn every_place_comes_once_and_any_number_of_them_lies_evenly() {
        for count in [1, 2, 3, 7, 64, 100] {
            let mut places = evenly(count).collect::<Vec<_>>();
            places.sort_unstable();
            assert_eq!(places, (0..count).collect::<Vec<_>>());
        }
        assert_eq!(evenly(100).take(4).collect::<Vec<_>>(), [0, 64, 32, 96]);
    }
}
