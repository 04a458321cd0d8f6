//! An AWS of a test's own.

use std::path::{Path, PathBuf};

use deployer_local::http;
use deployer_local::ministack::{Ministack, Options, free_port};
use deployer_local::venv;
use tempfile::TempDir;
use tokio::sync::OnceCell;

/// The project's folder: its virtual environment serves all tests.
const PROJECT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
/// Another process may take the port that was free: how many are tried.
const PORT_TRIES: usize = 5;

/// The interpreter of the project's virtual environment, which also holds AWS's published service models (botocore).
pub async fn python() -> PathBuf {
    let say = |text: &str| eprintln!("{text}");
    venv::prepare(Path::new(PROJECT), &say).await.unwrap_or_else(|error| panic!("{error}"))
}

/// A ministack on a free port that keeps nothing. It ends when this is dropped, and with the process
/// whatever becomes of it. Starting one takes about 0.7 s of one core and 90 MB.
#[derive(Debug)]
pub struct Emulator {
    /// Where it answers, such as `http://127.0.0.1:41873`.
    pub endpoint: String,
    // Killed before its folder is removed.
    _ministack: Ministack,
    _folder: TempDir,
}

impl Emulator {
    /// Starts one.
    pub async fn start() -> Self {
        Self::with(false).await
    }

    /// Starts one that enforces IAM (blind for URLs of type NONE; SES is judged on `*`). The access key
    /// `test` may do everything.
    pub async fn start_with_auth() -> Self {
        Self::with(true).await
    }

    /// The one that all tests of this process share, for those that do not mind the things of others.
    pub async fn shared() -> &'static Self {
        static SHARED: OnceCell<Emulator> = OnceCell::const_new();
        SHARED.get_or_init(Self::start).await
    }

    /// Forgets everything, as if it had just been started.
    pub async fn reset(&self) {
        let request = hyper::Request::post(format!("{}/_ministack/reset", self.endpoint)).body(http::whole(""));
        let answer =
            http::client().request(request.expect("the endpoint is a URL")).await.expect("the local AWS answers");
        assert!(answer.status().is_success(), "reset: {}", answer.status());
    }

    async fn with(auth: bool) -> Self {
        let python = python().await;
        let mut last = None;
        for _ in 0..PORT_TRIES {
            let folder = tempfile::Builder::new().prefix("deployer-aws-").tempdir().expect("a temporary folder");
            let port = free_port(None).expect("a free port");
            let options = Options {
                python: python.clone(),
                folder: folder.path().to_owned(),
                port,
                functions_endpoint: None,
                persist: false,
                auth,
                remove_folder: true,
            };
            match Ministack::start(&options).await {
                Ok(ministack) => {
                    return Self { endpoint: ministack.endpoint.clone(), _ministack: ministack, _folder: folder };
                }
                Err(error) => last = Some(error),
            }
        }
        panic!("{}", last.map(|error| error.to_string()).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_emulator_answers_until_it_is_dropped() {
        let emulator = Emulator::start().await;
        let endpoint = emulator.endpoint.clone();
        let client = http::client();
        assert!(http::get(&client, &endpoint, "/_ministack/health").await.is_ok());
        emulator.reset().await;
        drop(emulator);
        // The kill is on its way: it is gone as soon as nothing answers.
        let gone = async {
            while http::get(&http::client(), &endpoint, "/_ministack/health").await.is_ok() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(20), gone).await.expect("it ends");
    }
}
