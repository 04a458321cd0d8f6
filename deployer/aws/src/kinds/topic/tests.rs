//! Who may tell a topic, and whom it tells.

use insta::assert_snapshot;

use crate::kinds::testing::{faults, shown, wanted};

const STACK: &str = r#"
[function.api]
build = { package = "api" }
[mail.main]
from   = "admin@example.com"
events = "topic.feedback"
[topic.feedback]
functions = ["function.api"]
addresses = ["ops@example.com"]
"#;

#[test]
fn a_topic_is_told_by_its_senders_alone_and_tells_functions_and_people() {
    assert_snapshot!(shown(&wanted(STACK, "prod", &["api"]).unwrap(), "topic.feedback"), @r#"
        address.daf3c8254 (sns_subscription) after topic.feedback/topic
          confirmed: true
          endpoint: ops@example.com
          protocol: email
          topic_arn: arn:aws:sns:us-west-2:111122223333:crew-prod-feedback
        function.api (sns_subscription) after function.api/alias, topic.feedback/permission.api, topic.feedback/topic
          confirmed: true
          endpoint: arn:aws:lambda:us-west-2:111122223333:function:crew-prod-api:live
          protocol: lambda
          topic_arn: arn:aws:sns:us-west-2:111122223333:crew-prod-feedback
        permission.api (lambda_permission) after function.api/alias
          action: lambda:InvokeFunction
          function_name: crew-prod-api
          open_to_everybody: []
          other_conditions: []
          principal: sns.amazonaws.com
          qualifier: live
          source_arn: arn:aws:sns:us-west-2:111122223333:crew-prod-feedback
          statement_id: deployer-topic_feedback
        topic (sns_topic)
          name: crew-prod-feedback
          policy: {"Version":"2012-10-17","Statement":[{"Sid":"Owner","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":["sns:AddPermission","sns:DeleteTopic","sns:GetTopicAttributes","sns:ListSubscriptionsByTopic","sns:Publish","sns:RemovePermission","sns:SetTopicAttributes","sns:Subscribe"],"Resource":"arn:aws:sns:us-west-2:111122223333:crew-prod-feedback"},{"Sid":"TellMailMain","Effect":"Allow","Principal":{"Service":"ses.amazonaws.com"},"Action":"sns:Publish","Resource":"arn:aws:sns:us-west-2:111122223333:crew-prod-feedback","Condition":{"StringEquals":{"aws:SourceAccount":"111122223333","aws:SourceArn":"arn:aws:ses:us-west-2:111122223333:configuration-set/crew-prod-main"}}}]}
        "#);
}

#[test]
fn a_sender_tells_bounces_and_complaints() {
    let wanted = wanted(STACK, "prod", &["api"]).unwrap();
    let shown = shown(&wanted, "mail.main");
    let events = shown.split("mail (").next().unwrap_or_default();
    assert_snapshot!(events, @r#"
        events (ses_event_destination) after mail.main/mail, topic.feedback/topic
          configuration_set: crew-prod-main
          enabled: true
          events: ["BOUNCE","COMPLAINT"]
          name: events
          topic_arn: arn:aws:sns:us-west-2:111122223333:crew-prod-feedback
        "#);
}

#[test]
fn what_cannot_be_told_is_a_fault() {
    let text = "[topic.a]\nfunctions = [\"function.b\"]\naddresses = [\"nobody\", \"a@b.org\", \"a@b.org\"]\n[mail.m]\nfrom = \"a@b.org\"\nevents = \"topic.c\"\n";
    assert_snapshot!(faults(text, "prod"), @r"
        6:10 unknown-reference there is no topic `topic.c` (did you mean `topic.a`?)
        2:14 unknown-reference there is no function `function.b` (a topic calls a `function.name`)
        3:14 bad-address `nobody` is no e-mail address (write addresses alone: `ops@example.com`)
        3:35 twice `a@b.org` is named twice, and gets each message once (leave one of them out)
        ");
}
