//! Lints prompts for what breaks a provider's prompt cache.
//!
//! Providers bill a prefix that they have seen before at about a tenth, so a value that changes from request to request
//! costs all that stands behind it. A [`Prompt`] is a text or a request, read into parts in the order in which its
//! provider caches them; each of the [`CHECKS`] looks for one thing, by its structure: a UUID parses, a date is in the
//! calendar, the header of a JWT decodes. No I/O and no clock: the command line and the gateway call the same code.

pub mod compare;
pub mod finding;
mod look;
pub mod price;
pub mod prompt;
pub mod sorted;
mod survey;
pub mod verdict;

/// The source of a check, which the program shows; the module for gateways has no use for it.
macro_rules! documented {
    ($file:literal) => {
        if cfg!(feature = "cli") { include_str!($file) } else { "" }
    };
}

mod checks {
    pub(super) mod api_key;
    pub(super) mod cache_control;
    pub(super) mod counter;
    pub(super) mod date_time;
    pub(super) mod hex_hash;
    pub(super) mod host_name;
    pub(super) mod iso_timestamp;
    pub(super) mod json_key_order;
    pub(super) mod jwt;
    pub(super) mod message_edited;
    pub(super) mod prefix_too_short;
    pub(super) mod random_id;
    pub(super) mod temp_path;
    pub(super) mod template_placeholder;
    pub(super) mod tool_description;
    pub(super) mod tool_order;
    pub(super) mod unix_time;
    pub(super) mod uuid;
    pub(super) mod whitespace_drift;
}

pub use self::finding::{Finding, Severity};
pub use self::look::{Options, check, compare_pair, hidden, masked};
pub use self::prompt::{Form, Prompt, Provider, ReadError, Role};
pub use self::survey::Text;
pub use self::verdict::{Counted, Thresholds, Verdict};

use self::checks::{
    api_key, cache_control, counter, date_time, hex_hash, host_name, iso_timestamp, json_key_order, jwt,
    message_edited, prefix_too_short, random_id, temp_path, template_placeholder, tool_description, tool_order,
    unix_time, uuid, whitespace_drift,
};
use self::finding::Spot;

/// One thing that breaks a cache, and how it is found.
#[derive(Debug)]
pub struct Check {
    /// The name in settings, in `hr-allow:` and in findings.
    pub name: &'static str,
    /// How bad a finding is unless the check or the settings say otherwise.
    pub severity: Severity,
    /// What to do about it.
    pub advice: &'static str,
    /// Which threshold of the verdict counts it.
    pub counted: Option<Counted>,
    /// Whether what it finds must not be printed.
    is_secret: bool,
    /// The source of the check, whose beginning is its documentation.
    source: &'static str,
    look: Look,
}

/// Where something changes: a part of a prompt, and a byte of its text.
type Changing = (usize, usize);

/// What a check looks at.
#[derive(Debug)]
enum Look {
    /// A text of the system prompt, of a tool, or of a message before the first answer.
    Text(fn(&Text<'_>, &mut Vec<Spot>)),
    /// A prompt as a whole, and where in it something changes. Places are bytes of its source.
    Prompt(fn(&Prompt<'_>, &[Changing], &mut Vec<Spot>)),
    /// A prompt and the one before it; places are bytes of the later one's source.
    Pair(fn(&Prompt<'_>, &Prompt<'_>, &mut Vec<Spot>)),
}

/// All checks. Where two find something in the same place, the first has it.
pub static CHECKS: &[Check] = &[
    jwt::CHECK,
    api_key::CHECK,
    template_placeholder::CHECK,
    uuid::CHECK,
    tool_description::CHECK,
    iso_timestamp::CHECK,
    date_time::CHECK,
    unix_time::CHECK,
    temp_path::CHECK,
    host_name::CHECK,
    random_id::CHECK,
    hex_hash::CHECK,
    counter::CHECK,
    prefix_too_short::CHECK,
    cache_control::CHECK,
    whitespace_drift::CHECK,
    tool_order::CHECK,
    json_key_order::CHECK,
    message_edited::CHECK,
];

impl Check {
    /// The check of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        CHECKS.iter().find(|check| check.name == name)
    }

    /// What the check is about: a heading of one line, then Markdown.
    pub fn documentation(&self) -> String {
        let lines = self.source.lines().map_while(|line| line.strip_prefix("//!"));
        lines.map(|line| line.strip_prefix(' ').unwrap_or(line).to_string() + "\n").collect()
    }

    /// The first line of the documentation.
    pub fn summary(&self) -> String {
        self.documentation().lines().next().unwrap_or_default().trim_end_matches('.').to_string()
    }
}
