//! The background process that owns a folder's local AWS: ministack, the front door and the tap on mail.

use std::net::Ipv4Addr;
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinSet;

use crate::console::{Console, Stacks};
use crate::edge::{self, Edge};
use crate::error::LocalError;
use crate::files::{Backoff, Files, Lock, read_json, remove, write_json};
use crate::http;
use crate::lifecycle::{LocalAws, stop_holder};
use crate::mail::Mailbox;
use crate::ministack::{LOCK, Ministack, Options, answers, free_port};
use crate::tap::Tap;
use crate::venv;

/// The file in `.deployer/local/` that the daemon locks while it runs, and that holds its process id.
pub const DAEMON_LOCK: &str = "daemon.lock";
/// How long ministack may take to save what it has.
const SAVE_LIMIT: Duration = Duration::from_secs(20);
/// How long the lock may be held by somebody who only looks whether it is free.
const LOOK_LIMIT: Duration = Duration::from_secs(2);
/// How many ports are tried when another process takes the one that was free.
const PORT_TRIES: usize = 3;

/// Where it listened the last time: addresses survive a restart while nobody else takes them.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Ports {
    aws: Option<u16>,
    edge: Option<u16>,
}

/// Runs the local AWS of a folder until it is told to end (SIGTERM, SIGINT, SIGHUP) or ministack ends.
/// It says where it can be reached in `.deployer/local.json`. `auth`: IAM is enforced on every call. `stacks` tells the
/// console what there is to look at.
pub async fn serve(folder: &Path, auth: bool, stacks: Stacks) -> Result<(), LocalError> {
    let files = Files::of(folder);
    files.create()?;
    // Its own session: no terminal's end or Ctrl-C reaches it. It fails for one started by hand in a
    // shell, which then stays under that shell's control.
    let _ = rustix::process::setsid();
    let mut ends = Ends::listen(folder)?;
    let mut lock = take_lock(&files).await?;
    lock.sign().map_err(LocalError::file(&files.local(DAEMON_LOCK)))?;
    let mut running = tokio::select! {
        started = Running::start(folder, &files, auth, stacks) => started?,
        () = ends.next() => return Ok(()),
    };
    let ended = tokio::select! {
        status = running.ministack.ended() => Some(status),
        () = ends.next() => None,
    };
    remove(&files.announcement())?;
    match ended {
        None if running.ministack.stop(SAVE_LIMIT).await => Ok(()),
        None => Err(LocalError::Answer {
            message: format!("ministack did not save within {} s and was killed", SAVE_LIMIT.as_secs()),
        }),
        Some(Ok(status)) => Err(LocalError::Answer { message: format!("ministack ended with {status}") }),
        Some(Err(error)) => Err(LocalError::Answer { message: format!("ministack is lost: {error}") }),
    }
}

/// Everything that runs while the daemon does.
struct Running {
    ministack: Ministack,
    _doors: JoinSet<()>,
}

impl Running {
    async fn start(folder: &Path, files: &Files, auth: bool, stacks: Stacks) -> Result<Self, LocalError> {
        // What a daemon left that was killed.
        remove(&files.announcement())?;
        stop_holder(&files.local(LOCK), SAVE_LIMIT).await?;
        let python = venv::prepare(folder, &|text| println!("{text}")).await?;
        let ports: Ports = read_json(&files.local("ports.json")).unwrap_or_default();
        let bind_error = || LocalError::file(Path::new("a port of 127.0.0.1"));
        let (browsers, browsers_v6) = match edge::listen(ports.edge.unwrap_or(0)).await {
            Err(_) => edge::listen(0).await.map_err(bind_error())?,
            Ok(listeners) => listeners,
        };
        let functions = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(bind_error())?;
        let edge_port = browsers.local_addr().map_err(bind_error())?.port();
        let functions_endpoint = format!("http://{}", functions.local_addr().map_err(bind_error())?);
        let options = |port| Options {
            python: python.clone(),
            folder: files.local(""),
            port,
            functions_endpoint: Some(functions_endpoint.clone()),
            persist: true,
            auth,
            remove_folder: false,
        };
        let (ministack, port) = start_on_free_port(ports.aws, options).await?;
        write_json(&files.local("ports.json"), &Ports { aws: Some(port), edge: Some(edge_port) })?;

        let mailbox = Mailbox::in_folder(files.mail());
        let console = Console::new(ministack.endpoint.clone(), mailbox.clone(), stacks);
        let edge = Edge::new(ministack.endpoint.clone(), console);
        let mut doors = JoinSet::new();
        doors.spawn(Tap::new(ministack.endpoint.clone(), mailbox).serve(functions));
        for listener in browsers_v6.into_iter().chain([browsers]) {
            doors.spawn(edge.clone().serve(listener));
        }
        let (endpoint, token) = (ministack.endpoint.clone(), ministack.token.clone());
        let announcement = LocalAws {
            pid: std::process::id(),
            endpoint,
            edge: format!("http://localhost:{edge_port}"),
            auth,
            started_at: Timestamp::now(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            token,
        };
        write_json(&files.announcement(), &announcement)?;
        println!("the local AWS runs: {} for calls, {} for browsers", announcement.endpoint, announcement.edge);
        Ok(Self { ministack, _doors: doors })
    }
}

/// Starts ministack on the wanted port, or on another one where somebody was quicker.
async fn start_on_free_port(
    wanted: Option<u16>,
    options: impl Fn(u16) -> Options,
) -> Result<(Ministack, u16), LocalError> {
    let mut tries = 0;
    loop {
        tries += 1;
        let port =
            free_port(wanted.filter(|_| tries == 1)).map_err(LocalError::file(Path::new("a port of 127.0.0.1")))?;
        match Ministack::start(&options(port)).await {
            Err(_) if tries < PORT_TRIES && free_port(Some(port)).ok() != Some(port) => {}
            started => return started.map(|ministack| (ministack, port)),
        }
    }
}

/// Takes the daemon's lock; those who only look hold it for a moment.
async fn take_lock(files: &Files) -> Result<Lock, LocalError> {
    let path = files.local(DAEMON_LOCK);
    let mut backoff = Backoff::new(LOOK_LIMIT);
    loop {
        if let Some(lock) = Lock::try_take(&path)? {
            return Ok(lock);
        }
        if !backoff.pause().await {
            return Err(LocalError::AlreadyServed);
        }
    }
}

/// Whether a daemon is there, has announced itself and its ministack answers.
pub async fn find(files: &Files) -> Option<LocalAws> {
    let found: LocalAws = read_json(&files.announcement())?;
    let lives = Lock::holder(&files.local(DAEMON_LOCK)).ok()? == Some(found.pid);
    (lives && answers(&http::client(), &found.endpoint, &found.token).await).then_some(found)
}

/// The signals that ask it to end.
struct Ends([Signal; 3]);

impl Ends {
    fn listen(folder: &Path) -> Result<Self, LocalError> {
        let on = |kind| signal(kind).map_err(LocalError::file(folder));
        Ok(Self([on(SignalKind::terminate())?, on(SignalKind::interrupt())?, on(SignalKind::hangup())?]))
    }

    async fn next(&mut self) {
        let [terminate, interrupt, hangup] = &mut self.0;
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            _ = hangup.recv() => {}
        }
    }
}
