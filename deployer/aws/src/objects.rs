//! The objects port on S3: conditional writes to one bucket, whose owner every call names.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::DateTime;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::date_time::Format;
use deployer_engine::objects::{Object, Objects, Only, Written};
use deployer_engine::resolve::{Environment, StateBucket};
use deployer_engine::resource::{CloudError, ErrorClass};
use futures::future::BoxFuture;

use crate::Cloud;
use crate::policy::Statement;

/// Longest wait for one answer: a run that cannot write its state must soon stop.
const CALL_TIMEOUT: Duration = Duration::from_secs(4);
/// The slowest line on which a state is kept, in bytes a second: a body has as much longer as it needs there.
const SLOWEST_LINE: u64 = 128 << 10;
/// The metadata that holds the label.
const LABEL: &str = "deployer-label";
/// How many former versions are looked at.
const FORMER: i32 = 5;
/// Codes of "the condition does not hold". Source: PutObject, DeleteObject.
const REFUSED: [&str; 3] = ["PreconditionFailed", "NoSuchKey", "NotFound"];

/// What a run may do with the state of an environment: nothing where no bucket keeps it. Who may list a bucket is
/// told that an object is missing, and not that it is forbidden.
pub fn statements(environment: &Environment) -> Vec<Statement> {
    let Some(StateBucket { bucket, prefix, .. }) = &environment.state else { return Vec::new() };
    let objects = format!("arn:aws:s3:::{bucket}/{prefix}{}/{}/*", environment.stack, environment.name);
    let actions = ["s3:DeleteObject", "s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"];
    vec![
        Statement::new("State", &actions, [objects]),
        Statement::new("StateBucket", &["s3:ListBucket", "s3:ListBucketVersions"], [format!("arn:aws:s3:::{bucket}")]),
    ]
}

/// A bucket of one account.
pub struct Bucket {
    cloud: Arc<Cloud>,
    name: String,
}

impl Bucket {
    /// The bucket of that name in the cloud's region. No call is made.
    pub fn new(cloud: Arc<Cloud>, name: String) -> Self {
        Self { cloud, name }
    }

    fn object(&self, key: &str) -> String {
        format!("s3://{}/{key}", self.name)
    }

    /// Makes a call that sends or fetches so many bytes.
    async fn within<T>(
        &self,
        operation: &str,
        key: &str,
        bytes: u64,
        call: impl Future<Output = Result<T, CloudError>>,
    ) -> Result<T, CloudError> {
        let limit = CALL_TIMEOUT + Duration::from_secs(bytes / SLOWEST_LINE);
        tokio::time::timeout(limit, call).await.unwrap_or_else(|_| {
            let message = format!("no answer within {} s", limit.as_secs());
            Err(CloudError::new(ErrorClass::Unknown, operation, &self.object(key), "no-answer", message))
        })
    }

    async fn read(&self, key: &str) -> Result<Option<Object>, CloudError> {
        let date = DateOf::default();
        let request = self.cloud.s3().get_object().bucket(&self.name).key(key);
        let sent = request.expected_bucket_owner(&self.cloud.target.account).customize().interceptor(date.clone());
        let missing = ["NoSuchKey", "NotFound"];
        let object = self.object(key);
        let found = self.cloud.find("s3:GetObject", &object, &missing, sent.send());
        let Some(found) = self.within("s3:GetObject", key, 0, found).await? else {
            return Ok(None);
        };
        let age = match (date.get(), found.last_modified) {
            (Some(now), Some(then)) => u64::try_from(now.secs() - then.secs()).unwrap_or_default(),
            _ => 0,
        };
        let label = found.metadata.as_ref().and_then(|all| all.get(LABEL)).cloned().unwrap_or_default();
        let tag = found.e_tag.clone().unwrap_or_default();
        let body = self.body(key, found.content_length, found.body).await?;
        Ok(Some(Object { body, tag, label, age: Duration::from_secs(age) }))
    }

