//! A second AWS of a test's own, by other people: moto, for the control plane of some services.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use deployer_local::http;
use deployer_local::ministack::free_port;
use deployer_local::venv::prepare_in;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

/// moto and all that it needs, with the hash of each file that may be installed.
const REQUIREMENTS: &str = include_str!("../moto.txt");
/// Its home: one for all tests of the project.
const HOME: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.deployer/moto");
/// How long it may take to answer at first. A hang guard: 3 s on an idle machine.
const PATIENCE: Duration = Duration::from_secs(120);
/// How often it is asked whether it answers.
const POLL: Duration = Duration::from_millis(50);

/// A moto server on a free port that keeps nothing. It ends when this is dropped. Starting one takes about 3 s and 250 MB.
#[derive(Debug)]
pub struct Moto {
    /// Where it answers, such as `http://127.0.0.1:41873`.
    pub endpoint: String,
    // Killed when it is dropped.
    _server: Child,
}

impl Moto {
    /// Starts one that has AWS's managed policies, for an account.
    pub async fn start(account: &str) -> Self {
        std::fs::create_dir_all(HOME).unwrap_or_else(|error| panic!("{HOME}: {error}"));
        let say = || eprintln!("preparing moto (once) …");
        let python = prepare_in(Path::new(HOME), REQUIREMENTS, &say).await.unwrap_or_else(|error| panic!("{error}"));
        let port = free_port(None).expect("a free port");
        let endpoint = format!("http://127.0.0.1:{port}");
        let mut server = Command::new(python)
            .args(["-m", "moto.server", "-H", "127.0.0.1", "-p", &port.to_string()])
            .env_clear()
            .env("MOTO_ACCOUNT_ID", account)
            .env("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("moto: {error}"));
        let (client, given_up) = (http::client(), Instant::now() + PATIENCE);
        while http::get(&client, &endpoint, "/moto-api/data.json").await.is_err() {
            let ended = server.try_wait().expect("it is our child");
            assert!(ended.is_none(), "moto ended before it answered: {ended:?}");
            assert!(Instant::now() < given_up, "moto does not answer");
            sleep(POLL).await;
        }
        Self { endpoint, _server: server }
    }
}
