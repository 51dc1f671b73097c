//! One frame of a stack trace in each language: its lines, and whether it belongs to the program or to a library.

use std::ops::Range;

use super::super::shape::mix;

/// How a language writes its frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// `at a.b.C.run(C.java:12)`, `at run (/a/b.js:1:2)`, `at A.B() in /a/b.cs:line 12`.
    At,
    /// `File "a.py", line 12, in run` with its source line.
    Python,
    /// `main.run(0x1)` with `/a/b.go:12 +0x3d`.
    Go,
    /// `4: a::run` with `at /a/b.rs:12:5`.
    Rust,
    /// `from a.rb:12:in 'run'`.
    Ruby,
    /// `#0 /a/b.php(12): run()`.
    Php,
    /// `#0 0x4f2 in run /a/b.c:12:3`.
    Sanitizer,
    /// `==12==    at 0x4f2: run (b.c:12)`.
    Valgrind,
}

/// One frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Its lines.
    pub lines: Range<usize>,
    /// Whether it belongs to the program that failed.
    pub own: bool,
}

/// Packages of the runtime and of libraries, as frames of Java, Kotlin, Scala and C# begin.
const PACKAGES: [&str; 36] = [
    "java.",
    "javax.",
    "jakarta.",
    "jdk.",
    "sun.",
    "com.sun.",
    "kotlin.",
    "kotlinx.",
    "scala.",
    "groovy.",
    "android.",
    "androidx.",
    "com.android.",
    "dalvik.",
    "libcore.",
    "org.springframework.",
    "org.apache.",
    "org.hibernate.",
    "org.junit.",
    "org.testng.",
    "org.mockito.",
    "org.eclipse.",
    "org.gradle.",
    "org.codehaus.",
    "org.jboss.",
    "io.netty.",
    "io.undertow.",
    "io.reactivex.",
    "reactor.",
    "akka.",
    "com.zaxxer.",
    "com.google.common.",
    "com.fasterxml.",
    "System.",
    "Microsoft.",
    "Xunit.",
];

/// Parts of paths of libraries and runtimes.
const PLACES: [&str; 22] = [
    "node_modules",
    "node:",
    "(internal/",
    "<anonymous>)",
    "site-packages",
    "dist-packages",
    "/lib/python",
    "<frozen ",
    "\\Lib\\",
    "/usr/local/go/src/",
    "/go/pkg/mod/",
    "/src/runtime/",
    "/usr/lib/go",
    "/rustc/",
    "/.cargo/registry/",
    "/gems/",
    "/lib/ruby/",
    "<internal:",
    "/vendor/",
    "[internal function]",
    "/compiler-rt/",
    "/sysdeps/",
];

/// How functions of runtimes begin in Go, Rust and C.
const FUNCTIONS: [&str; 33] = [
    "runtime.",
    "runtime/",
    "net/http.",
    "testing.",
    "reflect.",
    "sync.",
    "internal/",
    "std::",
    "core::",
    "alloc::",
    "<alloc::",
    "<core::",
    "<std::",
    "rust_begin_unwind",
    "__rust",
    "_rust_",
    "tokio::",
    "test::",
    "rayon",
    "futures",
    "hyper::",
    "__libc",
    "__asan",
    "__interceptor",
    "__sanitizer",
    "__tsan",
    "__ubsan",
    "_start",
    "start_thread",
    "clone",
    "malloc ",
    "operator new",
    "abort",
];

/// The frame that begins at a line.
pub fn read<'t>(text: &impl Fn(usize) -> Option<&'t [u8]>, at: usize) -> Option<(Language, Frame)> {
    let line = text(at)?;
    let body = &line[..line.len().min(2000)].trim_ascii_start();
    let one = |language, own| Some((language, Frame { lines: at..at + 1, own }));
    match *body.first()? {
        b'a' if body.starts_with(b"at ") && (body.contains(&b'(') || body.contains(&b':')) => {
            one(Language::At, is_own_at(body))
        }
        b'F' if body.starts_with(b"File \"") && has(body, "\", line ") => Some(python(text, at, line, body)),
        b'f' if body.starts_with(b"from ") && has(body, ":in ") => one(Language::Ruby, !is_foreign(body)),
        b'#' => hashed(body).and_then(|(language, own)| one(language, own)),
        b'=' => {
            let rest = valgrind(body)?;
            let function = &rest[rest.iter().position(|byte| *byte == b':').map_or(0, |colon| colon + 1)..];
            one(Language::Valgrind, !has(rest, "(in ") && !has(rest, "vg_replace_malloc") && !is_runtime(function))
        }
        b'0'..=b'9' if body.len() < line.len() => rust(text, at, body),
        _ => go(text, at, line),
    }
}

