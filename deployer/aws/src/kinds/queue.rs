//! `queue`: a place for what waits, and for what failed.

use deployer_engine::address::DeclarationAddress;
use deployer_engine::diagnostic::did_you_mean;
use deployer_engine::kind::{Expand, Expansion, Kind};
use schemars::JsonSchema;
use serde::Deserialize;

use super::function::{self, Function};
use crate::duration::Period;
use crate::naming::{Tags, main_name, part_name, tags};
use crate::policy::{Statement, sid};
use crate::resources::event_source_mapping::EventSourceMapping;
use crate::resources::sqs_queue::{self, DeadLetters, SqsQueue};

/// Longest name of a queue. Source: CreateQueue.
pub(super) const MAX_NAME: usize = 80;
/// The longest that SQS keeps a message: what failed is looked for late.
const LONGEST_KEPT: Period = Period::from_days(14);
/// The longest that a message is hidden. Source: SetQueueAttributes.
const LONGEST_HIDDEN: Period = Period::from_seconds(43_200);
/// How many times a function's longest run a message is hidden: so a throttled call is tried again before another
/// gets the message. Source: Lambda, Amazon SQS event sources.
const HIDDEN_FOR_RUNS: u64 = 6;
/// How often a message is given out where nothing is said.
const DEFAULT_ATTEMPTS: u32 = 5;
/// The part for what nobody could deal with.
const DEAD_LETTERS: &str = "dead_letters";

/// Messages that wait until somebody deals with them. Functions send and receive by grants, or it `calls` one with each
/// message. With `calls` or `attempts`, what was given out in vain goes into a second queue, for 14 days.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Queue {
    /// How long a message is kept, `1m` to `14d`. Default: `14d`.
    pub keep: Option<Period>,
    /// The function that is called with each message: `"function.worker"`. Default: none.
    pub calls: Option<DeclarationAddress>,
    /// How many messages a call gets at most, 1 to 10. With more than one the function answers which of them failed
    /// (`batchItemFailures`), else all of them are tried again. Default: 1.
    #[schemars(range(min = 1, max = 10))]
    pub batch: Option<u32>,
    /// How often a message is given out before it goes to the second queue, 1 to 1,000.
    /// Default: 5 with `calls`; else there is no second queue.
    #[schemars(range(min = 1, max = 1_000))]
    pub attempts: Option<u32>,
    /// How long a message is hidden from others once it was given out, at most `12h`, and no shorter than the called
    /// function may run. Default: six times that; without `calls` `30s`.
    pub hide: Option<Period>,
}

/// The name of the queue that `cx` looks from.
pub(super) fn physical_name(cx: &Expand<'_>) -> String {
    main_name(cx, MAX_NAME)
}

/// A queue that keeps what failed as long as SQS can.
pub(super) fn keeping(name: String, tags: Tags) -> SqsQueue {
    SqsQueue {
        name,
        retention_seconds: Some(seconds(LONGEST_KEPT)),
        visibility_seconds: None,
        dead_letters: None,
        policy: None,
        tags,
    }
}

/// What refers to a queue that is none gets this fault.
pub(super) fn check_is_one(cx: &Expand<'_>, out: &mut Expansion, key: &str, address: &DeclarationAddress) {
    if cx.stack.get::<Queue>(address).is_none() {
        let known: Vec<String> = cx.stack.all::<Queue>().map(|(address, _)| address.to_string()).collect();
        let hint = did_you_mean(&address.to_string(), known.iter().map(String::as_str))
            .unwrap_or_else(|| "declare it: `[queue.name]`".to_owned());
        out.fault(cx, &[key], "unknown-reference", format!("there is no queue `{address}`"), hint);
    }
}

fn seconds(period: Period) -> u32 {
    u32::try_from(period.seconds()).unwrap_or(u32::MAX)
}

fn arn_of(cx: &Expand<'_>, name: &str) -> String {
    sqs_queue::arn(&cx.environment().region, &cx.environment().account, name)
}

fn arn(cx: &Expand<'_>) -> String {
    arn_of(cx, &physical_name(cx))
}

