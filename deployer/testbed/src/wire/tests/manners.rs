//! Each manner of AWS, and that it is off unless it is switched on.

use std::time::Duration;

use super::*;

/// The code of a refusal; `""` for an answer of the AWS behind the wire.
fn code(got: Got) -> String {
    let (status, body) = got.expect("an answer");
    let body: serde_json::Value = serde_json::from_str(&body).unwrap_or_default();
    if status == 200 { String::new() } else { body["__type"].as_str().unwrap_or_default().to_owned() }
}

#[tokio::test]
async fn the_name_of_a_deleted_parameter_rests() {
    let aws = Obedient::new().await;
    for (rest, refused) in [(Duration::ZERO, ""), (Duration::from_secs(30), "ParameterAlreadyExists")] {
        aws.wire.behave(Manners { parameter_rest: rest, ..Manners::default() });
        assert_eq!(code(aws.ask("ssm", "DeleteParameter", "{\"Name\":\"a\"}").await), "");
        assert_eq!(code(aws.put().await), refused);
        assert_eq!(code(aws.ask("ssm", "PutParameter", "{\"Name\":\"b\"}").await), "");
    }
}

#[tokio::test]
async fn a_parameter_holds_four_kilobytes() {
    let aws = Obedient::new().await;
    let put = |bytes: usize| format!("{{\"Name\":\"a\",\"Value\":\"{}\"}}", "x".repeat(bytes));
    assert_eq!(code(aws.ask("ssm", "PutParameter", &put(4097)).await), "");
    aws.wire.behave(Manners { parameter_limits: true, ..Manners::default() });
    assert_eq!(code(aws.ask("ssm", "PutParameter", &put(4096)).await), "");
    assert_eq!(code(aws.ask("ssm", "PutParameter", &put(4097)).await), "ValidationException");
}

#[tokio::test]
async fn a_hundred_versions_are_kept_and_one_with_a_label_does_not_leave() {
    // Every answer is the number of the newest version.
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
    let upstream = format!("http://{}", listener.local_addr().expect("an address"));
    let versions = Arc::new(AtomicUsize::new(0));
    let served = tokio::spawn(http::serve(listener, move |_, _| {
        let version = versions.fetch_add(1, Ordering::SeqCst) + 1;
        async move { Ok(http::words(StatusCode::OK, format!("{{\"Version\":{version}}}"))) }
    }));
    let aws = Obedient { wire: Wire::start(&upstream), _served: served, ..Obedient::new().await };
    aws.wire.behave(Manners { parameter_limits: true, ..Manners::default() });
    for _ in 0..100 {
        assert_eq!(code(aws.put().await), "");
    }
    assert_eq!(code(aws.put().await), "", "the oldest has no label");
    aws.ask("ssm", "LabelParameterVersion", "{\"Name\":\"a\",\"ParameterVersion\":2}").await;
    assert_eq!(code(aws.put().await), "ParameterMaxVersionLimitExceeded");
}

#[tokio::test]
async fn a_new_role_is_unknown_to_lambda_for_a_while() {
    let create = "{\"FunctionName\":\"f\",\"Role\":\"arn:aws:iam::000000000000:role/crew\"}";
    for (lag, refused) in [(Duration::ZERO, ""), (Duration::from_secs(60), "InvalidParameterValueException")] {
        let aws = Obedient::new().await;
        aws.wire.behave(Manners { role_lag: lag, ..Manners::default() });
        aws.ask("iam", "CreateRole", "Action=CreateRole&RoleName=crew").await;
        assert_eq!(code(aws.ask("lambda", "CreateFunction", create).await), refused);
    }
}

#[tokio::test]
async fn the_recovery_of_a_new_table_cannot_be_switched_on_at_once() {
    let aws = Obedient::new().await;
    aws.wire.behave(Manners { late_recovery: 1, ..Manners::default() });
    let table = "{\"TableName\":\"sails\"}";
    aws.ask("dynamodb", "CreateTable", table).await;
    let switched = async || code(aws.ask("dynamodb", "UpdateContinuousBackups", table).await);
    assert_eq!((switched().await, switched().await), ("ContinuousBackupsUnavailableException".into(), String::new()));
}

