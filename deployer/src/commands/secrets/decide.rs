//! What is wished for secrets, and what is decided about each. Pure.

use std::collections::BTreeSet;

use deployer_aws::kinds::secret::{DeclaredSecret, Made};
use deployer_aws::rotation::{Ask, Decision, Limits, Stage, Turn, decide, due};
use deployer_aws::secrets::Standing;
use deployer_engine::address::DeclarationAddress;

use super::findings::comes_by;
use super::opened::Found;
use super::told::time;
use super::turns::Decided;
use crate::error::{Exit, Failure};

/// What is wished for secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// To begin, or to go on.
    Rotate(Ask, Limits),
    /// To take back what is published.
    Abort,
    /// To end the overlap, in an emergency at once.
    Retire {
        /// Whether nothing is waited for.
        emergency: bool,
    },
}

impl Wish {
    /// The verb for it.
    pub fn verb(self) -> &'static str {
        match self {
            Self::Rotate(Ask::Resume, _) => "resume",
            Self::Rotate(..) => "rotate",
            Self::Abort => "abort",
            Self::Retire { .. } => "retire",
        }
    }

    /// The same for what has been begun by it: no other rotation begins.
    pub fn going_on(self) -> Self {
        match self {
            Self::Rotate(_, limits) => Self::Rotate(Ask::Resume, limits),
            other => other,
        }
    }

    /// Whether nothing is waited for.
    pub fn is_emergency(self) -> bool {
        matches!(self, Self::Rotate(_, Limits { emergency: true, .. }) | Self::Retire { emergency: true })
    }
}

/// What is decided about each of the secrets that the deployer rotates and that are there. What was asked for by its name
/// and cannot be done is an error. A rotation that an earlier run was cut off in is ended before another begins.
pub fn decided(
    found: &[Found],
    wish: Wish,
    interrupted: &BTreeSet<DeclarationAddress>,
    by_name: bool,
    now: u64,
) -> Result<Vec<Decided>, Failure> {
    let mut all = Vec::new();
    for (secret, standing) in found {
        match (standing, &secret.made) {
            (None, _) if by_name => {
                let message = format!("{} is not there", secret.address);
                return Err(Failure::new(Exit::Other, "no-secret", message).hint(comes_by(secret)));
            }
            (_, Made::ByHand) if by_name => return Err(by_hand(secret)),
            (None, _) | (_, Made::ByHand) => {}
            (Some(standing), _) => {
                let wish = if interrupted.contains(&secret.address) { wish.going_on() } else { wish };
                let mut decision = one(secret, standing, wish, now)?;
                // What was cut off between the document and the keys is ended; an overlap keeps its keys until its own end.
                if standing.left_over && decision.turns.is_empty() && !matches!(standing.stage, Stage::Activated { .. })
                {
                    decision.turns.push(Turn::Retire);
                }
                all.push(Decided { secret: secret.clone(), decision });
            }
        }
    }
    Ok(all)
}

fn one(secret: &DeclaredSecret, standing: &Standing, wish: Wish, now: u64) -> Result<Decision, Failure> {
    let stage = standing.stage;
    let nothing = || Decision { turns: Vec::new(), next: due(stage, secret.terms) };
    match (wish, stage) {
        (Wish::Rotate(ask, limits), _) => {
            // The value in use may be the one that leaked, however young it is: it is replaced like an older one.
            let replaces = limits.emergency && ask == Ask::Now && matches!(stage, Stage::Activated { .. });
            let stage = if replaces { Stage::Steady { since: now } } else { stage };
            Ok(for_carriers(secret, decide(stage, secret.terms, now, ask, limits), now))
        }
        (Wish::Abort, Stage::Published { .. }) => Ok(Decision { turns: vec![Turn::Abort], next: None }),
        (Wish::Abort, Stage::Activated { .. }) => {
            let message = format!("the new value of {} is used already", secret.address);
            Err(Failure::new(Exit::Other, "too-late", message)
                .hint("`deployer secrets rotate --emergency` makes another and ends the overlap"))
        }
        (Wish::Retire { emergency }, Stage::Activated { .. }) => match due(stage, secret.terms) {
            Some((_, at)) if at > now && !emergency => {
                let message = format!("the former value of {} is still in use until {}", secret.address, time(at));
                Err(Failure::new(Exit::Other, "too-early", message)
                    .hint("come back then, or say `--emergency` if whoever uses it may be locked out"))
            }
            _ => Ok(Decision { turns: vec![Turn::Verify, Turn::Retire], next: None }),
        },
        (Wish::Retire { .. }, Stage::Published { .. }) => {
            let message = format!("the new value of {} is not used yet", secret.address);
            Err(Failure::new(Exit::Other, "too-early", message).hint("`deployer secrets resume` goes on with it"))
        }
        (Wish::Abort | Wish::Retire { .. }, Stage::Steady { .. }) => Ok(nothing()),
    }
}

/// What carries a secret gets the new value before the former one is refused: that is a round of its own.
fn for_carriers(secret: &DeclaredSecret, decision: Decision, now: u64) -> Decision {
    let cut = decision.turns.iter().position(|turn| *turn == Turn::Activate);
    match cut.filter(|at| secret.carried && at + 1 < decision.turns.len()) {
        None => decision,
        Some(at) => Decision { turns: decision.turns[..=at].to_vec(), next: Some((Turn::Retire, now)) },
    }
}

fn by_hand(secret: &DeclaredSecret) -> Failure {
    let how = secret.how.as_ref().map(|how| format!("; {how} says how")).unwrap_or_default();
    Failure::new(Exit::NeedsPerson, "by-hand", format!("a person rotates {}{how}", secret.address))
        .hint(format!("make a new value where it is used, then `deployer secrets set {}`", secret.address))
}
