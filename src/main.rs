//! The `hr` program: everything happens in the library.

fn main() -> std::process::ExitCode {
    hr::cli::main()
}
