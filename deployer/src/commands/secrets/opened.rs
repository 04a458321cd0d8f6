//! A stack opened for a command about its secrets.

use std::sync::Arc;

use deployer_aws::Cloud;
use deployer_aws::kinds::secret::{DeclaredSecret, declared};
use deployer_aws::secrets::{Standing, now, standings};
use deployer_engine::address::DeclarationAddress;
use deployer_engine::diagnostic::did_you_mean;
use deployer_engine::kind::{Artifacts, Wanted, expand};
use deployer_engine::plan::recorded_names;
use deployer_engine::stack::StackFile;
use deployer_engine::state::State;

use crate::arguments::Globals;
use crate::arguments::secrets::Time;
use crate::context::Context;
use crate::error::Failure;
use crate::project::Project;
use crate::reach::Others;
use crate::render::Reporter;

/// A stack and its cloud.
pub struct Opened {
    /// The stack in its environment.
    pub context: Context,
    /// Where its secrets are.
    pub cloud: Arc<Cloud>,
}

/// A declared secret, and how it stands; `None`: it is not there.
pub type Found = (DeclaredSecret, Option<Standing>);

impl Opened {
    /// Opens a stack; nothing is changed. The local AWS is started for it when `start` is set.
    pub async fn open(
        project: &Project,
        file: &StackFile,
        globals: &Globals,
        start: bool,
        report: &Reporter,
    ) -> Result<Self, Failure> {
        let others = Others::read(project, file, globals, &[], start, report).await?;
        let context = Context::open(project, file, globals, &others, report)?;
        let cloud = context.cloud(globals, start, report).await?;
        Ok(Self { context, cloud })
    }

    /// What the stack expands to under the names that its state knows. What it ships does not matter.
    pub fn wanted(&self, state: &State) -> Result<Wanted, Failure> {
        Ok(expand(&self.context.stack, &Artifacts::new(), &recorded_names(state))?)
    }

    /// Its secrets, all or those of these addresses, and how they stand. Their terms keep what was promised before.
    pub async fn find(&self, wanted: &Wanted, chosen: &[DeclarationAddress]) -> Result<Vec<Found>, Failure> {
        let secrets: Vec<_> = declared(&self.context.stack, wanted)
            .into_iter()
            .filter(|each| chosen.is_empty() || chosen.contains(&each.address))
            .collect();
        let found = standings(&self.cloud, &secrets).await?;
        let with_terms = |(secret, standing): Found| {
            let promised = standing.as_ref().and_then(|standing| standing.promised);
            let terms = promised.map_or(secret.terms, |promised| secret.terms.and(promised));
            (DeclaredSecret { terms, ..secret }, standing)
        };
        Ok(secrets.into_iter().zip(found).map(with_terms).collect())
    }

    /// The time that is taken for now.
    pub fn now(&self, time: Time) -> Result<u64, Failure> {
        match time.at {
            Some(_) if !self.context.stack.environment.local => {
                Err(Failure::usage("`--at` is for the local AWS: elsewhere a rotation keeps to the clock"))
            }
            at => Ok(at.unwrap_or_else(now)),
        }
    }
}

/// Every stack that a command means and that has secrets, opened; with addresses those that declare one of them.
pub async fn open_all(
    project: &Project,
    globals: &Globals,
    all: bool,
    addresses: &[DeclarationAddress],
    report: &Reporter,
) -> Result<Vec<Opened>, Failure> {
    let files = project.select(globals.stack.as_deref(), globals.stack.is_none() && (all || !addresses.is_empty()))?;
    let mut known: Vec<DeclarationAddress> = Vec::new();
    let mut opened = Vec::new();
    for file in &files {
        let here: Vec<_> = file.declarations.iter().map(|each| each.address.clone()).collect();
        let has_secrets = here.iter().any(|address| address.kind() == "secret");
        if addresses.iter().any(|address| here.contains(address)) || addresses.is_empty() && has_secrets {
            opened.push(Opened::open(project, file, globals, false, report).await?);
        }
        known.extend(here.into_iter().filter(|address| address.kind() == "secret"));
    }
    match addresses.iter().find(|address| !known.contains(address)) {
        None => Ok(opened),
        Some(unknown) => {
            let known: Vec<String> = known.iter().map(ToString::to_string).collect();
            let hint = did_you_mean(&unknown.to_string(), known.iter().map(String::as_str));
            Err(Failure::usage(format!("no stack declares a secret {unknown}"))
                .hint(hint.unwrap_or_else(|| "`deployer secrets list --all` tells them".to_owned())))
        }
    }
}

/// The addresses that a command line names: `secret.jwt`, or `jwt` for short.
pub fn parsed(words: &[String]) -> Result<Vec<DeclarationAddress>, Failure> {
    let parse = |word: &String| {
        let full = if word.contains('.') { word.clone() } else { format!("secret.{word}") };
        full.parse().map_err(|_| {
            Failure::usage(format!("`{}` is no address", word.escape_debug()))
                .hint("a secret's address is `secret.name`")
        })
    };
    words.iter().map(parse).collect()
}
