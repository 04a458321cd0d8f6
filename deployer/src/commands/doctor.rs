//! `deployer doctor`: whether this machine and the account have what shipping takes.

use deployer_aws::account::{Finding, look};
use deployer_aws::kinds::cdn::Cdn;
use deployer_aws::kinds::mail::Mail;
use deployer_local::Status;
use serde_json::json;

use crate::arguments::Globals;
use crate::context::Context;
use crate::error::{Exit, Failure};
use crate::machine::{FOR_FUNCTIONS, FOR_LOCAL, FOR_SITES, Tool};
use crate::project::Project;
use crate::reach::Others;
use crate::render::Reporter;

/// How something is.
#[derive(Clone, Copy, PartialEq)]
enum Grade {
    Good,
    Look,
    Bad,
}

/// Something that was looked at: how it is, what it is, and what to do about it.
type Found = (Grade, String, String);

/// Runs the command: this machine, every stack file, and, when an environment is named, where that is. Something that is
/// missing ends it with 1; what only should be known does not.
pub async fn run(project: &Project, globals: &Globals, report: &Reporter) -> Result<Exit, Failure> {
    let mut bad = false;
    let mut tell = |(grade, what, remedy): Found| {
        let mark = match grade {
            Grade::Good => "✓",
            Grade::Look => "!",
            Grade::Bad => "✗",
        };
        let text = if remedy.is_empty() { format!("{mark} {what}") } else { format!("{mark} {what}\n    {remedy}") };
        let good = grade == Grade::Good;
        report.result(&text, &json!({ "type": "finding", "good": good, "what": what, "remedy": remedy }));
        bad |= grade == Grade::Bad;
    };
    let remedy = "`deployer validate` shows them".to_owned();
    let files = match project.select(globals.stack.as_deref(), globals.stack.is_none()) {
        Ok(files) => files,
        Err(failure) => {
            tell((Grade::Bad, "the stack files have faults".to_owned(), remedy.clone()));
            report.failure(&failure);
            Vec::new()
        }
    };
    let mut contexts = Vec::new();
    for file in &files {
        match Context::open_for_build(project, file, globals, report) {
            Ok(context) => contexts.push(context),
            Err(_) => tell((Grade::Bad, format!("{} has faults", file.source.path), remedy.clone())),
        }
    }
    machine(project, &contexts).await.into_iter().for_each(&mut tell);
    if globals.environment.is_some() {
        for file in &files {
            let found = account(project, file, globals, report).await;
            let of_stack = |(grade, what, remedy): Found| (grade, format!("{}: {what}", file.name), remedy);
            found.into_iter().map(of_stack).for_each(&mut tell);
        }
    }
    Ok(if bad { Exit::Other } else { Exit::Done })
}

/// What these stacks need of this machine.
async fn machine(project: &Project, contexts: &[Context]) -> Vec<Found> {
    let functions = contexts.iter().any(|each| !each.requests.functions.is_empty());
    let sites = contexts.iter().any(|each| each.requests.sites.iter().any(|site| site.build.is_some()));
    let local = contexts.iter().any(|each| each.stack.environment.local);
    let needed = [(functions, FOR_FUNCTIONS.as_slice()), (local || functions, &FOR_LOCAL), (sites, &FOR_SITES)];
    let mut found = Vec::new();
    for tool in needed.into_iter().filter(|(needed, _)| *needed).flat_map(|(_, tools)| tools) {
        let Tool { name, needed_for, remedy, .. } = tool;
        found.push(match tool.version().await {
            Ok(version) => (Grade::Good, format!("{name} {version}"), String::new()),
            Err(why) => (Grade::Bad, format!("{name}, for {needed_for}: {why}"), (*remedy).to_owned()),
        });
    }
    if local {
        let (grade, what, remedy) = match deployer_local::status(&project.folder).await {
            Ok(Status::Running(_)) => (Grade::Good, "the local AWS runs", ""),
            Ok(Status::Stopped) => (Grade::Good, "the local AWS does not run; `up` and `dev` start it", ""),
            Ok(Status::NotAnswering { .. }) | Err(_) => {
                (Grade::Bad, "the local AWS does not answer", "deployer local down, then deployer local up")
            }
        };
        found.push((grade, what.to_owned(), remedy.to_owned()));
    }
    found
}

/// What of the account of a stack's environment matters; the local AWS has none.
async fn account(
    project: &Project,
    file: &deployer_engine::stack::StackFile,
    globals: &Globals,
    report: &Reporter,
) -> Vec<Found> {
    let opened = Context::open(project, file, globals, &Others::unread(), report);
    let context = match opened {
        Ok(context) if context.stack.environment.local => return Vec::new(),
        Ok(context) => context,
        Err(failure) => return vec![(Grade::Bad, failure.to_string(), String::new())],
    };
    let cloud = match context.cloud(globals, false, report).await {
        Ok(cloud) => cloud,
        Err(failure) => {
            let what: Vec<&str> = failure.diagnostics.iter().map(|each| each.message.as_str()).collect();
            let remedy = failure.diagnostics.iter().find_map(|each| each.hint.clone()).unwrap_or_default();
            return vec![(Grade::Bad, what.join("; "), remedy)];
        }
    };
    let (mails, edges) = (context.stack.all::<Mail>().next().is_some(), context.stack.all::<Cdn>().next().is_some());
    let written = context.stack.all::<Cdn>().filter(|(_, cdn)| cdn.dns.is_some());
    let domains: Vec<&str> = written.filter_map(|(_, cdn)| cdn.domain.as_deref()).collect();
    let found = look(&cloud, mails, edges, &domains).await.into_iter().map(|finding| match finding {
        Finding::Good(what) => (Grade::Good, what, String::new()),
        Finding::Look(what, remedy) => (Grade::Look, what, remedy.to_owned()),
    });
    let caller = format!("the caller is in account {}", context.stack.environment.account);
    [(Grade::Good, caller, String::new())].into_iter().chain(found).collect()
}
