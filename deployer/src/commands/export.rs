//! `deployer export`: leaves what the deployer knows in a bucket, for reports that others make of it.

mod advisories;
mod kept;
mod told;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use deployer_aws::objects::Bucket;
use deployer_engine::state::Record;
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use self::kept::RELEASES;
use super::status::{self, Status};
use super::{audit, secrets};
use crate::activity::{Release, noted, released, since, weeks};
use crate::arguments::Globals;
use crate::context::Context;
use crate::error::{Exit, Failure};
use crate::project::Project;
use crate::reach::Others;
use crate::render::Reporter;
use crate::repository::{Commit, History};

/// What `status --all --json` tells of each stack, and the day of its last release.
const STATUS: &str = "exports/status.jsonl";
/// Commits, releases and lead times by week.
const GIT: &str = "exports/git.json";
/// What `secrets audit --all --json` tells of each secret, what `audit --secrets` found, and advisories.
const AUDIT: &str = "exports/audit.jsonl";

/// Runs the command: reads everything live, then writes four objects below `exports/`. `weak`: another tool's report of
/// advisories.
pub async fn run(
    project: &Project,
    globals: &Globals,
    address: &str,
    weak: Option<&Path>,
    report: &Reporter,
) -> Result<Exit, Failure> {
    let advisories = weak.map(advisories::read).transpose()?;
    let bucket = find(project, globals, address, report).await?;
    let everywhere = Globals { stack: None, ..globals.clone() };
    let mut stacks: Vec<Status> = Vec::new();
    status::each(project, &everywhere, true, report, |status| stacks.push(status)).await?;
    let looked = audit::look(project)?;
    let secrets = secrets::audited(project, &everywhere, report).await?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs().cast_signed());
    let History { commits, head: Commit { id, at } } = History::read(&project.folder, since(now)).await?;
    let written = Timestamp::from_second(now).unwrap_or(Timestamp::MAX);
    let digests = stacks.iter().map(|each| (each.stack.clone(), digest(&each.records))).collect::<BTreeMap<_, _>>();
    let present = Release { at: now, commit: id, committed: at, stacks: digests };
    let (before, tag) = kept::releases(&bucket).await?;
    let releases = noted(before, present);
    kept::note(&bucket, &releases, tag).await?;
    let stacks = stacks.into_iter().map(|status| with_release(status, &releases));
    kept::replace(&bucket, STATUS, &told::lines(written, stacks)).await?;
    kept::replace(&bucket, GIT, &told::git(written, &weeks(&commits, &releases, now))).await?;
    kept::replace(&bucket, AUDIT, &told::audit(written, secrets, &looked, advisories)).await?;
    let objects = [STATUS, GIT, AUDIT, RELEASES];
    let told = json!({ "type": "export", "bucket": address, "objects": objects });
    report.result(&format!("{} are in {address}", objects.join(", ")), &told);
    Ok(Exit::Done)
}

/// The bucket that a stack of the project declares and has up.
async fn find(project: &Project, globals: &Globals, address: &str, report: &Reporter) -> Result<Bucket, Failure> {
    let (file, address) = project.declaring(globals.stack.as_deref(), address)?;
    let context = Context::open(project, &file, globals, &Others::unread(), report)?;
    let state = context.load(globals, report).await?.state;
    let record = state.current(&address.part("bucket")).filter(|record| record.type_name == "s3_bucket");
    let name = record.map(|record| record.id.clone()).ok_or_else(|| {
        Failure::usage(format!("{address} is no bucket that is up in {}", context.scope.environment))
            .hint("`deployer up` brings it up")
    })?;
    Ok(Bucket::new(context.cloud(globals, false, report).await?, name))
}

fn digest(records: &[Record]) -> String {
    hex::encode(Sha256::digest(json!(records).to_string()))
}

fn with_release(status: Status, releases: &[Release]) -> Value {
    let mut told = status.told;
    told["released"] = json!(released(releases, &status.stack));
    told
}
