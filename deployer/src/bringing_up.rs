//! What `up` and `dev` share: from a stack file to a world that is as it says.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use deployer_aws::Cloud;
use deployer_engine::address::DeclarationAddress;
use deployer_engine::apply::Applied;
use deployer_engine::step::{Plan, Step};

use crate::applying::{Applying, applied, confirmed, locked};
use crate::arguments::{Globals, Selection, Wait};
use crate::commands::build::{build, describe};
use crate::context::Context;
use crate::error::Failure;
use crate::plan_file::PlanFile;
use crate::planning::{Prepared, prepare};
use crate::render::Reporter;
use crate::signals::Signals;
use crate::store::Writer;

/// A plan that was applied, and what came of it.
pub struct Brought {
    /// The plan.
    pub plan: Plan,
    /// How it went.
    pub applied: Applied,
    /// The stack's named values, as far as they are known.
    pub told: BTreeMap<String, String>,
}

/// What is to be brought up.
pub struct Wish<'a> {
    /// Which steps are meant.
    pub selection: &'a Selection,
    /// Whether data may be lost.
    pub delete_data: bool,
    /// What to wait for: with nothing, what would wait for the edges is left out.
    pub wait: Wait,
    /// A plan that was looked at, and the text of the stack file now: only that plan is done, and nobody is asked again.
    pub looked_at: Option<(&'a PlanFile, &'a str)>,
}

/// Plans, builds what the selected steps ship, shows, asks and does. Absent: the answer was no.
pub async fn bring_up(
    context: &Context,
    cloud: &Arc<Cloud>,
    globals: &Globals,
    wish: &Wish<'_>,
    report: &Reporter,
    signals: &Signals,
) -> Result<Option<Brought>, Failure> {
    let started = Instant::now();
    let Wish { selection, delete_data, wait, looked_at } = *wish;
    let work = async |writer: &mut dyn Writer| {
        let state = writer.state().clone();
        let mut prepared = prepare(context, cloud, state.clone(), None, delete_data, report).await?;
        if let Some((file, text)) = looked_at {
            file.agrees(&prepared.plan.clone().select(&selection.target, &selection.exclude), text)?;
        }
        let unbuilt = selected(&prepared, selection);
        if !unbuilt.is_empty() {
            let built = context.with_shipped(build(context, Some(&unbuilt), report).await?, &state);
            prepared = prepare(context, cloud, state, Some(built), delete_data, report).await?;
        }
        prepared.plan = prepared.plan.select(&selection.target, &selection.exclude);
        if wait == Wait::None {
            prepared.plan = at_once(prepared.plan, report);
        }
        report.plan(&prepared.plan, &|step: &Step| describe(context, step));
        let asks = !prepared.plan.is_empty() && looked_at.is_none();
        if asks && !confirmed(globals, report, "Do this? [y/N]", &["y", "yes"]).await? {
            return Ok(None);
        }
        let how = Applying { verb: "up", globals, report, signals };
        let (applied, told) = applied(context, cloud, &how, &prepared, writer).await?;
        Ok(Some(Brought { plan: prepared.plan, applied, told }))
    };
    let brought = locked(context, globals, "up", report, signals, work).await?;
    if let Some(Brought { plan, applied, .. }) = brought.as_ref().filter(|each| !each.plan.is_empty()) {
        report.applied(plan, applied, started.elapsed());
    }
    Ok(brought)
}

/// The plan less what waits for the edges; how much of it is left is told.
fn at_once(plan: Plan, report: &Reporter) -> Plan {
    let every = plan.steps.len();
    let plan = plan.at_once();
    match every - plan.steps.len() {
        0 => {}
        late => report.note(&format!("what waits for the edges is left to a later `up`: {late} steps")),
    }
    plan
}

/// What must be built for the steps that are meant: the others are not done.
fn selected(prepared: &Prepared, selection: &Selection) -> BTreeSet<DeclarationAddress> {
    let plan = prepared.plan.clone().select(&selection.target, &selection.exclude);
    let meant: BTreeSet<_> = plan.steps.iter().map(|step| step.address.declaration().clone()).collect();
    prepared.unbuilt.intersection(&meant).cloned().collect()
}
