//! What reaches its users late: waiting until a change has spread.

use std::time::Duration;

use crate::resource::{CloudError, Cx, LiveValue, Registry};
use crate::retry::{Attempts, looks};

/// How long a change may take to spread: minutes as a rule, seldom more than ten.
const SPREAD_LIMIT: Duration = Duration::from_secs(30 * 60);

/// Waits until an object is everywhere as it is at its source. A stop of the run ends that.
pub async fn spread<C: Send + Sync + 'static>(
    registry: &Registry<C>,
    cx: &Cx<C>,
    type_name: &str,
    live: &LiveValue,
) -> Result<(), CloudError> {
    let resource = registry.get(type_name).expect("what spreads is of a registered type");
    let mut pauses = looks(SPREAD_LIMIT);
    let (mut told, mut attempts) = (false, Attempts::new(cx.hides_for));
    loop {
        let pause = match resource.is_spread(cx.again(), live.clone()).await {
            Ok(true) => return Ok(()),
            Ok(false) if !std::mem::replace(&mut told, true) => {
                cx.say("waiting for every edge to follow");
                pauses.next()
            }
            Ok(false) => pauses.next(),
            Err(error) => Some(attempts.next_wait(&error, type_name, cx.clock.now()).ok_or(error)?),
        };
        let Some(pause) = pause else {
            return Err(CloudError::not_yet("", &live.id, "not every edge has followed within half an hour"));
        };
        cx.pause(pause).await?;
    }
}
