//! Whether the library makes of a body what the module made of it in a gateway.

use std::fs;
use std::path::PathBuf;

use super::super::mock::Mock;
use super::CHAT;

/// `GATEWAY_PARITY` names a folder with bodies as they came (`*.in`) and as they went on (`*.out`).
#[test]
#[ignore = "tests/gateway/run records what it needs"]
#[allow(clippy::disallowed_methods, reason = "it reads what another program recorded")]
fn parity() {
    let folder = PathBuf::from(std::env::var_os("GATEWAY_PARITY").expect("GATEWAY_PARITY names a folder"));
    let read = |number: usize, end: &str| fs::read_to_string(folder.join(format!("{number}.{end}")));
    let (mut number, mut changed) = (0, 0);
    while let Ok(sent) = read(number, "in") {
        let host = Mock::default();
        let mut module = host.module(r#"{"json-crusher": {}, "max_body_bytes": 6291456}"#);
        let (made, _) = host.sends(&mut module, CHAT, &sent, usize::MAX);
        assert!(made == read(number, "out").unwrap(), "body {number} of {} became another", folder.display());
        changed += usize::from(made != sent);
        number += 1;
    }
    println!("{changed} of {number} bodies change");
    assert!(changed >= 10, "{changed} of {number} bodies change");
}
