//! `deployer open`: the product in a browser.

use serde_json::json;

use crate::arguments::Globals;
use crate::browser;
use crate::context::Context;
use crate::error::{Exit, Failure};
use crate::project::Project;
use crate::reach::Others;
use crate::render::Reporter;

/// The value that is an address, where none is named.
const URL: &str = "url";

/// Runs the command. It asks nobody but the state.
pub async fn run(project: &Project, globals: &Globals, name: Option<&str>, report: &Reporter) -> Result<Exit, Failure> {
    let wanted = name.unwrap_or(URL);
    let (mut found, mut known) = (Vec::new(), Vec::new());
    for file in project.select(globals.stack.as_deref(), globals.stack.is_none())? {
        let context = Context::open(project, &file, globals, &Others::unread(), report)?;
        let outputs = context.load(globals, report).await?.state.outputs;
        known.extend(outputs.iter().filter(|(_, value)| is_address(value)).map(|(name, _)| name.clone()));
        found.extend(outputs.get(wanted).map(|value| (file.name.clone(), value.clone())));
    }
    let url = match found.as_slice() {
        [(_, url)] if is_address(url) => url,
        [(stack, _)] => {
            return Err(Failure::usage(format!("the output `{wanted}` of {stack} is no address of the web")));
        }
        [] => {
            let hint = match known.is_empty() {
                true => "an `[output]` such as `url = \"${cdn.main.url}\"` names it, and `deployer up` brings it up"
                    .to_owned(),
                false => format!("addresses are told as {}: `deployer open NAME`", known.join(", ")),
            };
            return Err(Failure::usage(format!("no stack that is up tells `{}`", wanted.escape_debug())).hint(hint));
        }
        several => {
            let stacks = several.iter().map(|(stack, _)| stack.as_str()).collect::<Vec<_>>().join(", ");
            return Err(Failure::usage(format!("several stacks tell `{wanted}`: {stacks}")).hint("say `-s NAME`"));
        }
    };
    report.result(url, &json!({ "type": "open", "url": url }));
    if let Err(error) = browser::open(url) {
        report.note(&format!("no browser can be opened here: {error}"));
    }
    Ok(Exit::Done)
}

fn is_address(value: &str) -> bool {
    value.starts_with("https://") || value.starts_with("http://")
}
