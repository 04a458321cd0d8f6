//! `deployer export`: leaves what the deployer knows in a bucket, for reports that others make of it.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use deployer_aws::objects::Bucket;
use deployer_engine::address::DeclarationAddress;
use deployer_engine::objects::{Objects, Only, Written};
use deployer_engine::state::Record;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::status::{self, Status};
use crate::activity::{Release, noted, released, since, weeks};
use crate::arguments::Globals;
use crate::context::Context;
use crate::error::{Exit, Failure};
use crate::project::Project;
use crate::reach::Others;
use crate::render::Reporter;
use crate::repository::{Commit, History};

/// What `status --all --json` tells, a line a stack.
const STATUS: &str = "exports/status.jsonl";
/// Commits, releases and lead times by week.
const GIT: &str = "exports/git.json";
/// Every release that was noted, so that the next run knows what has changed.
const RELEASES: &str = "exports/releases.json";
/// What the bucket is told of who wrote.
const LABEL: &str = "deployer export";

/// Runs the command: reads everything live, and writes three objects below `exports/`.
pub async fn run(project: &Project, globals: &Globals, address: &str, report: &Reporter) -> Result<Exit, Failure> {
    let wanted: DeclarationAddress = address.parse().map_err(|_| {
        Failure::usage(format!("`{}` is no address", address.escape_debug()))
            .hint("a bucket's address is `bucket.name`")
    })?;
    let bucket = find(project, globals, &wanted, report).await?;
    let everywhere = Globals { stack: None, ..globals.clone() };
    let mut stacks: Vec<Status> = Vec::new();
    status::each(project, &everywhere, true, report, |status| stacks.push(status)).await?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs().cast_signed());
    let History { commits, head: Commit { id, at } } = History::read(&project.folder, since(now)).await?;
    let digests = stacks.iter().map(|each| (each.stack.clone(), digest(&each.records))).collect::<BTreeMap<_, _>>();
    let present = Release { at: now, commit: id, committed: at, stacks: digests };
    let (before, tag) = releases(&bucket).await?;
    let releases = noted(before, present);
    write(&bucket, RELEASES, &text(&releases), tag.map_or(Only::New, Only::Over)).await?;
    let lines = stacks.into_iter().map(|status| with_release(status, &releases));
    let lines: String = lines.map(|line| format!("{line}\n")).collect();
    replace(&bucket, STATUS, &lines).await?;
    replace(&bucket, GIT, &text(&weeks(&commits, &releases, now))).await?;
    let told = json!({ "type": "export", "bucket": address, "objects": [STATUS, GIT, RELEASES] });
    report.result(&format!("{STATUS}, {GIT} and {RELEASES} are in {address}"), &told);
    Ok(Exit::Done)
}

/// The bucket that a stack of the project declares and has up.
async fn find(
    project: &Project,
    globals: &Globals,
    address: &DeclarationAddress,
    report: &Reporter,
) -> Result<Bucket, Failure> {
    for file in project.select(globals.stack.as_deref(), globals.stack.is_none())? {
        let context = Context::open(project, &file, globals, &Others::unread(), report)?;
        if !context.stack.addresses().any(|each| each == address) {
            continue;
        }
        let state = context.load(globals, report).await?.state;
        let record = state.current(&address.part("bucket")).filter(|record| record.type_name == "s3_bucket");
        let name = record.map(|record| record.id.clone()).ok_or_else(|| {
            Failure::usage(format!("{address} is no bucket that is up in {}", context.scope.environment))
                .hint("`deployer up` brings it up")
        })?;
        return Ok(Bucket::new(context.cloud(globals, false, report).await?, name));
    }
    Err(Failure::usage(format!("no stack declares {address}")))
}

fn digest(records: &[Record]) -> String {
    hex::encode(Sha256::digest(json!(records).to_string()))
}

fn with_release(status: Status, releases: &[Release]) -> Value {
    let mut told = status.told;
    told["released"] = json!(released(releases, &status.stack));
    told
}

fn text(value: &impl serde::Serialize) -> String {
    json!(value).to_string()
}

/// The releases that were noted before, and the version of their object. What cannot be read is begun anew.
async fn releases(bucket: &Bucket) -> Result<(Vec<Release>, Option<String>), Failure> {
    let found = bucket.get(RELEASES).await?;
    Ok(found.map_or_else(Default::default, |object| {
        (serde_json::from_slice(&object.body).unwrap_or_default(), Some(object.tag))
    }))
}

async fn replace(bucket: &Bucket, key: &str, text: &str) -> Result<(), Failure> {
    let only = bucket.get(key).await?.map_or(Only::New, |object| Only::Over(object.tag));
    write(bucket, key, text, only).await
}

async fn write(bucket: &Bucket, key: &str, text: &str, only: Only) -> Result<(), Failure> {
    match bucket.put(key, text.as_bytes(), LABEL, &only).await? {
        Written::Done(_) => Ok(()),
        Written::Refused => Err(Failure::new(Exit::Other, "export-overtaken", format!("somebody else wrote {key}"))
            .hint("two exports ran at once: run it again")),
    }
}
