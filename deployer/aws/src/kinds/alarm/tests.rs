//! What alarms become, and what cannot be watched.

use insta::assert_snapshot;

use crate::kinds::testing::{faults, shown, wanted};

const STACK: &str = r#"
[function.api]
build = { package = "api" }
url   = { auth = "cdn", secret = "secret.origin" }
[secret.origin]
kind = "random"
[schedule.nudge]
rate   = "1 hour"
target = "function.api"
[waf.edge]
[cdn.main]
waf   = "waf.edge"
route = [{ path = "/*", to = "function.api" }]
[topic.alerts]
addresses = ["ops@example.com"]
[alarm.answers]
of   = "function.api"
when = "5xx > 1% of 50"
tell = "topic.alerts"
[alarm.slow]
of    = "function.api"
when  = "duration > 5s"
over  = "10m"
times = 3
tell  = "topic.alerts"
[alarm.visitors]
of   = "cdn.main"
when = "5xx > 5% of 100"
tell = "topic.alerts"
[alarm.undelivered]
of   = "schedule.nudge"
when = "failures > 0"
tell = "topic.alerts"
"#;

#[test]
fn a_share_counts_only_of_so_many_at_least() {
    let wanted = wanted(STACK, "prod", &["api"]).unwrap();
    assert_snapshot!(shown(&wanted, "alarm.answers"), @r#"
    alarm (cloudwatch_alarm) after topic.alerts/topic
      description: function.api of crew: 5xx > 1% of 50 over 5m
      missing: notBreaching
      name: crew-prod-answers
      periods: 1
      tells: ["arn:aws:sns:us-west-2:111122223333:crew-prod-alerts"]
      threshold: 1.0
      watches: {"expression":"IF(whole >= 50, 100 * part / whole, 0)","of":{"part":{"namespace":"AWS/Lambda","name":"Url5xxCount","dimensions":{"FunctionName":"crew-prod-api"},"statistic":"Sum","period_seconds":300},"whole":{"namespace":"AWS/Lambda","name":"UrlRequestCount","dimensions":{"FunctionName":"crew-prod-api"},"statistic":"Sum","period_seconds":300}}}
    "#);
}

#[test]
fn the_local_aws_watches_the_part_alone() {
    let wanted = wanted(STACK, "local", &["api"]).unwrap();
    assert_snapshot!(shown(&wanted, "alarm.answers"), @r#"
    alarm (cloudwatch_alarm) after topic.alerts/topic
      description: function.api of crew: 5xx > 1% of 50 over 5m
      missing: notBreaching
      name: crew-local-answers
      periods: 1
      tells: ["arn:aws:sns:us-west-2:000000000000:crew-local-alerts"]
      threshold: 0.5
      watches: {"namespace":"AWS/Lambda","name":"Url5xxCount","dimensions":{"FunctionName":"crew-local-api"},"statistic":"Sum","period_seconds":300}
    "#);
}

#[test]
fn times_and_what_waits_are_watched_as_they_are() {
    let wanted = wanted(STACK, "prod", &["api"]).unwrap();
    assert_snapshot!(shown(&wanted, "alarm.slow"), @r#"
    alarm (cloudwatch_alarm) after topic.alerts/topic
      description: function.api of crew: duration > 5s over 10m
      missing: notBreaching
      name: crew-prod-slow
      periods: 3
      tells: ["arn:aws:sns:us-west-2:111122223333:crew-prod-alerts"]
      threshold: 5000.0
      watches: {"namespace":"AWS/Lambda","name":"Duration","dimensions":{"FunctionName":"crew-prod-api"},"statistic":"Maximum","period_seconds":600}
    "#);
    assert_snapshot!(shown(&wanted, "alarm.undelivered"), @r#"
    alarm (cloudwatch_alarm) after topic.alerts/topic
      description: schedule.nudge of crew: failures > 0 over 5m
      missing: notBreaching
      name: crew-prod-undelivered
      periods: 1
      tells: ["arn:aws:sns:us-west-2:111122223333:crew-prod-alerts"]
      threshold: 0.0
      watches: {"namespace":"AWS/SQS","name":"ApproximateNumberOfMessagesVisible","dimensions":{"QueueName":"crew-prod-nudge-dead-letters"},"statistic":"Maximum","period_seconds":300}
    "#);
}

#[test]
fn what_the_edge_measures_is_watched_and_told_there() {
    let wanted = wanted(STACK, "prod", &["api"]).unwrap();
    assert_snapshot!(shown(&wanted, "alarm.visitors"), @r#"
    alarm (edge_cloudwatch_alarm) after topic.alerts/edge
      description: cdn.main of crew: 5xx > 5% of 100 over 5m
      missing: notBreaching
      name: crew-prod-visitors
      periods: 1
      tells: ["arn:aws:sns:us-east-1:111122223333:crew-prod-alerts"]
      threshold: 5.0
      watches: {"expression":"IF(whole >= 100, part, 0)","of":{"part":{"namespace":"AWS/CloudFront","name":"5xxErrorRate","dimensions":{"DistributionId":"${cdn.main/cdn#id}","Region":"Global"},"statistic":"Average","period_seconds":300},"whole":{"namespace":"AWS/CloudFront","name":"Requests","dimensions":{"DistributionId":"${cdn.main/cdn#id}","Region":"Global"},"statistic":"Sum","period_seconds":300}}}
    "#);
    let topic = shown(&wanted, "topic.alerts");
    assert_eq!(topic.matches("cloudwatch.amazonaws.com").count(), 4, "{topic}");
    for line in topic.lines().filter(|line| line.contains("policy: ")) {
        let edge = line.contains("arn:aws:sns:us-east-1:");
        assert_eq!(line.contains("alarm:crew-prod-visitors"), edge, "{line}");
        assert_eq!(line.contains("alarm:crew-prod-answers"), !edge, "{line}");
    }
}

#[test]
fn what_cannot_be_watched_is_a_fault() {
    let text = r#"[topic.t]
[function.f]
build = { package = "f" }
[param.p]
value = "v"
[alarm.a]
of = "param.p"
when = "errors > 0"
tell = "topic.u"
[alarm.b]
of = "function.f"
when = "error > 0"
tell = "topic.t"
[alarm.c]
of = "function.f"
when = "errors > 1%"
tell = "topic.t"
over = "90s"
[alarm.d]
of = "function.f"
when = "duration > 5"
tell = "topic.t"
[alarm.e]
of = "function.f"
when = "failures > 0"
tell = "topic.t"
times = 99
over = "1h"
[alarm.g]
of = "function.f"
when = "5xx > 1% of 50"
tell = "topic.t"
"#;
    assert_snapshot!(faults(text, "prod"), @r#"
    9:8 unknown-reference there is no topic `topic.u` (did you mean `topic.t`?)
    7:6 unknown-reference nothing is measured of `param.p` (functions, schedules, queues, tables, mails, cdns and wafs are)
    12:8 unknown-figure `error` is not measured of a function (did you mean `errors`?)
    18:8 bad-period CloudWatch counts whole minutes, and 90s is none (write minutes: `5m`)
    16:8 bad-rule `errors` cannot be compared so (write of how many at least: `errors > 1% of 50`)
    21:8 bad-rule `duration` cannot be compared so (write a time: `duration > 10s`)
    28:8 too-long 99 times 1h is more than a day (look at it more often, or fewer times)
    25:8 unknown-figure `function.f` keeps nothing that failed (name a place: `failures = "queue.failed"`)
    31:8 unknown-figure `function.f` has no URL (give it one: `url = { auth = "cdn" }`)
    "#);
}
