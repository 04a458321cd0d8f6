//! Where events go that a function did not take: what failed for good must not vanish.

use deployer_engine::address::Address;
use deployer_engine::kind::{Expand, Expansion, Kind as _};

use super::{Function, LIVE, physical_name};
use crate::kinds::queue::{self, Queue};
use crate::kinds::schedule::Schedule;
use crate::naming::{part_name, tags};
use crate::resources::event_invoke_config::EventInvokeConfig;
use crate::resources::sqs_queue;

/// How often a failed event is tried again.
const EVENT_RETRIES: u32 = 2;
/// How old an event may become, in seconds: a schedule's next one is due by then.
const EVENT_AGE_SECONDS: u32 = 3_600;
/// The part that is a queue of its own.
const OWN: &str = "failures";

/// The queue of what failed.
pub struct Failures {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// What makes it.
    pub part: Address,
}

impl Function {
    /// Where its failed events go: the queue that it names; one of its own when a schedule calls it; else nowhere.
    pub fn failures(&self, cx: &Expand<'_>) -> Option<Failures> {
        let at = |name: String, part: Address| {
            let arn = sqs_queue::arn(&cx.environment().region, &cx.environment().account, &name);
            Failures { name, arn, part }
        };
        if let Some(named) = &self.failures {
            return Some(at(queue::physical_name(&cx.of(named)), named.part(Queue::KIND)));
        }
        is_scheduled(cx).then(|| at(part_name(cx, OWN, "failures", queue::MAX_NAME), cx.address.part(OWN)))
    }

    pub(super) fn expand_failures(&self, cx: &Expand<'_>, out: &mut Expansion) {
        let Some(place) = self.failures(cx) else { return };
        match &self.failures {
            Some(named) => queue::check_is_one(cx, out, "failures", named),
            None => {
                let own = queue::keeping(place.name, tags(cx.environment(), &cx.address.part(OWN)));
                out.resource(cx, OWN, &own);
            }
        }
        let events = EventInvokeConfig {
            function_name: physical_name(cx),
            qualifier: LIVE.to_owned(),
            max_retries: EVENT_RETRIES,
            max_age_seconds: EVENT_AGE_SECONDS,
            on_failure: Some(place.arn),
        };
        let part = |name| cx.address.part(name);
        out.resource(cx, "events", &events).after(part("alias")).after(place.part).after(part("role")).address();
    }
}

/// Whether a schedule calls it: then its failed events need a place.
fn is_scheduled(cx: &Expand<'_>) -> bool {
    cx.stack.all::<Schedule>().any(|(_, schedule)| schedule.target == *cx.address)
}
