//! Where the lines of a cleaned text come from.
//!
//! Most texts keep their lines one to one, and then there is no table at all.

/// Which raw line each finished line came from; a table only from the first one on that is not its own.
#[derive(Debug, Default)]
pub(super) struct Sources {
    count: usize,
    table: Option<Vec<u32>>,
}

impl Sources {
    /// So many lines that are their own source.
    pub(super) fn unchanged(count: usize) -> Self {
        Self { count, table: None }
    }

    /// Adds a line.
    pub(super) fn push(&mut self, source: u32) {
        if self.table.is_none() && source as usize != self.count {
            self.table = Some((0..self.count as u32).collect());
        }
        if let Some(table) = &mut self.table {
            table.push(source);
        }
        self.count += 1;
    }

    /// Adds all lines to those of another.
    pub(super) fn append_to(self, sources: &mut Self) {
        match self.table {
            Some(table) => table.into_iter().for_each(|source| sources.push(source)),
            None => (0..self.count as u32).for_each(|source| sources.push(source)),
        }
    }

    /// The table, unless every line is its own source.
    pub(super) fn into_table(self) -> Option<Vec<u32>> {
        self.table
    }
}
