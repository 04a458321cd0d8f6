use super::*;

const SIGNED: &str =
    "AWS4-HMAC-SHA256 Credential=test/20261121/us-west-2/ssm/aws4_request, SignedHeaders=host, Signature=0";

/// An AWS that does whatever it is asked, and says so with 200.
async fn obedient() -> (String, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
    let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
    let served = tokio::spawn(http::serve(listener, |_, _| async { Ok(http::words(StatusCode::OK, "done")) }));
    (endpoint, served)
}

async fn ask(wire: &Wire, operation: &str) -> Option<u16> {
    let request = Request::post(format!("{}/", wire.endpoint))
        .header("authorization", SIGNED)
        .header("x-amz-target", format!("AmazonSSM.{operation}"));
    let answer = http::client().request(request.body(http::whole("{}")).expect("a request")).await;
    answer.ok().map(|response| response.status().as_u16())
}

#[tokio::test]
async fn every_call_is_on_the_record_and_changes_are_told_apart() {
    let (upstream, _served) = obedient().await;
    let wire = Wire::start(&upstream);
    assert_eq!((ask(&wire, "GetParameters").await, ask(&wire, "PutParameter").await), (Some(200), Some(200)));
    assert_eq!(
        wire.calls().iter().map(|call| (call.operation.as_str(), call.status)).collect::<Vec<_>>(),
        [("ssm:GetParameters", Some(200)), ("ssm:PutParameter", Some(200))]
    );
    assert_eq!(wire.mutating_calls(), ["ssm:PutParameter"]);
    wire.clear();
    assert_eq!(wire.calls(), []);
}

#[tokio::test]
async fn a_rule_spoils_the_calls_it_names_and_no_others() {
    let (upstream, _served) = obedient().await;
    let wire = Wire::start(&upstream);
    wire.script(Rule::once("ssm:PutParameter", Fault::Answer(429, "ThrottlingException")).after(1));
    assert_eq!((ask(&wire, "PutParameter").await, ask(&wire, "GetParameters").await), (Some(200), Some(200)));
    assert_eq!((ask(&wire, "PutParameter").await, ask(&wire, "PutParameter").await), (Some(429), Some(200)));
}

#[tokio::test]
async fn a_call_that_hangs_is_seen_and_never_answered() {
    let (upstream, _served) = obedient().await;
    let wire = Wire::start(&upstream);
    wire.script(Rule::once("*", Fault::HangAfter));
    tokio::select! {
        _ = ask(&wire, "PutParameter") => panic!("it was answered"),
        () = wire.until(|call| call.fault == Some(Fault::HangAfter)) => {}
    }
    assert_eq!(wire.calls()[0].status, Some(200));
}

#[tokio::test]
async fn a_cut_connection_is_no_answer_whether_aws_did_it_or_not() {
    let (upstream, _served) = obedient().await;
    let wire = Wire::start(&upstream);
    wire.script(Rule::once("*", Fault::CutBefore));
    assert_eq!(ask(&wire, "PutParameter").await, None);
    wire.script(Rule::once("ssm:*", Fault::CutAfter));
    assert_eq!(ask(&wire, "PutParameter").await, None);
    assert_eq!(wire.calls().iter().map(|call| call.status).collect::<Vec<_>>(), [None, Some(200)]);
}
