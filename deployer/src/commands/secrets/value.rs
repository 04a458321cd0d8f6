//! `deployer secrets get` and `set`: the two commands that a value goes through.

use std::io::{IsTerminal as _, Read as _};
use std::path::Path;

use deployer_aws::kinds::secret::{DeclaredSecret, SecretKind};
use deployer_aws::secrets::{reveal, set as store};
use deployer_engine::address::DeclarationAddress;
use deployer_engine::secret::Secret;
use serde_json::json;
use zeroize::Zeroize as _;

use super::findings::comes_by;
use super::opened::open_all;
use super::told::{stage, time};
use crate::applying::locked;
use crate::arguments::{Globals, Output};
use crate::error::{Exit, Failure};
use crate::project::Project;
use crate::remembering::changed_one;
use crate::render::Reporter;
use crate::signals::Signals;
use crate::store::Writer;

/// The most that is read of what should be a value: Parameter Store takes 4 KB.
const MOST_BYTES: u64 = 64 << 10;

/// Shows what is known of a secret; its value only when that is asked for, and only to a person.
pub async fn get(
    project: &Project,
    globals: &Globals,
    address: DeclarationAddress,
    reveals: bool,
    report: &Reporter,
) -> Result<Exit, Failure> {
    let may_be_seen = std::io::stdout().is_terminal() && globals.output() == Output::Human;
    if reveals && !may_be_seen {
        return Err(Failure::usage("a value is shown on a terminal and nowhere else")
            .hint("functions read it by its name; a person asks for it on a terminal"));
    }
    for opened in open_all(project, globals, true, std::slice::from_ref(&address), report).await? {
        let state = opened.context.load(globals, report).await?.state;
        let found = opened.find(&opened.wanted(&state)?, std::slice::from_ref(&address)).await?;
        for (secret, standing) in found {
            let Some(standing) = standing else { return Err(missing(&secret)) };
            if reveals {
                is_one_value(&secret)?;
                report.secret(&reveal(&opened.cloud, &secret.name).await?);
                continue;
            }
            let stage = stage(standing.stage);
            let line = json!({
                "type": "secret", "address": secret.address.to_string(), "name": secret.name, "version": standing.version, "stage": stage,
            });
            report
                .result(&format!("{}  {}  version {}  {stage}", secret.address, secret.name, standing.version), &line);
        }
    }
    Ok(Exit::Done)
}

fn is_one_value(secret: &DeclaredSecret) -> Result<(), Failure> {
    match secret.kind {
        SecretKind::Random | SecretKind::External => Ok(()),
        SecretKind::Rs256Ring => {
            Err(Failure::usage(format!("{} has private keys, and nobody needs to see one", secret.address))
                .hint("the public keys are in the parameter that `deployer secrets get` names, under `/ring`"))
        }
    }
}

fn missing(secret: &DeclaredSecret) -> Failure {
    Failure::new(Exit::Other, "no-secret", format!("{} is not there", secret.address)).hint(comes_by(secret))
}

/// Puts a value that a person has in place.
pub async fn set(
    project: &Project,
    globals: &Globals,
    address: DeclarationAddress,
    file: Option<&Path>,
    report: &Reporter,
    signals: &Signals,
) -> Result<Exit, Failure> {
    let mut opened = open_all(project, globals, true, std::slice::from_ref(&address), report).await?;
    let (Some(opened), true) = (opened.pop(), opened.is_empty()) else {
        return Err(Failure::usage(format!("several stacks declare {address}")).hint("say which with `-s NAME`"));
    };
    let state = opened.context.load(globals, report).await?.state;
    let found = opened.find(&opened.wanted(&state)?, std::slice::from_ref(&address)).await?;
    let Some((secret, standing)) = found.into_iter().next() else {
        return Err(Failure::usage(format!("no stack declares a secret {address}")));
    };
    if secret.kind != SecretKind::External {
        return Err(Failure::usage(format!("the deployer makes the values of {address} itself"))
            .hint("`deployer secrets rotate` makes another; `kind = \"external\"` is for values that a person has"));
    }
    if standing.as_ref().is_some_and(|standing| standing.plaintext) {
        let message = format!(
            "{} is a String that whoever lists parameters may read, and AWS makes no SecureString of it",
            secret.name
        );
        return Err(Failure::new(Exit::NeedsPerson, "plaintext", message).hint(format!(
            "its versions have been readable: `aws ssm delete-parameter --name {}`, then set a new value",
            secret.name
        )));
    }
    let value = value(globals, &secret, file, report).await?;
    let verb = "secrets set";
    let work = async |writer: &mut dyn Writer| {
        let version = store(&opened.cloud, &secret, &value, standing.is_some()).await?;
        changed_one(verb, writer).await?;
        Ok(version)
    };
    let version = locked(&opened.context, globals, verb, report, signals, work).await?;
    let before = standing.map(|standing| standing.version);
    let line = json!({ "type": "secret_set", "address": address.to_string(), "name": secret.name, "version": version, "before": before });
    let at = time(deployer_aws::secrets::now());
    report.result(
        &format!("{address}: version {version} of {} since {at}; functions use it within 5 minutes", secret.name),
        &line,
    );
    Ok(Exit::Done)
}

/// The value: from a file, from a person who is asked and does not see it, or from stdin. Never from an argument.
async fn value(
    globals: &Globals,
    secret: &DeclaredSecret,
    file: Option<&Path>,
    report: &Reporter,
) -> Result<Secret<String>, Failure> {
    let mut text = match file {
        Some(path) => read(&mut std::fs::File::open(path).map_err(|error| Failure::file(path, &error))?, path)?,
        None if globals.may_ask() => report.ask_hidden(&format!("The value of {}:", secret.address)).await,
        None => read(&mut std::io::stdin(), Path::new("stdin"))?,
    };
    let kept = text.trim_end_matches(['\r', '\n']).len();
    // Truncating would leave the rest in memory; a line's end is nobody's secret.
    text.truncate(kept);
    if text.is_empty() {
        return Err(Failure::usage("there is no value").hint("give it when you are asked, on stdin, or with `--file`"));
    }
    Ok(Secret::new(text))
}

fn read(from: &mut dyn std::io::Read, path: &Path) -> Result<String, Failure> {
    let mut text = String::new();
    match from.take(MOST_BYTES).read_to_string(&mut text) {
        Ok(_) => Ok(text),
        Err(error) => {
            text.zeroize();
            Err(Failure::file(path, &error))
        }
    }
}
