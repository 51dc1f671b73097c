//! Knows the commands that talk with a person or never end by themselves: editors, pagers, prompts, servers, followed logs.
//! Their output must not be held back until the end, so they run without `hr` between.

/// Where a command's standard input comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stdin {
    /// From a terminal: somebody can type.
    Terminal,
    /// From a file or a pipe: `python3 <<EOF` is a script, not a dialogue.
    Other,
}

/// What makes a command interactive.
#[derive(Debug, Clone, Copy)]
enum When {
    /// Its name.
    Always,
    /// One of these flags.
    With(&'static [&'static str]),
    /// That none of these flags is there.
    Without(&'static [&'static str]),
    /// That nothing follows its name.
    Bare,
    /// That somebody can type, that at most so many operands follow, and that none of these flags is there.
    Typing(usize, &'static [&'static str]),
    /// That one of these words stands anywhere among its arguments.
    Word(&'static [&'static str]),
    /// That at most so many operands follow; these letters are flags with a value.
    Operands(usize, &'static str),
}
use When::{Always, Bare, Operands, Typing, With, Without, Word};

/// Programs that are interactive by their name.
const NAMES: &[&str] = &[
    "vi",
    "vim",
    "nvim",
    "view",
    "vimdiff",
    "nano",
    "pico",
    "micro",
    "helix",
    "hx",
    "kak",
    "joe",
    "less",
    "more",
    "most",
    "top",
    "htop",
    "btop",
    "atop",
    "iotop",
    "iftop",
    "nvtop",
    "glances",
    "watch",
    "tmux",
    "screen",
    "zellij",
    "fzf",
    "sk",
    "peco",
    "tig",
    "gitk",
    "lazygit",
    "lazydocker",
    "gitui",
    "k9s",
    "ranger",
    "nnn",
    "mc",
    "vifm",
    "ncdu",
    "dialog",
    "whiptail",
    "mutt",
    "w3m",
    "mosh",
    "telnet",
    "ftp",
    "sftp",
    "minicom",
    "picocom",
    "passwd",
    "chsh",
    "visudo",
    "vipw",
    "login",
    "script",
    "asciinema",
    "nodemon",
    "live-server",
    "http-server",
    "webpack-dev-server",
    "uvicorn",
    "gunicorn",
];

/// Programs that run another one, and the letters of their flags that take a value.
const WRAPPERS: &[(&str, &str)] = &[
    ("sudo", "ugCDghpRrTtU"),
    ("doas", "uC"),
    ("env", "uCS"),
    ("nice", "n"),
    ("ionice", "cnp"),
    ("stdbuf", "ioe"),
    ("time", "fo"),
    ("command", ""),
    ("exec", "a"),
    ("nohup", ""),
    ("setsid", ""),
    ("npx", "pc"),
    ("bunx", ""),
    ("pnpx", ""),
    ("uv run", "p"),
    ("poetry run", ""),
    ("pipenv run", ""),
    ("bundle exec", ""),
];

/// Programs that run scripts and targets by name, and the names of those that do not end by themselves.
const RUNNERS: &[&str] = &["npm", "yarn", "pnpm", "bun", "make", "just", "task"];
const SCRIPTS: &[&str] = &["dev", "start", "serve", "watch", "preview", "storybook"];

/// Flags of these programs that take a value.
const RUNNER_VALUES: &[&str] = &["--filter", "-F", "--workspace", "-w", "--prefix", "--cwd", "--dir", "-C", "-f"];

/// Flags that take a value, before a subcommand.
const VALUE_FLAGS: &[&str] = &[
    "-C",
    "-c",
    "--git-dir",
    "--work-tree",
    "-n",
    "--namespace",
    "--context",
    "-f",
    "--file",
    "-p",
    "--project-name",
    "--profile",
    "-H",
    "--host",
];

