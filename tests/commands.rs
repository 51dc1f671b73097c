//! Whose output a command line shows: one line a case.
//!
//! The expectation reads `= tool` when a rule may be picked by the command alone, `~ tool + tool` when the output must
//! confirm it, `nothing` when everything goes into files, `?` when the line is not understood. `tool:word` also names the
//! subcommand (`tool:` for none), `file` at the end says that a file is read.

use hr::command::{BlockKind, Command, Line, NotUnderstood, RedirectKind, who_printed};
use proptest::prelude::*;

/// Writes what is found about `line` with the details that `expected` asks for.
fn found(line: &str, expected: &str) -> String {
    let Some(printed) = who_printed(line) else { return "?".to_owned() };
    if printed.candidates.is_empty() {
        return "nothing".to_owned();
    }
    let wanted: Vec<&str> =
        expected.trim_start_matches(['=', '~', ' ']).trim_end_matches(" file").split(" + ").collect();
    let parts = printed.candidates.iter().enumerate().map(|(index, call)| match wanted.get(index) {
        Some(wanted) if wanted.contains(':') => format!("{}:{}", call.tool, call.subcommand().unwrap_or("")),
        _ => call.tool.clone(),
    });
    let parts: Vec<String> = parts.collect();
    let sign = if printed.certain { '=' } else { '~' };
    format!("{sign} {}{}", parts.join(" + "), if printed.reads_file { " file" } else { "" })
}

