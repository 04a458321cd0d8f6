//! Who gets a policy, and what the commands of each call.

use std::collections::{BTreeMap, BTreeSet};

use deployer_engine::address::Address;
use deployer_engine::kind::Desired;
use deployer_engine::resource::Effect as _;
use deployer_engine::value::references;

use crate::actions::is_change;
use crate::policy::Statement;
use crate::resources::ring_turn::RingTurn;
use crate::resources::secret_turn::SecretTurn;

/// The types of secrets.
const SECRETS: [&str; 3] = ["external_secret", "rs256_ring", "ssm_secret"];

/// Who gets a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Whoever runs `up`, `plan`, `down` and `secrets`.
    Deploy,
    /// Whoever runs `plan` and nothing else: it only reads.
    Plan,
    /// Whoever runs `secrets rotate` and `secrets audit` and nothing else: it changes secrets, and what carries one.
    Rotate,
}

impl Role {
    /// The types whose actions the role needs.
    pub(super) fn types(self, desired: &BTreeMap<Address, Desired>) -> BTreeSet<&'static str> {
        let present: BTreeSet<_> = desired.values().map(|each| each.type_name).collect();
        let turns = [("rs256_ring", RingTurn::TYPE), ("ssm_secret", SecretTurn::TYPE)];
        let turns = turns.into_iter().filter(|(secret, _)| present.contains(secret)).map(|(_, turn)| turn);
        match self {
            Self::Plan => present,
            Self::Deploy => present.iter().copied().chain(turns).collect(),
            Self::Rotate => turns.chain(carriers(desired)).collect(),
        }
    }

    /// Whether the role may do this at all.
    pub(super) fn needs(self, action: &str) -> bool {
        self != Self::Plan || !is_change(action)
    }

    /// The same statement with what the role needs of it.
    pub(super) fn narrowed(self, mut statement: Statement) -> Statement {
        statement.actions.retain(|action| self.needs(action));
        statement
    }

    /// What the commands of the role call beside what its types declare.
    pub(super) fn of_commands(self, desired: &BTreeMap<Address, Desired>) -> Vec<&'static str> {
        let has_secrets = desired.values().any(|each| SECRETS.contains(&each.type_name));
        let about_secrets = ["ssm:DescribeParameters", "ssm:GetParameters", "ssm:ListTagsForResource"];
        let about_secrets = about_secrets.into_iter().filter(|_| has_secrets);
        let moves_values = ["ssm:GetParameter", "ssm:PutParameter"].into_iter();
        let moves_values = moves_values.filter(|_| has_secrets && self == Self::Deploy);
        std::iter::once("sts:GetCallerIdentity").chain(about_secrets).chain(moves_values).collect()
    }
}

/// The types of what carries the value of a secret.
fn carriers(desired: &BTreeMap<Address, Desired>) -> BTreeSet<&'static str> {
    let is_secret = |address: &Address| desired.get(address).is_some_and(|each| SECRETS.contains(&each.type_name));
    let carries = |each: &&Desired| references(&each.inputs).iter().any(|found| is_secret(&found.address));
    desired.values().filter(carries).map(|each| each.type_name).collect()
}
