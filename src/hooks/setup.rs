//! What is put where so that an agent calls `hr`: files, and the changes to them. Only data: the command line carries it
//! out, and undoes it.

/// A file of an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Where the path begins.
    pub base: Base,
    /// The path from there, with `/`.
    pub path: &'static str,
}

/// Where paths begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Base {
    /// The user's home folder.
    Home,
    /// The folder that this variable names; without it, this folder in the home folder.
    Moved(&'static str, &'static str),
    /// The folder of the user's configurations: `XDG_CONFIG_HOME` or `~/.config`.
    Config,
    /// The project.
    Project,
    /// The root of the file system.
    Root,
}

impl Place {
    /// A file in the home folder.
    pub const fn home(path: &'static str) -> Self {
        Self { base: Base::Home, path }
    }

    /// A file in a folder that a variable can move.
    pub const fn moved(variable: &'static str, folder: &'static str, path: &'static str) -> Self {
        Self { base: Base::Moved(variable, folder), path }
    }

    /// A file in the folder of configurations.
    pub const fn config(path: &'static str) -> Self {
        Self { base: Base::Config, path }
    }

    /// A file of the project.
    pub const fn project(path: &'static str) -> Self {
        Self { base: Base::Project, path }
    }

    /// A file by its whole path.
    pub const fn root(path: &'static str) -> Self {
        Self { base: Base::Root, path }
    }
}

/// For whom an agent is set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The user, in all projects.
    User,
    /// One project, and all who work on it.
    Project,
}

/// What is to be set up.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// For whom.
    pub scope: Scope,
    /// How a command line calls `hr`.
    pub hr: &'a str,
    /// Whether commands are rewritten even where the agent's own rules then see `hr run`.
    pub rewrite: bool,
    /// Whether the MCP server is registered.
    pub mcp: bool,
    /// Whether it offers to run commands.
    pub mcp_run: bool,
}

/// A change to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The file.
    pub place: Place,
    /// What is in it afterwards.
    pub change: Change,
}

/// What is in a file afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// An element of an array in a JSON file, told from others by the command that it holds.
    Entry {
        /// The keys that lead to the array.
        at: &'static [&'static str],
        /// The element, as JSON.
        value: String,
    },
    /// The MCP server as a member in a JSON file.
    Member {
        /// The keys that lead to it, its own last.
        at: &'static [&'static str],
        /// Its value, as JSON.
        value: String,
    },
    /// A member that a JSON file must have for the agent to take it; it is not ours, and any value will do.
    Given {
        /// Its key.
        key: &'static str,
        /// The value for a new one, as JSON.
        value: &'static str,
    },
    /// The MCP server as a table in a TOML file.
    Table {
        /// The keys that lead to it.
        at: &'static [&'static str],
        /// Its members, as TOML.
        value: String,
    },
    /// A file that is ours as a whole. Its sum takes the place of `$SUM`, and tells whether somebody edited it.
    Own(String),
    /// A block between markers in a Markdown file.
    Block(&'static str),
    /// A text that the user has to put there, since the file is not one to edit by program.
    Shown {
        /// Why not.
        why: &'static str,
        /// The text.
        text: String,
    },
}

/// What an agent is told when hooks are not enough.
pub const INSTRUCTIONS: &str = include_str!("instructions.md");

/// The same as a file of its own.
pub(crate) const OWN_INSTRUCTIONS: &str = concat!("<!-- hr-sum:$SUM -->\n", include_str!("instructions.md"));

impl Wanted<'_> {
    /// The command that a hook runs. It always ends with 0, also when `hr` is gone: some agents block tools otherwise.
    pub(crate) fn command(&self, agent: &str) -> String {
        format!("{} hook {agent}; exit 0", self.hr)
    }

    /// The same as a JSON string.
    pub(crate) fn quoted_command(&self, agent: &str) -> String {
        quoted(&self.command(agent))
    }

    /// `hr` as a program, as a JSON string: without the quotes that a shell needs.
    pub(crate) fn program(&self) -> String {
        quoted(&word(self.hr).unwrap_or_else(|| self.hr.to_string()))
    }

    /// The arguments of the MCP server, as members of a JSON array.
    pub(crate) fn mcp_args(&self) -> &'static str {
        if self.mcp_run { r#""mcp""# } else { r#""mcp", "--no-run""# }
    }

    /// The MCP server as most agents write it.
    pub(crate) fn server(&self) -> String {
        format!(r#"{{"command":{},"args":[{}]}}"#, self.program(), self.mcp_args())
    }

    /// One of two places, as the scope says.
    pub(crate) fn place(&self, user: Place, project: Place) -> Place {
        match self.scope {
            Scope::User => user,
            Scope::Project => project,
        }
    }

    /// The MCP server as a member of a JSON file, when it is wanted.
    pub(crate) fn mcp_in(&self, place: Place, at: &'static [&'static str]) -> Option<Edit> {
        self.mcp.then(|| Edit { place, change: Change::Member { at, value: self.server() } })
    }
}

/// A text as a JSON string.
pub(crate) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The word that a shell reads of a text: a plain one, or in quotes; nothing when it is more than a word.
pub(crate) fn word(text: &str) -> Option<String> {
    let (mut word, mut rest) = (String::new(), text);
    while let Some(first) = rest.chars().next() {
        let tail = &rest[first.len_utf8()..];
        let (part, after) = match first {
            '\'' => tail.split_once('\'')?,
            '"' => tail.split_once('"').filter(|(part, _)| !part.contains(['$', '`', '\\']))?,
            '\\' if tail.starts_with('\'') => tail.split_at(1),
            _ if first.is_alphanumeric() || "-_./+:,@%~".contains(first) => rest.split_at(first.len_utf8()),
            _ => return None,
        };
        word += part;
        rest = after;
    }
    (!word.is_empty()).then_some(word)
}

/// Whether a line calls the hook of an agent, by whatever path, and does nothing else.
pub fn is_command(line: &str, agent: &str) -> bool {
    let line = line.trim();
    let call = line.strip_suffix("; exit 0").unwrap_or(line);
    let program = call.strip_suffix(agent).and_then(|call| call.strip_suffix(" hook ")).and_then(word);
    program.is_some_and(|program| is_hr(&program))
}

/// Whether a program with its arguments is our MCP server.
pub fn is_server(words: &[&str]) -> bool {
    match words {
        [program, "mcp", options @ ..] => is_hr(program) && options.iter().all(|option| *option == "--no-run"),
        _ => false,
    }
}

fn is_hr(program: &str) -> bool {
    matches!(program.rsplit(['/', '\\']).next(), Some("hr" | "hr.exe"))
}
