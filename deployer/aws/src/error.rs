//! What an SDK error means for the engine: decided here alone, by codes and never by text.

use std::error::Error;
use std::time::{Duration, SystemTime};

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use deployer_engine::resource::{CloudError, ErrorClass};

use crate::actions::iam_action;

/// Codes of "too many calls": nothing happened.
const THROTTLED: &[&str] = &[
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "TooManyRequestsException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "TooManyUpdates",
    "LimitExceededException.Throttle",
    "ProvisionedThroughputExceededException",
    "TransactionInProgressException",
    "EC2ThrottledException",
    "BandwidthLimitExceeded",
    "PriorRequestNotComplete",
    "TooManyInvalidationsInProgress",
];
/// Codes of "not now": nothing happened, and it will be possible soon.
const NOT_YET: &[&str] = &[
    "ResourceConflictException",
    "ResourceInUseException",
    "OperationAborted",
    "OperationAbortedException",
    "WAFUnavailableEntityException",
    "ContinuousBackupsUnavailableException",
    "QueueDeletedRecently",
    "AWS.SimpleQueueService.QueueDeletedRecently",
    "KMSThrottledException",
    "KMSInvalidStateException",
    "DisabledException",
    "StaleTag",
    "StaleTagException",
    "ConcurrentAccess",
    "ConcurrentAccessException",
    "UnfinishedUpdate",
    "WAFAssociatedItemException",
    "DistributionNotDisabled",
    "OriginAccessControlInUse",
    "ResponseHeadersPolicyInUse",
    "CachePolicyInUse",
    "FunctionInUse",
];
/// Codes of "the request did not come through in time" with a status that says otherwise: S3 answers 400 to an upload
/// that stands still.
const CUT_SHORT: &[&str] = &["RequestTimeout", "RequestTimeoutException"];
/// Codes of "it is not what it was when you looked": nothing happened, and another look tells what it is now.
const CONFLICT: &[&str] = &[
    "PreconditionFailed",
    "PreconditionFailedException",
    "InvalidIfMatchVersion",
    "WAFOptimisticLockException",
    "ConcurrentModificationException",
    "ConcurrentModification",
    "ConditionalRequestConflict",
];
/// Codes of "there is no such thing": the object itself, or something that it needs.
const MISSING: &[&str] = &[
    "NotFound",
    "NotFoundException",
    "ResourceNotFoundException",
    "NoSuchEntity",
    "NoSuchBucket",
    "NoSuchResource",
    "NoSuchDistribution",
    "NoSuchFunctionExists",
    "NoSuchOriginAccessControl",
    "NoSuchResponseHeadersPolicy",
    "NoSuchCachePolicy",
    "InvalidOriginAccessControl",
    "InvalidFunctionAssociation",
    "InvalidKeyId",
    "InvalidViewerCertificate",
    "InvalidWebACLId",
    "WAFNonexistentItemException",
    "ParameterNotFound",
    "ParameterVersionNotFound",
    "QueueDoesNotExist",
    "AWS.SimpleQueueService.NonExistentQueue",
];
/// Codes of "you may not": the caller lacks a permission or has no valid credentials.
const DENIED: &[&str] = &[
    "AccessDenied",
    "AccessDeniedException",
    "UnauthorizedOperation",
    "NotAuthorized",
    "AuthorizationError",
    "AuthorizationErrorException",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "MissingAuthenticationToken",
    "IncompleteSignature",
    "InvalidSignatureException",
    "RequestTimeTooSkewed",
    "RequestExpired",
];

/// Those among them that name a permission, rather than credentials.
const LACKS_PERMISSION: &[&str] = &[
    "AccessDenied",
    "AccessDeniedException",
    "UnauthorizedOperation",
    "NotAuthorized",
    "AuthorizationError",
    "AuthorizationErrorException",
    NO_CODE,
];
/// Those among the denials that say that the credentials were good once.
const EXPIRED: &[&str] = &["ExpiredToken", "ExpiredTokenException"];
/// Those among the denials that a wrong clock brings about, too.
const DATED: &[&str] =
    &["RequestTimeTooSkewed", "RequestExpired", "SignatureDoesNotMatch", "InvalidSignatureException"];
/// A clock that is off by less is not why AWS refuses: it allows five minutes.
const CLOCK_IS_OFF: Duration = Duration::from_secs(2 * 60);
/// Our code for an answer without one: that to a HEAD has no body.
const NO_CODE: &str = "no-code";

