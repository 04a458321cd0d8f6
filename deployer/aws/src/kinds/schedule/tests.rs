use insta::assert_snapshot;

use super::*;
use crate::kinds::testing::{faults, shown, wanted};

const NIGHTLY: &str = r#"
[function.report-mailer]
build = { package = "report-mailer" }
[schedule.nightly]
cron   = "0 18 * * ? *"
target = "function.report-mailer"
input  = { reports = ["ceo", "cto"], dry = false }
"#;

#[test]
fn a_schedule_on_aws() {
    assert_snapshot!(shown(&wanted(NIGHTLY, "prod", &[]).unwrap(), "schedule.nightly"), @r#"
    dead_letters (sqs_queue)
      name: crew-prod-nightly-dead-letters
      policy: {"Version":"2012-10-17","Statement":[{"Sid":"KeepUndelivered","Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"arn:aws:sqs:us-west-2:111122223333:crew-prod-nightly-dead-letters","Condition":{"ArnEquals":{"aws:SourceArn":"arn:aws:events:us-west-2:111122223333:rule/crew-prod-nightly"}}}]}
      retention_seconds: 1209600
    permission (lambda_permission) after function.report-mailer/alias, schedule.nightly/schedule
      action: lambda:InvokeFunction
      function_name: crew-prod-report-mailer
      open_to_everybody: []
      other_conditions: []
      principal: events.amazonaws.com
      qualifier: live
      source_arn: arn:aws:events:us-west-2:111122223333:rule/crew-prod-nightly
      statement_id: deployer-schedule_nightly
    schedule (event_rule)
      enabled: true
      name: crew-prod-nightly
      schedule: cron(0 18 * * ? *)
    targets (event_targets) after function.report-mailer/alias, schedule.nightly/dead_letters, schedule.nightly/permission, schedule.nightly/schedule
      rule: crew-prod-nightly
      targets: [{"id":"live","arn":"arn:aws:lambda:us-west-2:111122223333:function:crew-prod-report-mailer:live","input":{"reports":["ceo","cto"],"dry":false},"dead_letter_arn":"arn:aws:sqs:us-west-2:111122223333:crew-prod-nightly-dead-letters","retry":{"max_retries":10,"max_age_seconds":3600}}]
    "#);
}

#[test]
fn the_same_on_the_local_aws_differs_in_account_alone() {
    let of = |environment: &str| shown(&wanted(NIGHTLY, environment, &[]).unwrap(), "schedule.nightly");
    assert_eq!(of("local"), of("prod").replace("111122223333", "000000000000").replace("crew-prod-", "crew-local-"));
}

#[test]
fn an_interval_a_pause_and_a_text_are_taken() {
    let declarations = "[function.a]\nbuild = { package = \"a\" }\n[schedule.s]\nrate = \"5 minutes\"\ntarget = \"function.a\"\ninput = \"tick\"\nenabled = false\n";
    let wanted = wanted(declarations, "prod", &[]).unwrap();
    let inputs = |part: &str| wanted.desired[&format!("schedule.s/{part}").parse().unwrap()].inputs.clone();
    assert_eq!(
        (&inputs("schedule")["schedule"], &inputs("schedule")["enabled"]),
        (&json!("rate(5 minutes)"), &json!(false))
    );
    assert_eq!(inputs("targets")["targets"][0]["input"], json!("tick"));
}

#[test]
fn targets_go_before_their_rule_and_come_after_all_that_they_need() {
    let wanted = wanted(NIGHTLY, "prod", &[]).unwrap();
    let after: Vec<String> =
        wanted.desired[&"schedule.nightly/targets".parse().unwrap()].after.iter().map(ToString::to_string).collect();
    assert_eq!(
        after,
        [
            "function.report-mailer/alias",
            "schedule.nightly/dead_letters",
            "schedule.nightly/permission",
            "schedule.nightly/schedule"
        ]
    );
}

#[test]
fn faults_of_a_schedule_stand_where_they_are() {
    let declarations = r#"
[function.report-mailer]
build = { package = "report-mailer" }
[schedule.neither]
target = "function.report-mailer"
[schedule.both]
rate   = "1 hour"
cron   = "0 18 * * ? *"
target = "function.report-mailer"
[schedule.plural]
rate   = "1 hours"
target = "function.report-mailer"
[schedule.days]
cron   = "0 18 * * * *"
target = "function.report-mailr"
[schedule.elsewhere]
rate   = "1 day"
target = "schedule.days"
"#;
    assert_snapshot!(faults(declarations, "prod"), @r#"
    8:10 bad-schedule `rate` and `cron` exclude each other (keep the one that is meant)
    15:10 unknown-reference there is no function `function.report-mailr` (did you mean `function.report-mailer`?)
    14:10 bad-schedule day of month and day of week are both given, and EventBridge takes one (write `?` as the day of week)
    18:10 unknown-reference there is no function `schedule.days` (a schedule calls a `function.name`)
    4:1 bad-schedule it is not said when it fires (write `rate = "1 hour"` or `cron = "0 18 * * ? *"`)
    11:10 bad-schedule EventBridge refuses `1 hours` (write `1 hour`)
    "#);
}

#[test]
fn an_input_over_eight_kilobytes_is_refused() {
    // The lines of a stack file are shorter than that: eight texts of a thousand characters and a last one.
    let of = |last: usize| {
        let texts: Vec<String> =
            std::iter::repeat_n(1_000, 8).chain([last]).map(|count| format!("\"{}\"", "x".repeat(count))).collect();
        faults(
            &NIGHTLY.replace("reports = [\"ceo\", \"cto\"], dry = false", &format!("list = [{}]", texts.join(",\n"))),
            "prod",
        )
    };
    let rest = 8_192 - r#"{"list":[]}"#.len() - 9 * "\"\"".len() - 8 * ",".len() - 8_000;
    assert_eq!(of(rest), "");
    assert_snapshot!(of(rest + 1), @r#"
    7:10 too-large the input has 8193 characters as JSON, and EventBridge takes 8192 (put it into a `param` that the function reads)
    "#);
}
