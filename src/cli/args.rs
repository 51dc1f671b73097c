//! The command line as it is typed: no I/O, no meaning. Doc comments are the help texts.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use super::commands;

/// Makes the output of tools small enough for an AI agent's context, without losing what the agent needs.
///
/// Reads a tool's output on standard input, or wraps a command (`hr run -- cargo test`), and prints it compacted. What is
/// left out is kept in a local store: `hr show HANDLE` gives it back byte for byte. `HR=off` in the environment switches
/// everything off.
#[derive(Debug, Parser)]
#[command(name = "hr", version, args_conflicts_with_subcommands = true, max_term_width = 100)]
#[command(after_help = "Examples:\n  cargo test 2>&1 | hr\n  hr run -- pytest -x\n  hr show last --grep panicked")]
pub struct Args {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub filter: FilterArgs,
    /// The file to compact; standard input when it is left out or `-`.
    pub file: Option<PathBuf>,
}

/// What there is besides filtering.
#[derive(Debug, Subcommand)]
pub enum Command {
    Run(commands::run::RunArgs),
    Show(commands::show::ShowArgs),
    Store(commands::store::StoreArgs),
    Explain(commands::explain::ExplainArgs),
    Rules(commands::rules::RulesArgs),
    Test(commands::test::TestArgs),
    CacheCheck(commands::cache_check::CacheCheckArgs),
    Replay(commands::replay::ReplayArgs),
    Stats(commands::stats::StatsArgs),
    Mcp(commands::mcp::McpArgs),
    Init(commands::init::InitArgs),
    Hook(commands::hook::HookArgs),
    Doctor(commands::doctor::DoctorArgs),
    Tokens(commands::tokens::TokensArgs),
    Completions(commands::completions::CompletionsArgs),
    Man(commands::man::ManArgs),
}

/// Options of everything that compacts.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct FilterArgs {
    /// The command line whose output this is; without it the output's own fingerprint decides.
    #[arg(long, value_name = "LINE")]
    pub command: Option<String>,
    /// The exit status of that command.
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub exit_code: Option<i32>,
    #[command(flatten)]
    pub how: HowArgs,
}

/// How to compact; also on `hr run`.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct HowArgs {
    /// What to print: the compacted text, or one JSON object about it.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Where the line with facts goes: below the text, to standard error, or nowhere.
    #[arg(long, value_enum, default_value_t)]
    pub facts: FactsPlace,
    /// Fit the text into about so many tokens.
    #[arg(long, value_name = "TOKENS")]
    pub budget: Option<usize>,
    /// What you look for, in words: the lines most about it stay, with their surroundings.
    #[arg(long, value_name = "WORDS")]
    pub query: Option<String>,
    /// The kind of content: json, search, log, diff, html, code or text.
    #[arg(long, value_name = "KIND")]
    pub kind: Option<String>,
    /// The rule to apply, by its id.
    #[arg(long, value_name = "ID")]
    pub rule: Option<String>,
    /// Leave out the rules of the project (`.hr/rules`).
    #[arg(long)]
    pub no_project: bool,
    /// Keep no original; nothing is lost then: the text is only cleaned.
    #[arg(long)]
    pub no_store: bool,
    /// Print the text as it came.
    #[arg(long)]
    pub raw: bool,
    /// The conversation that the text goes into, by a name of its own: lines that it was shown lately are not shown again.
    #[arg(long, value_name = "NAME")]
    pub session: Option<String>,
    /// What is longer than so many tokens is fitted into them.
    #[arg(skip)]
    pub most: Option<usize>,
}

/// What is printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// The compacted text.
    #[default]
    Text,
    /// One JSON object.
    Json,
}

/// Where facts go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum FactsPlace {
    /// The last line of the text.
    #[default]
    Footer,
    /// Standard error.
    Stderr,
    /// Nowhere.
    None,
}
