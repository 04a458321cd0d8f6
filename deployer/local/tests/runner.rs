//! The local AWS of a folder from its first start to its end, with its daemon as a process of its own.

use std::fs;
use std::path::Path;
use std::time::Duration;

use deployer_local::files::{Files, Lock};
use deployer_local::ministack::signal;
use deployer_local::{LocalAws, LocalError, Status, Up, http, venv};
use http_body_util::BodyExt as _;
use rustix::process::Signal;
use tempfile::TempDir;

/// The project's folder: its virtual environment serves all tests.
const PROJECT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
/// A hang guard, nothing that is measured.
const LONG: Duration = Duration::from_secs(120);

fn silent() -> Up<'static> {
    Up { program: env!("CARGO_BIN_EXE_local-aws").into(), auth: None, say: &|_| {} }
}

/// A project folder whose virtual environment is the project's. Its local AWS ends with the test.
struct Folder(TempDir);

impl Folder {
    async fn new() -> Self {
        venv::prepare(Path::new(PROJECT), &|_| {}).await.expect("an environment");
        let folder = tempfile::tempdir().expect("a folder");
        let files = Files::of(folder.path());
        files.create().expect("folders");
        std::os::unix::fs::symlink(
            fs::canonicalize(Files::of(Path::new(PROJECT)).venv()).expect("it is there"),
            files.venv(),
        )
        .expect("a link");
        Self(folder)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    async fn up(&self) -> LocalAws {
        tokio::time::timeout(LONG, deployer_local::up(self.path(), &silent()))
            .await
            .expect("it does not hang")
            .unwrap_or_else(|error| panic!("{error}"))
    }

    async fn down(&self, purge: bool) -> bool {
        tokio::time::timeout(LONG, deployer_local::down(self.path(), purge))
            .await
            .expect("it does not hang")
            .expect("it ends")
    }

    /// Waits until the system has taken the daemon away.
    async fn daemon_is_gone(&self) {
        assert!(
            Lock::wait_until_free(&Files::of(self.path()).local("daemon.lock"), LONG).await.expect("no error"),
            "the daemon ends"
        );
    }

    async fn status(&self) -> Status {
        deployer_local::status(self.path()).await.expect("a status")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A test that failed half-way must leave no process: the daemon ends its ministack.
        if let Ok(Some(pid)) = Lock::holder(&Files::of(self.path()).local("daemon.lock")) {
            signal(pid, Signal::TERM);
        }
    }
}

async fn ssm(aws: &LocalAws, operation: &str, body: &str) -> (u16, String) {
    let request = hyper::Request::post(format!("{}/", aws.endpoint))
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", format!("AmazonSSM.{operation}"))
        .header(
            "authorization",
            "AWS4-HMAC-SHA256 Credential=test/20261121/us-west-2/ssm/aws4_request, SignedHeaders=host, Signature=0",
        )
        .body(http::whole(body.to_owned()))
        .expect("a request");
    let response = http::client().request(request).await.expect("an answer");
    let status = response.status().as_u16();
    (status, String::from_utf8_lossy(&response.into_body().collect().await.expect("a body").to_bytes()).into_owned())
}

async fn remember(aws: &LocalAws) {
    let (status, text) = ssm(aws, "PutParameter", r#"{"Name":"/kept","Value":"still here","Type":"String"}"#).await;
    assert_eq!(status, 200, "{text}");
}

async fn remembers(aws: &LocalAws) -> bool {
    ssm(aws, "GetParameter", r#"{"Name":"/kept"}"#).await.1.contains("still here")
}

#[tokio::test]
async fn what_it_has_and_where_it_is_survive_down_and_up_but_not_a_purge() {
    let folder = Folder::new().await;
    assert!(!folder.down(false).await, "none runs");
    let first = folder.up().await;
    remember(&first).await;
    assert_eq!(folder.up().await, first, "the one that runs is found");
    assert_eq!(folder.status().await, Status::Running(first.clone()));

    assert!(folder.down(false).await);
    assert_eq!(folder.status().await, Status::Stopped);
    assert!(!folder.path().join(".deployer/local.json").exists());
    assert!(matches!(deployer_local::mail(folder.path()).await, Err(LocalError::NotRunning)));

    let again = folder.up().await;
    assert_eq!((&again.endpoint, &again.edge), (&first.endpoint, &first.edge));
    assert_ne!(again.pid, first.pid);
    assert!(remembers(&again).await);

    assert!(folder.down(true).await);
    let left: Vec<_> = ["state", "s3", "home", "ports.json", "log"]
        .into_iter()
        .filter(|name| Files::of(folder.path()).local(name).exists())
        .collect();
    assert_eq!(left, [""; 0]);
    assert!(Files::of(folder.path()).venv().exists());
}

#[tokio::test]
async fn a_killed_daemon_is_replaced_and_nothing_that_it_had_is_lost() {
    let folder = Folder::new().await;
    let first = folder.up().await;
    remember(&first).await;
    signal(first.pid, Signal::KILL);
    folder.daemon_is_gone().await;
    let again = folder.up().await;
    assert_ne!(again.pid, first.pid);
    assert_ne!(again.token, first.token, "the orphan was not taken over while it was saving");
    assert!(remembers(&again).await);
    assert!(folder.down(true).await);
}

#[tokio::test]
async fn the_daemon_ends_with_its_ministack_and_says_why() {
    let folder = Folder::new().await;
    let first = folder.up().await;
    let files = Files::of(folder.path());
    let ministack: u32 =
        fs::read_to_string(files.local("ministack.lock")).expect("it is locked").parse().expect("a process id");
    signal(ministack, Signal::KILL);
    folder.daemon_is_gone().await;
    assert_eq!(folder.status().await, Status::Stopped);
    let log = fs::read_to_string(files.log()).expect("a log");
    assert!(log.contains("ministack ended with signal: 9"), "{log}");
    assert_ne!(folder.up().await.pid, first.pid);
    assert!(folder.down(true).await);
}

#[tokio::test]
async fn two_starts_at_once_give_one_and_two_folders_give_two() {
    let (one, other) = (Folder::new().await, Folder::new().await);
    let (first, second, elsewhere) = tokio::join!(one.up(), one.up(), other.up());
    assert_eq!(first, second);
    assert_ne!((&first.endpoint, &first.edge), (&elsewhere.endpoint, &elsewhere.edge));
    assert!(one.down(true).await);
    assert_eq!(other.status().await, Status::Running(elsewhere));
    assert!(other.down(true).await);
}

#[tokio::test]
async fn a_stale_announcement_is_not_believed() {
    let folder = Folder::new().await;
    let announcement = folder.path().join(".deployer/local.json");
    for stale in [
        "",
        "{\"pid\":",
        r#"{"pid":1,"endpoint":"http://127.0.0.1:1","edge":"http://localhost:2","auth":false,"started_at":"2026-11-21T08:00:00Z","version":"0","token":"t"}"#,
    ] {
        fs::write(&announcement, stale).expect("a file");
        assert_eq!(folder.status().await, Status::Stopped, "{stale}");
    }
    assert_ne!(folder.up().await.pid, 1);
    assert!(folder.down(true).await);
}

#[tokio::test]
async fn iam_is_enforced_when_asked_for_and_until_then_left_as_it_is() {
    let folder = Folder::new().await;
    let plain = folder.up().await;
    let strict = deployer_local::up(folder.path(), &Up { auth: Some(true), ..silent() }).await.expect("it starts");
    assert_eq!((plain.auth, strict.auth), (false, true));
    assert_eq!(folder.up().await, strict, "without a wish the one that runs will do");
    assert!(folder.down(true).await);
}

#[tokio::test]
async fn a_daemon_that_cannot_start_is_an_error_with_the_end_of_its_log() {
    let folder = Folder::new().await;
    fs::write(folder.path().join("broken"), "#!/bin/sh\necho it broke >&2\nexit 5\n").expect("a file");
    fs::set_permissions(folder.path().join("broken"), std::os::unix::fs::PermissionsExt::from_mode(0o700))
        .expect("a mode");
    let failed = deployer_local::up(folder.path(), &Up { program: folder.path().join("broken"), ..silent() }).await;
    let error = failed.expect_err("it cannot start").to_string();
    assert!(error.contains("exit status: 5") && error.contains("it broke"), "{error}");
}

#[tokio::test]
async fn browsers_read_mail_and_tools_find_the_endpoint() {
    let folder = Folder::new().await;
    let aws = folder.up().await;
    assert_eq!(deployer_local::mail(folder.path()).await.expect("mail"), []);
    let port = aws.edge.rsplit(':').next().expect("a port");
    assert_eq!(aws.mail_url(), format!("http://mail.localhost:{port}"));
    let request = hyper::Request::get(format!("http://127.0.0.1:{port}/"))
        .header("host", format!("mail.localhost:{port}"))
        .body(http::whole(""))
        .expect("a request");
    assert_eq!(http::client().request(request).await.expect("an answer").status(), 200);
    let environment = deployer_local::environment(folder.path(), "us-west-2").await.expect("variables");
    assert!(environment.contains(&("AWS_ENDPOINT_URL", aws.endpoint.clone())));
    let regions: Vec<_> = environment.iter().filter(|(name, _)| name.ends_with("REGION")).map(|(_, at)| at).collect();
    assert!(regions.len() == 2 && regions[0] == regions[1], "for both versions of AWS's command line: {regions:?}");
    assert!(folder.down(true).await);
}
