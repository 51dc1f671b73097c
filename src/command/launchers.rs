//! The programs that run another program and show its output as their own: what has to be skipped to find that program.
//! Flat tables only; `launch` reads them.

/// A program, or one of its subcommands, that runs another program.
#[derive(Debug)]
pub(super) struct Launcher {
    /// The program's names.
    pub(super) tools: &'static [&'static str],
    /// The subcommand words that must follow.
    pub(super) path: &'static [&'static str],
    /// Options with a value, up to the program that is run.
    pub(super) with_value: &'static [&'static str],
    /// Where the program that is run stands.
    pub(super) start: Start,
    /// Options whose value is a whole shell line.
    pub(super) line: &'static [&'static str],
    /// Options whose value is a Python module that is run.
    pub(super) module: &'static [&'static str],
    /// Options with which nothing is run.
    pub(super) unless: &'static [&'static str],
}

/// Where the program that is run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// Behind the options and this many operands; assignments before it belong to its environment.
    Operand(usize),
    /// The same, and a version may hang on the program's name: `eslint@9`.
    Package,
    /// Behind the first of these words.
    Behind(&'static [&'static str]),
    /// The operands are joined to a shell line.
    Joined,
    /// Nowhere: only options say what is run.
    Nowhere,
}

/// Fills the fields that most launchers leave empty.
const fn launcher(tools: &'static [&'static str], start: Start) -> Launcher {
    Launcher { tools, path: &[], with_value: &[], start, line: &[], module: &[], unless: &[] }
}

/// A launcher without special options.
const fn plain(tools: &'static [&'static str]) -> Launcher {
    launcher(tools, Start::Operand(0))
}

/// A subcommand that runs its operands.
const fn sub(
    tools: &'static [&'static str],
    path: &'static [&'static str],
    with_value: &'static [&'static str],
) -> Launcher {
    Launcher { path, with_value, ..launcher(tools, Start::Operand(0)) }
}

/// A subcommand that runs a package's program.
const fn package(
    tools: &'static [&'static str],
    path: &'static [&'static str],
    with_value: &'static [&'static str],
) -> Launcher {
    Launcher { path, with_value, ..launcher(tools, Start::Package) }
}

const NODE: &[&str] = &["-p", "--package", "-w", "--workspace", "-c", "--call", "--prefix", "--cache"];
const UVX: &[&str] = &[
    "--from",
    "--with",
    "--with-editable",
    "--with-requirements",
    "-p",
    "--python",
    "-c",
    "--constraints",
    "--index",
    "--index-url",
    "--default-index",
    "--extra-index-url",
    "-f",
    "--find-links",
    "--env-file",
    "--color",
    "--directory",
    "--project",
    "-w",
];
const UV_RUN: &[&str] = &[
    "--extra",
    "--no-extra",
    "--group",
    "--no-group",
    "--only-group",
    "--with",
    "-w",
    "--with-editable",
    "--with-requirements",
    "--package",
    "-p",
    "--python",
    "-m",
    "--module",
    "--env-file",
    "--directory",
    "--project",
    "--index",
    "--default-index",
    "--index-url",
    "--extra-index-url",
    "-f",
    "--find-links",
    "--color",
    "--config-file",
    "--cache-dir",
    "--refresh-package",
    "--upgrade-package",
    "-P",
];
const SHELLS: &[&str] = &["bash", "sh", "zsh", "dash", "ksh", "mksh", "ash", "fish"];
const PYTHONS: &[&str] = &["python", "python2", "python3", "py", "pypy", "pypy3"];

