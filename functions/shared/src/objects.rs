//! Files in a private bucket.

use std::sync::Arc;

use aws_sdk_s3::primitives::ByteStream;

use crate::BoxFuture;
use crate::aws::Aws;
use crate::call_error::CallError;
use crate::config::BucketName;

/// Where files are kept. A key is a path such as `reports/ceo.html`.
pub trait Objects: Send + Sync {
    /// Keeps a file; one of the same key is overwritten.
    fn put<'a>(&'a self, key: &'a str, object: Object) -> BoxFuture<'a, Result<(), CallError>>;

    /// A file; `None`: there is none of the key.
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Object>, CallError>>;
}

/// One file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Object {
    /// Its media type: `text/html; charset=utf-8`.
    pub content_type: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// Files in a bucket of S3.
pub struct S3Objects {
    aws: Arc<Aws>,
    bucket: BucketName,
}

impl S3Objects {
    /// Nothing is read yet.
    pub fn new(aws: Arc<Aws>, bucket: BucketName) -> Self {
        Self { aws, bucket }
    }

    async fn write(&self, key: &str, object: Object) -> Result<(), CallError> {
        let client = self.aws.s3().await;
        let request = client.put_object().bucket(self.bucket.as_str()).key(key).content_type(object.content_type);
        let answer = request.body(ByteStream::from(object.bytes)).send().await;
        answer.map(drop).map_err(|error| CallError::new("PutObject", &error))
    }

    async fn read(&self, key: &str) -> Result<Option<Object>, CallError> {
        const OPERATION: &str = "GetObject";
        let client = self.aws.s3().await;
        let answer = match client.get_object().bucket(self.bucket.as_str()).key(key).send().await {
            Ok(answer) => answer,
            Err(error) if error.as_service_error().is_some_and(|error| error.is_no_such_key()) => return Ok(None),
            Err(error) => return Err(CallError::new(OPERATION, &error)),
        };
        let bytes = answer.body.collect().await;
        let bytes = bytes.map_err(|_| CallError::odd_result(OPERATION, "the body ended early"))?.into_bytes();
        let content_type = answer.content_type.unwrap_or_else(|| "application/octet-stream".to_owned());
        Ok(Some(Object { content_type, bytes: bytes.into() }))
    }
}

impl Objects for S3Objects {
    fn put<'a>(&'a self, key: &'a str, object: Object) -> BoxFuture<'a, Result<(), CallError>> {
        Box::pin(self.write(key, object))
    }

    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Object>, CallError>> {
        Box::pin(self.read(key))
    }
}