/// Programs, or programs with a subcommand, and when they are interactive.
const CASES: &[(&str, When)] = &[
    ("emacs", Without(&["--batch", "-batch", "--script", "--version"])),
    ("crontab", With(&["-e"])),
    ("su", Without(&["-c", "--command"])),
    ("ssh", Operands(1, "bcDEeFIiJLlmOopQRSWw")),
    ("tail", With(&["-f", "-F", "--follow"])),
    ("journalctl", With(&["-f", "--follow"])),
    ("dmesg", With(&["-w", "-W", "--follow"])),
    ("tsc", With(&["-w"])),
    ("webpack", With(&["-w"])),
    ("mocha", With(&["-w"])),
    ("vite", Bare),
    ("vitest", Typing(usize::MAX, &["run", "list", "--run", "--no-watch"])),
    // Debuggers, and tests that begin anew when a file changes.
    ("pytest", Word(PYTEST_STAYS)),
    ("node inspect", Always),
    ("node", With(&["--inspect-brk", "--inspect-wait"])),
    ("php", With(&["-a", "-S"])),
    // Dialogues, unless they are given something to do.
    ("python", Typing(0, &["-c", "-m", "-V", "--version", "-h", "--help"])),
    ("node", Typing(0, &["-e", "-p", "--eval", "--print", "-v", "--version", "-h", "--help", "--test"])),
    ("ruby", Typing(0, &["-e", "-v", "--version", "-h", "--help"])),
    ("lua", Typing(0, &["-e", "-v"])),
    ("julia", Typing(0, &["-e", "-E", "--eval", "-v", "--version"])),
    ("R", Typing(0, &["-e", "-f", "--file", "--version"])),
    ("php", Typing(0, &["-r", "-v", "--version", "-i", "-m"])),
    ("sh", Typing(0, &["-c"])),
    ("bash", Typing(0, &["-c", "--version"])),
    ("zsh", Typing(0, &["-c", "--version"])),
    ("fish", Typing(0, &["-c", "--version"])),
    ("psql", Typing(1, &["-c", "-f", "-l", "--command", "--file", "--list", "-V", "--version"])),
    ("mysql", Typing(1, &["-e", "--execute", "-V", "--version"])),
    ("mongosh", Typing(1, &["--eval", "-f", "--file", "--version"])),
    ("gdb", Typing(1, &["-batch", "--batch", "--version"])),
    ("lldb", Typing(1, &["-b", "--batch", "--version"])),
    ("irb", Typing(0, &[])),
    ("ipython", Typing(0, &["-c", "--version"])),
    ("ghci", Typing(0, &["-e"])),
    ("iex", Typing(0, &["-e"])),
    ("bc", Typing(0, &[])),
    ("sqlite3", Typing(1, &[])),
    ("redis-cli", Typing(0, &[])),
    // Version control.
    ("git rebase", With(&["-i", "--interactive"])),
    ("git rebase", With(&["--edit-todo"])),
    ("git add", With(&["-p", "--patch", "-i", "--interactive", "-e", "--edit"])),
    ("git checkout", With(&["-p", "--patch"])),
    ("git restore", With(&["-p", "--patch"])),
    ("git reset", With(&["-p", "--patch"])),
    ("git stash", With(&["-p", "--patch"])),
    ("git clean", With(&["-i", "--interactive"])),
    ("git commit", With(&["-p", "--patch", "--interactive", "-e", "--edit"])),
    (
        "git commit",
        Without(&["-m", "--message", "-F", "--file", "-C", "--reuse-message", "--no-edit", "--fixup", "--dry-run"]),
    ),
    ("git config", With(&["-e", "--edit"])),
    ("git revert", Without(&["--no-edit", "-n", "--no-commit", "--abort", "--quit", "--continue", "--skip"])),
    ("git cherry-pick", With(&["-e", "--edit"])),
    ("git difftool", Always),
    ("git mergetool", Always),
    ("git gui", Always),
    // What asks before it does something.
    ("apt install", Typing(usize::MAX, ASKS_NOT)),
    ("apt remove", Typing(usize::MAX, ASKS_NOT)),
    ("apt upgrade", Typing(usize::MAX, ASKS_NOT)),
    ("apt autoremove", Typing(usize::MAX, ASKS_NOT)),
    ("apt-get install", Typing(usize::MAX, ASKS_NOT)),
    ("apt-get remove", Typing(usize::MAX, ASKS_NOT)),
    ("apt-get upgrade", Typing(usize::MAX, ASKS_NOT)),
    ("apt-get dist-upgrade", Typing(usize::MAX, ASKS_NOT)),
    ("apt-get autoremove", Typing(usize::MAX, ASKS_NOT)),
    ("dnf install", Typing(usize::MAX, ASKS_NOT)),
    ("dnf remove", Typing(usize::MAX, ASKS_NOT)),
    ("yum install", Typing(usize::MAX, ASKS_NOT)),
    ("yum remove", Typing(usize::MAX, ASKS_NOT)),
    ("terraform apply", Typing(0, &["-auto-approve", "--auto-approve", "-help"])),
    ("terraform destroy", Typing(0, &["-auto-approve", "--auto-approve", "-help"])),
    ("terraform console", Typing(0, &[])),
    ("tofu apply", Typing(0, &["-auto-approve", "--auto-approve", "-help"])),
    ("tofu destroy", Typing(0, &["-auto-approve", "--auto-approve", "-help"])),
    ("pulumi up", Typing(0, &["-y", "--yes", "-f", "--skip-preview"])),
    ("npm init", Typing(0, &["-y", "--yes"])),
    ("npm login", Always),
    ("npm adduser", Always),
    ("docker login", Typing(1, &["-p", "--password", "--password-stdin"])),
    ("aws sso login", Always),
    ("az login", Always),
    ("gcloud auth login", Always),
    ("gcloud init", Always),
    ("firebase login", Always),
    ("fly auth login", Always),
    ("heroku login", Always),
    ("netlify login", Always),
    ("vercel login", Always),
    ("wrangler login", Always),
    ("ollama run", Typing(1, &[])),
    // Containers.
    ("docker run", With(&["-t", "--tty"])),
    ("docker exec", With(&["-t", "--tty"])),
    ("docker start", With(&["-i", "--interactive"])),
    ("docker attach", Always),
    ("docker logs", With(&["-f", "--follow"])),
    ("docker stats", Without(&["--no-stream"])),
    ("docker events", Without(&["--until"])),
    ("docker compose exec", Without(&["-T", "--no-TTY"])),
    ("docker compose logs", With(&["-f", "--follow"])),
    ("docker compose up", Without(&["-d", "--detach", "--abort-on-container-exit", "--exit-code-from", "--wait"])),
    ("docker-compose logs", With(&["-f", "--follow"])),
    ("docker-compose up", Without(&["-d", "--detach", "--abort-on-container-exit", "--exit-code-from", "--wait"])),
    ("kubectl exec", With(&["-t", "--tty"])),
    ("kubectl run", With(&["-t", "--tty"])),
    ("kubectl logs", With(&["-f", "--follow"])),
    ("kubectl get", With(&["-w", "--watch-only"])),
    ("kubectl attach", Always),
    ("kubectl edit", Always),
    ("kubectl port-forward", Always),
    ("kubectl proxy", Always),
    // Servers that run until they are stopped.
    ("next dev", Always),
    ("next start", Always),
    ("vite dev", Always),
    ("vite serve", Always),
    ("vite preview", Always),
    ("webpack serve", Always),
    ("ng serve", Always),
    ("nuxt dev", Always),
    ("astro dev", Always),
    ("gatsby develop", Always),
    ("hugo server", Always),
    ("jekyll serve", Always),
    ("mkdocs serve", Always),
    ("flask run", Always),
    ("rails server", Always),
    ("rails console", Always),
    ("mix phx.server", Always),
    ("cargo watch", Always),
    ("skaffold dev", Always),
    ("tilt up", Always),
    ("caddy run", Always),
    ("streamlit run", Always),
    ("jupyter notebook", Always),
    ("jupyter lab", Always),
    ("gh run watch", Always),
    ("gh auth login", Always),
    ("aws configure", Always),
    ("gradle", Word(&["bootRun", "-t", "--continuous"])),
    ("gradlew", Word(&["bootRun", "-t", "--continuous"])),
    ("mvn", Word(&["spring-boot:run", "quarkus:dev", "jetty:run"])),
    ("mvnw", Word(&["spring-boot:run", "quarkus:dev", "jetty:run"])),
    ("dotnet watch", Always),
    ("rollup", With(&["-w"])),
    ("tailwindcss", With(&["-w"])),
    ("babel", With(&["-w"])),
    ("hugo serve", Always),
    ("mdbook serve", Always),
    ("mdbook watch", Always),
    ("karma start", Without(&["--single-run"])),
    ("turbo dev", Always),
    ("turbo watch", Always),
    ("turbo run dev", Always),
    ("nx serve", Always),
    ("expo start", Always),
    ("wrangler dev", Always),
    ("wrangler tail", Always),
    ("netlify dev", Always),
    ("vercel dev", Always),
    ("parcel serve", Always),
    ("parcel watch", Always),
    ("ollama serve", Always),
    ("celery", Word(&["worker", "beat"])),
    ("locust", Without(&["--headless"])),
    ("heroku logs", With(&["-t", "--tail"])),
    ("fly logs", Without(&["-n", "--no-tail"])),
    ("stern", Without(&["--no-follow"])),
    ("kubetail", Without(&["--follow=false"])),
    ("pm2 logs", Without(&["--nostream"])),
    ("adb logcat", Without(&["-d", "-c"])),
    ("ping", Without(&["-c", "-w", "-n"])),
    ("strace", With(&["-p"])),
    ("inotifywait", With(&["-m", "--monitor"])),
];

