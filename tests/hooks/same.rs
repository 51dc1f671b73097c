//! Real command lines, run as they are and as they are changed: files, exit status and, with `HR=off`, every byte of output
//! must be the same.

use std::path::Path;
use std::process::Command;

use hr::hooks::rewrite::{How, Outcome, rewrite};
use hr::rule::RuleSet;

use super::place::{Hr, Place, Run, bash, program};

/// Lines that are changed.
const CHANGED: &[&str] = &[
    // Version control.
    "git status",
    "git status --short --branch",
    "git log --oneline",
    "git log -p --stat --format=fuller",
    "git log --format='%h %s' -2",
    "git log --format=\"%an <%ae>%n%B\" --all",
    "git diff",
    "git diff --stat HEAD~1",
    "git diff --name-only HEAD~1 -- src",
    "git diff --exit-code",
    "git show --stat HEAD",
    "git show 'HEAD~1'",
    "git blame src/main.c",
    "git branch -a",
    "git ls-files",
    "git stash && git status",
    "git stash; git diff; git stash pop",
    "git add . && git commit -m 'all of it; and more' && git log --oneline",
    "git commit -am \"it's $VAR\"",
    "git commit -qam \"$(printf 'subject\\n\\nbody')\" && git log -1 --format=%B",
    "git commit -m nothing-to-commit",
    "git commit --allow-empty -m $'tab\\there'",
    "git checkout -b topic && git status",
    "git checkout -q nowhere; echo $?",
    "git -C src log --oneline -- .",
    "git -c color.ui=always diff",
    "git reset --hard HEAD~1 && git log --oneline",
    "git tag v1 && git tag",
    "git merge --no-edit other",
    "git rebase other",
    "git cherry-pick other && git log --oneline",
    "git clean -fdx && ls -A",
    "git grep -n main",
    "git reflog",
    "git shortlog -sn HEAD",
    "git remote -v",
    "git fetch nowhere || echo failed $?",
    "git push nowhere main; echo $?",
    "git clone -q . ../box/copy && ls copy",
    "git worktree list",
    "git apply --check fix.patch && git am fix.patch",
    "git format-patch -1 --stdout HEAD",
    "GIT_PAGER=cat git log -1",
    // Files and searches.
    "ls",
    "ls -la src",
    "ls *.txt",
    "ls src/*.c src/?ain.c src/[mu]*.c",
    "ls {a,b}.txt",
    "ls 'with space' 2>/dev/null",
    "ls \"with space.txt\" with\\ space.txt",
    "ls nowhere",
    "ls nowhere 2>/dev/null || echo none",
    "ls nowhere 2>&1",
    "ls no*match",
    "ls -d ~",
    "ls src && cd src && ls",
    "find . -name '*.c' -not -path './.git/*'",
    "find src -type f -exec wc -l {} +",
    "find src -type f -exec wc -l {} \\;",
    "find src \\( -name '*.c' -o -name '*.h' \\) -print",
    "find src -name *.c",
    "grep -rn main src",
    "grep -rn \"$VAR\" a.txt",
    "grep -n '!' a.txt",
    "grep -c . a.txt b.txt",
    "grep nothing a.txt",
    "grep -q one a.txt && echo yes",
    "grep -rn --include='*.c' 'int main' .",
    "grep -E '^(one|two)$' a.txt",
    "grep -F '$VAR `x` \"y\"' a.txt",
    "grep one < a.txt",
    "grep one nowhere a.txt; echo $?",
    "! grep nothing a.txt && echo ok",
    "grep -n \\$ a.txt",
    "diff a.txt b.txt",
    "diff -u a.txt b.txt; echo $?",
    "diff -r src copy 2>/dev/null",
    "du -a src",
    "cat build.log",
    "cat build.log nowhere.log",
    "tail -n 5 build.log",
    "head -c 100 build.log",
    "env",
    "env A=1 B='x y' env",
    "A=1 B=\"$VAR\" env",
    "env -i A=1 env",
    "export NEW=1; env",
    "NEW=1; env",
    "tar -cf out.tar src && tar -tf out.tar",
    "tar -tvf nowhere.tar",
    "nl build.log",
    "od -c a.txt",
    "strings a.txt",
    "stat -c '%n %s' a.txt",
    "df -h /nowhere",
    "file a.txt",
    "ps -o comm= -p 1",
    // Builds.
    "make",
    "make -j2 all",
    "make -n all",
    "make fail",
    "make fail || echo \"failed with $?\"",
    "make -s show V=\"a b\"",
    "make show V='$HOME'",
    "make nowhere 2>/dev/null; echo $?",
    "make clean all && ls out",
    "CFLAGS='-O2 -g' make flags",
    "make -C sub",
    "cd sub && make && cd .. && make all",
    "make all; make clean; ls",
    "make all \\\n  V=1 \\\n  && ls out",
    "time -p make >/dev/null; make all",
    // A test runner that prints much and writes a file.
    "cargo test",
    "cargo test -- --nocapture 'a b' \"c d\" e\\ f",
    "cargo test *.txt",
    "cargo test \"*.txt\" '~' ~ \\~",
    "cargo test $VAR \"$VAR\" '$VAR' \\$VAR",
    "cargo test $EMPTY \"$EMPTY\" ''",
    "cargo test $(cat a.txt) \"$(cat a.txt)\"",
    "cargo test `cat a.txt`",
    "cargo test $((1 + 2)) ${VAR:-x} ${NONE:-y} ${#VAR}",
    "cargo test {1..5} {a,b}{c,d}",
    "cargo test $'a\\tb\\'c'",
    "cargo test !! !x 'a!b' \"a!b\"",
    "cargo test a=b --x=~/y ~/z",
    "cargo test 'line\nbreak'",
    "cargo test fail",
    "cargo test fail || cargo test again",
    "cargo test fail && cargo test never",
    "cargo test; cargo test fail; echo $?",
    "cargo test kill",
    "cargo test kill; echo $?",
    "cargo test 2>&1",
    "cargo test 2>/dev/null",
    "cargo test < a.txt",
    "cargo test read < a.txt",
    "cargo test read",
    "read line; cargo test read; echo \"$line\"",
    "set -e; cargo test fail; echo never",
    "set -euo pipefail\ncargo test\ncargo build\n",
    "set -u; cargo test $NONE",
    "cd sub && cargo test && pwd",
    "cd nowhere && cargo test",
    "cd nowhere; cargo test; pwd",
    "source ./env.sh && cargo test",
    ". ./env.sh; cargo test $SOURCED",
    "export A=1 && cargo test && echo $A",
    "pushd sub >/dev/null && cargo test && popd",
    "umask 077; cargo test; ls -l tested",
    "[ -f a.txt ] && cargo test || echo no",
    "[[ -d src ]] && cargo test",
    "[[ -f nowhere ]] && cargo test",
    "test -f nowhere || cargo test",
    "true && cargo test # and a comment; cargo build",
    "# a comment\ncargo test",
    "timeout 20 cargo test",
    "timeout 20 cargo test fail; echo $?",
    "timeout 0.2 cargo test sleep; echo $?",
    "nice cargo test",
    "env A=1 cargo test",
    "A=1 B='2 3' cargo test",
    "A=$(cargo test | wc -l) cargo build",
    "bash -c 'cargo test \"$@\"' x 'a b' c",
    "sh -c 'cargo test fail'",
    "./bin/cargo test",
    "\"$PWD\"/bin/cargo test; cargo test",
    "\\cargo test",
    "c\"arg\"o test",
    "cargo test & wait; cargo build",
    "for i in 1 2; do echo $i; done; cargo test",
    "x=$(cargo test); cargo build \"$x\"",
    "cargo build | wc -l; cargo test",
    "cargo build > out.txt; cargo test; wc -l out.txt",
    "echo a; cargo test; echo b >&2; cargo build",
    "rm -f a.txt && mkdir -p d/e && touch d/f && cargo test",
    "exit 4; cargo test",
    "cargo test; exit 5",
    "cargo test; false",
    "python3 -m pytest --version; cargo test",
    // Groups and subshells.
    "(cd sub && cargo test); pwd",
    "{ cargo test; cargo build; }",
    "(A=1; cargo test fail; echo $A $?) && echo never",
    "echo 'it'\"'\"'s'; (cargo test)",
    "(exit 7); (cargo test)",
    "{ cd sub && cargo test && exit 3; }; echo never",
    "for f in *.txt; do cargo test \"${f%.txt}\" {a,b} <(true) > $f.out; done; (cargo build)",
];

