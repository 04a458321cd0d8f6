//! What the CLI must know of resources that ship something that was built.

use std::sync::OnceLock;

use deployer_engine::resource::{Holds, Registry, Resource as _};
use serde_json::Value;

use crate::client::Cloud;
use crate::resources::lambda_function::LambdaFunction;
use crate::resources::site_release::SiteRelease;

/// The types whose creation or change needs something built.
pub const SHIPPING_TYPES: &[&str] = &[LambdaFunction::TYPE, SiteRelease::TYPE];

/// Fields of these types that tell what is shipped.
const SHIPPED_FIELDS: &[&str] = &["code", "source_sha256", "manifest_sha256", "intact"];

/// Whether the path of a change leads to what is shipped and not to how it is set.
pub fn is_shipped_field(path: &str) -> bool {
    SHIPPED_FIELDS.contains(&path.split('.').next().unwrap_or_default())
}

/// The source digest of a shipping resource's inputs, and the digest of what was built from it.
pub fn shipped(type_name: &str, inputs: &Value) -> Option<(String, String)> {
    let of = |value: &Value, built: &str| {
        Some((value["source_sha256"].as_str()?.to_owned(), value[built].as_str()?.to_owned()))
    };
    match type_name {
        LambdaFunction::TYPE => of(&inputs["code"], "zip_sha256"),
        SiteRelease::TYPE => of(inputs, "manifest_sha256"),
        _ => None,
    }
}

/// The source digest of a shipping resource's inputs, also before it is built.
pub fn source_of(type_name: &str, inputs: &Value) -> Option<String> {
    let holder = if type_name == LambdaFunction::TYPE { &inputs["code"] } else { inputs };
    holder["source_sha256"].as_str().map(str::to_owned)
}

/// Whether data is lost with an object of that type.
pub fn holds_data(type_name: &str) -> bool {
    static REGISTRY: OnceLock<Registry<Cloud>> = OnceLock::new();
    REGISTRY.get_or_init(crate::resources::all).get(type_name).is_some_and(|each| each.facts().holds == Holds::Data)
}
