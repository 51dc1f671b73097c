//! Collects the texts of a request as parts, in the order in which its provider caches them.

use super::{Part, Provider, ReadError, Role};
use crate::json::{Shape, Tape, Value, escape};

/// A step from a value into it.
#[derive(Debug, Clone, Copy)]
enum Step {
    Element(usize),
    /// To the value of a key.
    Member(Value),
}

/// Collects the parts of a request.
pub(super) struct Reader<'r, 's> {
    source: &'s str,
    start: usize,
    tape: &'r Tape<'s>,
    parts: Vec<Part<'s>>,
    /// Where what stands in front of the next text begins.
    lead: Option<usize>,
    /// Whether the text is wanted of what stands behind the first answer.
    with_later: bool,
    /// How much text there is so far.
    bytes: usize,
}

/// How many bytes of text are the beginning of a prompt.
pub(in crate::cache_check) const BEGINNING: usize = 2000;

/// How deep texts are looked for in a message.
const DEEPEST: usize = 24;

/// Keys in messages whose strings are no text.
const NO_TEXT: [&[u8]; 10] = [
    b"role",
    b"type",
    b"cache_control",
    b"id",
    b"call_id",
    b"tool_use_id",
    b"tool_call_id",
    b"name",
    b"signature",
    b"status",
];

/// Whose request it is, its parts, and its tools.
pub(super) type Read<'s> = (Option<Provider>, Vec<Part<'s>>, Option<Value>);

impl<'r, 's> Reader<'r, 's> {
    /// Of a request that begins at a byte of a source; `with_later` as in [`Prompt::beginning`](super::Prompt).
    pub(super) fn new(source: &'s str, start: usize, tape: &'r Tape<'s>, with_later: bool) -> Self {
        Self { source, start, tape, parts: Vec::new(), lead: None, with_later, bytes: 0 }
    }

