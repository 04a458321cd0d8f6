//! One step: done again after throttles and lost answers, and looked for before it is repeated.

use std::sync::Arc;

use serde_json::Value;

use crate::reading::read_after;
use crate::resource::{AnyKey, AnyResource, CloudError, Cx, ErrorClass, LiveValue, Registry};
use crate::retry::{Attempts, NOT_YET_LIMIT, looks};
use crate::spread::spread;
use crate::step::{Action, Step};
use crate::value::is_known;

/// What a finished step brings.
pub(super) type Outcome = Result<Option<LiveValue>, CloudError>;

/// Does one step. What AWS may not know everywhere yet is waited for longer than what should be there long since.
pub(super) async fn perform<C: Send + Sync + 'static>(
    registry: Arc<Registry<C>>,
    cx: Cx<C>,
    step: Step,
    inputs: Value,
) -> Outcome {
    let resource = registry.get(&step.type_name).expect("planned types are registered");
    if !is_known(&inputs) && step.action != Action::Delete {
        return Err(CloudError::inputs(&step.address.to_string(), "what it waits for did not say what it needs"));
    }
    for front in &step.once_spread {
        spread(&registry, &cx, &front.type_name, &front.live).await?;
    }
    let mut live = step.live.clone();
    let mut attempts = Attempts::new(if cx.fresh { NOT_YET_LIMIT } else { cx.hides_for });
    let mut told = None;
    loop {
        let error = match attempt(resource, &cx, &step, &inputs, live.as_ref()).await {
            Ok(outcome) => return Ok(outcome),
            Err(error) => error,
        };
        let Some(wait) = attempts.next_wait(&error, &step.address.to_string(), cx.clock.now()) else {
            return Err(error);
        };
        // What is looked for every second is told once.
        if told.replace(error.class) != Some(error.class) || matches!(error.class, ErrorClass::Throttled) {
            cx.say(format!("{} ({}), trying again", waiting_for(error.class), error.code));
        }
        if cx.pause(wait).await.is_err() {
            return Err(error);
        }
        if error.class == ErrorClass::Unknown && !resource.facts().effect {
            live = look(&registry, &cx, &step, &inputs, live.as_ref(), attempts).await?;
        }
    }
}

async fn attempt<C: Send + Sync + 'static>(
    resource: &dyn AnyResource<C>,
    cx: &Cx<C>,
    step: &Step,
    inputs: &Value,
    live: Option<&LiveValue>,
) -> Outcome {
    match (step.action, live) {
        (Action::Delete, Some(there)) => resource.delete(cx.again(), there.clone()).await.map(|()| None),
        (Action::Delete, None) => Ok(None),
        _ => resource.reconcile(cx.again(), inputs.clone(), step.prior.clone(), live.cloned()).await.map(Some),
    }
}

/// What lives now that nobody knows what the last attempt did. Where a repeated creation would make a second
/// object, "nothing" is only believed after AWS has had the time to show it.
async fn look<C: Send + Sync + 'static>(
    registry: &Registry<C>,
    cx: &Cx<C>,
    step: &Step,
    inputs: &Value,
    live: Option<&LiveValue>,
    attempts: Attempts,
) -> Result<Option<LiveValue>, CloudError> {
    let key = || AnyKey { address: step.address.clone(), id: live.map(|each| each.id.clone()), inputs: inputs.clone() };
    let read = async || {
        let read = read_after(registry, cx, &step.type_name, vec![key()], attempts);
        let found = read.await.map_err(|unread| unread.error)?;
        Ok::<_, CloudError>(found.into_iter().next().flatten())
    };
    let found = read().await?;
    if found.is_some() || step.action == Action::Delete || !registry.facts(&step.type_name).identity.is_minted() {
        return Ok(found);
    }
    for pause in looks(cx.hides_for) {
        cx.pause(pause).await?;
        if let Some(found) = read().await? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

fn waiting_for(class: ErrorClass) -> &'static str {
    match class {
        ErrorClass::Throttled => "AWS asks for a slower pace",
        ErrorClass::NotYet => "not ready yet",
        ErrorClass::Missing => "AWS does not know everywhere yet what it needs",
        ErrorClass::Conflict => "somebody changed it meanwhile",
        _ => "no answer",
    }
}
