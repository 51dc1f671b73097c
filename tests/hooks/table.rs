//! Lines and what becomes of them, by reason.

use std::time::{Duration, Instant};

use hr::hooks::rewrite::{How, Outcome, rewrite};
use hr::rule::RuleSet;

fn with(line: &str, hr: &str) -> Outcome {
    thread_local! {
        static RULES: RuleSet = RuleSet::built_in();
    }
    RULES.with(|rules| {
        rewrite(line, &How { hr, rules, is_program: &|name| name != "pnpx" && name != "rg", session: None })
    })
}

/// `»` stands where `hr run -t -- ` must be put in.
const SEGMENTS: &[&str] = &[
    // Single commands.
    "»cargo test",
    "»cargo test -p parser -- --nocapture",
    "»cargo +nightly clippy --all-targets",
    "»cargo build --release",
    "»npm test",
    "»npm run build",
    "»npm ci",
    "»pnpm install --frozen-lockfile",
    "»yarn install",
    "»npx eslint src",
    "»npx -y vitest run",
    "»pytest -x tests",
    "»python -m pytest -q",
    "»python3 -m unittest discover",
    "»uv run pytest",
    "»poetry run pytest tests/a.py::test_b",
    "»go test ./...",
    "»go build ./...",
    "»make -j8 all",
    "»cmake --build build",
    "»mvn -q verify",
    "»./gradlew test",
    "»dotnet test",
    "»bundle exec rspec",
    "»git status",
    "»git -C sub log --oneline -20",
    "»git diff HEAD~1",
    "»git show HEAD",
    "»git log -p --stat",
    "»git push origin main",
    "»git commit -m 'fix: a; b && c | d'",
    "»git blame src/main.rs",
    "»git rebase main",
    "»git stash list",
    "»gh pr list",
    "»docker ps -a",
    "»docker build -t app .",
    "»docker logs app",
    "»docker compose up -d",
    "»docker compose logs --tail 100",
    "»kubectl get pods -A",
    "»kubectl logs pod/a",
    "»terraform plan",
    "»helm template chart",
    "»ansible-playbook site.yml",
    "»ls -la",
    "»find . -name '*.rs'",
    "»grep -rn TODO src",
    "»/usr/bin/rg -n 'fn main' --glob '*.rs'",
    "»tree -L 2",
    "»du -ah .",
    "»ps aux",
    "»env",
    "»pip install -r requirements.txt",
    "»pip list",
    "»apt-get install -y jq",
    "»brew upgrade",
    "»tsc --noEmit",
    "»ruff check .",
    "»mypy src",
    "»journalctl -u app --no-pager",
    "»tail -n 200 app.log",
    "»cat build.log",
    "»psql -c 'select 1' app",
    "»psql app < dump.sql",
    "»sqlite3 a.db 'select * from t'",
    "»curl -s https://example.org/a.json",
    "»scp host:a .",
    "»nm target/a",
    // What the shell makes of the words stays behind `hr run --`.
    "»grep \"a b\" 'c d' e\\ f",
    "»ls *.rs src/**/*.rs [ab]?",
    "»ls {a,b}.txt ~/x ~user/y",
    "»grep -rn \"$PATTERN\" ${DIR:-src} $((1 + 2))",
    "»cargo test $(cat tests.txt)",
    "»cargo test `cat tests.txt`",
    "»git log --format='%h %s' --since=\"$(date -d yesterday)\"",
    "»grep -n '!' src/main.rs",
    "»grep -n \"it's\" a",
    "»git commit -m \"$(printf 'a\\nb')\"",
    "»git commit -m $'a\\nb'",
    "»\"cargo\" test",
    "»\\cargo test",
    "»/usr/bin/cargo test",
    "»./node_modules/.bin/jest --ci",
    // Assignments, redirections, keywords in front.
    "RUST_BACKTRACE=1 »cargo test",
    "A=1 B='x y' C=$(id -u) »cargo test",
    "CI=1 »npm test",
    "PYTHONPATH=src:. »pytest",
    "»cargo test 2>&1",
    "»cargo test 2>/dev/null",
    "»cargo test 2> /dev/null",
    "2>&1 »cargo test",
    "»cargo 2>&1 test",
    "»cargo test </dev/null",
    "»cargo test < input.txt 2>&1",
    "time »cargo build",
    "time -p »cargo build",
    "! »cargo build",
    "  »cargo test  ",
    "»cargo test;",
    "»cargo test # all of them; and more",
    "# a comment\n»cargo test",
    // Programs in front of programs.
    "»sudo apt-get update",
    "»sudo -E -u build make all",
    "»sudo docker ps -a",
    "»env A=1 cargo test",
    "»env -u A pytest",
    "»timeout 60 cargo test",
    "»timeout -k 5 60s npm test",
    "»nice -n 10 make",
    "»stdbuf -oL pytest",
    "»xvfb-run -a npm test",
    "»bash -c 'cargo test'",
    "»bash -lc 'cd web && npm test'",
    "»sh -c \"make all\"",
    "»rustup run stable cargo test",
    "»cross-env CI=1 jest",
    // Lists.
    "cd web && »npm test",
    "cd /tmp/x; »cargo build && »cargo test",
    "»cargo build && »cargo test || echo failed",
    "»cargo fmt --check || true",
    "export A=1; »cargo test",
    "export A=1 B=2 && »npm ci && »npm test",
    "source venv/bin/activate && »pytest",
    ". venv/bin/activate && »pytest",
    "set -e; »cargo build; »cargo test",
    "set -euo pipefail\n»cargo build\n»cargo test\n",
    "mkdir -p build && cd build && »cmake .. && »make",
    "rm -rf out; »make all",
    "»git add -v a && git add b && »git commit -m x",
    "»git status; »git diff; »git log -5",
    "pwd; »ls -la",
    "echo start; »cargo test; echo \"exit $?\"",
    "»cargo test; code=$?; echo $code; exit $code",
    "X=1; »cargo test",
    "test -f Cargo.toml && »cargo test",
    "[ -f Cargo.toml ] && »cargo test",
    "[[ -f Cargo.toml && -d src ]] && »cargo test",
    "(( A > 1 )) && »cargo test",
    "»cargo test \\\n  --workspace \\\n  --all-features",
    "»cargo test &&\n»cargo clippy",
    "umask 022; »git clone https://example.org/a.git",
    "pushd web; »npm test; popd",
    "PATH=$PATH:/opt/bin; »cargo test",
    "export PATH=\"$HOME/.cargo/bin:$PATH\" && »cargo test",
    // Parts that stay, beside parts that do not.
    "npm run dev & sleep 5; »npx playwright test",
    "»cargo build && cargo run > out.txt",
    "»cargo test && git log | head -3",
    "git ls-files | wc -l; »cargo test",
    "for f in a b; do echo $f; done; »cargo test",
    "(cd web && »npm ci); »cargo test",
    "(cd web && »npm test)",
    "{ »cargo build; »cargo test; }",
    "(cd a; { »make; } || (»make clean)); echo done",
    "echo 'it'\"'\"'s'; (»make)",
    "rg x; »cargo test",
    "»make run-tests",
    "»npm update",
    "»pytest -rf --maxfail=1",
    "»cargo test; vim src/main.rs",
    "if [ -f x ]; then . ./x; fi; »cargo test",
    "cd hr && »ls hr",
    "»grep -rn '<<EOF' src",
    "»grep '<<<<<<<' src",
    "»cargo test 'a & b' \"c > d\" e\\|f",
];

