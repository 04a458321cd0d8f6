//! Kinds: what a person declares, and how it expands, purely, into resources.

mod attributes;
mod expansion;

use std::any::Any;
use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::address::{Address, DeclarationAddress};
use crate::diagnostic::{Diagnostic, Location, MAX_FAULTS, did_you_mean};
use crate::resolve::{Declared, Environment, Resolved};
use crate::schema;
use crate::value::OutputRef;

use self::attributes::Attributes;

pub use expansion::{Added, Desired, Expansion};

/// What a person declares: `[kind.name]`. Its fields are the keys of the declaration.
///
/// Derive `JsonSchema` and `Deserialize` with `deny_unknown_fields`: parser, schema and editor
/// completion all come from that one description.
pub trait Kind: DeserializeOwned + JsonSchema + Any + Send + Sync {
    /// The word between the brackets, such as `function`.
    const KIND: &'static str;
    /// Other words that people try for it, such as the service's name. They are no kinds: an error tells the right one.
    const ALSO_CALLED: &'static [&'static str] = &[];

    /// What other declarations may refer to as `${kind.name.attribute}`: text that is known now,
    /// or text with `${address#output}` placeholders.
    fn attributes(&self, cx: &Expand<'_>) -> Vec<(&'static str, String)>;

    /// The resources that it stands for. Faults are reported, not returned: all at once.
    fn expand(&self, cx: &Expand<'_>, out: &mut Expansion);
}

trait AnyKind: Send + Sync {
    fn as_any(&self) -> &dyn Any;
    fn attributes(&self, cx: &Expand<'_>) -> Vec<(&'static str, String)>;
    fn expand(&self, cx: &Expand<'_>, out: &mut Expansion);
}

impl<K: Kind> AnyKind for K {
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn attributes(&self, cx: &Expand<'_>) -> Vec<(&'static str, String)> {
        Kind::attributes(self, cx)
    }
    fn expand(&self, cx: &Expand<'_>, out: &mut Expansion) {
        Kind::expand(self, cx, out);
    }
}

type Read = fn(Value) -> Result<Box<dyn AnyKind>, serde_json::Error>;

/// The kinds that a stack file may use.
#[derive(Default)]
pub struct Kinds {
    entries: BTreeMap<&'static str, KindEntry>,
}

struct KindEntry {
    also_called: &'static [&'static str],
    schema: Value,
    read: Read,
}

impl Kinds {
    /// The same kinds and `K`.
    #[must_use]
    pub fn with<K: Kind>(mut self) -> Self {
        let read: Read = |value| serde_json::from_value::<K>(value).map(|kind| Box::new(kind) as Box<dyn AnyKind>);
        let schema = schemars::schema_for!(K).to_value();
        self.entries.insert(K::KIND, KindEntry { also_called: K::ALSO_CALLED, schema, read });
        self
    }

    /// The JSON Schema of each kind, by its word.
    pub fn schemas(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        self.entries.iter().map(|(kind, entry)| (*kind, &entry.schema))
    }

    /// The fault of a word that is no kind.
    fn unknown(&self, word: &str) -> Diagnostic {
        let called = |(kind, entry): (&&'static str, &KindEntry)| entry.also_called.contains(&word).then_some(*kind);
        let hint = match self.entries.iter().find_map(called) {
            Some(kind) => format!("its kind here is `{kind}`"),
            None => did_you_mean(word, self.entries.keys().copied()).unwrap_or_else(|| {
                format!("the kinds are {}", self.entries.keys().copied().collect::<Vec<_>>().join(", "))
            }),
        };
        Diagnostic::error("unknown-kind", format!("there is no kind `{word}`")).hint(hint)
    }
}

/// A stack in one environment, every declaration read and checked.
pub struct Stack {
    /// The environment that it was resolved for.
    pub environment: Environment,
    /// The named values of `[output]`, with their places.
    pub outputs: Vec<(String, String, Location)>,
    declared: BTreeMap<DeclarationAddress, (Declared, Box<dyn AnyKind>)>,
}

impl Stack {
    /// Reads every declaration by its kind's schema; all faults at once.
    pub fn read(resolved: Resolved, kinds: &Kinds) -> Result<Self, Vec<Diagnostic>> {
        let mut faults = Vec::new();
        let mut declared = BTreeMap::new();
        for each in resolved.declarations {
            if faults.len() >= MAX_FAULTS {
                break;
            }
            let Some(entry) = kinds.entries.get(each.address.kind()) else {
                faults.push(kinds.unknown(each.address.kind()).at(each.location.clone()));
                continue;
            };
            let before = faults.len();
            faults.extend(schema::check(&each, &entry.schema));
            if faults.len() > before {
                continue;
            }
            match (entry.read)(each.node.to_json()) {
                Ok(kind) => {
                    declared.insert(each.address.clone(), (each, kind));
                }
                Err(error) => faults.push(Diagnostic::error("bad-value", error.to_string()).at(each.location.clone())),
            }
        }
        if faults.is_empty() {
            Ok(Self { environment: resolved.environment, outputs: resolved.outputs, declared })
        } else {
            Err(faults)
        }
    }

