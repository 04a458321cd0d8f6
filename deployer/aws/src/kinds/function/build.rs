//! What a function is built from, and for which machine.

use deployer_engine::address::DeclarationAddress;
use deployer_engine::diagnostic::Location;
use deployer_engine::kind::Stack;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Function;

/// What a function is built from.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Build {
    /// The Cargo package, whose binary becomes the function: `"crew-api"`.
    #[schemars(regex(pattern = "^[A-Za-z][A-Za-z0-9_-]*$"))]
    pub package: String,
    /// The processor: `"arm64"` or `"x86_64"`. On the local AWS it is always this machine's. Default: `"arm64"`.
    pub arch: Option<Architecture>,
    /// The Cargo profile for AWS; for the local AWS it is always `dev`. Default: `"release"`.
    #[serde(default = "default_profile")]
    #[schemars(regex(pattern = "^[A-Za-z][A-Za-z0-9_-]*$"))]
    pub profile: String,
}

fn default_profile() -> String {
    "release".to_owned()
}

/// A processor that Lambda has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Architecture {
    /// 64-bit ARM: cheaper by a fifth.
    #[serde(rename = "arm64")]
    Arm64,
    /// 64-bit Intel or AMD.
    #[serde(rename = "x86_64")]
    X86_64,
}

impl Architecture {
    /// The processor of this machine.
    pub fn of_this_machine() -> Self {
        if std::env::consts::ARCH == "aarch64" { Self::Arm64 } else { Self::X86_64 }
    }

    /// The word that Lambda uses for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Arm64 => "arm64",
            Self::X86_64 => "x86_64",
        }
    }
}

impl Build {
    /// The processor that the function is built for: the local AWS runs it on this machine.
    pub fn architecture(&self, local: bool) -> Architecture {
        if local { Architecture::of_this_machine() } else { self.arch.unwrap_or(Architecture::Arm64) }
    }
}

/// A function that must be built for a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionBuild {
    /// The declaration.
    pub address: DeclarationAddress,
    /// The Cargo package.
    pub package: String,
    /// The processor.
    pub architecture: Architecture,
    /// The Cargo profile for AWS.
    pub profile: String,
    /// Whether it runs on the local AWS, that is on this machine.
    pub local: bool,
    /// Where the stack file names the package.
    pub location: Location,
}

/// What must be built for every function of the stack, by address.
pub fn build_requests(stack: &Stack) -> Vec<FunctionBuild> {
    let local = stack.environment.local;
    let request = |(address, function): (&DeclarationAddress, &Function)| FunctionBuild {
        address: address.clone(),
        package: function.build.package.clone(),
        architecture: function.build.architecture(local),
        profile: function.build.profile.clone(),
        local,
        location: stack.declared(address).expect("a kind of the stack is declared in it").locate(&["build", "package"]),
    };
    stack.all::<Function>().map(request).collect()
}
