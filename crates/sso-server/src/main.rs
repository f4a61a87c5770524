//! The binary `sso-server`. Everything is in the library.

fn main() -> std::process::ExitCode {
    sso_server::cli::main()
}
