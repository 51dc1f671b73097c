//! What the fields of rows have in common, and which rows stand out: rare values, numbers far off, shifts of a mean.

use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hasher};

use crate::json::{Shape, Tape, Value};

/// More fields are not looked at.
const FIELDS: usize = 40;

/// A field with more different values is no category.
const VALUES: usize = 32;

/// A value that comes no more often is rare.
const RARE: usize = 2;

/// Fewer numbers have no outliers.
const NUMBERS: usize = 8;

/// How many rows of one field stand out at most for one reason.
const EACH: usize = 6;

/// A modified z-score beyond this is an outlier (Iglewicz and Hoaglin, How to Detect and Handle Outliers, 1993).
const SCORE: f64 = 3.5;

/// The bound of a cumulative sum at 1 % (Ploberger and Kramer, The CUSUM Test with OLS Residuals, Econometrica 60, 1992).
const SHIFT: f64 = 1.63;

/// How many shifts of a mean are looked for.
const SHIFTS: usize = 4;

/// What is known of a field.
#[derive(Debug, Default)]
struct Field<'t> {
    /// How often each value comes, and in which rows first.
    values: HashMap<&'t [u8], (usize, [u32; RARE])>,
    /// The values in the order they came; a map has none.
    order: Vec<&'t [u8]>,
    /// Whether there are too many values for a category.
    many: bool,
    numbers: Vec<(u32, f64)>,
}

/// What is known of the rows of a list.
#[derive(Debug, Default)]
pub(super) struct Survey<'t> {
    fields: Vec<Field<'t>>,
    /// How often each set of keys comes, and in which rows first, in the order they came.
    shapes: Vec<(usize, [u32; RARE])>,
    rows: usize,
}

impl<'t> Survey<'t> {
    /// Looks at the scalars of rows and of the objects right in them.
    pub(super) fn of(tape: &Tape<'t>, rows: &[Value]) -> Self {
        let mut survey = Self { rows: rows.len(), ..Self::default() };
        let mut names: HashMap<(&[u8], &[u8]), usize> = HashMap::new();
        let mut shapes: HashMap<u64, usize> = HashMap::new();
        for (row, &value) in rows.iter().enumerate() {
            let mut hasher = DefaultHasher::new();
            if tape.shape(value) == Shape::Object {
                for (key, value) in tape.members(value) {
                    let key = tape.raw(key);
                    hasher.write(key);
                    if tape.shape(value) == Shape::Object {
                        for (inner, value) in tape.members(value) {
                            survey.add(tape, &mut names, (key, tape.raw(inner)), row, value);
                        }
                    } else {
                        survey.add(tape, &mut names, (b"", key), row, value);
                    }
                }
            } else {
                survey.add(tape, &mut names, (b"", b""), row, value);
            }
            let count = survey.shapes.len();
            let shape = *shapes.entry(hasher.finish()).or_insert(count);
            if shape == count {
                survey.shapes.push((0, [0; RARE]));
            }
            note(&mut survey.shapes[shape], row);
        }
        survey
    }

    fn add<'k>(
        &mut self,
        tape: &Tape<'t>,
        names: &mut HashMap<(&'k [u8], &'k [u8]), usize>,
        name: (&'k [u8], &'k [u8]),
        row: usize,
        value: Value,
    ) {
        let count = names.len();
        let field = *names.entry(name).or_insert(count);
        if field >= FIELDS {
            return;
        }
        if field >= self.fields.len() {
            self.fields.resize_with(field + 1, Field::default);
        }
        let (field, raw) = (&mut self.fields[field], tape.raw(value));
        match tape.shape(value) {
            Shape::Array | Shape::Object => return,
            Shape::Number => {
                let number = std::str::from_utf8(raw).ok().and_then(|text| text.parse::<f64>().ok());
                field.numbers.extend(number.filter(|number| number.is_finite()).map(|number| (row as u32, number)));
            }
            Shape::Word | Shape::String => {}
        }
        if field.many {
            return;
        }
        let count = field.values.entry(raw).or_default();
        if count.0 == 0 {
            field.order.push(raw);
        }
        note(count, row);
        field.many = field.order.len() > VALUES;
    }

    /// Rows that stand out, the most telling of each field and reason first.
    pub(super) fn standing_out(&self) -> Vec<usize> {
        let mut reasons = vec![self.rare(self.shapes.iter())];
        for field in &self.fields {
            reasons.push(outliers(&field.numbers));
            reasons.push(shifts(&field.numbers));
            if !field.many {
                reasons.push(self.rare(field.order.iter().map(|value| &field.values[value])));
            }
        }
        let longest = reasons.iter().map(Vec::len).max().unwrap_or(0);
        (0..longest).flat_map(|rank| reasons.iter().filter_map(move |rows| rows.get(rank).copied())).collect()
    }

    /// The first row of each value of every category, and of each set of keys.
    pub(super) fn one_of_each(&self) -> Vec<usize> {
        let categories = self.fields.iter().filter(|field| !field.many);
        let first = categories.flat_map(|field| field.order.iter().map(|value| &field.values[value]));
        let few = self.shapes.iter().take(VALUES);
        few.chain(first).map(|(_, rows)| rows[0] as usize).collect()
    }

    /// The rows of values that hardly come, where values otherwise repeat.
    fn rare<'a>(&self, counts: impl Iterator<Item = &'a (usize, [u32; RARE])>) -> Vec<usize> {
        let counts = counts.collect::<Vec<_>>();
        if counts.len() * 4 > self.rows {
            return Vec::new();
        }
        let rare = counts.into_iter().filter(|(count, _)| *count <= RARE);
        rare.flat_map(|(count, rows)| rows[..*count].iter().map(|&row| row as usize)).take(EACH).collect()
    }
}

