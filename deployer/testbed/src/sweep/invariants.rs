//! What must hold after every case. Each function tells what does not.

use deployer_engine::state::{Standing, State};

use super::baseline::{Baseline, addresses};
use super::kept::{Kept, lock_is_free};
use super::project::Project;
use super::rows::{Leaves, Situation};
use super::secrets;
use crate::Inventory;
use crate::compare::{differences, settled};
use crate::inventory::list;

/// Where a site is in its bucket.
const SITE: &str = "site";

/// Everything that must hold when a situation is over. `before` is the state that it began with, `said` what every run
/// of it said.
pub async fn check(
    project: &Project,
    stack: &str,
    situation: &Situation,
    baseline: &Baseline,
    before: Option<&Kept>,
    said: &str,
) -> Vec<String> {
    let inventory = project.inventory().await;
    let exists = settled(&inventory);
    let mut leaves = baseline.leaves.clone();
    if situation.then.is_some() {
        // What a run that was given up never made is not kept, either.
        leaves.retain(|name, _| exists.contains_key(name));
    }
    let mut found = differences(&exists, &leaves);
    let kept = Kept::read(project, stack, situation.state).await;
    found.extend(history_goes_on(before, kept.as_ref()));
    found.extend(kept.iter().flat_map(|kept| each_once(&project.addressed(&inventory, stack), baseline, kept)));
    found.extend(lock_is_free(project, stack, situation.state).await);
    found.extend(secrets::told(project, stack, situation.state, said).await);
    match situation.leaves {
        Leaves::TheStack => {
            found.extend(site_is_whole(project).await);
            found.extend(nothing_to_do(project, stack).await);
        }
        Leaves::Nothing => found.extend(nothing_left(project, &inventory, stack)),
    }
    found
}

/// The state is whole, of the same history, and newer.
fn history_goes_on(before: Option<&Kept>, after: Option<&Kept>) -> Option<String> {
    let Some(Kept(after)) = after else { return Some("the state cannot be read".to_owned()) };
    let Kept(before) = before?;
    let goes_on = after.lineage == before.lineage && after.serial > before.serial;
    (!goes_on).then(|| {
        let line = |state: &State| format!("{} of lineage {}", state.serial, state.lineage);
        format!("the state {} does not follow {}", line(after), line(before))
    })
}

/// Everything with our tags is recorded, and no address has more things than it should.
fn each_once(addressed: &[(String, String)], baseline: &Baseline, kept: &Kept) -> Vec<String> {
    let recorded = |address: &str| {
        kept.0.records.iter().any(|each| each.standing == Standing::Current && each.address.to_string() == address)
    };
    let orphans = addressed.iter().filter(|(_, address)| !recorded(address));
    let orphans = orphans.map(|(name, address)| format!("an orphan: no record tells of {name} at {address}"));
    let found = addresses(addressed);
    let doubles = found.iter().filter(|(address, count)| baseline.addresses.get(*address) != Some(count));
    let doubles = doubles.map(|(address, count)| format!("{count} things bear the address {address}"));
    let open = kept.0.intents.iter().map(|intent| format!("an intent is left open: {}", intent.address));
    orphans.chain(doubles).chain(open).collect()
}

/// The next plan has no change and changes nothing.
async fn nothing_to_do(project: &Project, stack: &str) -> Option<String> {
    project.wire.clear();
    let plan = project.run(stack, "plan --detailed-exitcode").await;
    let mutating = project.wire.mutating_calls();
    (!plan.status.success() || !mutating.is_empty()).then(|| format!("the next plan is not empty: {mutating:?} {plan}"))
}

/// Nothing bears the stack's tags any more.
fn nothing_left(project: &Project, inventory: &Inventory, stack: &str) -> Option<String> {
    let left = project.addressed(inventory, stack);
    (!left.is_empty()).then(|| format!("left behind: {left:?}"))
}

/// Every page that a bucket serves has the files that it needs.
pub async fn site_is_whole(project: &Project) -> Vec<String> {
    let aws = project.aws();
    let mut found = Vec::new();
    for bucket in list(&aws.get("s3", "/").await["Buckets"]["Bucket"]) {
        let site = format!("/{}/{SITE}", bucket["Name"].as_str().unwrap_or_default());
        let Some(page) = aws.text("s3", &format!("{site}/index.html")).await else { continue };
        let needed = page.split("=/").skip(1).filter_map(|rest| rest.split('>').next());
        for path in needed {
            if aws.text("s3", &format!("{site}/{path}")).await.is_none() {
                found.push(format!("{site}/index.html needs {path}, which is not there"));
            }
        }
    }
    found
}
