//! One call as it went over the wire, whole: what is needed to ask it again.

use std::time::Duration;

use bytes::Bytes;
use hyper::http::request::Parts;

use super::answer::Answer;

/// What was asked and what AWS answered.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// `service:Operation`, such as `lambda:CreateFunction`.
    pub operation: String,
    /// Whether it may have changed something.
    pub mutating: bool,
    /// Method, path, query and headers of the request.
    pub parts: Parts,
    /// The body of the request.
    pub body: Bytes,
    /// What AWS answered.
    pub answer: Answer,
    /// When it came, since the wire began.
    pub began: Duration,
    /// When it was answered, since the wire began.
    pub ended: Duration,
}