/// Counts one more, and remembers the first rows.
fn note(count: &mut (usize, [u32; RARE]), row: usize) {
    if let Some(place) = count.1.get_mut(count.0) {
        *place = row as u32;
    }
    count.0 += 1;
}

/// Numbers that run on in one direction are positions or times, in which nothing stands out.
fn runs_on(numbers: &[(u32, f64)]) -> bool {
    numbers.is_sorted_by(|a, b| a.1 <= b.1) || numbers.is_sorted_by(|a, b| a.1 >= b.1)
}

/// The rows with the numbers that are farthest off, by the modified z-score over the median.
///
/// Where more than half of the numbers are equal the mean deviation takes the place of the median one, as the authors
/// say. Where a tenth of the rows would be outliers there are none.
fn outliers(numbers: &[(u32, f64)]) -> Vec<usize> {
    if numbers.len() < NUMBERS || runs_on(numbers) {
        return Vec::new();
    }
    let middle = median(numbers.iter().map(|(_, number)| *number).collect());
    let deviations = numbers.iter().map(|(_, number)| (number - middle).abs()).collect::<Vec<_>>();
    let mean = deviations.iter().sum::<f64>() / deviations.len() as f64;
    let spread = match median(deviations.clone()) {
        0.0 => 1.253_314 * mean,
        deviation => deviation / 0.674_5,
    };
    let mut far = deviations
        .iter()
        .zip(numbers)
        .filter(|(deviation, _)| **deviation > SCORE * spread)
        .map(|(deviation, (row, _))| (*deviation, *row as usize))
        .collect::<Vec<_>>();
    if far.len() * 10 > numbers.len() {
        return Vec::new();
    }
    far.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    far.into_iter().take(EACH).map(|(_, row)| row).collect()
}

fn median(mut numbers: Vec<f64>) -> f64 {
    let middle = numbers.len() / 2;
    *numbers.select_nth_unstable_by(middle, f64::total_cmp).1
}

/// The rows before and after a shift of the mean, the clearest first.
///
/// The cumulative sum of deviations from the mean (Page, Continuous Inspection Schemes, Biometrika 41, 1954) is farthest
/// from zero at a shift; the stretches on both sides are searched again.
fn shifts(numbers: &[(u32, f64)]) -> Vec<usize> {
    if runs_on(numbers) {
        return Vec::new();
    }
    let mut rows = Vec::new();
    let mut stretches = VecDeque::new();
    stretches.push_back(0..numbers.len());
    while let Some(stretch) = stretches.pop_front() {
        if stretch.len() < 2 * NUMBERS || rows.len() >= 2 * SHIFTS {
            continue;
        }
        let part = &numbers[stretch.clone()];
        let count = part.len() as f64;
        let mean = part.iter().map(|(_, number)| number).sum::<f64>() / count;
        let deviation = (part.iter().map(|(_, number)| (number - mean).powi(2)).sum::<f64>() / count).sqrt();
        let mut sum = 0.0;
        let sums = part.iter().map(|(_, number)| {
            sum += number - mean;
            f64::abs(sum)
        });
        let (at, farthest) =
            sums.enumerate().fold((0, 0.0), |best, (at, sum)| if sum > best.1 { (at, sum) } else { best });
        if farthest > SHIFT * deviation * count.sqrt() && at + 1 < part.len() {
            rows.extend([part[at].0 as usize, part[at + 1].0 as usize]);
            stretches.extend([stretch.start..stretch.start + at + 1, stretch.start + at + 1..stretch.end]);
        }
    }
    rows
}