/// Flags with which pytest opens a debugger, or begins anew when a file changes.
const PYTEST_STAYS: &[&str] = &["--pdb", "--trace", "-f", "--looponfail"];

/// Flags with which a package manager does not ask.
const ASKS_NOT: &[&str] =
    &["-y", "--yes", "--assume-yes", "-s", "--simulate", "--dry-run", "-d", "--download-only", "--assumeno"];

/// Whether a command talks with a person or goes on until it is stopped.
pub fn is_interactive(words: &[String], stdin: Stdin) -> bool {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let words = unwrapped(&words);
    let Some((path, arguments)) = words.split_first() else { return false };
    let name = program(path);
    let watches = arguments.iter().any(|word| matches!(*word, "--watch" | "--watchAll" | "--watch-all"));
    watches
        || NAMES.contains(&name)
        || runs_server_script(name, arguments)
        || starts_server_by_module(name, arguments)
        || CASES.iter().any(|(case, when)| {
            let mut case = case.split(' ');
            case.next() == Some(name)
                && after_subcommands(arguments, case).is_some_and(|rest| {
                    // What keeps a program from asking may stand before its subcommand.
                    let told = matches!(when, Typing(_, flags) if has(arguments, flags));
                    !told && holds(*when, rest, stdin)
                })
        })
}

