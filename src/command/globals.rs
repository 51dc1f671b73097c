//! What is known about the options that programs take before their subcommand, and about short names of subcommands.
//! Flat tables: a program that is missing here has no options with a value before its subcommand.

/// Options with a value that may stand before the subcommand, for each program.
const WITH_VALUE: &[(&[&str], &[&str])] = &[
    (
        &["git"],
        &[
            "-C",
            "-c",
            "--git-dir",
            "--work-tree",
            "--namespace",
            "--super-prefix",
            "--config-env",
            "--attr-source",
            "--list-cmds",
        ],
    ),
    (&["cargo"], &["-Z", "-C", "--color", "--config", "--explain"]),
    (&["npm"], &["--prefix", "-C", "-w", "--workspace", "--loglevel", "--userconfig", "--cache", "--registry"]),
    (
        &["pnpm"],
        &["-C", "--dir", "-F", "--filter", "--filter-prod", "--loglevel", "--reporter", "--workspace-concurrency"],
    ),
    (&["yarn"], &["--cwd", "--modules-folder", "--cache-folder", "--registry", "--mutex"]),
    (&["bun"], &["--cwd", "-c", "--config", "--env-file", "-r", "--preload", "-F", "--filter"]),
    (&["deno"], &["-L", "--log-level"]),
    (
        &["docker", "podman", "nerdctl"],
        &[
            "--context",
            "-c",
            "-H",
            "--host",
            "-l",
            "--log-level",
            "--config",
            "--tlscacert",
            "--tlscert",
            "--tlskey",
            "--connection",
            "--url",
            "--root",
            "-n",
            "--namespace",
        ],
    ),
    (
        &["docker-compose", "podman-compose"],
        &[
            "-f",
            "--file",
            "-p",
            "--project-name",
            "--profile",
            "--env-file",
            "--project-directory",
            "--ansi",
            "-c",
            "--context",
            "--progress",
            "--parallel",
        ],
    ),
    (
        &["kubectl", "oc", "k9s"],
        &[
            "-n",
            "--namespace",
            "--context",
            "--kubeconfig",
            "--cluster",
            "--user",
            "-s",
            "--server",
            "--token",
            "--as",
            "--as-group",
            "--request-timeout",
            "-v",
            "--v",
            "--cache-dir",
            "--certificate-authority",
        ],
    ),
    (&["helm"], &["-n", "--namespace", "--kube-context", "--kubeconfig", "--registry-config", "--repository-config"]),
    (&["go"], &["-C"]),
    (
        &["make", "gmake"],
        &[
            "-C",
            "--directory",
            "-f",
            "--file",
            "--makefile",
            "-I",
            "--include-dir",
            "-o",
            "--old-file",
            "-W",
            "--what-if",
            "-j#",
            "--jobs#",
            "-l#",
        ],
    ),
    (&["ninja"], &["-C", "-f", "-j", "-k", "-l", "-d", "-w", "-t"]),
    (&["just"], &["-f", "--justfile", "-d", "--working-directory", "--set", "--shell", "--dotenv-path", "-E"]),
    (&["task"], &["-d", "--dir", "-t", "--taskfile", "-C", "--concurrency", "-o", "--output"]),
    (
        &["uv"],
        &[
            "--directory",
            "--project",
            "--color",
            "--config-file",
            "--cache-dir",
            "-p",
            "--python",
            "--allow-insecure-host",
        ],
    ),
    (
        &["pip", "pip3"],
        &[
            "--python",
            "--log",
            "--proxy",
            "--retries",
            "--timeout",
            "--cache-dir",
            "--cert",
            "--trusted-host",
            "--exists-action",
        ],
    ),
    (&["poetry"], &["-C", "--directory", "-P", "--project"]),
    (&["pdm"], &["-c", "--config"]),
    (&["pipenv"], &["--python", "--pypi-mirror"]),
    (&["hatch"], &["-e", "--env", "-p", "--project", "--data-dir", "--cache-dir", "--config"]),
    (&["conda", "mamba", "micromamba"], &["-r", "--root-prefix", "--rc-file"]),
    (&["pixi"], &["--color", "--manifest-path"]),
    (&["mise"], &["-C", "--cd", "-E", "--env", "-j", "--jobs", "--log-level"]),
    (&["gh"], &["-R", "--repo", "--hostname"]),
    (&["glab"], &["-R", "--repo", "-g", "--group"]),
    (&["jj"], &["-R", "--repository", "--at-operation", "--at-op", "--color", "--config", "--config-file"]),
    (&["hg"], &["-R", "--repository", "--cwd", "--config", "--encoding", "--color", "--pager"]),
    (&["svn"], &["--config-dir", "--config-option", "--username", "--password"]),
    (&["terraform", "tofu", "terragrunt"], &["-chdir"]),
    (&["pulumi"], &["-C", "--cwd", "--color", "-v", "--verbose"]),
    (
        &["aws"],
        &[
            "--profile",
            "--region",
            "--output",
            "--endpoint-url",
            "--query",
            "--color",
            "--ca-bundle",
            "--cli-read-timeout",
        ],
    ),
    (
        &["gcloud"],
        &["--project", "--account", "--configuration", "--format", "--verbosity", "--impersonate-service-account"],
    ),
    (&["az"], &["--subscription", "-o", "--output", "--query"]),
    (
        &["systemctl", "loginctl"],
        &["-H", "--host", "-M", "--machine", "-t", "--type", "-n", "--lines", "-o", "--output", "--state", "-p"],
    ),
    (&["apt", "apt-get"], &["-o", "--option", "-c", "--config-file", "-t", "--target-release", "-a"]),
    (
        &["dnf", "yum"],
        &[
            "-c",
            "--config",
            "-d",
            "--debuglevel",
            "-e",
            "-x",
            "--exclude",
            "--enablerepo",
            "--disablerepo",
            "--releasever",
        ],
    ),
    (&["zypper"], &["-R", "--root", "-C"]),
    (
        &["mvn", "mvnw"],
        &["-f", "--file", "-pl", "--projects", "-P", "-s", "--settings", "-T", "--threads", "-l", "-rf"],
    ),
    (
        &["gradle", "gradlew"],
        &["-p", "--project-dir", "-b", "-c", "-g", "-I", "--init-script", "-x", "--console", "--max-workers"],
    ),
    (&["bazel", "bazelisk"], &["--output_base", "--output_user_root", "--bazelrc"]),
    (&["composer"], &["-d", "--working-dir"]),
    (&["bundle"], &["--gemfile"]),
    (&["dart", "flutter"], &["-d", "--device-id"]),
    (&["swift"], &["--package-path"]),
    (&["zig"], &[]),
    (
        &["nix"],
        &["--option", "--log-format", "-L#", "--extra-experimental-features", "--experimental-features", "--store"],
    ),
    (&["tmux"], &["-L", "-S", "-f", "-c"]),
    (&["turbo"], &["--cwd", "--color", "--filter", "--cache-dir"]),
    (&["ansible", "ansible-playbook"], &["-i", "--inventory", "-e", "--extra-vars", "-l", "-u"]),
    (&["ruff"], &["--config", "--color"]),
    (&["rustup"], &["-Z"]),
    (&["wrangler"], &["-c", "--config", "--cwd", "-e", "--env"]),
    (&["hr"], &["--format", "--facts", "--budget", "--query", "--kind", "--rule", "--command", "--exit-code"]),
];

