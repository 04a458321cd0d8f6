//! `deployer local`: the local AWS of this folder.

use std::path::Path;

use deployer_local::{LocalAws, LocalError, Status, Up};
use serde_json::json;

use crate::arguments::{Globals, LocalCommand};
use crate::browser;
use crate::error::{Exit, Failure};
use crate::project::Project;
use crate::recorded;
use crate::render::{Reporter, plain};
use crate::signals::Signals;

/// The region that `local env` names: the local AWS has every region alike, the stacks are in this one.
const REGION: &str = "us-west-2";

/// Runs the command.
pub async fn run(
    project: &Project,
    globals: &Globals,
    command: &LocalCommand,
    report: &Reporter,
    signals: &Signals,
) -> Result<Exit, Failure> {
    let folder = &project.folder;
    match command {
        LocalCommand::Up => tell(&up(folder, report).await?, report),
        LocalCommand::Down { purge } => {
            let ran = deployer_local::down(folder, *purge).await.map_err(failure)?;
            let held = if *purge { "what it held is gone" } else { "what it holds is kept for the next start" };
            report.say(&format!(
                "{}; {held}",
                if ran { "the local AWS is stopped" } else { "the local AWS did not run" }
            ));
        }
        LocalCommand::Status => return status(folder, report).await,
        LocalCommand::Open => open(folder, report).await?,
        LocalCommand::Mail { number } => mail(folder, *number, report).await?,
        LocalCommand::Env => {
            for (name, value) in deployer_local::environment(folder, REGION).await.map_err(failure)? {
                report.out(&format!("export {name}={value}"));
            }
        }
        LocalCommand::Serve { auth } => {
            // It ends in its own time: what the local AWS holds is saved first.
            signals.applying();
            deployer_local::serve(folder, *auth, recorded::stacks(folder.clone(), globals)).await.map_err(failure)?;
        }
    }
    Ok(Exit::Done)
}

/// Tells whether it runs. One that does not answer ends the command with 1.
async fn status(folder: &Path, report: &Reporter) -> Result<Exit, Failure> {
    let (text, told) = match deployer_local::status(folder).await.map_err(failure)? {
        Status::Running(local) => {
            tell(&local, report);
            return Ok(Exit::Done);
        }
        Status::NotAnswering { pid } => (
            format!("the local AWS (process {pid}) does not answer: it starts, ends or hangs"),
            json!({ "type": "local", "running": false, "pid": pid }),
        ),
        Status::Stopped => (
            "the local AWS does not run; `deployer local up` starts it".to_owned(),
            json!({ "type": "local", "running": false }),
        ),
    };
    report.result(&text, &told);
    Ok(Exit::Other)
}

/// Starts the local AWS when it does not run.
pub async fn up(folder: &Path, report: &Reporter) -> Result<LocalAws, Failure> {
    let program = std::env::current_exe().map_err(|error| Failure::file(Path::new("deployer"), &error))?;
    deployer_local::up(folder, &Up { program, auth: None, say: &|text| report.note(text) }).await.map_err(failure)
}

/// Opens the console in a browser; where there is none its address is told all the same.
async fn open(folder: &Path, report: &Reporter) -> Result<(), Failure> {
    let Status::Running(local) = deployer_local::status(folder).await.map_err(failure)? else {
        return Err(failure(LocalError::NotRunning));
    };
    let url = local.console_url();
    report.result(&url, &json!({ "type": "console", "url": url }));
    if let Err(error) = browser::open(&url) {
        report.note(&format!("no browser can be opened here: {error}"));
    }
    Ok(())
}

fn tell(local: &LocalAws, report: &Reporter) {
    let text = format!(
        "the local AWS runs (process {})\n  endpoint  {}\n  console   {}\n  mail      {}",
        local.pid,
        local.endpoint,
        local.console_url(),
        local.mail_url()
    );
    report.result(&text, &json!({ "type": "local", "running": true, "pid": local.pid, "endpoint": local.endpoint, "edge": local.edge, "console": local.console_url(), "mail": local.mail_url() }));
}

async fn mail(folder: &Path, number: Option<usize>, report: &Reporter) -> Result<(), Failure> {
    let mails = deployer_local::mail(folder).await.map_err(failure)?;
    let Some(number) = number else {
        if mails.is_empty() {
            report.say("no mail was sent");
        }
        for (at, mail) in mails.iter().enumerate() {
            let told = json!({ "type": "mail", "number": at + 1, "from": mail.from, "to": mail.to, "bcc": mail.bcc, "subject": mail.subject, "text": mail.text, "html": mail.html, "at": mail.at.to_string() });
            report.result(
                &plain(&format!(
                    "{:3}  {}  to {}  {}",
                    at + 1,
                    mail.at.strftime("%F %T"),
                    mail.to.join(", "),
                    mail.subject
                )),
                &told,
            );
        }
        return Ok(());
    };
    let mail = number
        .checked_sub(1)
        .and_then(|at| mails.get(at))
        .ok_or_else(|| Failure::usage(format!("there is no mail {number}")).hint("`deployer local mail` lists them"))?;
    let headers = format!(
        "From: {}\nTo: {}\nBcc (envelope): {}\nSubject: {}",
        mail.from,
        mail.to.join(", "),
        mail.bcc.join(", "),
        mail.subject
    );
    let html = if mail.html.is_empty() {
        ""
    } else {
        "\n\n(it has HTML, too: see it in a browser, `deployer local status` says where)"
    };
    report.result(&plain(&format!("{headers}\n\n{}{html}", mail.text.replace("\r\n", "\n"))), &json!({ "type": "mail", "number": number, "from": mail.from, "to": mail.to, "bcc": mail.bcc, "subject": mail.subject, "text": mail.text, "html": mail.html, "raw": mail.raw }));
    Ok(())
}

/// An error of the local AWS as a command's.
pub fn failure(error: LocalError) -> Failure {
    let failure = Failure::new(Exit::Other, "local-aws", error.to_string());
    match error.hint() {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}