/// The program's name without folder, version (`python3.12`) and `.exe`.
fn program(path: &str) -> &str {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let name = name.strip_suffix(".exe").unwrap_or(name);
    match name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.') {
        "podman" => "docker",
        short @ ("python" | "lua" | "php" | "ruby") => short,
        _ => name,
    }
}

/// Leaves out variables and programs that only run the rest.
fn unwrapped<'a, 'w>(mut words: &'a [&'w str]) -> &'a [&'w str] {
    while let Some((first, rest)) = words.split_first() {
        if is_assignment(first) {
            words = rest;
            continue;
        }
        let wrapper = WRAPPERS.iter().find_map(|(wrapper, letters)| {
            let mut wrapper = wrapper.split(' ');
            (wrapper.next() == Some(program(first))).then_some(())?;
            let rest =
                wrapper.next().map_or(Some(rest), |second| rest.split_first().filter(|r| *r.0 == second).map(|r| r.1));
            Some(after_flags(rest?, letters))
        });
        match wrapper {
            Some(rest) => words = rest,
            None => break,
        }
    }
    words
}

fn is_assignment(word: &str) -> bool {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    word.split_once('=').is_some_and(|(name, _)| !name.is_empty() && name.chars().all(is_name))
}

fn after_flags<'a, 'w>(mut words: &'a [&'w str], letters: &str) -> &'a [&'w str] {
    while let Some((flag, rest)) = words.split_first().filter(|(word, _)| word.starts_with('-')) {
        words = if takes_value(flag, letters) { rest.get(1..).unwrap_or_default() } else { rest };
        if *flag == "--" {
            break;
        }
    }
    words
}