    pub(super) fn read(mut self, root: Value) -> Result<Read<'s>, ReadError> {
        if self.tape.shape(root) == Shape::Array {
            return self.read_list(root).ok_or(ReadError::UnknownShape);
        }
        let tools = self.member(root, &["tools", "functions"]);
        let has = |keys: &[&str]| self.member(root, keys).is_some();
        let is_gemini = has(&["contents", "systemInstruction", "system_instruction"]);
        if !is_gemini && !has(&["messages", "system", "input", "instructions"]) && tools.is_none() {
            return Err(ReadError::UnknownShape);
        }
        for key in ["messages", "contents", "tools", "functions"] {
            if let Some(value) = self.member(root, &[key]) {
                self.check_list(value, key)?;
            }
        }
        let provider = if is_gemini {
            Provider::Gemini
        } else if has(&["system"]) || self.is_anthropic(root) {
            Provider::Anthropic
        } else {
            Provider::OpenAi
        };
        let order: &[&str] = match provider {
            Provider::Gemini => &["systemInstruction", "system_instruction", "tools", "contents"],
            Provider::Anthropic | Provider::OpenAi => {
                &["tools", "functions", "system", "instructions", "messages", "input"]
            }
        };
        for key in order {
            let Some(value) = self.member(root, &[key]) else { continue };
            self.lead = Some(self.tape.start(value));
            let mut pointer = format!("/{key}");
            match *key {
                "tools" | "functions" => self.texts_in(value, &mut pointer),
                "messages" | "contents" | "input" if self.tape.shape(value) == Shape::Array => {
                    self.messages(value, &mut pointer);
                    continue;
                }
                "messages" | "contents" | "input" => self.text(Role::Early, value, &mut pointer, 0),
                _ => self.text(Role::System, value, &mut pointer, 0),
            }
            self.close(value, &format!("/{key}"));
        }
        Ok((Some(provider), self.parts, tools))
    }

    /// Whether a value is a list of objects, as providers want it; nothing is as good as an empty one.
    fn check_list(&self, list: Value, key: &str) -> Result<(), ReadError> {
        let name = |shape| match shape {
            Shape::Object => "an object",
            Shape::Array => "a list",
            Shape::String => "a string",
            _ => "a number, boolean or null",
        };
        let is_null = |value: Value| self.tape.raw(value) == b"null";
        match self.tape.shape(list) {
            Shape::Array => {}
            _ if is_null(list) => return Ok(()),
            shape => return Err(ReadError::NoList { pointer: format!("/{key}"), found: name(shape) }),
        }
        let wrong = |(_, element): &(usize, Value)| self.tape.shape(*element) != Shape::Object;
        match self.tape.elements(list).enumerate().find(wrong) {
            Some((place, element)) => {
                let found = name(self.tape.shape(element));
                Err(ReadError::NoList { pointer: format!("/{key}/{place}"), found })
            }
            None => Ok(()),
        }
    }

    /// A list of messages, or one of tools.
    fn read_list(mut self, root: Value) -> Option<Read<'s>> {
        let elements = self.tape.list(Some(root));
        let all_have = |keys: &[&str]| {
            let has = |element: &Value| self.member(*element, keys).is_some();
            !elements.is_empty() && elements.iter().all(has)
        };
        if all_have(&["role", "type"]) && elements.iter().any(|element| self.member(*element, &["role"]).is_some()) {
            self.lead = Some(self.tape.start(root));
            self.messages(root, &mut String::new());
            return Some((None, self.parts, None));
        }
        if all_have(&["name", "function", "type", "functionDeclarations", "function_declarations"]) {
            self.lead = Some(self.tape.start(root));
            self.texts_in(root, &mut String::new());
            return Some((None, self.parts, Some(root)));
        }
        None
    }

    fn member(&self, object: Value, keys: &[&str]) -> Option<Value> {
        self.tape.member(object, keys)
    }

    /// What only Anthropic's requests have.
    fn is_anthropic(&self, root: Value) -> bool {
        let model = self.member(root, &["model"]).and_then(|model| self.tape.string(model));
        let tools = self.tape.list(self.member(root, &["tools"]));
        model.is_some_and(|model| model.contains("claude"))
            || tools.iter().any(|tool| self.member(*tool, &["input_schema"]).is_some())
    }

    fn messages(&mut self, list: Value, pointer: &mut String) {
        let (mut answered, length) = (false, pointer.len());
        for (at, message) in self.tape.list(Some(list)).into_iter().enumerate() {
            let said = self.member(message, &["role"]).and_then(|role| self.tape.string(role)).unwrap_or_default();
            answered |= matches!(&*said, "assistant" | "model");
            let role = match &*said {
                "system" | "developer" => Role::System,
                _ if answered => Role::Later,
                _ => Role::Early,
            };
            self.point(pointer, Step::Element(at));
            self.text(role, message, pointer, 0);
            pointer.truncate(length);
        }
    }

    /// The strings of a message, in their order, those left out that are no text.
    fn text(&mut self, role: Role, value: Value, pointer: &mut String, depth: usize) {
        let length = pointer.len();
        match self.tape.shape(value) {
            Shape::String => self.add(role, value, pointer.clone()),
            Shape::Array if depth < DEEPEST => {
                for (at, element) in self.tape.list(Some(value)).into_iter().enumerate() {
                    self.point(pointer, Step::Element(at));
                    self.text(role, element, pointer, depth + 1);
                    pointer.truncate(length);
                }
            }
            Shape::Object if depth < DEEPEST => {
                for (key, member) in self.tape.members(value).collect::<Vec<_>>() {
                    let is_data = self.tape.inside(key) == b"data" && depth > 1;
                    if !is_data && !NO_TEXT.contains(&self.tape.inside(key)) {
                        self.point(pointer, Step::Member(key));
                        self.text(role, member, pointer, depth + 1);
                        pointer.truncate(length);
                    }
                }
            }
            Shape::Array | Shape::Object | Shape::Word | Shape::Number => {}
        }
    }

    /// All strings in a value, keys left out.
    fn texts_in(&mut self, value: Value, pointer: &mut String) {
        // With the length of the pointer to what holds it, which begins the pointer to what was looked at before.
        let mut open = vec![(value, pointer.len(), None)];
        while let Some((value, held, step)) = open.pop() {
            pointer.truncate(held);
            if let Some(step) = step {
                self.point(pointer, step);
            }
            let (length, before) = (pointer.len(), open.len());
            match self.tape.shape(value) {
                Shape::String => self.add(Role::Tool, value, pointer.clone()),
                Shape::Array => {
                    let elements = self.tape.elements(value).enumerate();
                    open.extend(elements.map(|(at, element)| (element, length, Some(Step::Element(at)))));
                }
                Shape::Object => {
                    let members = self.tape.members(value);
                    let members = members.filter(|(key, _)| self.tape.inside(*key) != b"cache_control");
                    open.extend(members.map(|(key, value)| (value, length, Some(Step::Member(key)))));
                }
                Shape::Word | Shape::Number => {}
            }
            open[before..].reverse();
        }
    }

    fn add(&mut self, role: Role, value: Value, pointer: String) {
        let at = self.start + self.tape.start(value) + 1;
        let inside = &self.source[at..at + self.tape.inside(value).len()];
        let lead = self.lead_to(at - 1);
        self.lead = Some(at - self.start + inside.len() + 1);
        // Of a prompt without a system text the verdict wants the beginning, whatever it is.
        let is_wanted = self.with_later || role != Role::Later || self.bytes < BEGINNING;
        let text = if is_wanted { escape::decoded(inside) } else { inside.into() };
        self.bytes += text.len();
        self.parts.push(Part { role, pointer, at, text, inside, lead });
    }

    /// A part without a text, for what stands behind the last text of a value.
    fn close(&mut self, value: Value, pointer: &str) {
        let at = self.start + self.tape.start(value) + self.tape.raw(value).len();
        let role = self.parts.last().map_or(Role::System, |part| part.role);
        let lead = self.lead_to(at);
        self.parts.push(Part { role, pointer: pointer.to_string(), at, text: "".into(), inside: "", lead });
    }

    /// What stands from the end of the last text to a byte of the source.
    fn lead_to(&self, at: usize) -> &'s str {
        self.lead.map_or("", |from| self.source.get(self.start + from..at).unwrap_or_default())
    }

    /// Adds a step to a pointer, as RFC 6901 writes it.
    fn point(&self, pointer: &mut String, step: Step) {
        pointer.push('/');
        match step {
            Step::Element(at) => pointer.push_str(&at.to_string()),
            Step::Member(key) => {
                let key = std::str::from_utf8(self.tape.inside(key)).unwrap_or_default();
                if key.contains(['\\', '~', '/']) {
                    pointer.push_str(&escape::decoded(key).replace('~', "~0").replace('/', "~1"));
                } else {
                    pointer.push_str(key);
                }
            }
        }
    }
}
