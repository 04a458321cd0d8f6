//! What commands learn of the declared secrets: their names and terms, and who reads them.

use deployer_engine::address::DeclarationAddress;
use deployer_engine::kind::{Desired, Kind as _, Stack, Wanted};
use deployer_engine::resource::{Effect as _, Resource as _, to_value};
use deployer_engine::value::references;
use serde_json::Value;

use super::{Secret, SecretKind, declared_key};
use crate::kinds::function::Function;
use crate::kinds::key::Key;
use crate::naming::Tags;
use crate::resources::kms_key::alias_arn;
use crate::resources::ring_turn::RingTurn;
use crate::resources::rs256_ring::Rs256Ring;
use crate::resources::secret_turn::SecretTurn;
use crate::resources::ssm_secret::SsmSecret;
use crate::rotation::{Terms, Turn};

/// A declared secret.
#[derive(Clone, Debug)]
pub struct DeclaredSecret {
    /// Its address.
    pub address: DeclarationAddress,
    /// Where its value comes from.
    pub kind: SecretKind,
    /// Its physical name; of a ring what its parameters begin with.
    pub name: String,
    /// The ARN of the KMS key that encrypts its values, or of the key's alias.
    pub key: Option<String>,
    /// The tags of a parameter that a person's value is put in.
    pub tags: Tags,
    /// What its rotation keeps to.
    pub terms: Terms,
    /// Where it is written how a person rotates it.
    pub how: Option<String>,
    /// Who makes its values.
    pub made: Made,
    /// Whether its readers do without it until a person puts it in place.
    pub optional: bool,
    /// The functions whose grants include it, and the CDNs that send it.
    pub readers: Vec<DeclarationAddress>,
    /// Whether something that the deployer makes carries its value, such as a CDN's header.
    pub carried: bool,
}

/// Who makes the values of a secret.
#[derive(Clone, Debug)]
pub enum Made {
    /// The deployer, in this parameter.
    Value(SsmSecret),
    /// The deployer, in this ring.
    Ring(Rs256Ring),
    /// A person.
    ByHand,
}

impl DeclaredSecret {
    /// The effect that makes a turn at that time, by its type and inputs; `None`: a person rotates it.
    pub fn turn(&self, turn: Turn, at: u64) -> Option<(&'static str, Value)> {
        match &self.made {
            Made::Value(secret) => Some((SecretTurn::TYPE, to_value(&SecretTurn { secret: secret.clone(), turn, at }))),
            Made::Ring(ring) => Some((RingTurn::TYPE, to_value(&RingTurn { ring: ring.clone(), turn, at }))),
            Made::ByHand => None,
        }
    }
}

/// Every declared secret of a stack, by address. `wanted` is what the stack expands to.
pub fn declared(stack: &Stack, wanted: &Wanted) -> Vec<DeclaredSecret> {
    let local = stack.environment.local;
    let secret = |(address, secret): (&DeclarationAddress, &Secret)| {
        let desired = wanted.desired.get(&address.part(Secret::KIND))?;
        let name = desired.inputs.get("name")?.as_str()?.to_owned();
        let made = made(secret.kind, desired);
        let carriers = carriers(address, wanted);
        let mut readers: Vec<_> = stack
            .all::<Function>()
            .filter(|(_, function)| function.reads(address, local))
            .map(|(reader, _)| reader.clone())
            .chain(carriers.iter().cloned())
            .collect();
        readers.sort();
        readers.dedup();
        Some(DeclaredSecret {
            address: address.clone(),
            kind: secret.kind,
            name,
            key: secret.key.as_deref().map(|key| key_id(key, stack, wanted)),
            tags: tags_given(stack, desired),
            terms: secret.rotate.clone().unwrap_or_default().terms(secret.kind, secret.accept_previous),
            how: secret.rotate.as_ref().and_then(|rotate| rotate.how.clone()),
            made,
            optional: secret.is_optional(),
            readers,
            carried: !carriers.is_empty(),
        })
    };
    stack.all::<Secret>().filter_map(secret).collect()
}

/// The tags of a parameter that a person's value is put in: the stack's own, and none of ours, for what is ours may be
/// deleted. Where the local AWS lets a random value stand in for a person's, those of that.
fn tags_given(stack: &Stack, desired: &Desired) -> Tags {
    let stands_in = (desired.type_name == SsmSecret::TYPE).then(|| serde_json::from_value(desired.inputs.clone()).ok());
    stands_in.flatten().map_or_else(|| stack.environment.tags.clone(), |secret: SsmSecret| secret.every_tag())
}

/// What AWS knows a key by.
fn key_id(key: &str, stack: &Stack, wanted: &Wanted) -> String {
    let Some(address) = declared_key(key) else { return key.to_owned() };
    let desired = wanted.desired.get(&address.part(Key::KIND));
    let alias = desired.and_then(|desired| desired.inputs["alias"].as_str()).unwrap_or_default();
    alias_arn(&stack.environment.region, &stack.environment.account, alias)
}

/// An `external` one is a person's, also where the local AWS lets a random value stand in for it.
fn made(kind: SecretKind, desired: &Desired) -> Made {
    let inputs = || desired.inputs.clone();
    let made = match kind {
        SecretKind::External => None,
        SecretKind::Random => serde_json::from_value(inputs()).ok().map(Made::Value),
        SecretKind::Rs256Ring => serde_json::from_value(inputs()).ok().map(Made::Ring),
    };
    made.unwrap_or(Made::ByHand)
}

/// The declarations of which something carries the value that is in use.
pub fn carriers(secret: &DeclarationAddress, wanted: &Wanted) -> Vec<DeclarationAddress> {
    let own = secret.part(Secret::KIND);
    let uses = |desired: &&Desired| {
        references(&desired.inputs).iter().any(|found| found.address == own && found.output == "generation")
    };
    wanted.desired.values().filter(uses).map(|desired| desired.address.declaration().clone()).collect()
}