/// Whether the flag's value is the next word: `-p 22` and not `-p22`.
fn takes_value(flag: &str, letters: &str) -> bool {
    !flag.starts_with("--") && flag.chars().last().filter(|_| flag.len() == 2).is_some_and(|c| letters.contains(c))
}

/// What follows the subcommands, when they are there in this order; flags may stand before them.
fn after_subcommands<'a, 'w, 'c>(
    mut words: &'a [&'w str],
    subcommands: impl Iterator<Item = &'c str>,
) -> Option<&'a [&'w str]> {
    for subcommand in subcommands {
        while let Some((flag, rest)) = words.split_first().filter(|(word, _)| word.starts_with('-')) {
            words = if VALUE_FLAGS.contains(flag) { rest.get(1..)? } else { rest };
        }
        words = words.split_first().filter(|(word, _)| **word == subcommand)?.1;
    }
    Some(words)
}

fn holds(when: When, arguments: &[&str], stdin: Stdin) -> bool {
    match when {
        Always => true,
        With(flags) => has(arguments, flags),
        Without(flags) => !has(arguments, flags) && !has(arguments, &["--help", "--version"]),
        Bare => arguments.is_empty(),
        Word(words) => arguments.iter().any(|word| words.contains(word)),
        Typing(most, flags) => stdin == Stdin::Terminal && !has(arguments, flags) && operands(arguments, "") <= most,
        Operands(most, letters) => operands(arguments, letters) <= most && !has(arguments, &["-V", "-G", "-N"]),
    }
}

/// Whether one of the flags is there, alone, with a value, or as a letter among others (`-it`, `-50f`).
fn has(arguments: &[&str], flags: &[&str]) -> bool {
    let own = arguments.iter().take_while(|word| **word != "--");
    own.into_iter().any(|word| {
        let (name, value) = word.split_once('=').unwrap_or((word, "true"));
        let cluster = word.strip_prefix('-').filter(|rest| rest.len() <= 5 && rest.chars().all(char::is_alphanumeric));
        flags.iter().any(|flag| {
            name == *flag && value != "false"
                || flag.len() == 2 && cluster.is_some_and(|letters| letters.contains(&flag[1..]))
        })
    })
}

fn operands(arguments: &[&str], letters: &str) -> usize {
    let mut count = 0;
    let mut words = after_flags(arguments, letters);
    while let Some((_, rest)) = words.split_first() {
        count += 1;
        words = after_flags(rest, letters);
    }
    count
}

fn runs_server_script(name: &str, arguments: &[&str]) -> bool {
    let mut arguments = arguments;
    while let Some((flag, rest)) = arguments.split_first().filter(|(word, _)| word.starts_with('-')) {
        arguments = if RUNNER_VALUES.contains(flag) { rest.get(1..).unwrap_or_default() } else { rest };
    }
    let script = match arguments {
        ["run" | "run-script", rest @ ..] => after_flags(rest, "").first(),
        other => other.first(),
    };
    RUNNERS.contains(&name)
        && script.is_some_and(|script| SCRIPTS.contains(&script.split(':').next().unwrap_or(script)))
}

fn starts_server_by_module(name: &str, arguments: &[&str]) -> bool {
    match arguments {
        ["-m", "http.server" | "uvicorn" | "gunicorn" | "pdb", ..] => name == "python",
        ["-m", "flask", "run", ..] => name == "python",
        ["-m", "pytest", rest @ ..] => name == "python" && rest.iter().any(|word| PYTEST_STAYS.contains(word)),
        ["-i", ..] => name == "python" || name == "node",
        [script, "runserver" | "shell" | "dbshell", ..] => name == "python" && script.ends_with("manage.py"),
        ["artisan", "serve" | "tinker", ..] => name == "php",
        _ => false,
    }
}
