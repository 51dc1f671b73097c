//! `hr completions SHELL`: prints the script that completes `hr` in a shell.

use std::process::ExitCode;

use clap::ValueEnum;
use clap_complete::aot;
use clap_complete_nushell::Nushell;

use crate::cli::error::CliResult;
use crate::cli::output;

/// Prints the completion script of a shell
///
/// Bash: `hr completions bash > ~/.local/share/bash-completion/completions/hr`. The others in the README.
#[derive(Debug, clap::Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// A shell that can complete `hr`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// Bash
    Bash,
    /// Zsh
    Zsh,
    /// Fish
    Fish,
    /// PowerShell
    #[value(name = "powershell")]
    PowerShell,
    /// Elvish
    Elvish,
    /// Nushell
    Nushell,
}

impl Shell {
    /// The file in `completions/` that holds its script.
    pub fn file(self) -> &'static str {
        match self {
            Self::Bash => "hr.bash",
            Self::Zsh => "_hr",
            Self::Fish => "hr.fish",
            Self::PowerShell => "_hr.ps1",
            Self::Elvish => "hr.elv",
            Self::Nushell => "hr.nu",
        }
    }

    /// The script.
    pub fn script(self) -> Vec<u8> {
        let mut command = crate::cli::command();
        let mut script = Vec::new();
        let out = &mut script;
        match self {
            Self::Bash => aot::generate(aot::Bash, &mut command, "hr", out),
            Self::Zsh => aot::generate(aot::Zsh, &mut command, "hr", out),
            Self::Fish => aot::generate(aot::Fish, &mut command, "hr", out),
            Self::PowerShell => aot::generate(aot::PowerShell, &mut command, "hr", out),
            Self::Elvish => aot::generate(aot::Elvish, &mut command, "hr", out),
            Self::Nushell => aot::generate(Nushell, &mut command, "hr", out),
        }
        script
    }
}

/// Prints the script.
pub fn run(args: &CompletionsArgs) -> CliResult {
    output::print(&args.shell.script())?;
    Ok(ExitCode::SUCCESS)
}
