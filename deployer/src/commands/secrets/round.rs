//! One round of a rotation: what may be done now is decided and applied as a plan.

use std::collections::BTreeSet;

use deployer_aws::kinds::secret::{DeclaredSecret, Made};
use deployer_aws::rotation::Turn;
use deployer_engine::step::Plan;

use super::decide::{Wish, decided};
use super::opened::{Found, Opened};
use super::rotate::Options;
use super::turns::{Decided, forget, interrupted, plan};
use super::{carry, told};
use crate::applying::{Applying, applied, confirmed, ended};
use crate::arguments::Globals;
use crate::arguments::secrets::Time;
use crate::error::{Exit, Failure};
use crate::planning::Prepared;
use crate::render::Reporter;
use crate::signals::Signals;
use crate::store::Writer;

/// How a round of turns ended.
pub struct Round {
    /// How it ended.
    pub exit: Exit,
    /// When the next turn of those that were looked at may be made, in epoch seconds.
    pub next: Option<u64>,
    /// Whether there is more that may be done at once.
    pub again: bool,
}

/// What a round would do, without the lock.
pub async fn dry_round(
    opened: &Opened,
    globals: &Globals,
    options: &Options,
    at: u64,
    report: &Reporter,
) -> Result<Round, Failure> {
    let state = opened.context.load(globals, report).await?.state;
    let wanted = opened.wanted(&state)?;
    let found = opened.find(&wanted, &options.addresses).await?;
    let decided = decided(&found, options.wish, &interrupted(&state), !options.addresses.is_empty(), at)?;
    report.plan(&plan(&state, &decided, at, &|_| Vec::new()), &|_| None);
    told::skipped(&found, at, !options.addresses.is_empty(), report);
    told::waits(&decided, report);
    Ok(Round { exit: Exit::Done, next: None, again: false })
}

/// Looks, decides, and does what may be done now; the lock is held. What others must be given time for begins when a turn is
/// made, however long somebody was asked.
#[expect(clippy::too_many_arguments, reason = "they are what a command has; a struct of them would be used here alone")]
pub async fn round(
    opened: &Opened,
    globals: &Globals,
    options: &Options,
    wish: Wish,
    time: Time,
    writer: &mut dyn Writer,
    report: &Reporter,
    signals: &Signals,
) -> Result<Round, Failure> {
    let by_name = !options.addresses.is_empty();
    let at = opened.now(time)?;
    let state = writer.state().clone();
    let wanted = opened.wanted(&state)?;
    let found = opened.find(&wanted, &options.addresses).await?;
    let interrupted = interrupted(&state);
    let decided = decided(&found, wish, &interrupted, by_name, at)?;
    if wish == options.wish {
        told::skipped(&found, at, by_name, report);
    }
    // What an earlier run has activated and not carried on goes first: the former value is still accepted.
    follow(opened, globals, options, &carried(&found), writer, report, signals).await?;
    let state = writer.state().clone();
    let planned = |at| plan(&state, &decided, at, &|secret| carry::fronts(opened, &wanted, &state, secret));
    let shown = planned(at);
    if shown.is_empty() {
        if !interrupted.is_empty() {
            report.note("the rotation that an earlier run was cut off in is as far as it may be");
            writer.amend(&mut forget);
            writer.save().await?;
        }
        told::waits(&decided, report);
        return Ok(Round { exit: Exit::Done, next: told::next(&decided, wish), again: false });
    }
    report.plan(&shown, &|_| None);
    told::risks(&decided, wish, report);
    if !confirmed(globals, report, "Do this? [y/N]", &["y", "yes"]).await? {
        return Ok(Round { exit: Exit::Other, next: None, again: false });
    }
    let exit = done(opened, globals, options, planned(opened.now(time)?), writer, report, signals).await?;
    if exit == Exit::Done {
        follow(opened, globals, options, &carried(&found), writer, report, signals).await?;
        told::turned(&decided, report);
    }
    let again = decided.iter().any(|each| each.is_cut_short(at));
    if !again {
        told::waits(&decided, report);
    }
    Ok(Round { exit, next: told::next(&decided, wish), again })
}

/// The secrets whose values something carries.
fn carried(found: &[Found]) -> Vec<&DeclaredSecret> {
    let carried =
        |(secret, standing): &&Found| secret.carried && standing.is_some() && !matches!(secret.made, Made::ByHand);
    found.iter().filter(carried).map(|(secret, _)| secret).collect()
}

/// Brings the values in use to what carries them.
async fn follow(
    opened: &Opened,
    globals: &Globals,
    options: &Options,
    secrets: &[&DeclaredSecret],
    writer: &mut dyn Writer,
    report: &Reporter,
    signals: &Signals,
) -> Result<(), Failure> {
    if secrets.is_empty() {
        return Ok(());
    }
    let state = writer.state().clone();
    let wanted = opened.wanted(&state)?;
    let plan = carry::plan_following(opened, &wanted, &state, secrets).await?;
    if plan.is_empty() {
        return Ok(());
    }
    report.plan(&plan, &|_| None);
    match done(opened, globals, options, plan, writer, report, signals).await? {
        Exit::Done => Ok(()),
        exit => Err(Failure::new(exit, "not-carried", "the new value is not everywhere yet")
            .hint("both values are accepted meanwhile: `deployer secrets resume` goes on")),
    }
}

/// Applies a plan and forgets what its journal needed.
async fn done(
    opened: &Opened,
    globals: &Globals,
    options: &Options,
    plan: Plan,
    writer: &mut dyn Writer,
    report: &Reporter,
    signals: &Signals,
) -> Result<Exit, Failure> {
    let prepared = Prepared { plan, unbuilt: BTreeSet::new() };
    let verb = format!("secrets {}", options.wish.verb());
    let how = Applying { verb: &verb, globals, report, signals };
    let (applied, _) = applied(&opened.context, &opened.cloud, &how, &prepared, writer).await?;
    writer.amend(&mut forget);
    writer.save().await?;
    ended(&prepared.plan, &applied, signals)
}

impl Decided {
    /// Whether turns that may be made at once were left for another round: what carries the secret comes between.
    fn is_cut_short(&self, at: u64) -> bool {
        let is_due = self.decision.next.is_some_and(|(turn, due)| turn == Turn::Retire && due <= at);
        is_due && self.decision.turns.last() == Some(&Turn::Activate)
    }
}