    async fn body(&self, key: &str, length: Option<i64>, stream: ByteStream) -> Result<Vec<u8>, CloudError> {
        let whole = async {
            stream.collect().await.map_err(|error| {
                CloudError::new(ErrorClass::Unknown, "s3:GetObject", &self.object(key), "answer-cut", error.to_string())
            })
        };
        let length = length.and_then(|length| u64::try_from(length).ok()).unwrap_or_default();
        Ok(self.within("s3:GetObject", key, length, whole).await?.to_vec())
    }

    async fn write(&self, key: &str, body: &[u8], label: &str, only: &Only) -> Result<Written, CloudError> {
        let request = self.cloud.s3().put_object().bucket(&self.name).key(key).content_type("application/json");
        let request = request.expected_bucket_owner(&self.cloud.target.account).metadata(LABEL, label);
        let request = match only {
            Only::New => request.if_none_match("*"),
            Only::Over(tag) => request.if_match(tag),
        };
        let sent = request.body(ByteStream::from(body.to_vec())).send();
        match self.cloud.find("s3:PutObject", &self.object(key), &REFUSED, sent).await? {
            Some(written) => Ok(Written::Done(written.e_tag.unwrap_or_default())),
            None => Ok(Written::Refused),
        }
    }

    async fn remove(&self, key: &str, tag: &str) -> Result<bool, CloudError> {
        let request = self.cloud.s3().delete_object().bucket(&self.name).key(key).if_match(tag);
        let sent = request.expected_bucket_owner(&self.cloud.target.account).send();
        Ok(self.cloud.find("s3:DeleteObject", &self.object(key), &REFUSED, sent).await?.is_some())
    }

    async fn versions(&self, key: &str) -> Result<Vec<Vec<u8>>, CloudError> {
        let owner = &self.cloud.target.account;
        let request = self.cloud.s3().list_object_versions().bucket(&self.name).prefix(key).max_keys(FORMER);
        let sent = request.expected_bucket_owner(owner).send();
        let object = self.object(key);
        let found = self.cloud.call("s3:ListBucketVersions", &object, sent);
        let found = self.within("s3:ListBucketVersions", key, 0, found).await?;
        let of_key = found.versions().iter().filter(|each| each.key() == Some(key) && each.is_latest() != Some(true));
        let mut bodies = Vec::new();
        for id in of_key.filter_map(|each| each.version_id()) {
            let request = self.cloud.s3().get_object().bucket(&self.name).key(key).version_id(id);
            let sent = request.expected_bucket_owner(owner).send();
            let found = self.cloud.call("s3:GetObjectVersion", &object, sent);
            let found = self.within("s3:GetObjectVersion", key, 0, found).await?;
            bodies.push(self.body(key, found.content_length, found.body).await?);
        }
        Ok(bodies)
    }
}

impl Objects for Bucket {
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Object>, CloudError>> {
        Box::pin(self.read(key))
    }

    fn put<'a>(
        &'a self,
        key: &'a str,
        body: &'a [u8],
        label: &'a str,
        only: &'a Only,
    ) -> BoxFuture<'a, Result<Written, CloudError>> {
        Box::pin(self.within("s3:PutObject", key, body.len() as u64, self.write(key, body, label, only)))
    }

    fn delete<'a>(&'a self, key: &'a str, tag: &'a str) -> BoxFuture<'a, Result<bool, CloudError>> {
        Box::pin(self.within("s3:DeleteObject", key, 0, self.remove(key, tag)))
    }

    fn former<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Vec<Vec<u8>>, CloudError>> {
        Box::pin(self.versions(key))
    }
}

/// Keeps the date of an answer: the bucket's own clock.
#[derive(Clone, Debug, Default)]
struct DateOf(Arc<Mutex<Option<DateTime>>>);

impl DateOf {
    fn get(&self) -> Option<DateTime> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Intercept for DateOf {
    fn name(&self) -> &'static str {
        "date of the answer"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date");
        let date = date.and_then(|text| DateTime::from_str(text, Format::HttpDate).ok());
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = date;
        Ok(())
    }
}