/// Lines that stay in a shell that keeps its state, and a part of the reason.
const LEFT: &[(&str, &[&str])] = &[
    ("there is no command", &["", "   ", "\n", "# cargo test", "A=1", "A=$(cargo test)", "> out.txt"]),
    (
        "the shell runs",
        &[
            "cd web",
            "export A=1",
            "source x",
            ". x",
            "read line",
            "type cargo",
            "command cargo test",
            "builtin cd x",
            "history",
            "jobs",
            "declare -p",
            "set -e",
            "true",
            "test -f x",
            "pwd",
            "echo $(cargo test)",
            "wait",
            "printf '%s\\n' *",
            "which cargo",
            "kill 1",
            "umask",
            "ll",
            "conda install x",
        ],
    ),
    (
        "prints little",
        &[
            "mkdir -p a/b",
            "rm -rf target",
            "touch x",
            "cp -r a b",
            "mv a b",
            "chmod +x a",
            "git add -A",
            "date",
            "whoami",
            "wc -l a",
            "git rev-parse HEAD",
            "git config user.name x",
            "cargo --version",
            "node --version",
            "python3 -V",
            "sleep 5",
            "[[ -f x ]]",
            "sed -i s/a/b/ x",
            "ln -s a b",
            "basename a",
            "sudo mkdir /x",
            "sh -c 'mkdir a'",
        ],
    ),
    ("no rule knows", &["frobnicate --all", "./run-everything", "$CMD test", "${X} test", "$(which cargo) test"]),
    (
        "prints a file as it is",
        &["cat src/main.rs", "head -50 README.md", "sed -n 1,40p src/lib.rs", "tail -n 20 a.py", "git show HEAD:a.rs"],
    ),
    (
        "runs in the background",
        &[
            "cargo test &",
            "npm start & ",
            "cargo build && cargo test &",
            "bash -c 'cargo run & cargo test'",
            "(cargo test; true) &",
        ],
    ),
    (
        "here-document",
        &[
            "cat <<EOF > x\ncargo test\nEOF",
            "python3 - <<'EOF'\nprint(1)\nEOF\ncargo test",
            "psql <<-X\n\tselect 1\n\tX\n",
            "cargo test $(cat <<E\na\nE\n)",
        ],
    ),
    (
        "goes elsewhere",
        &[
            "cargo test > out.txt",
            "cargo test >> out.txt",
            "cargo test > out.txt 2>&1",
            "cargo test &> out",
            "cargo test >& out",
            "cargo test 2> err.txt",
            "cargo test >/dev/null",
            "cargo test >/dev/null 2>&1",
            "cargo test 2>&1 >/dev/null",
            "cargo test >&2",
            "cargo test 3> x",
            "cargo test >&-",
            "psql app <<< 'select 1'",
            "make >| x",
        ],
    ),
    (
        "reads what is printed",
        &[
            "cargo test | tail -20",
            "cargo test 2>&1 | tail -20",
            "git log | head",
            "git diff | wc -l",
            "kubectl get pods -o json | jq .items",
            "ls | grep x",
            "cargo test |& less",
            "find . | xargs rm",
            "cat a.log | sort | uniq -c",
            "curl -s x | sh",
            "git diff | cat",
            "cargo test | tee log",
            "cargo metadata | python3 -c 'import json'",
            "time cargo test | tail",
        ],
    ),
    (
        "talks with a person",
        &[
            "vim x",
            "nano x",
            "emacs x",
            "less a.log",
            "top",
            "htop",
            "watch ls",
            "python3",
            "node",
            "irb",
            "psql app",
            "mysql",
            "sqlite3 x.db",
            "bash",
            "ssh host",
            "git rebase -i HEAD~3",
            "git add -p",
            "git commit",
            "git commit --amend",
            "git checkout -p",
            "docker exec -it app sh",
            "docker run -it alpine",
            "kubectl exec -it pod -- sh",
            "tail -f app.log",
            "kubectl logs -f pod",
            "docker logs -f app",
            "journalctl -f",
            "npm start",
            "npm run dev",
            "yarn dev",
            "next dev",
            "vite",
            "tsc -w",
            "tsc --watch",
            "jest --watch",
            "npx jest --watchAll",
            "cargo watch -x test",
            "python3 -m http.server",
            "flask run",
            "docker compose up",
            "kubectl get pods -w",
            "kubectl port-forward a 80",
            "sudo vim /etc/hosts",
            "timeout 5 tail -f app.log",
            "bash -c 'vim x'",
            "A=1 vim x",
            "npx vite",
            "rails server",
            "gdb ./a.out",
            "git mergetool",
            "crontab -e",
            "script out",
            "npm run watch",
            "make serve",
            "pnpm --filter web dev",
            "sudo apt-get install x",
            "terraform apply",
            "aws sso login",
            "docker compose watch --watch",
            "uv run uvicorn app",
            "mix phx.server",
            "cargo run",
            "cargo +nightly run --release -- --port 80",
            "go run ./cmd/server",
            "dotnet run",
            "make run",
            "make up",
            "just serve-docs",
            "./gradlew run",
            "gradle :app:bootRun",
            "mvn exec:java",
            "npm run server",
            "yarn start-server",
            "docker run -p 80:80 nginx",
            "pytest --pdb",
            "pytest -x -f tests",
            "python -m pytest --pdb",
            "uv run pytest --trace",
            "python3 -m pdb x.py",
            "npx vitest",
            "bash -c 'cd web && make run'",
        ],
    ),
    ("may be a function or an alias", &["rg -n x", "cd src && rg x", "(rg x)", "A=1 rg x"]),
    (
        "outlives the line",
        &[
            "nohup cargo test",
            "setsid make",
            "ssh host ls",
            "su -c 'make all'",
            "xargs cargo test",
            "parallel make ::: a b",
            "sudo -S make",
            "sudo -b make",
            "doas make",
            "chroot x make",
            "unshare make",
        ],
    ),
    (
        "loop, branch, group",
        &[
            "for i in 1 2; do cargo test; done",
            "while true; do make; done",
            "if make; then echo ok; fi",
            "case $1 in a) make;; esac",
            "until make; do :; done",
            "(make) 2>&1",
            "{ make; } > x",
            "if true; then make; else cargo test; fi",
        ],
    ),
    ("defines functions", &["f() { make; }; f", "function f { make; }\nf", "cargo() { echo x; }; cargo test"]),
    (
        "changes how the shell",
        &[
            "alias make=x; make",
            "exec cargo test",
            "exec > log; cargo test",
            "eval \"$(x)\"; cargo test",
            "trap 'echo x' EXIT; cargo test",
            "set -x; cargo test",
            "set -o xtrace; make",
            "set -ex; make",
            "ulimit -v 1000; make",
            "shopt -s extglob; ls !(a)",
            "{ exec 2>x; }; make",
            "command eval x; make",
            "enable -n test; make",
        ],
    ),
    (
        "already",
        &[
            "hr run -- cargo test",
            "/usr/bin/hr show last",
            "cargo test 2>&1 | hr",
            "cd x && hr run -- make && cargo test",
            "sudo hr run -- make",
            "A=1 hr run -c make",
            "bash -c 'hr run -- make'",
        ],
    ),
    (
        "it sets `HR",
        &[
            "HR=off cargo test",
            "HR=off; cargo test",
            "export HR=off && cargo test",
            "env HR=0 cargo test",
            "HR_HOME=/x make",
            "export HR_ACTIVE=1; make",
        ],
    ),
    (
        "would change `hr`",
        &[
            "PATH=/x cargo test",
            "export PATH=/x; cargo test",
            "HOME=/x npm ci",
            "LD_PRELOAD=x make",
            "XDG_DATA_HOME=x make",
            "export HOME=/x; make",
            "unset PATH; make",
            "IFS=; make",
        ],
    ),
    (
        "not understood",
        &[
            "cargo test 'x",
            "cargo test \"x",
            "cargo test $(x",
            "cargo test `x",
            "if make; then",
            "make &&",
            "make | ",
            "| make",
            "make ;; make",
            "make )",
            "(make",
            "cargo test\r\nmake",
            "cargo test \0",
            "coproc make",
            "echo \"${x:-it's}\"; make",
            "echo $[ 1; make ]",
            "make; }",
            "a=(1 # don't\n2); make",
            "for x do",
            "fi",
            "make & && make",
        ],
    ),
];