/// All launchers; an entry with a path stands before a shorter one of the same program.
pub(super) const LAUNCHERS: &[Launcher] = &[
    // Other users and privileges.
    Launcher {
        with_value: &[
            "-u",
            "--user",
            "-g",
            "--group",
            "-h",
            "--host",
            "-p",
            "--prompt",
            "-C",
            "--close-from",
            "-D",
            "--chdir",
            "-R",
            "--chroot",
            "-r",
            "--role",
            "-t",
            "--type",
            "-T",
            "--command-timeout",
            "-U",
            "--other-user",
        ],
        unless: &["-l", "--list", "-v", "--validate", "-e", "--edit", "-K", "-V", "--version"],
        ..plain(&["sudo"])
    },
    Launcher { with_value: &["-u", "-C"], ..plain(&["doas"]) },
    Launcher {
        with_value: &["-c", "--command", "-s", "--shell", "-g", "--group", "-G", "-w"],
        line: &["-c", "--command"],
        ..launcher(&["su"], Start::Nowhere)
    },
    Launcher { with_value: &["-u", "--user", "-g", "-G", "-s", "-w"], ..plain(&["runuser"]) },
    launcher(&["gosu", "su-exec", "chroot"], Start::Operand(1)),
    // Environment.
    Launcher {
        with_value: &["-u", "--unset", "-C", "--chdir", "-S", "--split-string", "-P"],
        line: &["-S", "--split-string"],
        ..plain(&["env"])
    },
    plain(&["cross-env"]),
    launcher(&["cross-env-shell"], Start::Joined),
    Launcher { with_value: &["-f", "--file", "-e", "--environments"], ..plain(&["env-cmd"]) },
    sub(&["dotenv"], &["run"], &["-f", "--file", "-e"]),
    launcher(&["dotenv"], Start::Behind(&["--"])),
    Launcher {
        path: &["run"],
        ..launcher(&["dotenvx", "doppler", "op", "infisical", "devbox"], Start::Behind(&["--"]))
    },
    Launcher { path: &["exec"], ..launcher(&["aws-vault", "chamber"], Start::Behind(&["--"])) },
    Launcher { path: &["exec"], ..launcher(&["direnv"], Start::Operand(1)) },
    // Time and priority.
    Launcher { with_value: &["-f", "--format", "-o", "--output"], unless: &["--version"], ..plain(&["time", "gtime"]) },
    Launcher {
        with_value: &["-k", "--kill-after", "-s", "--signal"],
        ..launcher(&["timeout", "gtimeout"], Start::Operand(1))
    },
    Launcher { with_value: &["-n", "--adjustment"], ..plain(&["nice"]) },
    Launcher {
        with_value: &["-c", "--class", "-n", "--classdata"],
        unless: &["-p", "--pid", "-P", "-u"],
        ..plain(&["ionice"])
    },
    Launcher { unless: &["-p", "--pid"], ..launcher(&["taskset", "chrt"], Start::Operand(1)) },
    Launcher {
        with_value: &["-m", "-N", "--cpunodebind", "--membind", "-C", "--physcpubind"],
        unless: &["-H", "--hardware", "-s", "--show"],
        ..plain(&["numactl"])
    },
    plain(&[
        "nohup",
        "setsid",
        "chronic",
        "eatmydata",
        "fakeroot",
        "dbus-run-session",
        "unbuffer",
        "winpty",
        "caffeinate",
    ]),
    Launcher { with_value: &["-i", "--input", "-o", "--output", "-e", "--error"], ..plain(&["stdbuf"]) },
    Launcher {
        with_value: &[
            "-p",
            "--property",
            "-u",
            "--unit",
            "-E",
            "--setenv",
            "--slice",
            "--description",
            "--uid",
            "--gid",
        ],
        ..plain(&["systemd-run"])
    },
    Launcher {
        with_value: &["-s", "--server-args", "-n", "--server-num", "-e", "--error-file", "-f", "--auth-file", "-w"],
        ..plain(&["xvfb-run"])
    },
    Launcher {
        with_value: &["-w", "--timeout", "-E", "-c", "--command"],
        line: &["-c", "--command"],
        ..launcher(&["flock"], Start::Operand(1))
    },
    launcher(&["faketime"], Start::Operand(1)),
    Launcher { with_value: &["--sdk", "--toolchain"], unless: &["-f", "--find"], ..plain(&["xcrun"]) },
    plain(&["arch"]),
    // Shells, terminals and what builds command lines.
    Launcher {
        with_value: &["-c", "-o", "-O", "--rcfile", "--init-file", "--command"],
        line: &["-c", "--command"],
        ..launcher(SHELLS, Start::Nowhere)
    },
    Launcher { path: &["/c"], ..launcher(&["cmd"], Start::Joined) },
    Launcher { path: &["/C"], ..launcher(&["cmd"], Start::Joined) },
    Launcher { path: &["/d", "/s", "/c"], ..launcher(&["cmd"], Start::Joined) },
    Launcher {
        with_value: &["-c", "--command", "-E", "--echo", "-I", "-O", "-B", "-T", "-o", "-m"],
        line: &["-c", "--command"],
        ..launcher(&["script"], Start::Nowhere)
    },
    launcher(&["eval"], Start::Joined),
    Launcher { with_value: &["-n", "--interval", "-q"], ..launcher(&["watch"], Start::Joined) },
    Launcher {
        with_value: &[
            "-n",
            "--max-args",
            "-P",
            "--max-procs",
            "-I",
            "-L",
            "--max-lines",
            "-d",
            "--delimiter",
            "-E",
            "-s",
            "--max-chars",
            "-a",
            "--arg-file",
            "-J",
            "-R",
            "-S",
        ],
        ..plain(&["xargs", "gxargs"])
    },
    Launcher { unless: &["-v", "-V"], ..plain(&["command"]) },
    plain(&["builtin", "busybox", "toybox"]),
    Launcher { with_value: &["-a"], ..plain(&["exec"]) },
    plain(&["noglob", "nocorrect"]),
    // Node.
    Launcher { line: &["-c", "--call"], ..package(&["npx", "pnpx"], &[], NODE) },
    package(&["bunx"], &[], &["-p", "--package"]),
    package(&["bun"], &["x"], &["-p", "--package"]),
    Launcher { line: &["-c", "--call"], ..package(&["npm"], &["exec"], NODE) },
    Launcher { line: &["-c", "--call"], ..package(&["npm"], &["x"], NODE) },
    package(&["pnpm"], &["exec"], &["-C", "--dir", "-F", "--filter"]),
    package(&["pnpm", "yarn"], &["dlx"], &["-p", "--package", "--allow-build"]),
    package(&["yarn"], &["exec"], &[]),
    plain(&["corepack"]),
    Launcher {
        with_value: &[
            "--reporter",
            "-r",
            "--report-dir",
            "--reports-dir",
            "-o",
            "--temp-dir",
            "-n",
            "--include",
            "-x",
            "--exclude",
            "--src",
        ],
        unless: &["--help", "--version"],
        ..plain(&["nyc", "c8"])
    },
    // Python.
    package(&["uvx"], &[], UVX),
    package(&["uv"], &["tool", "run"], UVX),
    Launcher { module: &["-m", "--module"], ..sub(&["uv"], &["run"], UV_RUN) },
    package(&["pipx"], &["run"], &["--spec", "--python", "--pip-args", "--index-url"]),
    sub(&["poetry", "pipenv"], &["run"], &[]),
    sub(&["pdm"], &["run"], &["-p", "--project"]),
    sub(&["hatch", "rye"], &["run"], &["-p", "--package", "--pyproject"]),
    sub(&["pixi"], &["run"], &["-e", "--environment", "--manifest-path"]),
    sub(&["conda", "mamba", "micromamba"], &["run"], &["-n", "--name", "-p", "--prefix", "--cwd"]),
    Launcher {
        path: &["run"],
        with_value: &[
            "-m",
            "--module",
            "--source",
            "--rcfile",
            "--omit",
            "--include",
            "--context",
            "--concurrency",
            "--data-file",
            "--source-pkgs",
        ],
        module: &["-m", "--module"],
        ..launcher(&["coverage"], Start::Nowhere)
    },
    Launcher {
        with_value: &["-m", "-c", "-X", "-W", "-Q", "--check-hash-based-pycs"],
        module: &["-m"],
        unless: &["-c"],
        ..launcher(PYTHONS, Start::Nowhere)
    },
    // Other languages and build tools.
    sub(&["bundle", "rbenv", "pyenv", "asdf", "nodenv", "jenv"], &["exec"], &[]),
    sub(&["composer"], &["exec"], &["-d", "--working-dir"]),
    Launcher { path: &["run"], ..launcher(&["rustup"], Start::Operand(1)) },
    Launcher {
        path: &["exec"],
        with_value: &["-c", "--command", "-C", "--cd", "-j", "--jobs"],
        line: &["-c", "--command"],
        ..launcher(&["mise", "rtx"], Start::Behind(&["--"]))
    },
    Launcher {
        path: &["x"],
        with_value: &["-c", "--command", "-C", "--cd", "-j", "--jobs"],
        line: &["-c", "--command"],
        ..launcher(&["mise", "rtx"], Start::Behind(&["--"]))
    },
    Launcher { path: &["develop"], ..launcher(&["nix"], Start::Behind(&["-c", "--command"])) },
    Launcher { path: &["shell"], ..launcher(&["nix"], Start::Behind(&["-c", "--command"])) },
    Launcher {
        with_value: &["--run", "--command", "-p", "-A", "-I", "--arg", "--argstr"],
        line: &["--run", "--command"],
        ..launcher(&["nix-shell"], Start::Nowhere)
    },
    plain(&["ccache", "sccache", "distcc"]),
    launcher(&["bear", "intercept-build"], Start::Behind(&["--"])),
    Launcher { with_value: &["-n", "-np", "-c", "-H", "--host", "--hostfile", "-x"], ..plain(&["mpirun", "mpiexec"]) },
    // This program.
    Launcher {
        path: &["run"],
        with_value: &["-c", "--format", "--facts", "--budget", "--query", "--kind", "--rule"],
        line: &["-c"],
        ..plain(&["hr"])
    },
];

/// Says whether `tool` is this launcher; `python3.12` counts as `python3`.
pub(super) fn names(launcher: &Launcher, tool: &str) -> bool {
    let plain = launcher.tools.contains(&tool);
    let version = || tool.trim_end_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
    plain || (launcher.tools == PYTHONS && tool.contains('.') && PYTHONS.contains(&version()))
}
