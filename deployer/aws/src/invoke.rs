//! Calling a function, for a person who wants to see its answer.

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::LogType;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use deployer_engine::resource::CloudError;

use crate::client::Cloud;

/// What a function answered.
pub struct Answer {
    /// The answer, mostly JSON.
    pub payload: Vec<u8>,
    /// `Handled` or `Unhandled` when the function failed.
    pub error: Option<String>,
    /// The last 4 KB of its log.
    pub logs: String,
}

/// Calls a function and waits for its answer.
pub async fn invoke(cloud: &Cloud, name: &str, qualifier: &str, event: &[u8]) -> Result<Answer, CloudError> {
    let sent = cloud
        .lambda()
        .invoke()
        .function_name(name)
        .qualifier(qualifier)
        .log_type(LogType::Tail)
        .payload(Blob::new(event))
        .send();
    let answer = cloud.call("lambda:Invoke", name, sent).await?;
    let logs = answer.log_result().and_then(|text| BASE64_STANDARD.decode(text).ok()).unwrap_or_default();
    Ok(Answer {
        payload: answer.payload().map(|blob| blob.as_ref().to_vec()).unwrap_or_default(),
        error: answer.function_error().map(str::to_owned),
        logs: String::from_utf8_lossy(&logs).into_owned(),
    })
}