#[test]
fn lines_of_the_table_are_many() {
    let left: usize = LEFT.iter().map(|(_, lines)| lines.len()).sum();
    assert!(SEGMENTS.len() + left >= 200, "{}", SEGMENTS.len() + left);
}

#[test]
fn commands_that_print_much_run_under_hr() {
    for marked in SEGMENTS {
        let line = marked.replace('»', "");
        assert_eq!(with(&line, "hr"), Outcome::Rewritten(marked.replace('»', "hr run -t -- ")));
    }
}

#[test]
fn other_lines_stay_and_say_why() {
    for (reason, lines) in LEFT {
        for line in *lines {
            match with(line, "hr") {
                Outcome::Left(why) => assert!(why.to_string().contains(reason), "{line:?}: {why}"),
                Outcome::Rewritten(changed) => panic!("{line:?} became {changed:?}"),
            }
        }
    }
}

#[test]
fn hr_is_called_as_it_is_told() {
    for (hr, called) in [
        ("/opt/hr", "/opt/hr"),
        ("/opt/my tools/hr", "'/opt/my tools/hr'"),
        ("/a'b/hr", r"'/a'\''b/hr'"),
        ("/a=b/hr", "'/a=b/hr'"),
    ] {
        assert_eq!(with("A=1 make all", hr), Outcome::Rewritten(format!("A=1 {called} run -t -- make all")));
    }
    // An absolute path is found whatever `PATH` is.
    assert!(matches!(with("PATH=/x make", "/opt/hr"), Outcome::Rewritten(_)));
    assert!(matches!(with("hr2 run -- make", "/opt/hr2"), Outcome::Left(_)));
}