fn dead_letters_name(cx: &Expand<'_>) -> String {
    part_name(cx, DEAD_LETTERS, "dead-letters", MAX_NAME)
}

impl Queue {
    /// What a function may do with it: `send` messages; `receive` and delete them.
    pub fn grant(&self, cx: &Expand<'_>, verb: &str) -> Option<Vec<Statement>> {
        match verb {
            "receive" => Some(vec![Self::consumed(cx)]),
            "send" => Some(vec![Statement::new(&sid(verb, cx.address), &["sqs:SendMessage"], [arn(cx)])]),
            _ => None,
        }
    }

    /// What whoever consumes the queue that `cx` looks from must be allowed.
    pub(super) fn consumed(cx: &Expand<'_>) -> Statement {
        let actions = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"];
        Statement::new(&sid("receive", cx.address), &actions, [arn(cx)])
    }

    /// The function that it calls; a fault where there is none.
    fn called<'a>(&self, cx: &Expand<'a>, out: &mut Expansion) -> Option<&'a Function> {
        let target = self.calls.as_ref()?;
        let function = cx.stack.get::<Function>(target);
        if function.is_none() {
            let known: Vec<String> = cx.stack.all::<Function>().map(|(address, _)| address.to_string()).collect();
            let hint = did_you_mean(&target.to_string(), known.iter().map(String::as_str))
                .unwrap_or_else(|| "a queue calls a `function.name`".to_owned());
            out.fault(cx, &["calls"], "unknown-reference", format!("there is no function `{target}`"), hint);
        }
        function
    }

    fn check(&self, called: Option<&Function>, cx: &Expand<'_>, out: &mut Expansion) {
        let shortest = Period::from_seconds(60);
        if let Some(keep) = self.keep.filter(|keep| !(shortest..=LONGEST_KEPT).contains(keep)) {
            let message = format!("SQS keeps messages {shortest} to {LONGEST_KEPT}, and {keep} is not between");
            out.fault(cx, &["keep"], "bad-period", message, format!("at most `{LONGEST_KEPT}`"));
        }
        if let Some(hide) = self.hide.filter(|hide| *hide > LONGEST_HIDDEN) {
            let message = format!("SQS hides a message at most {LONGEST_HIDDEN}, and {hide} is longer");
            out.fault(cx, &["hide"], "too-long", message, "leave it out");
        }
        if let (Some(hide), Some(function)) = (self.hide, called)
            && hide < function.timeout
        {
            let message =
                format!("a message is seen again after {hide}, while its first call runs up to {}", function.timeout);
            out.fault(cx, &["hide"], "too-short", message, "leave it out: six times that is hidden");
        }
        if self.batch.is_some() && self.calls.is_none() {
            out.fault(
                cx,
                &["batch"],
                "bad-value",
                "nobody is called",
                "name a function: `calls = \"function.worker\"`",
            );
        }
    }

    fn queue(&self, called: Option<&Function>, cx: &Expand<'_>) -> SqsQueue {
        let attempts = self.attempts.or(called.map(|_| DEFAULT_ATTEMPTS));
        let runs = called.map(|function| Period::from_seconds(function.timeout.seconds() * HIDDEN_FOR_RUNS));
        let queue = keeping(physical_name(cx), tags(cx.environment(), &cx.address.part(Self::KIND)));
        SqsQueue {
            retention_seconds: Some(seconds(self.keep.unwrap_or(LONGEST_KEPT))),
            visibility_seconds: self.hide.or(runs).map(seconds),
            dead_letters: attempts
                .map(|attempts| DeadLetters { queue_arn: arn_of(cx, &dead_letters_name(cx)), attempts }),
            ..queue
        }
    }
}