/// A hash of a line of a frame, its addresses left out.
pub fn hash(line: &[u8], hash: u64) -> u64 {
    let mut hash = mix(hash, b'\n'.into());
    let mut at = 0;
    while at < line.len() {
        hash = mix(hash, line[at].into());
        at += 1;
        if line[at - 1] == b'x' && at >= 2 && line[at - 2] == b'0' {
            at += line[at..].iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        }
    }
    hash
}

fn has(text: &[u8], part: &str) -> bool {
    memchr::memmem::find(text, part.as_bytes()).is_some()
}

/// Whether a frame's path is one of a library.
fn is_foreign(body: &[u8]) -> bool {
    PLACES.iter().any(|place| has(body, place))
}

/// Whether a function is one of a runtime.
fn is_runtime(function: &[u8]) -> bool {
    let function = function.trim_ascii_start();
    FUNCTIONS.iter().any(|start| function.starts_with(start.as_bytes()))
}

fn is_own_at(body: &[u8]) -> bool {
    let name = body[3..].strip_prefix(b"async ").unwrap_or(&body[3..]);
    // `java.base/java.util.…`, `app//a.b.…`: the module is not the package.
    let module = name.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b".@_$-".contains(byte)).count();
    let name = if name.get(module) == Some(&b'/') && !name.starts_with(b"/") {
        name[module..].trim_ascii_start().strip_prefix(b"//").unwrap_or(&name[module + 1..])
    } else {
        name
    };
    !PACKAGES.iter().any(|package| name.starts_with(package.as_bytes())) && !is_foreign(body)
}

/// A frame of Python: its source line and the marks under it are indented deeper.
fn python<'t>(text: &impl Fn(usize) -> Option<&'t [u8]>, at: usize, line: &[u8], body: &[u8]) -> (Language, Frame) {
    let depth = line.len() - line.trim_ascii_start().len();
    let deeper = |at: usize| text(at).is_some_and(|next| next.len() - next.trim_ascii_start().len() > depth);
    let marks = |at: usize| text(at).is_some_and(|next| next.iter().all(|byte| b" \t^~".contains(byte)));
    let mut end = at + 1;
    if deeper(end) {
        end += 1;
        if deeper(end) && marks(end) {
            end += 1;
        }
    }
    (Language::Python, Frame { lines: at..end, own: !is_foreign(body) })
}

/// A frame with a number after `#`: of a sanitizer when an address follows, of PHP else.
fn hashed(body: &[u8]) -> Option<(Language, bool)> {
    let digits = body[1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let rest = body[1 + digits..].strip_prefix(b" ").filter(|_| digits > 0)?;
    let placed = rest.ends_with(b")") && has(rest, "+0x") && !has(rest, " in ");
    if placed {
        // ThreadSanitizer writes no address.
        return Some((Language::Sanitizer, !is_runtime(rest) && !is_foreign(rest) && !has(rest, "/libsanitizer/")));
    }
    if rest.starts_with(b"0x") || has(rest, " in ") && !has(rest, "(): ") && !has(rest, ".php") {
        let function = memchr::memmem::find(rest, b" in ").map_or(rest, |at| &rest[at + 4..]);
        let strange = has(function, "(/lib")
            || has(function, "(/usr/lib")
            || has(function, "lib/asan")
            || has(function, "(BuildId");
        return Some((Language::Sanitizer, !strange && !is_runtime(function) && !is_foreign(function)));
    }
    let php = has(rest, "): ") || rest.starts_with(b"{main}") || rest.starts_with(b"[internal");
    php.then(|| (Language::Php, !is_foreign(rest)))
}

/// What follows `==12==` when it is a frame.
fn valgrind(body: &[u8]) -> Option<&[u8]> {
    let rest = body.strip_prefix(b"==")?;
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let rest = rest[digits..].strip_prefix(b"==")?.trim_ascii_start();
    (rest.starts_with(b"at 0x") || rest.starts_with(b"by 0x")).then_some(rest)
}

/// A frame of a Rust backtrace: a number, a function, and the place on the next line.
fn rust<'t>(text: &impl Fn(usize) -> Option<&'t [u8]>, at: usize, body: &[u8]) -> Option<(Language, Frame)> {
    let digits = body.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let function = body[digits..].strip_prefix(b": ").filter(|_| digits <= 4)?;
    // Since some versions an address stands before the function.
    let function = match memchr::memmem::find(function, b" - ") {
        Some(dash) if function.starts_with(b"0x") => &function[dash + 3..],
        _ => function,
    };
    let place = text(at + 1).map(<[u8]>::trim_ascii_start).filter(|next| next.starts_with(b"at "));
    if place.is_none() && !has(function, "::") && !function.starts_with(b"_") && function != b"main" {
        return None;
    }
    let own =
        !is_runtime(function) && !place.is_some_and(is_foreign) && function != b"main" && function != b"<unknown>";
    Some((Language::Rust, Frame { lines: at..at + 1 + usize::from(place.is_some()), own }))
}

