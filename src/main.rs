//! `changeover`: the subcommand says what it does.

use std::process::ExitCode;

// A flood of sign-ins takes 73 MB with it, and 2 GB with glibc's.
#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    changeover::cli::run()
}
