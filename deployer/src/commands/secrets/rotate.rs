//! `deployer secrets rotate`, `resume`, `abort` and `retire`: what may be done now is done, as steps of a plan.

use std::time::Duration;

use deployer_aws::kinds::secret::{DeclaredSecret, Made};
use deployer_aws::rotation::{Ask, Turn};
use deployer_aws::secrets::now;
use deployer_engine::address::DeclarationAddress;
use deployer_engine::step::Plan;

use super::decide::{Wish, decided};
use super::opened::{Found, Opened, open_all};
use super::turns::{Decided, forget, interrupted, plan};
use super::{carry, told};
use crate::applying::{applied, confirmed, ended, locked, may_go_on};
use crate::arguments::Globals;
use crate::arguments::secrets::Time;
use crate::error::{Exit, Failure};
use crate::planning::Prepared;
use crate::project::Project;
use crate::render::Reporter;
use crate::signals::Signals;
use crate::store::Writer;

/// The longest that a command waits before it looks again: clocks are set, and machines sleep.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// What the command line says.
pub struct Options {
    /// The secrets; none: every one.
    pub addresses: Vec<DeclarationAddress>,
    /// What is wished for them.
    pub wish: Wish,
    /// Only show it.
    pub dry_run: bool,
    /// Stay until it is done.
    pub wait: bool,
    /// The time that is taken for now.
    pub time: Time,
}

/// How a round of turns ended.
struct Round {
    exit: Exit,
    /// When the next turn of those that were looked at may be made, in epoch seconds.
    next: Option<u64>,
    /// Whether there is more that may be done at once.
    again: bool,
}

/// Runs the command.
pub async fn run(
    project: &Project,
    globals: &Globals,
    options: &Options,
    report: &Reporter,
    signals: &Signals,
) -> Result<Exit, Failure> {
    if !options.dry_run {
        may_go_on(globals)?;
    }
    for opened in open_all(project, globals, true, &options.addresses, report).await? {
        let exit = rotate(&opened, globals, options, report, signals).await?;
        if exit != Exit::Done {
            return Ok(exit);
        }
    }
    Ok(Exit::Done)
}

/// Round after round, as long as something may be done and is not waited for elsewhere.
async fn rotate(
    opened: &Opened,
    globals: &Globals,
    options: &Options,
    report: &Reporter,
    signals: &Signals,
) -> Result<Exit, Failure> {
    let mut time = options.time;
    let mut wish = options.wish;
    loop {
        let at = opened.now(time)?;
        let command = wish.verb();
        let work =
            async |writer: &mut dyn Writer| round(opened, globals, options, wish, at, writer, report, signals).await;
        let round = match options.dry_run {
            true => dry_round(opened, globals, options, at, report).await?,
            false => locked(&opened.context, globals, &format!("secrets {command}"), report, signals, work).await?,
        };
        // What was begun goes on; a second one is not begun.
        wish = wish.going_on();
        match round.next {
            _ if round.exit != Exit::Done || options.dry_run => return Ok(round.exit),
            _ if round.again => {}
            Some(next) if options.wait && time.at.is_some() => time.at = Some(next.max(at)),
            Some(next) if options.wait => wait_until(next).await,
            _ => return Ok(round.exit),
        }
    }
}

async fn wait_until(next: u64) {
    loop {
        let left = Duration::from_secs(next.saturating_sub(now()));
        if left.is_zero() {
            return;
        }
        tokio::time::sleep(left.min(LOOK_EVERY)).await;
    }
}

/// What a round would do, without the lock.
async fn dry_round(
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

/// Looks, decides, and does what may be done now; the lock is held.
#[expect(clippy::too_many_arguments, reason = "they are what a command has; a struct of them would be used here alone")]
async fn round(
    opened: &Opened,
    globals: &Globals,
    options: &Options,
    wish: Wish,
    at: u64,
    writer: &mut dyn Writer,
    report: &Reporter,
    signals: &Signals,
) -> Result<Round, Failure> {
    let by_name = !options.addresses.is_empty();
    let state = writer.state().clone();
    let wanted = opened.wanted(&state)?;
    let found = opened.find(&wanted, &options.addresses).await?;
    let interrupted = interrupted(&state);
    let decided = decided(&found, wish, &interrupted, by_name, at)?;
    if wish == options.wish {
        told::skipped(&found, at, by_name, report);
    }
    // What an earlier run has activated and not carried on goes first: the former value is still accepted.
    follow(opened, globals, &carried(&found), writer, report, signals).await?;
    let state = writer.state().clone();
    let plan = plan(&state, &decided, at, &|secret| carry::fronts(opened, &wanted, &state, secret));
    if plan.is_empty() {
        if !interrupted.is_empty() {
            report.note("the rotation that an earlier run was cut off in is as far as it may be");
            writer.amend(&mut forget);
            writer.save().await?;
        }
        told::waits(&decided, report);
        return Ok(Round { exit: Exit::Done, next: told::next(&decided, wish), again: false });
    }
    report.plan(&plan, &|_| None);
    told::risks(&decided, wish, report);
    if !confirmed(globals, report, "Do this? [y/N]", &["y", "yes"]).await? {
        return Ok(Round { exit: Exit::Other, next: None, again: false });
    }
    let exit = done(opened, globals, plan, writer, report, signals).await?;
    if exit == Exit::Done {
        follow(opened, globals, &carried(&found), writer, report, signals).await?;
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
    match done(opened, globals, plan, writer, report, signals).await? {
        Exit::Done => Ok(()),
        exit => Err(Failure::new(exit, "not-carried", "the new value is not everywhere yet")
            .hint("both values are accepted meanwhile: `deployer secrets resume` goes on")),
    }
}

/// Applies a plan and forgets what its journal needed.
async fn done(
    opened: &Opened,
    globals: &Globals,
    plan: Plan,
    writer: &mut dyn Writer,
    report: &Reporter,
    signals: &Signals,
) -> Result<Exit, Failure> {
    let prepared = Prepared { plan, unbuilt: std::collections::BTreeSet::new() };
    let (applied, _) = applied(&opened.context, &opened.cloud, globals, &prepared, writer, report, signals).await?;
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

/// Why rotations are looked at, for those who are asked by their names.
pub fn asked(by_name: bool, resume: bool) -> Ask {
    match (by_name, resume) {
        (_, true) => Ask::Resume,
        (true, false) => Ask::Now,
        (false, false) => Ask::Due,
    }
}
