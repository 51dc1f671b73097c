//! `hr store serve`: what a gateway keeps comes back byte for byte, and nobody else is let in.
#![cfg(unix)]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

struct Server {
    child: Child,
    address: String,
    home: tempfile::TempDir,
}

impl Server {
    fn start(arguments: &[&str]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut child = hr(&home)
            .args(["store", "serve", "--listen", "127.0.0.1:0"])
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().trim_start_matches("hr: originals are at http://").trim_end_matches("/objects");
        Self { child, address: address.to_owned(), home }
    }

    /// The status and the body of an answer.
    fn ask(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> (u16, Vec<u8>) {
        let host = if headers.contains("Host: ") { String::new() } else { format!("Host: {}\r\n", self.address) };
        let length = if headers.contains("Content-Length") {
            String::new()
        } else {
            format!("Content-Length: {}\r\n", body.len())
        };
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "{method} {path} HTTP/1.1\r\n{host}{headers}{length}Connection: close\r\n\r\n").unwrap();
        // A server that has heard enough may close before it has read all.
        let _ = stream.write_all(body);
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let status = String::from_utf8_lossy(&answer[9..12]).parse().unwrap();
        (status, answer[end + 4..].to_vec())
    }

    fn keep(&self, body: &[u8]) -> (u16, Vec<u8>) {
        self.ask("PUT", &format!("/objects/{}", &blake3::hash(body).to_hex()[..16]), "", body)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn hr(home: &tempfile::TempDir) -> Command {
    let mut hr = Command::new(env!("CARGO_BIN_EXE_hr"));
    hr.env("HR_HOME", home.path()).env_remove("HR");
    hr
}

#[test]
fn what_is_kept_comes_back() {
    let server = Server::start(&[]);
    let body: Vec<u8> = (0..300_000_u64).map(|at| (at * at % 251) as u8).collect();
    let (status, answer) = server.keep(&body);
    let answer: serde_json::Value = serde_json::from_slice(&answer).unwrap();
    assert_eq!((status, &answer["bytes"]), (201, &300_000.into()));
    let handle = answer["handle"].as_str().unwrap();
    for name in [handle, &answer["hash"].as_str().unwrap()[..16]] {
        assert!(server.ask("GET", &format!("/objects/{name}"), "", b"") == (200, body.clone()), "{name}");
    }
    // The same recordings as everywhere else.
    assert!(hr(&server.home).args(["show", handle]).output().unwrap().stdout == body);
    assert_eq!(server.keep(&body).0, 201, "kept twice");
    assert_eq!(server.ask("GET", "/health", "", b""), (200, b"ok\n".to_vec()));
}

#[test]
fn what_is_wrong_is_refused_with_the_reason() {
    let server = Server::start(&[]);
    let hash = &blake3::hash(b"text").to_hex()[..16];
    let put = |name: &str| server.ask("PUT", &format!("/objects/{name}"), "", b"text");
    for (answer, status, why) in [
        (put("0123456789abcdef"), 422, "BLAKE3"),
        (put(&hash[..8]), 422, "16 or more"),
        (server.ask("GET", "/objects/123456789", "", b""), 404, "123456789"),
        (server.ask("GET", "/objects/..%2f..", "", b""), 400, "handle"),
        (server.ask("POST", "/objects/x", "", b""), 405, "GET or PUT"),
        (server.ask("GET", "/", "", b""), 404, "/objects/NAME"),
        (server.ask("PUT", "/objects/x", "Content-Length: 99999999\r\n", b""), 413, "at most"),
        (server.ask("GET", "/objects/123456789", "Origin: https://shop.example\r\n", b""), 403, "web pages"),
        (server.ask("GET", "/objects/123456789", "Host: shop.example\r\n", b""), 403, "web pages"),
    ] {
        let text = String::from_utf8_lossy(&answer.1);
        assert!(answer.0 == status && text.contains(why), "{} {text}", answer.0);
    }
    assert_eq!(server.keep(b"text").0, 201, "it goes on");
}

#[test]
fn who_has_no_token_stays_out() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("token");
    fs::write(&file, "opensesame\n").unwrap();
    let server = Server::start(&["--token-file", file.to_str().unwrap()]);
    for (headers, status) in [
        ("", 401),
        ("Authorization: Bearer sesame\r\n", 401),
        ("Authorization: opensesame\r\n", 401),
        ("Authorization: Bearer opensesame\r\n", 200),
        ("Authorization: Bearer opensesame\r\nHost: store.shop.example\r\n", 200),
    ] {
        assert_eq!(server.ask("GET", "/health", headers, b"").0, status, "{headers}");
    }
    let open = hr(&home).args(["store", "serve", "--listen", "0.0.0.0:0"]).output().unwrap();
    assert_eq!(open.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&open.stderr).contains("--token-file"));
    let taken = hr(&home).args(["store", "serve", "--listen", &server.address]).output().unwrap();
    assert_eq!(taken.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&taken.stderr).contains("cannot listen on"));
}
