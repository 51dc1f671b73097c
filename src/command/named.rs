//! The name under which command lines are counted together: the program, and its subcommand where that says more.

use super::who_printed;

/// Programs whose subcommands are tools of their own.
const WITH_SUBCOMMANDS: &[&str] = &[
    "apt",
    "aws",
    "brew",
    "bun",
    "bundle",
    "cargo",
    "conda",
    "deno",
    "docker",
    "dotnet",
    "flutter",
    "gcloud",
    "gh",
    "git",
    "go",
    "helm",
    "kubectl",
    "mix",
    "nix",
    "npm",
    "nx",
    "pip",
    "pnpm",
    "poetry",
    "podman",
    "rustup",
    "terraform",
    "uv",
    "yarn",
];

/// The programs that print what a command line prints, several joined; `None` when the line is not understood.
pub fn named(line: &str) -> Option<String> {
    let printed = who_printed(line)?;
    let mut names: Vec<String> = Vec::new();
    for call in &printed.candidates {
        let has_subcommands = WITH_SUBCOMMANDS.contains(&call.tool.as_str());
        let name = match call.subcommand().filter(|_| has_subcommands) {
            Some(subcommand) => format!("{} {subcommand}", call.tool),
            None => call.tool.clone(),
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    match &names[..] {
        [] => None,
        [one] => Some(one.clone()),
        [one, two] => Some(format!("{one} + {two}")),
        [one, .., last] => Some(format!("{one} + ... + {last}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_under_their_programs() {
        let table = [
            ("cd x && FOO=1 git -C y log --oneline | head", Some("git log")),
            ("/usr/bin/python3 -m pytest -x", Some("pytest")),
            ("make all; ls -l", Some("make + ls")),
            ("if then", None),
        ];
        for (line, wanted) in table {
            assert_eq!(named(line).as_deref(), wanted, "{line}");
        }
    }
}