/// Programs that take `+TOOLCHAIN` as first word.
const WITH_TOOLCHAIN: &[&str] = &["cargo", "rustc", "rustdoc", "rustfmt", "clippy-driver", "cross"];

/// Short names of subcommands and what they stand for.
const ALIASES: &[(&[&str], &[&str], &str)] = &[
    (&["cargo"], &["b"], "build"),
    (&["cargo"], &["c"], "check"),
    (&["cargo"], &["d"], "doc"),
    (&["cargo"], &["r"], "run"),
    (&["cargo"], &["t"], "test"),
    (&["cargo"], &["rm"], "remove"),
    (&["npm", "pnpm"], &["t", "tst"], "test"),
    (&["npm", "pnpm", "bun"], &["i"], "install"),
    (&["npm"], &["in", "ins", "inst", "insta", "instal", "isnt", "isnta", "isntal", "isntall", "add"], "install"),
    (&["npm", "pnpm"], &["run-script", "rum", "urn"], "run"),
    (&["npm", "pnpm"], &["rm", "r", "un", "unlink"], "uninstall"),
    (&["npm"], &["remove"], "uninstall"),
    (&["npm"], &["clean-install", "ic", "install-clean", "isntall-clean"], "ci"),
    (&["npm"], &["it"], "install-test"),
    (&["npm", "pnpm"], &["ls", "la", "ll"], "list"),
    (&["npm", "pnpm"], &["up", "upgrade"], "update"),
    (&["npm"], &["v", "info", "show"], "view"),
    (&["npm"], &["x"], "exec"),
    (&["bun"], &["rm"], "remove"),
    (&["bun"], &["a"], "add"),
];

/// What programs do when no subcommand is given.
const DEFAULTS: &[(&str, &str)] = &[("yarn", "install")];

/// The options of `tool` that take a value before its subcommand.
pub(super) fn with_value(tool: &str) -> &'static [&'static str] {
    WITH_VALUE.iter().find(|(tools, _)| tools.contains(&tool)).map_or(&[], |(_, options)| options)
}

/// Says whether `word` names a toolchain of `tool`.
pub(super) fn is_toolchain(tool: &str, word: &str) -> bool {
    word.starts_with('+') && WITH_TOOLCHAIN.contains(&tool)
}

/// The full name of a subcommand.
pub(super) fn full_name<'a>(tool: &str, subcommand: &'a str) -> &'a str {
    let found = ALIASES.iter().find(|(tools, short, _)| tools.contains(&tool) && short.contains(&subcommand));
    found.map_or(subcommand, |(_, _, full)| full)
}

/// What `tool` does without a subcommand.
pub(super) fn default_subcommand(tool: &str) -> Option<&'static str> {
    DEFAULTS.iter().find(|(name, _)| *name == tool).map(|(_, default)| *default)
}