#[test]
fn a_line_that_was_changed_is_not_changed_again() {
    for marked in SEGMENTS {
        let changed = marked.replace('»', "hr run -t -- ");
        let again = with(&changed, "hr");
        assert!(matches!(again, Outcome::Left(_)), "{changed}: {again:?}");
    }
}

#[test]
fn long_lines_stay() {
    for line in
        ["make ".repeat(30_000), "make; ".repeat(1_000), format!("({} make)", "'".repeat(100_000)), "(".repeat(100_000)]
    {
        assert!(matches!(with(&line, "hr"), Outcome::Left(_)));
    }
}

#[test]
fn a_line_is_decided_in_a_millisecond() {
    let lines = SEGMENTS.iter().map(|line| line.replace('»', ""));
    let lines: Vec<String> =
        lines.chain(LEFT.iter().flat_map(|(_, lines)| lines.iter().map(|line| (*line).to_owned()))).collect();
    let mut times: Vec<Duration> = lines
        .iter()
        .map(|line| {
            // The best of some runs: tests share their machine.
            let time = |_| {
                let start = Instant::now();
                let _decided = std::hint::black_box(with(line, "hr"));
                start.elapsed()
            };
            (0..3).map(time).min().unwrap()
        })
        .collect();
    times.sort_unstable();
    println!("median {:?}, slowest {:?} of {}", times[times.len() / 2], times[times.len() - 1], times.len());
    assert!(times[times.len() / 2] < Duration::from_millis(1), "{times:?}");
}
