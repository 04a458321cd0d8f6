//! Clients of AWS, each built when it is first used.

use std::time::Duration;

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use tokio::sync::OnceCell;

/// How long one attempt may take. Tables and parameters answer in milliseconds; a function's own
/// time limit is not worth spending on one that does not.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(3);
/// How long a call with its repetitions may take.
const CALL_TIMEOUT: Duration = Duration::from_secs(8);
/// How long a mail may take to be accepted.
const SEND_TIMEOUT: Duration = Duration::from_secs(20);

/// A configuration of AWS and the clients made from it.
#[derive(Debug)]
pub struct Aws {
    config: SdkConfig,
    dynamodb: OnceCell<aws_sdk_dynamodb::Client>,
    lambda: OnceCell<aws_sdk_lambda::Client>,
    s3: OnceCell<aws_sdk_s3::Client>,
    sesv2: OnceCell<aws_sdk_sesv2::Client>,
    ssm: OnceCell<aws_sdk_ssm::Client>,
}

impl Aws {
    /// Those of a function: Lambda tells region and credentials in its environment, and there is nowhere else to look.
    /// `AWS_ENDPOINT_URL` is honoured.
    pub fn of_function() -> Self {
        let told = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let credentials = SharedCredentialsProvider::new(EnvironmentVariableCredentialsProvider::new());
        let mut config = SdkConfig::builder();
        config.set_endpoint_url(told("AWS_ENDPOINT_URL")).set_region(told("AWS_REGION").map(Region::new));
        let config = config.behavior_version(BehaviorVersion::latest()).credentials_provider(credentials);
        let config = config.retry_config(RetryConfig::standard());
        Self::of(config.timeout_config(timeouts(ATTEMPT_TIMEOUT, CALL_TIMEOUT)).build())
    }

    /// Those of a person: environment, profile, single sign-on. `AWS_ENDPOINT_URL` is honoured.
    pub async fn of_person() -> Self {
        let config = aws_config::defaults(BehaviorVersion::latest()).retry_config(RetryConfig::standard());
        Self::of(config.timeout_config(timeouts(ATTEMPT_TIMEOUT, CALL_TIMEOUT)).load().await)
    }

    /// Those of a configuration; none is built yet.
    pub fn of(config: SdkConfig) -> Self {
        Self {
            config,
            dynamodb: OnceCell::new(),
            lambda: OnceCell::new(),
            s3: OnceCell::new(),
            sesv2: OnceCell::new(),
            ssm: OnceCell::new(),
        }
    }

    /// DynamoDB. Repeats what failed: each write of ours is conditional or can be repeated.
    pub async fn dynamodb(&self) -> &aws_sdk_dynamodb::Client {
        let build = || async { aws_sdk_dynamodb::Client::new(&self.config) };
        self.dynamodb.get_or_init(build).await
    }

    /// S3. A bucket is asked by path where an endpoint is given: no name of a machine ends in a bucket's there.
    pub async fn s3(&self) -> &aws_sdk_s3::Client {
        let build = || async {
            let config = &self.config;
            let by_path = config.endpoint_url().is_some();
            let config = aws_sdk_s3::config::Builder::from(config).force_path_style(by_path).build();
            aws_sdk_s3::Client::from_conf(config)
        };
        self.s3.get_or_init(build).await
    }

    /// Lambda. Repeats what failed: an event that arrives twice must do no more than one.
    pub async fn lambda(&self) -> &aws_sdk_lambda::Client {
        let build = || async { aws_sdk_lambda::Client::new(&self.config) };
        self.lambda.get_or_init(build).await
    }

    /// SES. Never repeats: a repeated send after a lost answer would be a second mail.
    pub async fn sesv2(&self) -> &aws_sdk_sesv2::Client {
        let build = || async {
            let config = aws_sdk_sesv2::config::Builder::from(&self.config)
                .retry_config(RetryConfig::disabled())
                .timeout_config(timeouts(SEND_TIMEOUT, SEND_TIMEOUT))
                .build();
            aws_sdk_sesv2::Client::from_conf(config)
        };
        self.sesv2.get_or_init(build).await
    }

    /// SSM Parameter Store.
    pub async fn ssm(&self) -> &aws_sdk_ssm::Client {
        let build = || async { aws_sdk_ssm::Client::new(&self.config) };
        self.ssm.get_or_init(build).await
    }

    /// The configuration itself, for calls that no client here makes.
    pub(crate) fn config(&self) -> &SdkConfig {
        &self.config
    }
}

fn timeouts(attempt: Duration, call: Duration) -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(2))
        .operation_attempt_timeout(attempt)
        .operation_timeout(call)
        .build()
}
