//! Reads a command line as a shell would and says whose output its text is.

/// One program call as it really runs.
#[derive(Debug, Clone)]
pub struct Invocation {
    /** w */
    pub words: Vec<String>,
    /** t */
    pub tool: String,
}
impl Invocation {
    /// s
    pub fn subcommand(&self) -> Option<&str> {
        self.words.get(1).map(|s| s.as_str())
    }
    /// h
    pub fn has_words_in_order(&self, w: &[String]) -> bool {
        let mut it = self.words.iter();
        w.iter().all(|x| it.any(|y| y == x))
    }
}
/// p
#[derive(Debug, Clone)]
pub struct Printed {
    /** c */
    pub candidates: Vec<Invocation>,
    /** c */
    pub certain: bool,
    /** r */
    pub reads_file: bool,
}
/// w
pub fn who_printed(line: &str) -> Option<Printed> {
    let words: Vec<String> = line.split_whitespace().map(String::from).collect();
    let tool = words.first()?.rsplit('/').next()?.to_string();
    Some(Printed { candidates: vec![Invocation { tool, words }], certain: true, reads_file: false })
}
