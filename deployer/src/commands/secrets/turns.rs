//! From what was decided about secrets to a plan. Pure.

use std::collections::{BTreeMap, BTreeSet};

use deployer_aws::kinds::secret::DeclaredSecret;
use deployer_aws::rotation::{Decision, Turn};
use deployer_engine::address::{Address, DeclarationAddress};
use deployer_engine::state::{Standing, State};
use deployer_engine::step::{Action, Front, Plan, Step, StepId};

/// A secret, and what was decided about it.
pub struct Decided {
    /// The secret.
    pub secret: DeclaredSecret,
    /// What is done and what comes next.
    pub decision: Decision,
}

/// The address of a turn: `secret.jwt/publish`.
fn address(secret: &DeclaredSecret, turn: Turn) -> Address {
    secret.address.part(turn.word())
}

/// The plan of all the turns, one secret's after another's. `fronts` is what carries a secret to the edge: the former value
/// goes only when every edge has the new one.
pub fn plan(state: &State, decided: &[Decided], now: u64, fronts: &dyn Fn(&DeclaredSecret) -> Vec<Front>) -> Plan {
    let mut steps: Vec<Step> = Vec::new();
    for Decided { secret, decision, .. } in decided {
        let mut before = None;
        for turn in &decision.turns {
            let Some((type_name, inputs)) = secret.turn(*turn, now) else { continue };
            let id = StepId(steps.len());
            steps.push(Step {
                id,
                address: address(secret, *turn),
                type_name: type_name.to_owned(),
                action: Action::Run,
                inputs,
                prior: None,
                live: None,
                changes: Vec::new(),
                after: before.into_iter().collect(),
                depends: BTreeSet::new(),
                retire: Standing::Deposed,
                replaces: false,
                once_spread: if *turn == Turn::Retire { fronts(secret) } else { Vec::new() },
                location: None,
            });
            before = Some(id);
        }
    }
    Plan {
        scope: state.scope.clone(),
        lineage: state.lineage.clone(),
        base_serial: state.serial,
        steps,
        notes: Vec::new(),
        outputs: BTreeMap::new(),
        told: state.outputs.clone(),
        unchanged: decided.iter().filter(|each| each.decision.turns.is_empty()).count(),
        whole: false,
    }
}

fn is_turn(type_name: &str) -> bool {
    matches!(type_name, "ring_turn" | "secret_turn")
}

/// The secrets whose rotation an earlier run was cut off in: what it did is recorded and not forgotten yet.
pub fn interrupted(state: &State) -> BTreeSet<DeclarationAddress> {
    let turns = state.records.iter().filter(|record| is_turn(&record.type_name));
    turns.map(|record| record.address.declaration().clone()).collect()
}

/// The state without the records of turns: nothing is learnt from them that AWS does not tell.
pub fn forget(state: &mut State) {
    state.records.retain(|record| !is_turn(&record.type_name));
}
