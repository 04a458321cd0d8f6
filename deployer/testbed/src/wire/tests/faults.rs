//! Each fault, seen from both sides of the wire.

use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::process::Signal;

use super::*;

#[tokio::test]
async fn what_the_caller_gets_and_whether_aws_was_asked() {
    let error = Fault::Answer(500, "InternalError");
    let cases: [(Fault, Option<u16>, usize); 7] = [
        (error, Some(500), 0),
        (Fault::AnswerAfter(500, "InternalError"), Some(500), 1),
        (Fault::CutBefore, None, 0),
        (Fault::CutAfter, None, 1),
        (Fault::CutMid, None, 1),
        (Fault::Delay(Duration::from_millis(1)), Some(200), 1),
        (Fault::Bump, Some(200), 2),
    ];
    for (fault, status, asked) in cases {
        let aws = Obedient::new().await;
        aws.wire.script(Rule::once("*", fault));
        assert_eq!(aws.put().await.map(|got| got.0), status, "{fault}");
        assert_eq!(aws.asked(), asked, "{fault}");
        assert_eq!(aws.put().await.map(|got| got.0), Some(200), "only once: {fault}");
        assert_eq!(aws.wire.calls()[0].fault, Some(fault));
    }
}

#[tokio::test]
async fn of_a_request_that_is_cut_in_the_middle_aws_makes_nothing() {
    let aws = Obedient::new().await;
    aws.wire.script(Rule::once("*", Fault::Truncate));
    assert_eq!(aws.ask("ssm", "PutParameter", &"x".repeat(100_000)).await, None);
    assert_eq!(aws.put().await, done(1));
}

#[tokio::test]
async fn a_call_that_hangs_is_seen_and_never_answered() {
    for (fault, status) in [(Fault::HangBefore, None), (Fault::HangAfter, Some(200))] {
        let aws = Obedient::new().await;
        aws.wire.script(Rule::once("*", fault));
        tokio::select! {
            _ = aws.put() => panic!("it was answered"),
            () = aws.wire.until(|call| call.fault == Some(fault)) => {}
        }
        assert_eq!(aws.wire.calls()[0].status, status);
    }
}

#[tokio::test]
async fn a_signal_comes_to_the_callers_process_before_or_after_aws_was_asked() {
    let cases = [
        (Fault::SignalBefore(Signal::KILL), 0),
        (Fault::SignalAfter(Signal::KILL), 1),
        (Fault::SignalBefore(Signal::TERM), 1),
        (Fault::SignalAfter(Signal::TERM), 1),
    ];
    for (fault, asked) in cases {
        let aws = Obedient::new().await;
        // Reads until its standard input ends, which it does not.
        let mut process = Command::new("cat").stdin(Stdio::piped()).spawn().expect("a process");
        aws.wire.is_process("A", process.id());
        aws.wire.script(Rule::once("*", fault));
        let got = aws.put().await;
        assert!(!process.wait().expect("it ends").success(), "{fault}");
        assert_eq!((aws.asked(), aws.wire.spoilt()), (asked, 1), "{fault}");
        let killed = matches!(fault, Fault::SignalBefore(Signal::KILL) | Fault::SignalAfter(Signal::KILL));
        assert_eq!(got.is_none(), killed, "{fault}");
    }
}

#[tokio::test]
async fn a_held_call_goes_on_when_its_gate_opens() {
    let aws = Obedient::new().await;
    let other = aws.wire.for_actor("B");
    aws.wire.script(Rule::once("*", Fault::Hold("until B has written")).by("A"));
    let first = async {
        aws.wire.held("until B has written").await;
        let got = aws.ask_at(&other, "ssm", "PutParameter", "{}", &[]).await;
        aws.wire.release("until B has written");
        got
    };
    assert_eq!(tokio::join!(aws.put(), first), (done(2), done(1)));
}

#[tokio::test]
async fn a_stale_read_is_answered_as_before_and_one_that_was_never_asked_is_not() {
    let aws = Obedient::new().await;
    aws.wire.script(Rule::once("ssm:GetParameter", Fault::Stale).after(1));
    assert_eq!((aws.read().await, aws.put().await), (done(1), done(2)));
    assert_eq!((aws.read().await, aws.read().await), (done(1), done(3)));
    aws.wire.script(Rule::once("ssm:GetParameters", Fault::Stale));
    assert_eq!(aws.ask("ssm", "GetParameters", "{}").await, done(4));
}

#[tokio::test]
async fn errors_have_the_form_of_their_service_and_a_request_id() {
    for (service, form) in [
        ("s3", "<Error><Code>SlowDown</Code>"),
        ("iam", "<ErrorResponse><Error><Type>Sender</Type><Code>SlowDown</Code>"),
        ("lambda", "{\"__type\":\"SlowDown\""),
    ] {
        let aws = Obedient::new().await;
        aws.wire.script(Rule::once("**", Fault::Answer(503, "SlowDown")));
        let (status, body) = aws.ask(service, "PutSomething", "{}").await.expect("an answer");
        assert_eq!(status, 503);
        assert!(body.starts_with(form), "{body}");
    }
}

#[tokio::test]
async fn two_writes_of_dynamodb_conflict_as_it_says_it() {
    let aws = Obedient::new().await;
    aws.wire.script(Rule::always("dynamodb:*", Fault::TransactionConflict));
    let (_, body) = aws
        .ask("dynamodb", "TransactWriteItems", "{\"TransactItems\":[{\"Put\":{}},{\"Update\":{}}]}")
        .await
        .expect("it");
    let body: serde_json::Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(body["__type"], "TransactionCanceledException");
    assert_eq!(body["CancellationReasons"], serde_json::json!([{ "Code": "TransactionConflict" }, { "Code": "None" }]));
    let (status, body) = aws.ask("dynamodb", "PutItem", "{\"TableName\":\"t\"}").await.expect("an answer");
    assert!(status == 400 && body.contains("TransactionConflictException"), "{body}");
    assert_eq!(aws.asked(), 0);
}
