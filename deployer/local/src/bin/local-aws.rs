//! The local AWS of a folder without the deployer, for the tests: `local-aws -C FOLDER local serve [--auth]`,
//! as the deployer calls itself.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (folder, auth) = match words.as_slice() {
        ["-C", folder, "local", "serve"] => (folder, false),
        ["-C", folder, "local", "serve", "--auth"] => (folder, true),
        _ => {
            eprintln!("usage: local-aws -C FOLDER local serve [--auth]");
            return ExitCode::from(3);
        }
    };
    match deployer_local::serve(Path::new(folder), auth, Arc::new(|| Box::pin(async { Vec::new() }))).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
