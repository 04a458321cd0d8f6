//! A clock that is not ours: dates of answers, and requests that come from another time.

use std::time::{Duration, SystemTime};

use hyper::HeaderMap;
use hyper::header::DATE;
use hyper::http::request::Parts;
use jiff::civil::DateTime;
use jiff::fmt::rfc2822::DateTimePrinter;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

use super::{Manners, Refusal};
use crate::wire::call::Call;

/// The form of `x-amz-date`.
const SIGNED_AT: &str = "%Y%m%dT%H%M%SZ";
/// How far a signature may be from AWS's clock.
const TOLERANCE: Duration = Duration::from_secs(5 * 60);
/// The same for S3.
const TOLERANCE_OF_S3: Duration = Duration::from_secs(15 * 60);

fn now(manners: &Manners) -> Timestamp {
    let ours = Timestamp::try_from(SystemTime::now()).expect("the clock is between the years -9999 and 9999");
    ours + SignedDuration::from_secs(manners.clock_ahead_seconds)
}

/// Refuses what was signed too long ago, or too far ahead.
pub fn refuse(manners: &Manners, call: &Call, parts: &Parts) -> Option<Refusal> {
    if manners.clock_ahead_seconds == 0 {
        return None;
    }
    let text = parts.headers.get("x-amz-date")?.to_str().ok()?;
    let signed = Offset::UTC.to_timestamp(DateTime::strptime(SIGNED_AT, text).ok()?).ok()?;
    let apart = now(manners).duration_since(signed).unsigned_abs();
    match call.operation.split(':').next() {
        Some("s3") if apart > TOLERANCE_OF_S3 => Some(Refusal::new(403, "RequestTimeTooSkewed")),
        Some("iam" | "sts" | "cloudfront") if apart > TOLERANCE => Some(Refusal::new(403, "SignatureDoesNotMatch")),
        Some("s3") => None,
        _ if apart > TOLERANCE => Some(Refusal::new(403, "InvalidSignatureException")),
        _ => None,
    }
}

/// Writes the time of AWS's clock into an answer.
pub fn stamp(manners: &Manners, headers: &mut HeaderMap) {
    if manners.clock_ahead_seconds == 0 {
        return;
    }
    let printed = DateTimePrinter::new().timestamp_to_rfc9110_string(&now(manners));
    if let Some(date) = printed.ok().and_then(|text| text.parse().ok()) {
        headers.insert(DATE, date);
    }
}
