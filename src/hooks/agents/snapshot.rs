//! What Claude Code noted down about the user's shell, and reads before each command: functions and aliases, which `hr`
//! cannot run.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Whether a snapshot defines a function or an alias of this name, under whatever condition.
pub(super) fn defines(snapshot: &str, name: &str) -> bool {
    // From bash each function comes as `eval "$(echo 'BASE64' | base64 -d)"`, with the name in front.
    let begins = format!("{name} () \n{{");
    let encoded = STANDARD.encode(&begins[..begins.len() / 3 * 3]);
    memchr::memmem::find(snapshot.as_bytes(), format!("'{encoded}").as_bytes()).is_some()
        || snapshot.lines().any(|line| is_alias(line, name) || is_function(line, name))
}

fn is_alias(line: &str, name: &str) -> bool {
    let mut words = line.trim_start().split([' ', '\'']).filter(|word| !word.is_empty());
    words.next() == Some("alias")
        && words
            .find(|word| !word.starts_with('-'))
            .and_then(|word| word.strip_prefix(name))
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
}

fn is_function(line: &str, name: &str) -> bool {
    let line = line.trim_start();
    let (keyword, line) = match line.strip_prefix("function ") {
        Some(rest) => (true, rest.trim_start()),
        None => (false, line),
    };
    line.strip_prefix(name).is_some_and(|rest| {
        rest.trim_start().starts_with("()") || keyword && (rest.is_empty() || rest.starts_with([' ', '\t', '{']))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_and_aliases_are_found_as_bash_and_zsh_note_them() {
        // Recorded with bash 5.2: `declare -f npm | base64`.
        let bash = "# Functions\neval \"$(echo 'bnBtICgpIAp7IAogICAgZWNobyBtaW5lCn0K' | base64 -d)\" > /dev/null 2>&1\n\
                    # Aliases\nalias -- egrep='egrep --color=auto'\n";
        let zsh = "cargo () {\n\techo mine\n}\nalias -- 'l.'='ls -d .*'\nalias ls='ls -G'\n\
                   if ! command -v rg >/dev/null 2>&1; then\n  function rg {\n  ARGV0=rg claude \"$@\"\n}\nfi\n";
        for (snapshot, names) in [(bash, &["npm", "egrep"][..]), (zsh, &["cargo", "l.", "ls", "rg"])] {
            for name in names {
                assert!(defines(snapshot, name), "{name}");
            }
            for other in ["np", "npmx", "grep", "carg", "cargos", "l", "echo", "r", "mine"] {
                assert!(!defines(snapshot, other), "{other}");
            }
        }
    }
}
