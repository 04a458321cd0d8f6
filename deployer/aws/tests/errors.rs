//! What the engine is told of calls that go wrong.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;

use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, future};
use aws_sdk_sts::config::{BehaviorVersion, Region};
use deployer_aws::Cloud;
use deployer_aws::client::Gate;
use deployer_engine::resource::{CloudError, ErrorClass};
use deployer_testbed::{Fault, Rule, Wire};

use crate::examples;
use crate::world::{REGION, Shipped, World, open};

/// An endpoint where nobody listens.
fn nobody() -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    format!("http://{}", listener.local_addr().expect("a bound socket"))
}

async fn cloud(endpoint: &str) -> Cloud {
    open(endpoint, Arc::new(Shipped::default())).await
}

async fn told(fault: Fault) -> CloudError {
    let wire = Wire::start(&nobody());
    wire.script(Rule::once("sts:GetCallerIdentity", fault));
    cloud(&wire.endpoint).await.caller_account().await.expect_err("the call is spoilt")
}

#[tokio::test]
async fn codes_and_states_decide_what_to_do() {
    use ErrorClass::{Conflict, Denied, Missing, NotYet, Refused, Throttled, Unknown};
    let permission = Some("sts:GetCallerIdentity");
    let cases = [
        (403, "AccessDenied", Denied, permission),
        (400, "AccessDeniedException", Denied, permission),
        (403, "ExpiredToken", Denied, None),
        (403, "InvalidClientTokenId", Denied, None),
        (403, "SignatureDoesNotMatch", Denied, None),
        (400, "ThrottlingException", Throttled, None),
        (503, "SlowDown", Throttled, None),
        (429, "AnythingElse", Throttled, None),
        (409, "ResourceConflictException", NotYet, None),
        // A topic that was deleted a moment ago, a key that is being switched on.
        (400, "StaleTag", NotYet, None),
        (400, "ConcurrentAccess", NotYet, None),
        (400, "KMSInvalidStateException", NotYet, None),
        (400, "DisabledException", NotYet, None),
        (500, "InternalFailure", Unknown, None),
        (503, "ServiceUnavailable", Unknown, None),
        (400, "ValidationError", Refused, None),
        (404, "NoSuchEntity", Missing, None),
        // A key whose alias was made, and a certificate that was issued a moment ago.
        (400, "InvalidKeyId", Missing, None),
        (400, "InvalidViewerCertificate", Missing, None),
        (412, "PreconditionFailed", Conflict, None),
        (400, "WAFOptimisticLockException", Conflict, None),
    ];
    for (status, code, class, action) in cases {
        let error = told(Fault::Answer(status, code)).await;
        assert_eq!(
            (error.class, error.code.as_str(), error.missing_action.as_deref()),
            (class, code, action),
            "{status} {code}"
        );
        assert_eq!(error.operation, "sts:GetCallerIdentity");
    }
}

#[tokio::test]
async fn an_answer_that_never_comes_may_hide_a_success() {
    for fault in [Fault::CutBefore, Fault::CutAfter] {
        let error = told(fault).await;
        assert_eq!(
            (error.class, error.code.as_str(), error.missing_action),
            (ErrorClass::Unknown, "not-sent", None),
            "{fault:?}"
        );
    }
    let refused = cloud(&nobody()).await.caller_account().await.expect_err("nobody listens");
    assert_eq!(refused.class, ErrorClass::Unknown, "{refused}");
}

/// Credentials that cannot be had.
#[derive(Debug)]
struct Missing;

impl ProvideCredentials for Missing {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::ready(Err(CredentialsError::not_loaded("there are none")))
    }
}

#[tokio::test]
async fn missing_credentials_are_no_lost_answer() {
    let config = aws_sdk_sts::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .endpoint_url(nobody())
        .credentials_provider(Missing);
    let error = aws_sdk_sts::Client::from_conf(config.build())
        .get_caller_identity()
        .send()
        .await
        .expect_err("there are no credentials");
    let told = deployer_aws::error::classify("sts:GetCallerIdentity", "", &error);
    assert_eq!((told.class, told.code.as_str(), told.missing_action), (ErrorClass::Denied, "no-credentials", None));
}

/// Lets nothing pass.
struct Closed;

impl Gate for Closed {
    fn check(&self, operation: &str) -> Result<(), CloudError> {
        Err(CloudError::stopped(operation))
    }
}

#[tokio::test]
async fn a_closed_gate_lets_reads_pass_and_no_change() {
    let mut world = World::start().await;
    let example = examples::all().into_iter().find(|each| each.type_name == "sqs_queue").expect("there is one");
    world.cloud = Arc::new(world.cloud.guarded(Arc::new(Closed)));
    assert_eq!(world.read(&example, None).await, Ok(None));
    let refused = world.reconcile(&example, &example.inputs, None, None).await.expect_err("the gate is closed");
    assert_eq!((refused.class, refused.operation.as_str()), (ErrorClass::Stopped, "sqs:CreateQueue"));
    assert_eq!(world.wire.mutating_calls(), [""; 0]);
}
