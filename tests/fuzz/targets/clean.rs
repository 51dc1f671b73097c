#![no_main]

#[path = "../laws.rs"]
#[allow(dead_code, reason = "each target uses one law")]
mod laws;

libfuzzer_sys::fuzz_target!(|data: &[u8]| laws::clean_holds(data));
