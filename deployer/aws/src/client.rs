//! The SDK's clients, made when first used, and the one way to call them.

pub mod json;
pub mod plans;
pub mod route53;
mod signed;

use std::fmt;
use std::future::Future;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use aws_config::{BehaviorVersion, ConfigLoader, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use bytes::Bytes;
use deployer_engine::resource::{CloudError, Cx};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use crate::actions::is_change;
use crate::error::classify;
use crate::rates::Rates;

use self::signed::Line;

/// Longest wait for a TCP and TLS connection: a dead endpoint must not look like a slow one.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(4);
/// Longest wait for one answer: uploads of 50 MB on a slow line fit, a hung socket is cut.
const CALL_TIMEOUT: Duration = Duration::from_secs(60);

/// What a stack ships, by content: built and hashed before the plan.
pub trait Artifacts: Send + Sync {
    /// The zip of that base64 SHA-256 (Lambda's `CodeSha256`).
    fn zip(&self, sha256_base64: &str) -> std::io::Result<Bytes>;
    /// The text of the site manifest of that SHA-256 (lower-case hex).
    fn manifest(&self, sha256_hex: &str) -> std::io::Result<Bytes>;
    /// Keeps a manifest that was fetched from the bucket.
    fn keep_manifest(&self, sha256_hex: &str, text: &[u8]) -> std::io::Result<()>;
    /// The content of a site's file, by the SHA-256 (lower-case hex) that the manifest gives.
    fn file(&self, sha256_hex: &str) -> std::io::Result<Bytes>;
}

/// Most reads of one type that are under way at once: enough for a distant region, few enough for the
/// open files of a small machine.
const READS_AT_ONCE: usize = 64;

/// How long AWS may hide what it has just made: ten seconds, and what the last look before that leaves.
const HIDES_FOR: Duration = Duration::from_secs(12);

/// What must agree before each call that changes something, such as a run that may be stopped.
pub trait Gate: Send + Sync {
    /// Whether an operation (`service:Operation`) may be asked for now.
    fn check(&self, operation: &str) -> Result<(), CloudError>;
}

/// Where calls go and as whom.
#[derive(Clone, Default)]
pub struct Target {
    /// The stack's region.
    pub region: String,
    /// The account, 12 digits.
    pub account: String,
    /// The endpoint of the local AWS, such as `http://127.0.0.1:4566`; absent on AWS.
    pub endpoint: Option<String>,
    /// Where browsers reach the local AWS, such as `http://localhost:4567`; absent on AWS.
    pub edge: Option<String>,
    /// The profile of the AWS configuration; absent: the default chain.
    pub profile: Option<String>,
    /// Access key id and secret access key, for the local AWS where the environment gives none;
    /// absent: the default chain.
    pub credentials: Option<(String, String)>,
    /// Treat the local AWS as AWS, which allows only so many calls a second and shows late what it made.
    pub as_aws: bool,
}

impl fmt::Debug for Target {
    /// Everything but the credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { region, account, endpoint, edge, profile, credentials: _, as_aws } = self;
        f.debug_struct("Target")
            .field("region", region)
            .field("account", account)
            .field("endpoint", endpoint)
            .field("edge", edge)
            .field("profile", profile)
            .field("as_aws", as_aws)
            .finish_non_exhaustive()
    }
}

/// An AWS account and region as the resources see it.
pub struct Cloud {
    /// Where calls go.
    pub target: Target,
    /// What the stack ships.
    pub artifacts: Arc<dyn Artifacts>,
    /// When it was opened: what AWS remembers of this run is told by it from what it remembers of an earlier one.
    pub opened: SystemTime,
    config: SdkConfig,
    clients: Arc<Clients>,
    /// Absent: calls need not be paced.
    rates: Option<Arc<Rates>>,
    gates: Vec<Arc<dyn Gate>>,
}

