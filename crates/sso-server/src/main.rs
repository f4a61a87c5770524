//! The binary `sso-server`. Everything is in the library.

/// A login's values are made by the thread of its request and dropped by the writer's: the system's
/// allocator spends a tenth of a commit on that (docs/adr/0002).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    sso_server::cli::main()
}