/// Turns an SDK error into ours.
pub fn classify<E>(operation: &str, object: &str, error: &SdkError<E, HttpResponse>) -> CloudError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let code = error.code().unwrap_or(match error {
        SdkError::ConstructionFailure(_) => "bad-request",
        _ if lacks_credentials(error) => "no-credentials",
        SdkError::TimeoutError(_) => "no-answer",
        SdkError::DispatchFailure(_) => "not-sent",
        SdkError::ResponseError(_) => "answer-cut",
        _ => NO_CODE,
    });
    let response = error.raw_response();
    let status = response.map(|each| each.status().as_u16());
    let header = |name: &str| response.and_then(|each| each.headers().get(name)).map(str::to_owned);
    let hint = hint(code, header("date").as_deref(), SystemTime::now());
    let class = class_of(code, status, error);
    // Without a message of AWS the chain of causes is all there is to tell.
    let message = error.message().filter(|text| !text.is_empty()).map_or_else(|| chain(error), str::to_owned);
    CloudError {
        class,
        operation: operation.to_owned(),
        object: object.to_owned(),
        code: if code == NO_CODE && status == Some(404) { "NotFound".to_owned() } else { code.to_owned() },
        message,
        request_id: header("x-amzn-requestid").or_else(|| header("x-amz-request-id")),
        missing_action: (class == ErrorClass::Denied && LACKS_PERMISSION.contains(&code))
            .then(|| iam_action(operation).to_owned()),
        retry_after_ms: header("retry-after").and_then(|text| text.parse::<u64>().ok()).map(|seconds| seconds * 1000),
        hint,
    }
}

/// What a person can do about a code, where more is known than its class. `date` is when AWS answered, by its own clock.
fn hint(code: &str, date: Option<&str>, now: SystemTime) -> Option<String> {
    if EXPIRED.contains(&code) {
        let renew = "the credentials have expired: renew them, such as with `aws sso login`, and run again";
        return Some(format!("{renew}; what is done stays done"));
    }
    let answered = DateTime::from_str(DATED.contains(&code).then_some(date?)?, Format::HttpDate).ok()?;
    let answered = SystemTime::try_from(answered).ok()?;
    let (off, side) = match now.duration_since(answered) {
        Ok(ahead) => (ahead, "ahead of"),
        Err(behind) => (behind.duration(), "behind"),
    };
    let minutes = off.as_secs().div_ceil(60);
    (off >= CLOCK_IS_OFF).then(|| format!("your clock is {minutes} minutes {side} AWS's: set it and run again"))
}

/// An error and its causes in their own words. Their debug form would show the answer's body, and with it
/// the value of a parameter.
fn chain(error: &dyn Error) -> String {
    let causes = std::iter::successors(Some(error), |each| (*each).source()).map(ToString::to_string);
    causes.collect::<Vec<_>>().join(": ")
}

/// Whether the credentials could not be found, read or renewed: then nothing was sent.
fn lacks_credentials<E>(error: &SdkError<E, HttpResponse>) -> bool
where
    E: Error + 'static,
{
    matches!(error, SdkError::DispatchFailure(_))
        && std::iter::successors(error.source(), |each| (*each).source()).any(|each| each.is::<CredentialsError>())
}

fn class_of<E>(code: &str, status: Option<u16>, error: &SdkError<E, HttpResponse>) -> ErrorClass
where
    E: Error + 'static,
{
    match error {
        SdkError::ConstructionFailure(_) => return ErrorClass::Inputs,
        _ if lacks_credentials(error) => return ErrorClass::Denied,
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => {
            return ErrorClass::Unknown;
        }
        _ => {}
    }
    match (code, status) {
        (code, _) if THROTTLED.contains(&code) => ErrorClass::Throttled,
        (code, _) if NOT_YET.contains(&code) => ErrorClass::NotYet,
        (code, _) if CONFLICT.contains(&code) => ErrorClass::Conflict,
        (code, _) if DENIED.contains(&code) => ErrorClass::Denied,
        (code, _) if MISSING.contains(&code) => ErrorClass::Missing,
        (code, _) if CUT_SHORT.contains(&code) => ErrorClass::Unknown,
        (NO_CODE, Some(404)) => ErrorClass::Missing,
        (NO_CODE, Some(403)) => ErrorClass::Denied,
        (_, Some(429)) => ErrorClass::Throttled,
        (_, Some(500..)) => ErrorClass::Unknown,
        _ => ErrorClass::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: &str = "Sat, 21 Nov 2026 12:00:00 GMT";

    /// So many seconds after noon.
    fn now(seconds: i64) -> SystemTime {
        let noon = DateTime::from_str(NOON, Format::HttpDate).unwrap();
        SystemTime::try_from(DateTime::from_secs(noon.secs() + seconds)).unwrap()
    }

    #[test]
    fn a_wrong_clock_is_told_in_minutes() {
        let told = |code, seconds| hint(code, Some(NOON), now(seconds));
        let behind = told("RequestTimeTooSkewed", -17 * 60);
        assert_eq!(behind.as_deref(), Some("your clock is 17 minutes behind AWS's: set it and run again"));
        let ahead = told("SignatureDoesNotMatch", 3600);
        assert_eq!(ahead.as_deref(), Some("your clock is 60 minutes ahead of AWS's: set it and run again"));
    }

    #[test]
    fn a_right_clock_is_not_blamed() {
        assert_eq!(hint("SignatureDoesNotMatch", Some(NOON), now(3)), None);
        assert_eq!(hint("SignatureDoesNotMatch", None, now(3600)), None);
        assert_eq!(hint("SignatureDoesNotMatch", Some("yesterday"), now(3600)), None);
        assert_eq!(hint("AccessDenied", Some(NOON), now(3600)), None);
    }

    #[test]
    fn expired_credentials_are_called_so() {
        assert!(hint("ExpiredToken", None, now(0)).unwrap().starts_with("the credentials have expired"));
    }
}