fn check(cases: &[(&str, &str)]) {
    let wrong: Vec<String> = cases
        .iter()
        .map(|(line, expected)| (line, expected, found(line, expected)))
        .filter(|(_, expected, found)| *expected != found)
        .map(|(line, expected, found)| format!("{line}\n    expected {expected}\n    found    {found}"))
        .collect();
    assert!(wrong.is_empty(), "{} of {} wrong:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn words_are_read_as_a_shell_reads_them() {
    check(&[
        ("cargo test", "= cargo:test"),
        ("  cargo   test  ", "= cargo:test"),
        ("'cargo' \"test\"", "= cargo:test"),
        ("c'ar'g\"o\" te\\st", "= cargo:test"),
        ("$'cargo' $'te\\x73t'", "= cargo:test"),
        ("$'c\\141rgo' $'\\u0074est'", "= cargo:test"),
        ("cargo \\\n  test", "= cargo:test"),
        ("cargo \\\r\n  test\r\n", "= cargo:test"),
        ("cargo test # and || more 'text", "= cargo:test"),
        ("# only a comment", "?"),
        ("", "?"),
        ("   \n\n", "?"),
        ("git log --format='%h | %s' && true", "= git:log"),
        ("git commit -m \"fix: a && b; c | d\"", "= git:commit"),
        ("git commit -m \"say \\\"hi\\\" to \\$x\"", "= git:commit"),
        ("git commit -m \"$(cat <<'EOF'\nfix: don't (break\nEOF\n)\"", "= git:commit"),
        ("rg 'a|b' src", "= rg"),
        ("RUST_LOG=x cargo test", "= cargo:test"),
        ("A=1 B='x y' C=\"$HOME\" cargo test", "= cargo:test"),
        ("A=(1 2) cargo test", "= cargo:test"),
        ("PATH+=:/x cargo test", "= cargo:test"),
        ("A=b", "?"),
        ("/usr/local/bin/cargo test", "= cargo:test"),
        ("~/.cargo/bin/cargo test", "= cargo:test"),
        ("./gradlew build", "= gradlew:build"),
        ("C:\\tools\\git.exe status", "= git:status"),
        ("\"C:\\Program Files\\Git\\bin\\git.exe\" status", "= git:status"),
        (".\\gradlew.bat test", "= gradlew:test"),
        ("target\\debug\\app.exe run", "= app:run"),
        ("C:/tools/NPM.CMD test", "= npm:test"),
        ("Cargo.EXE test", "= cargo:test"),
        ("$VENV/bin/pytest -q", "= pytest"),
        ("\"$ROOT/node_modules/.bin/eslint\" .", "= eslint"),
        ("$CMD test", "?"),
        ("${CARGO:-cargo} test", "?"),
        ("$(which cargo) test", "?"),
        ("`which cargo` test", "?"),
        ("cargo-foo test", "= cargo-foo"),
        ("python3.11 -V", "= python3.11"),
        ("make.sh", "= make.sh"),
    ]);
}

#[test]
fn not_understood_forces_nothing() {
    check(&[
        ("echo 'open", "?"),
        ("echo \"open", "?"),
        ("echo $'open", "?"),
        ("echo `open", "?"),
        ("echo $(open", "?"),
        ("echo ${open", "?"),
        ("(open", "?"),
        ("{ open;", "?"),
        ("closed)", "?"),
        ("}", "?"),
        ("if x; then y", "?"),
        ("for x in y; z; done", "?"),
        ("case x in a) y", "?"),
        ("cat <<EOF\nopen", "?"),
        ("cat <<EOF", "?"),
        ("cargo test &&", "?"),
        ("| tail", "?"),
        ("a | | b", "?"),
        ("a ;; b", "?"),
        ("cargo test >", "?"),
        ("coproc cargo test", "?"),
        ("exec > log 2>&1; cargo test", "?"),
        ("bash -c 'echo \"open'", "?"),
        ("eval \"$line\"", "?"),
    ]);
}

#[test]
fn launchers_are_taken_off() {
    check(&[
        ("sudo apt-get install -y jq", "= apt-get:install"),
        ("sudo -u postgres -E pg_dump x", "= pg_dump"),
        ("sudo -Eu postgres psql", "= psql"),
        ("sudo --user=x -n -- systemctl status x", "= systemctl:status"),
        ("sudo A=1 cargo test", "= cargo:test"),
        ("sudo -l", "= sudo"),
        ("doas -u x git status", "= git:status"),
        ("su -c 'cargo test' builder", "= cargo:test"),
        ("su - builder -c 'cargo test'", "= cargo:test"),
        ("env RUST_LOG=1 cargo test", "= cargo:test"),
        ("env -i -u X FOO=1 cargo test", "= cargo:test"),
        ("env -S 'cargo test -q'", "= cargo:test"),
        ("/usr/bin/env python3 -m pytest", "= pytest"),
        ("env", "= env"),
        ("time cargo test", "= cargo:test"),
        ("time -p cargo test", "= cargo:test"),
        ("/usr/bin/time -v cargo test", "= cargo:test"),
        ("/usr/bin/time -f '%e s' cargo test", "= cargo:test"),
        ("timeout 30 cargo test", "= cargo:test"),
        ("timeout -k 5 30s cargo test", "= cargo:test"),
        ("timeout --signal=KILL 5m cargo test", "= cargo:test"),
        ("nice -n 5 cargo test", "= cargo:test"),
        ("nice -n5 cargo test", "= cargo:test"),
        ("nice -10 cargo test", "= cargo:test"),
        ("ionice -c3 cargo test", "= cargo:test"),
        ("ionice -c 2 -n 7 cargo test", "= cargo:test"),
        ("nohup cargo test", "= cargo:test"),
        ("stdbuf -oL cargo test", "= cargo:test"),
        ("stdbuf -o L -e L cargo test", "= cargo:test"),
        ("setsid -w cargo test", "= cargo:test"),
        ("taskset -c 0,1 cargo test", "= cargo:test"),
        ("flock /tmp/lock cargo test", "= cargo:test"),
        ("flock -w 10 /tmp/lock -c 'cargo test'", "= cargo:test"),
        ("xvfb-run -a npm test", "= npm:test"),
        ("watch -n 2 'kubectl get pods | tail'", "~ kubectl:get"),
        ("watch kubectl get pods", "= kubectl:get"),
        ("command cargo test", "= cargo:test"),
        ("command -v cargo", "= command"),
        ("builtin cd x && cargo test", "= cargo:test"),
        ("exec cargo test", "= cargo:test"),
        ("exec -a x cargo test", "= cargo:test"),
        ("eval 'cargo test'", "= cargo:test"),
        ("eval cargo test", "= cargo:test"),
        ("sudo env A=1 timeout 5 nice -n 5 cargo test", "= cargo:test"),
        ("find . -name '*.rs' | xargs -n1 rustfmt --check", "= rustfmt"),
        ("xargs -0 -I{} grep -n x {} < list", "= grep"),
        ("npx vitest run", "= vitest:run"),
        ("npx -y eslint@9 .", "= eslint:."),
        ("npx --yes @biomejs/biome@1.9 check", "= biome:check"),
        ("npx -p typescript tsc --noEmit", "= tsc:"),
        ("npx -c 'eslint . | head'", "~ eslint"),
        ("bunx jest", "= jest"),
        ("bun x jest", "= jest"),
        ("bun test", "= bun:test"),
        ("pnpm exec eslint .", "= eslint"),
        ("pnpm -C web exec eslint .", "= eslint"),
        ("pnpm dlx create-vite x", "= create-vite"),
        ("yarn dlx tsc", "= tsc"),
        ("npm exec -- eslint .", "= eslint"),
        ("npm x eslint", "= eslint"),
        ("npm --prefix web exec eslint", "= eslint"),
        ("corepack pnpm test", "= pnpm:test"),
        ("cross-env CI=1 jest", "= jest"),
        ("c8 --reporter=text vitest run", "= vitest:run"),
        ("uv run pytest", "= pytest"),
        ("uv run --with x --python 3.12 pytest -q", "= pytest"),
        ("uv --directory api run pytest", "= pytest"),
        ("uv run -m pytest", "= pytest"),
        ("uv run python -m pytest", "= pytest"),
        ("uv run -- ruff check", "= ruff:check"),
        ("uv pip install x", "= uv:pip"),
        ("uvx ruff@latest check", "= ruff:check"),
        ("uvx --from httpie http GET x", "= http"),
        ("uv tool run mypy .", "= mypy"),
        ("poetry run pytest", "= pytest"),
        ("poetry -C api run pytest", "= pytest"),
        ("pipenv run pytest", "= pytest"),
        ("pdm run pytest", "= pytest"),
        ("hatch run pytest", "= pytest"),
        ("hatch -e dev run pytest", "= pytest"),
        ("rye run pytest", "= pytest"),
        ("conda run -n x --no-capture-output pytest", "= pytest"),
        ("mise exec -- cargo test", "= cargo:test"),
        ("mise x node@22 -- npm test", "= npm:test"),
        ("direnv exec . cargo test", "= cargo:test"),
        ("bundle exec rspec", "= rspec"),
        ("bundle install", "= bundle:install"),
        ("python -m pytest", "= pytest"),
        ("python3 -X dev -W error -m pytest -q", "= pytest"),
        ("python3.12 -um pytest", "= pytest"),
        ("py -3 -m pytest", "= pytest"),
        (".venv/bin/python -m pip --disable-pip-version-check install x", "= pip:install"),
        ("python -m coverage run -m pytest", "= pytest"),
        ("coverage run -m pytest", "= pytest"),
        ("coverage run --source x --branch -m pytest", "= pytest"),
        ("coverage report", "= coverage:report"),
        ("coverage run manage.py test", "= coverage:run"),
        ("python manage.py test", "= python:manage.py"),
        ("python -c 'import pytest' -m pytest", "= python"),
        ("python -m pytest -c cfg -m slow", "= pytest"),
        ("python tool.py -m pytest", "= python"),
        ("bash -lc 'cd d && cargo test'", "= cargo:test"),
        ("bash -lc \"cd $DIR && cargo test\"", "= cargo:test"),
        ("sh -c \"cd a; cargo test | tail -5\"", "~ cargo:test"),
        ("bash -euo pipefail -c 'cargo test'", "= cargo:test"),
        ("bash -c 'bash -c \"cargo test\"'", "= cargo:test"),
        ("bash -c \"$CMD\"", "?"),
        ("bash test.sh", "= bash"),
        ("cmd.exe /c npm test", "= npm:test"),
        ("script -qec 'cargo test' /dev/null", "= cargo:test"),
        ("ssh host cargo test", "~ ssh"),
        ("docker exec c cargo test", "= docker:exec"),
        ("hr run -- cargo test", "= cargo:test"),
        ("hr run --budget 500 -- cargo test", "= cargo:test"),
        ("hr run -c 'cargo test | tail'", "~ cargo:test"),
        ("nix develop .#ci -c cargo test", "= cargo:test"),
        ("nix-shell -p jq --run 'jq . x'", "= jq"),
        ("rustup run nightly cargo test", "= cargo:test"),
        ("busybox ls", "= ls"),
    ]);
}

#[test]
fn subcommands_stand_behind_global_options() {
    check(&[
        ("git -C dir status", "= git:status"),
        ("git -C dir -c color.ui=never --no-pager --git-dir=x log", "= git:log"),
        ("git --git-dir x --work-tree y diff --stat", "= git:diff"),
        ("git --version", "= git:"),
        ("git", "= git:"),
        ("git diff", "= git:diff"),
        ("git diff --name-only", "= git:diff"),
        ("git checkout branch", "= git:checkout"),
        ("git worktree add list", "= git:worktree"),
        ("cargo +nightly test", "= cargo:test"),
        ("cargo +nightly --color never -q -Z x test", "= cargo:test"),
        ("cargo --config net.offline=true build", "= cargo:build"),
        ("cargo t -p x", "= cargo:test"),
        ("cargo clippy -- -D warnings", "= cargo:clippy"),
        ("cargo nextest run", "= cargo:nextest"),
        ("npm test", "= npm:test"),
        ("npm t", "= npm:test"),
        ("npm i", "= npm:install"),
        ("npm ci", "= npm:ci"),
        ("npm run lint", "= npm:run"),
        ("npm run-script lint", "= npm:run"),
        ("npm --prefix dir -w pkg test", "= npm:test"),
        ("npm --prefix x run test -- --watch=false", "= npm:run"),
        ("pnpm --filter web add x", "= pnpm:add"),
        ("pnpm -F web -r test", "= pnpm:test"),
        ("yarn", "= yarn:install"),
        ("yarn test", "= yarn:test"),
        ("yarn --cwd web build", "= yarn:build"),
        ("yarn --version", "= yarn:"),
        ("docker --context x -H tcp://y ps", "= docker:ps"),
        ("docker compose -f a.yml up", "= docker:compose"),
        ("docker-compose -f a.yml -p x logs", "= docker-compose:logs"),
        ("kubectl -n ns --context x get pods", "= kubectl:get"),
        ("kubectl --namespace=ns logs x", "= kubectl:logs"),
        ("helm -n x upgrade y", "= helm:upgrade"),
        ("go -C dir test ./...", "= go:test"),
        ("go vet ./...", "= go:vet"),
        ("make -C dir test", "= make:test"),
        ("make -j8 -C dir test", "= make:test"),
        ("make -j 8 test", "= make:test"),
        ("make -j test", "= make:test"),
        ("make", "= make:"),
        ("ninja -C build test", "= ninja:test"),
        ("uv --directory x sync", "= uv:sync"),
        ("pip --disable-pip-version-check install x", "= pip:install"),
        ("terraform -chdir=infra plan -no-color", "= terraform:plan"),
        ("gh -R o/r pr checks", "= gh:pr"),
        ("systemctl --user status x", "= systemctl:status"),
        ("mvn -q -f x/pom.xml -pl a test", "= mvn:test"),
        ("tree -L 2", "= tree"),
        ("gcc -o x x.c", "= gcc"),
    ]);
}

#[test]
fn setup_before_a_command_prints_nothing() {
    check(&[
        ("cd d && cargo test", "= cargo:test"),
        ("cd \"$(git rev-parse --show-toplevel)\" && cargo test", "= cargo:test"),
        ("pushd d; cargo test; popd", "= cargo:test"),
        ("set -e; cargo test", "= cargo:test"),
        ("set -euo pipefail\ncd d\ncargo test", "= cargo:test"),
        ("set -x; cargo test", "~ cargo:test"),
        ("source venv/bin/activate && pytest", "= pytest"),
        (". venv/bin/activate && pytest", "= pytest"),
        ("export A=b; cargo test", "= cargo:test"),
        ("export A=\"$(x)\" B=(1 2); cargo test", "= cargo:test"),
        ("A=b; cargo test", "= cargo:test"),
        ("true && cargo test", "= cargo:test"),
        ("mkdir -p out && cargo test", "= cargo:test"),
        ("[ -f Cargo.toml ] && cargo test", "= cargo:test"),
        ("[[ $x =~ ^(a|b)$ ]] && cargo test", "= cargo:test"),
        ("(( n > 1 )) && cargo test", "= cargo:test"),
        ("cargo test || true", "= cargo:test"),
        ("cargo test; exit 0", "= cargo:test"),
        ("sleep 5 && curl -s x", "= curl"),
        ("rm -v x && cargo test", "~ rm + cargo:test"),
        ("git add -A && git commit -m x", "= git:commit"),
        ("rm -rf x", "= rm"),
        ("cd x", "= cd"),
        ("sed -i s/a/b/ f && cargo test", "= cargo:test"),
    ]);
}

#[test]
fn every_part_that_prints_is_a_candidate() {
    check(&[
        ("cargo test && git status", "~ cargo:test + git:status"),
        ("a && b; c || true", "~ a + b + c"),
        ("cargo build || echo failed", "~ cargo:build + echo"),
        ("echo === && cargo test", "~ echo + cargo:test"),
        ("cargo fmt\ncargo test", "~ cargo:fmt + cargo:test"),
        ("! cargo test", "= cargo:test"),
        ("(cd d && cargo test)", "= cargo:test"),
        ("{ cargo test; }", "= cargo:test"),
        ("(cargo test; git diff) 2>&1 | tail", "~ cargo:test + git:diff"),
        ("( (cargo test) )", "= cargo:test"),
        ("if cargo build; then cargo test; else git diff; fi", "~ cargo:build + cargo:test + git:diff"),
        ("if [ -f x ]; then cargo test; fi", "~ cargo:test"),
        ("if a; then b; elif c; then d; fi", "~ a + b + c + d"),
        ("for i in 1 2 3; do cargo test; done", "~ cargo:test"),
        ("for ((i=0; i<3; i++)); do cargo test; done", "~ cargo:test"),
        ("for f in *.rs\ndo\n  rustfmt \"$f\"\ndone", "~ rustfmt"),
        ("while ! curl -s x; do sleep 1; done", "~ curl"),
        ("until curl -s x\ndo sleep 1\ndone", "~ curl"),
        ("case $x in a|b) cargo test;; (c) git diff ;; *) ;; esac", "~ cargo:test + git:diff"),
        ("while read -r f; do wc -l \"$f\"; done < list", "~ wc"),
        ("cargo test &", "~ cargo:test"),
        ("server & sleep 1; curl x; kill $!", "~ server + curl"),
        ("cargo test & wait", "~ cargo:test"),
        ("f() { cargo test; }; f", "~ cargo:test"),
        ("function f { cargo test; }\nf x", "~ cargo:test"),
        ("f() { cargo test; }; git diff", "= git:diff"),
        ("echo $(cargo test)", "= echo"),
        ("echo \"$(cargo test | grep 'a)b')\" `git diff`", "= echo"),
        ("diff <(sort a) <(cargo test)", "= diff"),
        ("echo $((1 + (2 * 3))) && true", "= echo"),
        ("echo ${x:-$(cargo test)} \"${y//\\\"/}\"", "= echo"),
        ("x=$(cargo test); git diff", "= git:diff"),
        ("cat > f.py <<'EOF'\nimport 'x\nEOF\npython f.py", "= python"),
        ("cat <<-EOF > a <<B > b\n\tx\n\tEOF\ny\nB\ncargo test", "= cargo:test"),
        ("python3 - <<'EOF'\nprint(1)\nEOF", "= python3"),
        ("bash <<'EOF'\ncargo test\nEOF", "~ bash"),
        ("$CMD; cargo test", "~ cargo:test"),
    ]);
}

#[test]
fn pipelines_and_redirections_decide_what_is_left() {
    check(&[
        ("cargo test | tail -50", "~ cargo:test"),
        ("cargo test 2>&1 | tail", "~ cargo:test"),
        ("cargo test |& tail", "~ cargo:test"),
        ("cargo test | head", "~ cargo:test"),
        ("cargo test | tee f", "= cargo:test"),
        ("cargo test | cat", "= cargo:test"),
        ("cargo test | cat -n", "~ cargo:test"),
        ("cargo test | less -R", "= cargo:test"),
        ("cargo test | grep FAIL", "~ cargo:test"),
        ("cargo test | grep -E 'a|b' -A 3 | head -20", "~ cargo:test"),
        ("cargo test | grep -c FAIL", "= grep"),
        ("cargo test | grep -o 'x.*'", "= grep"),
        ("cargo test | grep x src/lib.rs", "= grep"),
        ("cargo test | rg -v ok", "~ cargo:test"),
        ("cargo test | sed -n '1,80p'", "~ cargo:test"),
        ("cargo test | sed 's/x/y/'", "~ cargo:test"),
        ("cargo test | sort | uniq", "~ cargo:test"),
        ("cargo test | sort | uniq -c", "= uniq"),
        ("cargo test | awk 'NR<50'", "~ cargo:test"),
        ("cargo test | awk '/FAIL/ {print}'", "~ cargo:test"),
        ("cargo test | awk '{print $1}'", "= awk"),
        ("cargo test | cut -c1-200", "~ cargo:test"),
        ("cargo test | cut -d' ' -f1", "= cut"),
        ("cargo test | tr -d '\\r'", "~ cargo:test"),
        ("cargo test | tr a b", "= tr"),
        ("cargo test | wc -l", "= wc"),
        ("cargo metadata | jq .", "= jq"),
        ("git ls-files | xargs rm", "= rm"),
        ("git ls-files | xargs wc -l", "= wc"),
        ("git ls-files | xargs grep -n x", "= grep"),
        ("git ls-files | sudo xargs grep -l x | head", "~ grep"),
        ("cargo test | python -c 'x'", "= python"),
        ("cargo test | python3 -m json.tool", "= json.tool"),
        ("curl -s x | sh", "~ sh"),
        ("cargo test | sudo tee f", "= cargo:test"),
        ("cargo test | (head -5; tail -5)", "~ head + tail + cargo:test"),
        ("git ls-files | while read f; do wc -l $f; done", "~ wc"),
        ("cargo test |\n  tail", "~ cargo:test"),
        ("cargo test | hr", "~ cargo:test"),
        ("cargo test | tee f | wc -l", "= wc"),
        ("cargo test 2>&1", "= cargo:test"),
        ("cargo test 2>/dev/null", "= cargo:test"),
        ("2>&1 cargo test", "= cargo:test"),
        ("cargo test > f", "nothing"),
        ("cargo test >> f 2>&1", "nothing"),
        ("cargo test &> f", "nothing"),
        ("cargo test >& f", "nothing"),
        ("cargo test > /dev/null", "nothing"),
        ("cargo test > /dev/stderr", "= cargo:test"),
        ("cargo test >&2", "= cargo:test"),
        ("cargo test 2>&1 > /dev/null | tail", "~ cargo:test"),
        ("cargo test > f; cargo clippy", "= cargo:clippy"),
        ("(cargo test; git diff) > f", "nothing"),
        ("cargo test | tee f > /dev/null", "nothing"),
        ("cargo test | grep -q x", "nothing"),
        ("cargo test > >(tee log)", "nothing"),
        ("wc -l < f", "= wc"),
        ("jq . <<< '{}'", "= jq"),
    ]);
}

#[test]
fn file_reads_are_seen() {
    check(&[
        ("cat src/lib.rs", "= cat file"),
        ("cat < src/lib.rs", "= cat file"),
        ("cd x && cat a.rs", "= cat file"),
        ("sed -n '40,80p' src/lib.rs", "= sed file"),
        ("sed -ne 40,80p src/lib.rs", "= sed file"),
        ("head -50 src/lib.rs", "= head file"),
        ("head -n 50 src/lib.rs", "= head file"),
        ("tail -n +40 src/lib.rs", "= tail file"),
        ("head -n 50", "= head"),
        ("nl -ba src/lib.rs", "= nl file"),
        ("bat -r 1:5 src/lib.rs", "= bat file"),
        ("less src/lib.rs", "= less file"),
        ("git show HEAD:src/lib.rs", "= git:show file"),
        ("git -C x show HEAD~2:src/lib.rs | head -50", "~ git:show file"),
        ("git show HEAD", "= git:show"),
        ("git show --stat HEAD", "= git:show"),
        ("awk 'NR>=10 && NR<=20' src/lib.rs", "= awk file"),
        ("awk 'NR>=10 {print NR\": \"$0}' src/lib.rs", "= awk file"),
        ("awk '{print $1}' data", "= awk"),
        ("cat -n f | sed -n '1,80p'", "~ cat file"),
        ("cat f | head -50", "~ cat file"),
        ("cat f | wc -l", "= wc"),
        ("cat f | jq .", "= jq"),
        ("cat > f <<'EOF'\nx\nEOF", "nothing"),
        ("cat <<'EOF'\nx\nEOF", "= cat"),
        ("cat a; cat b", "~ cat + cat file"),
        ("sudo cat /etc/hosts", "= cat file"),
        ("bash -c 'cat a'", "= cat file"),
        ("git ls-files | xargs cat", "= cat file"),
        ("find . -name x | xargs -n1 sed -n 1,5p", "= sed file"),
        ("find . -name x -exec cat {} +", "= find file"),
        ("find . -name x -exec wc -l {} +", "= find"),
        ("grep -n x src/lib.rs", "= grep"),
        ("cargo test > out.txt; tail -5 out.txt", "= tail file"),
    ]);
}

#[test]
fn names_in_arguments_are_no_tools() {
    check(&[
        ("echo vitest", "= echo"),
        ("ls vitest.config.ts", "= ls"),
        ("cat jest.config.js", "= cat file"),
        ("git checkout test", "= git:checkout"),
        ("grep cargo test.txt", "= grep"),
        ("man git", "= man"),
        ("which pytest", "= which"),
        ("type cargo", "= type"),
        ("pip install pytest", "= pip:install"),
        ("npm install jest", "= npm:install"),
        ("vim cargo test", "= vim"),
        ("'cargo test'", "= cargo test"),
        ("echo cargo test && true", "= echo"),
        ("echo 'a | cargo test'", "= echo"),
        ("sudo", "= sudo"),
        ("timeout 5", "= timeout"),
        ("npx", "= npx"),
        ("uv run", "= uv:run"),
    ]);
}

#[test]
fn an_invocation_shows_what_ran() {
    let printed = who_printed("A=1 env -u X B='2 3' sudo C=4 /bin/git -C d worktree list --porcelain x -- y").unwrap();
    let call = &printed.candidates[0];
    let env: Vec<String> = call.env.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(env, ["A=1", "B=2 3", "C=4"]);
    assert_eq!(call.words[0], "/bin/git");
    assert_eq!(call.args(), &call.words[1..]);
    assert_eq!(call.positionals().collect::<Vec<_>>(), ["worktree", "list", "x", "y"]);
    assert!(call.has_words_in_order(&["worktree", "list"]));
    assert!(call.has_words_in_order(&["git", "worktree", "--porcelain"]));
    assert!(!call.has_words_in_order(&["list", "worktree"]));
    assert!(!call.has_words_in_order(&["list", "list"]));
}

#[test]
fn a_parsed_line_keeps_its_structure() {
    let source = "A=1 cargo test \"$X\" 2>&1 | tail -5 && (x; y) > f &";
    let line = Line::parse(source).unwrap();
    let [first, second] = &line.items[..] else { panic!("two pipelines: {line:?}") };
    let [cargo, tail] = &first.pipeline.stages[..] else { panic!("two stages: {first:?}") };
    let Command::Call { env, words } = &cargo.command else { panic!("a call: {cargo:?}") };
    assert_eq!(env, &[("A".to_owned(), "1".to_owned())]);
    assert_eq!(words.iter().map(|word| word.fixed).collect::<Vec<_>>(), [true, true, false]);
    assert_eq!(&source[words[2].span.clone()], "\"$X\"");
    assert_eq!((cargo.redirects[0].fd, cargo.redirects[0].kind), (2, RedirectKind::Copy));
    assert!(tail.redirects.is_empty());
    assert_eq!(second.then, hr::command::Next::Background);
    let block = &second.pipeline.stages[0];
    assert!(matches!(&block.command, Command::Block { kind: BlockKind::Subshell, body } if body[0].items.len() == 2));
    assert_eq!(block.redirects[0].kind, RedirectKind::Write);
}

#[test]
fn extreme_input_is_refused_or_read_in_linear_time() {
    let many = 20_000;
    let deep = [
        ("$(", ")"),
        ("( ", " )"),
        ("{ ", "; }"),
        ("\"$(", ")\""),
        ("${a:-", "}"),
        ("if x; then ", "; fi"),
        ("f() { ", "; }"),
    ];
    for (open, close) in deep {
        assert!(Line::parse(&format!("x; {}y", open.repeat(many))).is_err(), "unclosed {open}");
        let nested = format!("x; {}y{}", open.repeat(many), close.repeat(many));
        assert!(Line::parse(&nested).is_err(), "{open}");
    }
    assert_eq!(Line::parse(&"a ".repeat(1 << 20)), Err(NotUnderstood::TooLarge));
    for long in [
        "a ", "a|", "a;", "\\a", "((", "((\"", "$((", "a=(", "@(a)", "<<A ", "`", "!", "''", "\"\"", "$'\\x41'", "é\\é",
    ] {
        let _linear = who_printed(&long.repeat(60_000 / long.len()));
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in any::<String>()) {
        let _any = who_printed(&text);
    }

    #[test]
    fn no_sequence_of_shell_words_makes_it_panic(words in prop::collection::vec(prop::sample::select(PIECES), 0..40)) {
        let _any = who_printed(&words.concat());
    }

    #[test]
    fn a_quoted_word_comes_back_as_it_was(text in "[^'\u{0}]*") {
        let line = Line::parse(&format!("x '{text}'")).unwrap();
        let Command::Call { words, .. } = &line.items[0].pipeline.stages[0].command else { panic!("a call") };
        prop_assert_eq!(&words[1].text, &text);
    }
}

const PIECES: &[&str] = &[
    "a",
    " ",
    "\n",
    "\r",
    "\t",
    "'",
    "\"",
    "\\",
    "$",
    "$(",
    ")",
    "(",
    "`",
    "{ ",
    "}",
    "${",
    "<<",
    "<<-'E'",
    "\nE\n",
    "<<<",
    "<",
    "<(",
    ">",
    ">(",
    "2>&1",
    "&>",
    "|",
    "||",
    "&&",
    "&",
    "|&",
    ";",
    ";;",
    "if ",
    "then ",
    "fi",
    "else ",
    "for ",
    "in ",
    "do ",
    "done",
    "while ",
    "case ",
    "esac",
    "function ",
    "f()",
    "[[ ",
    " ]]",
    "((",
    "))",
    "$((",
    "$'",
    "!",
    "time ",
    "a=",
    "a=(",
    "# ",
    "é",
    "\u{0}",
    "=",
    "-",
    "--",
    "sudo ",
    "env ",
    "bash -c ",
    "xargs ",
    "python -m ",
    "npx ",
    "git ",
    "sed ",
    "awk ",
    "grep ",
    "head ",
    "eval ",
    "exec ",
    "cat ",
    "C:\\",
    "uv run ",
];