    /// The declaration at `kind.name`, when it is there and of kind `K`.
    pub fn get<K: Kind>(&self, address: &DeclarationAddress) -> Option<&K> {
        self.declared.get(address).and_then(|(_, kind)| kind.as_any().downcast_ref())
    }

    /// Every declaration of kind `K`, by address.
    pub fn all<K: Kind>(&self) -> impl Iterator<Item = (&DeclarationAddress, &K)> {
        self.declared.iter().filter_map(|(address, (_, kind))| Some((address, kind.as_any().downcast_ref()?)))
    }

    /// Every declaration, by address.
    pub fn addresses(&self) -> impl Iterator<Item = &DeclarationAddress> {
        self.declared.keys()
    }

    /// What the file says of a declaration beside its kind's own keys.
    pub fn declared(&self, address: &DeclarationAddress) -> Option<&Declared> {
        self.declared.get(address).map(|(declared, _)| declared)
    }
}

/// What is known of an artifact when a plan is made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Artifact {
    /// SHA-256 (hex) of everything it is built from.
    pub source_sha256: String,
    /// Digest of what was built, in the form its resource compares (a zip: base64 SHA-256, as Lambda's `CodeSha256`;
    /// a site: hex SHA-256 of the manifest). Absent: not built yet.
    pub built: Option<String>,
}

/// Artifacts by the declaration that ships them.
pub type Artifacts = BTreeMap<DeclarationAddress, Artifact>;

/// Physical names that are settled already: from records, from tags, or chosen for a replacement.
pub type Names = BTreeMap<Address, String>;

/// What a kind may look at while it expands: the whole stack, and no world.
pub struct Expand<'a> {
    /// The declaration that expands.
    pub address: &'a DeclarationAddress,
    /// Every declaration.
    pub stack: &'a Stack,
    /// What the stack ships.
    pub artifacts: &'a Artifacts,
    names: &'a Names,
}

impl<'a> Expand<'a> {
    /// The environment of the stack.
    pub fn environment(&self) -> &'a Environment {
        &self.stack.environment
    }

    /// The same view from another declaration, to ask for its names.
    #[must_use]
    pub fn of(&self, address: &'a DeclarationAddress) -> Self {
        Self { address, ..*self }
    }

    /// The physical name of a part: the one pinned in the environment (for the main part of a
    /// declaration, which is named after its kind), else the recorded one, else `derived`.
    pub fn name(&self, part: &str, derived: impl FnOnce() -> String) -> String {
        let pinned = || {
            self.stack
                .declared(self.address)
                .filter(|_| part == self.address.kind())
                .and_then(|each| each.pinned_name.clone())
        };
        pinned().or_else(|| self.names.get(&self.address.part(part)).cloned()).unwrap_or_else(derived)
    }

    /// Where the declaration, or a key of it, stands in the file. `path` is the keys from the declaration inward.
    pub fn location(&self, path: &[&str]) -> Location {
        self.stack.declared(self.address).expect("an expanding declaration is in its stack").locate(path)
    }
}

/// A placeholder for an output of another resource.
pub fn output(address: &Address, name: &str) -> String {
    OutputRef::new(address.clone(), name).to_string()
}

/// What a stack wants to exist, and what it will tell.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Every resource and effect, by address.
    pub desired: BTreeMap<Address, Desired>,
    /// The stack's named values, placeholders for what is not known yet.
    pub outputs: BTreeMap<String, String>,
    /// What somebody should look at.
    pub warnings: Vec<Diagnostic>,
}

/// Expands every declaration and puts the attributes in that declarations refer to.
pub fn expand(stack: &Stack, artifacts: &Artifacts, names: &Names) -> Result<Wanted, Vec<Diagnostic>> {
    let mut out = Expansion::default();
    let mut attributes = BTreeMap::new();
    for (address, (_, kind)) in &stack.declared {
        let cx = Expand { address, stack, artifacts, names };
        attributes.insert(address.clone(), kind.attributes(&cx));
        kind.expand(&cx, &mut out);
    }
    let lookup = Attributes(attributes);
    let mut faults = Vec::new();
    for (declared, _) in stack.declared.values() {
        declared.node.visit_strings(&mut |text, span| {
            if faults.len() < MAX_FAULTS {
                faults.extend(lookup.check(text, &|| declared.source.locate(span)));
            }
        });
    }
    for desired in out.desired.values_mut() {
        desired.inputs = lookup.fill(&desired.inputs);
    }
    let mut outputs = BTreeMap::new();
    for (name, text, location) in &stack.outputs {
        faults.extend(lookup.check(text, &|| location.clone()));
        outputs.insert(name.clone(), lookup.fill_text(text));
    }
    let (errors, warnings): (Vec<_>, Vec<_>) =
        out.faults.into_iter().chain(faults).partition(|each| each.severity == crate::diagnostic::Severity::Error);
    if errors.is_empty() { Ok(Wanted { desired: out.desired, outputs, warnings }) } else { Err(errors) }
}