/// Lines that stay, run once to know that they are what they seem: nothing to compare.
const STAY: &[&str] = &[
    "cat <<E\nx\nE\n",
    "cargo test > out.txt",
    "cargo test | head -3",
    "cd sub",
    "vim a.txt",
    "for i in 1 2; do cargo test; done",
    "trap 'echo bye' EXIT; cargo test fail",
];

const CARGO: &str = r#"#!/bin/sh
echo "$@" >> tested
for word; do printf 'argument <%s>\n' "$word"; done
i=0
while [ $i -lt 120 ]; do i=$((i + 1)); echo "test module::case_$i ... ok"; done
echo "warning: in $PWD" >&2
case " $* " in
  *" fail "*) echo 'error[E0001]: it failed'; exit 101;;
  *" kill "*) kill -9 $$;;
  *" sleep "*) exec sleep 5;;
  *" read "*) while read -r line; do echo "read $line"; done;;
esac
"#;

const MAKEFILE: &str = "all:\n\t@mkdir -p out\n\techo built > out/a\n\t@for i in 1 2 3 4 5; do echo compiling $$i; done\n
fail:\n\t@echo broken >&2; exit 3\n\nshow:\n\t@echo 'V is $(V)'\n\nflags:\n\t@echo \"$$CFLAGS\"\n\nclean:\n\trm -rf out\n";