#[tokio::test]
async fn a_changed_distribution_is_on_its_way_for_some_reads() {
    let aws = Obedient::saying("<Status>Deployed</Status>").await;
    aws.wire.behave(Manners { late_deployed: 1, ..Manners::default() });
    let status = async |operation| {
        let (status, body) = aws.ask("cloudfront", operation, "").await.expect("an answer");
        (status, body.contains("<Status>InProgress</Status>"))
    };
    assert_eq!(status("GetDistribution").await, (200, false));
    assert_eq!(status("UpdateDistribution").await, (200, true));
    assert_eq!(status("DeleteDistribution").await.0, 409);
    assert_eq!(status("GetDistribution").await, (200, true));
    assert_eq!(status("GetDistribution").await, (200, false));
    assert_eq!(status("DeleteDistribution").await.0, 200);
}

#[tokio::test]
async fn a_bucket_of_another_account_than_the_expected_one_is_refused() {
    let aws = Obedient::new().await;
    let asked = async |owner| {
        let headers = [("x-amz-expected-bucket-owner", owner)];
        aws.ask_at(&aws.wire.endpoint, "s3", "PutObject", "", &headers).await.expect("an answer").0
    };
    assert_eq!(asked("111122223333").await, 200);
    aws.wire.behave(Manners { bucket_owner: true, ..Manners::default() });
    assert_eq!((asked("111122223333").await, asked("000000000000").await), (403, 200));
}

#[tokio::test]
async fn calls_over_the_documented_rate_are_throttled() {
    let aws = Obedient::new().await;
    const SLOW: &[Rate] =
        &[Rate { operations: &["ssm:Put*"], each: true, per_second: 0.001, burst: 2.0, code: "ThrottlingException" }];
    aws.wire.behave(Manners { rates: SLOW, ..Manners::default() });
    let mut codes = Vec::new();
    for _ in 0..3 {
        codes.push(code(aws.put().await));
    }
    assert_eq!(codes, ["", "", "ThrottlingException"]);
    assert_eq!(code(aws.read().await), "");
}

#[tokio::test]
async fn a_clock_that_is_far_ahead_refuses_what_is_signed_now_and_says_what_time_it_is() {
    let aws = Obedient::new().await;
    let now = jiff::Timestamp::try_from(std::time::SystemTime::now()).expect("a time").strftime("%Y%m%dT%H%M%SZ");
    let (now, here) = (now.to_string(), aws.wire.endpoint.clone());
    let asked = async |service| {
        let headers = [("x-amz-date", now.as_str())];
        aws.ask_at(&here, service, "PutSomething", "", &headers).await.expect("an answer")
    };
    assert_eq!(asked("ssm").await.0, 200);
    aws.wire.behave(Manners { clock_ahead_seconds: 600, ..Manners::default() });
    assert_eq!((asked("ssm").await.0, asked("s3").await.0), (403, 200));
    aws.wire.behave(Manners { clock_ahead_seconds: -1200, ..Manners::default() });
    assert!(asked("s3").await.1.contains("RequestTimeTooSkewed"));
}

#[tokio::test]
async fn one_at_a_time_nothing_overlaps() {
    // An AWS that counts how many it serves at once.
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
    let upstream = format!("http://{}", listener.local_addr().expect("an address"));
    let (inside, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&most);
    let served = tokio::spawn(http::serve(listener, move |_, _| {
        let (inside, most) = (Arc::clone(&inside), Arc::clone(&most));
        async move {
            most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            inside.fetch_sub(1, Ordering::SeqCst);
            Ok(http::words(StatusCode::OK, "done"))
        }
    }));
    let aws = Obedient { wire: Wire::start(&upstream), _served: served, ..Obedient::new().await };
    aws.wire.behave(Manners { one_at_a_time: true, ..Manners::default() });
    futures::future::join_all((0..20).map(|_| aws.put())).await;
    assert_eq!(counted.load(Ordering::SeqCst), 1);
}