/// A frame of Go: a call, and its place indented on the next line.
fn go<'t>(text: &impl Fn(usize) -> Option<&'t [u8]>, at: usize, line: &[u8]) -> Option<(Language, Frame)> {
    let call = line.ends_with(b")") || line.starts_with(b"created by ");
    let place = text(at + 1).filter(|next| call && next.starts_with(b"\t") && has(next, ".go:"))?;
    let function = line.strip_prefix(b"created by ").unwrap_or(line);
    Some((
        Language::Go,
        Frame { lines: at..at + 2, own: !is_runtime(function) && !is_foreign(place) && function != b"panic" },
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_known_in_every_language() {
        use Language::*;
        for (lines, language, len, own) in [
            (&["\tat com.shop.Cart.add(Cart.java:12)"][..], At, 1, true),
            (&["\tat java.base/java.util.ArrayList.get(ArrayList.java:427)"], At, 1, false),
            (&["    at Object.run (/app/src/a.js:3:9)"], At, 1, true),
            (&["    at node:internal/main/run_main_module:28:49"], At, 1, false),
            (&["   at Shop.Cart.Add() in /src/Cart.cs:line 12"], At, 1, true),
            (&["   at System.Collections.Generic.List`1.get_Item(Int32 index)"], At, 1, false),
            (&["  File \"/app/a.py\", line 3, in f", "    g()", "    ^^^"], Python, 3, true),
            (&["  File \"/usr/lib/python3.12/json/decoder.py\", line 3, in f", "    g()"], Python, 2, false),
            (&["main.run(0x1)", "\t/app/main.go:12 +0x3d"], Go, 2, true),
            (&["panic({0x1, 0x2})", "\t/usr/local/go/src/runtime/panic.go:770 +0x132"], Go, 2, false),
            (&["   4: shop::cart::add", "             at ./src/cart.rs:12:5"], Rust, 2, true),
            (
                &["   0: rust_begin_unwind", "             at /rustc/1.0/library/std/src/panicking.rs:1:5"],
                Rust,
                2,
                false,
            ),
            (&["\tfrom a.rb:12:in 'run'"], Ruby, 1, true),
            (&["#0 /app/a.php(12): run()"], Php, 1, true),
            (&["    #0 0x4f2 in run /app/b.c:12:3"], Sanitizer, 1, true),
            (&["    #2 0x7f3 in __libc_start_main (/lib/x86_64/libc.so.6+0x1)"], Sanitizer, 1, false),
            (&["    #0 take /app/b.c:4 (race+0x11df)"], Sanitizer, 1, true),
            (&["==12==    at 0x4f2: run (b.c:12)"], Valgrind, 1, true),
        ] {
            let text = |at: usize| lines.get(at).map(|line| line.as_bytes());
            let frame = Frame { lines: 0..len, own };
            assert_eq!(read(&text, 0), Some((language, frame)), "{lines:?}");
        }
        for line in ["at last it works", "#1 priority", "12: text", "done (ok)", "from here on"] {
            assert_eq!(read(&|at| (at == 0).then_some(line.as_bytes()), 0), None, "{line}");
        }
    }
}