const REPOSITORY: &str = r#"
exec >/dev/null 2>&1
git init -q -b main . && git add . && git commit -qm first
printf 'int main(void) { return 1; }\n' > src/main.c && git commit -qam second
git checkout -q -b other && echo other > other.txt && git add other.txt && git commit -qm third
git checkout -q main && git format-patch -1 --stdout other > fix.patch
echo changed >> a.txt; echo untracked > untracked.txt
"#;

fn fill(inside: &Path) {
    let log: String =
        (0..200).map(|n| format!("2024-01-01 12:00:{:02} INFO worker {n} did its part\n", n % 60)).collect();
    for (name, text) in [
        ("a.txt", "one\ntwo\n$VAR `x` \"y\"\n!\n"),
        ("b.txt", "one\nthree\n"),
        ("with space.txt", "s\n"),
        ("in.txt", "first\nsecond\n"),
        ("env.sh", "SOURCED=1\n"),
        ("src/main.c", "int main(void) { return 0; }\n"),
        ("src/util.c", "int util;\n"),
        ("src/util.h", "extern int util;\n"),
        ("build.log", &log),
        ("Makefile", MAKEFILE),
        ("sub/Makefile", MAKEFILE),
    ] {
        let path = inside.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    std::fs::create_dir(inside.join("bin")).unwrap();
    program(&inside.join("bin/cargo"), CARGO);
}

/// The same with a repository.
fn fill_with_repository(inside: &Path) {
    fill(inside);
    let mut git = Command::new(bash());
    git.args(["-c", REPOSITORY]).current_dir(inside).env("HOME", inside.parent().unwrap().join("home"));
    for who in ["AUTHOR", "COMMITTER"] {
        git.env(format!("GIT_{who}_NAME"), "a").env(format!("GIT_{who}_EMAIL"), "a@example.org");
        git.env(format!("GIT_{who}_DATE"), "1700000000 +0000");
    }
    assert!(git.status().unwrap().success());
}

/// What was printed without what differs between any two runs: the shell's notes on what it started, times.
fn comparable(mut run: Run) -> Run {
    let differs = |line: &&str| {
        !line.starts_with("_=")
            && !line.contains(" Killed ")
            && !["real ", "user ", "sys "].iter().any(|start| line.starts_with(start))
    };
    run.stdout = run.stdout.lines().filter(differs).collect::<Vec<_>>().join("\n");
    run.stderr = run.stderr.lines().filter(differs).collect::<Vec<_>>().join("\n");
    run
}

/// Whether the programs of a line are there: what is missing is missing both ways, but bash and `hr` word it differently.
fn is_there(line: &str) -> bool {
    ["git", "make", "tar", "strings", "file", "ps"].iter().all(|name| {
        let folders = ["/usr/local/bin", "/usr/bin", "/bin"];
        !line.split([' ', ';']).any(|word| word == *name)
            || folders.iter().any(|folder| Path::new(folder).join(name).exists())
    })
}

fn check(place: &Place, line: &str, changed: &str) {
    let run = |line: &str, hr| {
        let path = format!("{}/bin:/usr/local/bin:/usr/bin:/bin", place.inside().display());
        comparable(place.run(line, hr, &path))
    };
    let plain = run(line, Hr::Off);
    let differs = plain.difference(&run(changed, Hr::Off));
    assert!(differs.is_none(), "HR=off: {changed}: {differs:?}");
    let plain = run(line, Hr::On);
    let on = run(changed, Hr::On);
    let printed = [on.stdout.len() + on.stderr.len(), plain.stdout.len() + plain.stderr.len()];
    let silenced = Run { stdout: plain.stdout.clone(), stderr: plain.stderr.clone(), ..on };
    let differs = plain.difference(&silenced);
    assert!(differs.is_none(), "{changed}: {differs:?}");
    assert!(printed[0] <= printed[1] + 500, "{changed} printed {} bytes instead of {}", printed[0], printed[1]);
}

fn changed(line: &str, rules: &RuleSet) -> Option<String> {
    match rewrite(line, &How { hr: env!("CARGO_BIN_EXE_hr"), rules, is_program: &|_| true, session: None }) {
        Outcome::Rewritten(changed) => Some(changed),
        Outcome::Left(_) => None,
    }
}

/// Runs a part of the lines of each table, so that several tests share the cores.
fn compare(part: usize) {
    let (rules, place) = (RuleSet::built_in(), Place::new(fill_with_repository));
    for line in CHANGED.iter().skip(part).step_by(PARTS).filter(|line| is_there(line)) {
        let changed = changed(line, &rules).unwrap_or_else(|| panic!("{line} stays"));
        check(&place, line, &changed);
    }
}

const PARTS: usize = 4;

#[test]
fn lines_have_the_same_effect_first_part() {
    compare(0);
}

#[test]
fn lines_have_the_same_effect_second_part() {
    compare(1);
}

#[test]
fn lines_have_the_same_effect_third_part() {
    compare(2);
}

#[test]
fn lines_have_the_same_effect_fourth_part() {
    compare(3);
}

#[test]
fn lines_are_many() {
    assert!(CHANGED.len() >= 150, "{}", CHANGED.len());
    let rules = RuleSet::built_in();
    assert!(STAY.iter().all(|line| changed(line, &rules).is_none()));
}

#[test]
fn output_of_a_changed_line_is_smaller() {
    let (rules, place) = (RuleSet::built_in(), Place::new(fill));
    let changed = changed("cd sub; cargo test fail", &rules).unwrap();
    let run = place.run(&changed, Hr::On, &format!("{}/bin:/usr/bin:/bin", place.inside().display()));
    assert_eq!(run.end, "exit status: 101");
    assert!(run.stdout.contains("error[E0001]: it failed") && run.stdout.lines().count() < 60, "{}", run.stdout);
}
