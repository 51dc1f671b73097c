//! Embeds the built-in rules.

fn main() {
    println!("cargo::rerun-if-changed=rules");
}
