//! A placeholder of a template.
//!
//! What a template fills in is what differs between two requests; high up in a prompt it decides how much of it can be
//! cached at all. Found are `{{ name }}` and `{% if %}` (Jinja, Handlebars, Liquid), `${name}` (shells, JavaScript), `<%=
//! name %>` (ERB, EJS), and `%(name)s` and `{name}` (Python) when the name is one of what changes: a date, a user, a
//! folder, an id.
//!
//! Example: `Today is {{ today }}.` in the first line.
//!
//! What to do: keep placeholders behind the last cache breakpoint; allow one whose value is the same in all requests with
//! `hr-allow: template-placeholder`.

use crate::cache_check::finding::Spot;
use crate::cache_check::{Check, Look, Severity, Text};

pub(in crate::cache_check) const CHECK: Check = Check {
    name: "template-placeholder",
    severity: Severity::Warning,
    advice: "move what is filled in below the cache breakpoint",
    counted: None,
    is_secret: false,
    source: documented!("template_placeholder.rs"),
    look: Look::Text(look),
};

/// How placeholders open and close.
const FORMS: [(&str, &str); 6] = [("${{", "}}"), ("{{{", "}}}"), ("{{", "}}"), ("{%", "%}"), ("${", "}"), ("<%", "%>")];

/// Forms that other texts use as well.
const NAMED: [(&str, &str); 2] = [("%(", ")s"), ("{", "}")];

/// How long a placeholder is at most, in bytes.
const LONGEST: usize = 80;

/// Parts of the names of what changes.
const CHANGING: [&str; 22] = [
    "date",
    "today",
    "now",
    "time",
    "datetime",
    "timestamp",
    "user",
    "username",
    "cwd",
    "workdir",
    "session",
    "request",
    "uuid",
    "hostname",
    "host",
    "os",
    "platform",
    "shell",
    "branch",
    "commit",
    "version",
    "weekday",
];

fn look(text: &Text<'_>, spots: &mut Vec<Spot>) {
    let bytes = text.bytes();
    let mut free = 0;
    for start in memchr::memchr3_iter(b'{', b'<', b'%', bytes) {
        // `${` begins before its brace.
        let start = if bytes[start] == b'{' && text.left(start) == Some(b'$') { start - 1 } else { start };
        if start < free {
            continue;
        }
        let rest = &text.text[start..];
        let form = |forms: &'static [(&str, &str)]| forms.iter().find(|(open, _)| rest.starts_with(open));
        let found = match form(&FORMS) {
            Some((open, close)) => inside(rest, open, close),
            None => {
                form(&NAMED).and_then(|(open, close)| inside(rest, open, close)).filter(|(name, _)| is_changing(name))
            }
        };
        if let Some((_, length)) = found {
            spots.push(Spot::at(start..start + length));
            free = start + length;
        }
    }
}

/// What is filled in, and how long the placeholder is.
fn inside<'t>(rest: &'t str, open: &str, close: &str) -> Option<(&'t str, usize)> {
    let body = rest.strip_prefix(open)?;
    let length = memchr::memmem::find(&body.as_bytes()[..body.len().min(LONGEST)], close.as_bytes())?;
    let name = body.get(..length)?;
    let is_comment = open == "<%" && name.starts_with('#') || open == "{{" && name.starts_with('!');
    let is_name =
        !is_comment && !name.contains(['\n', '{', '}']) && name.contains(|letter: char| letter.is_alphabetic());
    is_name.then_some((name, open.len() + length + close.len()))
}

/// Whether it is the name of something that changes, with a format or without.
fn is_changing(name: &str) -> bool {
    let name = name.split([':', '!']).next().unwrap_or_default();
    if ["now()", "today()", "utcnow()", "getcwd()", "uuid4()", "time()"].iter().any(|call| name.ends_with(call)) {
        return true;
    }
    let is_plain = name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    let starts = name.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_');
    let mut words = name.split(|letter: char| !letter.is_ascii_alphabetic()).map(str::to_ascii_lowercase);
    is_plain && starts && words.any(|word| CHANGING.contains(&word.as_str()))
}