macro_rules! clients {
    ($($(#[$doc:meta])* $name:ident: $sdk:ident, $region:expr;)+) => {
        #[derive(Default)]
        struct Clients { s3: OnceLock<aws_sdk_s3::Client>, line: Line, $($name: OnceLock<$sdk::Client>,)+ }

        impl Cloud {
            $($(#[$doc])*
            pub fn $name(&self) -> &$sdk::Client {
                self.clients.$name.get_or_init(|| {
                    let config = $sdk::config::Builder::from(&self.config);
                    let pinned: Option<&'static str> = $region;
                    let config = match pinned {
                        Some(region) => config.region(Region::new(region)),
                        None => config,
                    };
                    $sdk::Client::from_conf(config.build())
                })
            })+
        }
    };
}

clients! {
    /// CloudFront, served from us-east-1.
    cloudfront: aws_sdk_cloudfront, Some("us-east-1");
    /// CloudWatch Logs in the stack's region.
    logs: aws_sdk_cloudwatchlogs, None;
    /// DynamoDB in the stack's region.
    dynamodb: aws_sdk_dynamodb, None;
    /// EventBridge in the stack's region.
    events: aws_sdk_eventbridge, None;
    /// IAM, global.
    iam: aws_sdk_iam, Some("us-east-1");
    /// Lambda in the stack's region.
    lambda: aws_sdk_lambda, None;
    /// SES v2 in the stack's region.
    ses: aws_sdk_sesv2, None;
    /// SNS in the stack's region.
    sns: aws_sdk_sns, None;
    /// SNS where CloudFront's companions live: an alarm there tells a topic of its own region.
    edge_sns: aws_sdk_sns, Some("us-east-1");
    /// SQS in the stack's region.
    sqs: aws_sdk_sqs, None;
    /// Systems Manager in the stack's region.
    ssm: aws_sdk_ssm, None;
    /// STS in the stack's region.
    sts: aws_sdk_sts, None;
    /// WAF for CloudFront: its scope lives in us-east-1.
    waf: aws_sdk_wafv2, Some("us-east-1");
}

impl Cloud {
    /// Opens a target. No call is made.
    pub async fn open(target: Target, artifacts: Arc<dyn Artifacts>) -> Self {
        let config = load(&target).await;
        let (opened, clients) = (SystemTime::now(), Arc::default());
        let mut cloud = Self { target, artifacts, opened, config, clients, rates: None, gates: Vec::new() };
        cloud.rates = cloud.is_like_aws().then(Arc::default);
        cloud
    }

    /// The same cloud, of which nothing that changes something is asked unless the gate agrees.
    #[must_use]
    pub fn guarded(&self, gate: Arc<dyn Gate>) -> Self {
        Self {
            target: self.target.clone(),
            artifacts: Arc::clone(&self.artifacts),
            opened: self.opened,
            config: self.config.clone(),
            clients: Arc::clone(&self.clients),
            rates: self.rates.clone(),
            gates: self.gates.iter().cloned().chain([gate]).collect(),
        }
    }

    /// A context for work with it.
    pub fn context(self: &Arc<Self>) -> Cx<Self> {
        let hides_for = if self.is_like_aws() { HIDES_FOR } else { Duration::ZERO };
        Cx::new(Arc::clone(self)).hiding_for(hides_for)
    }

    /// S3 in the stack's region; addressed by path on the local AWS, which has no names for buckets.
    pub fn s3(&self) -> &aws_sdk_s3::Client {
        self.clients.s3.get_or_init(|| {
            let config = aws_sdk_s3::config::Builder::from(&self.config).force_path_style(self.is_local());
            aws_sdk_s3::Client::from_conf(config.build())
        })
    }

    /// Whether this is the local AWS.
    pub fn is_local(&self) -> bool {
        self.target.endpoint.as_ref().is_some_and(|endpoint| endpoint.starts_with("http://"))
    }

    /// Whether it allows only so many calls a second and shows late what it made.
    fn is_like_aws(&self) -> bool {
        !self.is_local() || self.target.as_aws
    }

    /// The account that the credentials belong to, 12 digits.
    pub async fn caller_account(&self) -> Result<String, CloudError> {
        let identity = self.call("sts:GetCallerIdentity", "", self.sts().get_caller_identity().send()).await?;
        Ok(identity.account.unwrap_or_default())
    }

    /// Makes a call when its turn has come, and turns its error into ours. `operation` is `service:Operation` as AWS names
    /// them (`lambda:CreateFunction`), `object` what it works on.
    pub async fn call<T, E>(
        &self,
        operation: &str,
        object: &str,
        sent: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<T, CloudError>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let _turn = match &self.rates {
            Some(rates) => Some(rates.turn(operation, object).await),
            None => None,
        };
        if is_change(operation) {
            self.gates.iter().try_for_each(|gate| gate.check(operation))?;
        }
        sent.await.map_err(|error| classify(operation, object, &error))
    }

    /// The same for a read: one of the `missing` codes means that there is none. A HEAD that finds
    /// nothing has the code `NotFound`.
    pub async fn find<T, E>(
        &self,
        operation: &str,
        object: &str,
        missing: &[&str],
        sent: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<Option<T>, CloudError>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        match self.call(operation, object, sent).await {
            Ok(found) => Ok(Some(found)),
            Err(error) if missing.contains(&error.code.as_str()) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Reads that do not need each other, at once; their answers in their own order. The first error ends it.
pub async fn all_of<T>(reads: Vec<impl Future<Output = Result<T, CloudError>>>) -> Result<Vec<T>, CloudError> {
    stream::iter(reads).buffered(READS_AT_ONCE).try_collect().await
}

/// The SDK's configuration: one attempt a call, because the engine alone retries.
async fn load(target: &Target) -> SdkConfig {
    let timeouts =
        TimeoutConfig::builder().connect_timeout(CONNECT_TIMEOUT).operation_attempt_timeout(CALL_TIMEOUT).build();
    let loader: ConfigLoader = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new(target.region.clone()))
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts);
    let loader = match &target.endpoint {
        Some(endpoint) => loader.endpoint_url(endpoint),
        None => loader,
    };
    let loader = match &target.profile {
        Some(profile) => loader.profile_name(profile),
        None => loader,
    };
    let loader = match &target.credentials {
        Some((id, secret)) => loader.credentials_provider(Credentials::new(id, secret, None, None, "deployer")),
        None => loader,
    };
    loader.load().await
}