impl Kind for Queue {
    const KIND: &'static str = "queue";
    const ALSO_CALLED: &'static [&'static str] = &["sqs"];

    fn attributes(&self, cx: &Expand<'_>) -> Vec<(&'static str, String)> {
        let url = deployer_engine::kind::output(&cx.address.part(Self::KIND), "url");
        vec![("name", physical_name(cx)), ("arn", arn(cx)), ("url", url)]
    }

    fn expand(&self, cx: &Expand<'_>, out: &mut Expansion) {
        let called = self.called(cx, out);
        self.check(called, cx, out);
        let queue = self.queue(called, cx);
        let part = |name| cx.address.part(name);
        if queue.dead_letters.is_some() {
            let letters = keeping(dead_letters_name(cx), tags(cx.environment(), &part(DEAD_LETTERS)));
            out.resource(cx, DEAD_LETTERS, &letters);
            out.resource(cx, Self::KIND, &queue).after(part(DEAD_LETTERS)).address();
        } else {
            out.resource(cx, Self::KIND, &queue);
        }
        let Some(target) = self.calls.as_ref().filter(|_| called.is_some()) else { return };
        let batch = self.batch.unwrap_or(1);
        let mapping = EventSourceMapping {
            function_arn: function::alias_arn(&cx.of(target)),
            source_arn: arn(cx),
            batch,
            answers_failures: batch > 1,
            enabled: true,
        };
        let made = out.resource(cx, "calls", &mapping).after(part(Self::KIND));
        made.after(target.part("alias")).after(target.part("role")).address();
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::kinds::testing::{faults, shown, wanted};

    const STACK: &str = r#"
[function.worker]
build    = { package = "worker" }
timeout  = "10s"
grants   = ["send queue.jobs"]
failures = "queue.failed"
[queue.jobs]
calls = "function.worker"
[queue.failed]
"#;

    #[test]
    fn a_queue_calls_a_function_and_keeps_what_it_could_not_do() {
        let wanted = wanted(STACK, "prod", &["worker"]).unwrap();
        assert_snapshot!(shown(&wanted, "queue.jobs"), @r#"
        calls (event_source_mapping) after function.worker/alias, function.worker/role, queue.jobs/queue
          answers_failures: false
          batch: 1
          enabled: true
          function_arn: arn:aws:lambda:us-west-2:111122223333:function:crew-prod-worker:live
          source_arn: arn:aws:sqs:us-west-2:111122223333:crew-prod-jobs
        dead_letters (sqs_queue)
          name: crew-prod-jobs-dead-letters
          retention_seconds: 1209600
        queue (sqs_queue) after queue.jobs/dead_letters
          dead_letters: {"queue_arn":"arn:aws:sqs:us-west-2:111122223333:crew-prod-jobs-dead-letters","attempts":5}
          name: crew-prod-jobs
          retention_seconds: 1209600
          visibility_seconds: 60
        "#);
        assert_snapshot!(shown(&wanted, "queue.failed"), @"
        queue (sqs_queue)
          name: crew-prod-failed
          retention_seconds: 1209600
        ");
        let role = shown(&wanted, "function.worker");
        for needed in [
            "ReceiveQueueJobs",
            "SendQueueJobs",
            "KeepFailures",
            "on_failure: arn:aws:sqs:us-west-2:111122223333:crew-prod-failed",
        ] {
            assert!(role.contains(needed), "{needed}: {role}");
        }
    }

    #[test]
    fn what_sqs_and_lambda_would_refuse_is_a_fault() {
        let text = "[queue.a]\ncalls = \"function.b\"\nkeep = \"15d\"\nhide = \"13h\"\n[queue.c]\nbatch = 2\n[function.d]\nbuild = { package = \"d\" }\ntimeout = \"1m\"\nfailures = \"queue.e\"\n[queue.f]\ncalls = \"function.d\"\nhide = \"10s\"\n";
        assert_snapshot!(faults(text, "prod"), @r#"
        10:12 unknown-reference there is no queue `queue.e` (did you mean `queue.f`?)
        2:9 unknown-reference there is no function `function.b` (did you mean `function.d`?)
        3:8 bad-period SQS keeps messages 1m to 14d, and 15d is not between (at most `14d`)
        4:8 too-long SQS hides a message at most 12h, and 13h is longer (leave it out)
        6:9 bad-value nobody is called (name a function: `calls = "function.worker"`)
        13:8 too-short a message is seen again after 10s, while its first call runs up to 1m (leave it out: six times that is hidden)
        "#);
    }
}
