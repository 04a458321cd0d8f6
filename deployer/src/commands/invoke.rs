//! `deployer invoke`: calls a function as it is live and shows its answer.

use deployer_aws::invoke::{Answer, invoke};
use serde_json::{Value, json};

use crate::arguments::Globals;
use crate::context::Context;
use crate::error::{Exit, Failure};
use crate::project::Project;
use crate::reach::Others;
use crate::render::Reporter;

/// Runs the command. A function that answers with an error ends it with 1.
pub async fn run(
    project: &Project,
    globals: &Globals,
    address: &str,
    data: &str,
    report: &Reporter,
) -> Result<Exit, Failure> {
    let event = event(data)?;
    let (context, name) = find(project, globals, address, report).await?;
    let cloud = context.cloud(globals, false, report).await?;
    let Answer { payload, error, logs } = invoke(&cloud, &name, "live", &event).await?;
    logs.lines().for_each(|line| report.note(line));
    let shown = serde_json::from_slice::<Value>(&payload)
        .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&payload).into_owned()));
    let text = serde_json::to_string_pretty(&shown).unwrap_or_default();
    report.result(
        &crate::render::plain(&text),
        &json!({ "type": "invocation", "function": name, "error": error, "payload": shown }),
    );
    match error {
        None => Ok(Exit::Done),
        Some(error) => {
            Err(Failure::new(Exit::Other, "function-error", format!("{address} answered with an error ({error})"))
                .hint("its log is above; the answer names the cause"))
        }
    }
}

/// The stack that has the function, and its physical name.
async fn find(
    project: &Project,
    globals: &Globals,
    address: &str,
    report: &Reporter,
) -> Result<(Context, String), Failure> {
    let (file, address) = project.declaring(globals.stack.as_deref(), address)?;
    let context = Context::open(project, &file, globals, &Others::unread(), report)?;
    let state = context.load(globals, report).await?.state;
    let record = state.current(&address.part(address.kind())).filter(|record| record.type_name == "lambda_function");
    let name = record.map(|record| record.id.clone()).ok_or_else(|| {
        let hint = match address.kind() {
            "function" => "`deployer up` brings it up",
            "schedule" => "call the function that is its `target`; below `deployer dev` a key lets it fire",
            _ => "only functions are called: `function.NAME`",
        };
        Failure::usage(format!("{address} is no function that is up in {}", context.scope.environment)).hint(hint)
    })?;
    Ok((context, name))
}

/// The event: JSON from the command line, or from the file after `@`.
fn event(data: &str) -> Result<Vec<u8>, Failure> {
    let text = match data.strip_prefix('@') {
        None => data.to_owned(),
        Some(path) => std::fs::read_to_string(path).map_err(|error| Failure::file(path.as_ref(), &error))?,
    };
    serde_json::from_str::<Value>(&text).map_err(|error| Failure::usage(format!("the event is no JSON: {error}")))?;
    Ok(text.into_bytes())
}
