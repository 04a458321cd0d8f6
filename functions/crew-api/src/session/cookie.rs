//! The cookies of a browser. The prefix `__Host-` keeps other hosts and plain HTTP from setting them.

use axum::http::{HeaderMap, HeaderValue, header};

/// Holds the token of a session.
pub const SESSION_COOKIE: &str = "__Host-session";
/// Holds the challenge that a short code is asked for with.
pub const CHALLENGE_COOKIE: &str = "__Host-challenge";

/// A cookie that an answer sets. Scripts cannot read it, and other sites cannot make a browser send it.
pub struct Cookie<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its value; empty: the cookie goes.
    pub value: &'a str,
    /// How long the browser keeps it.
    pub seconds: i64,
}

impl Cookie<'_> {
    /// The value of the header `Set-Cookie`. `None`: a value that fits into no header.
    pub fn header(&self) -> Option<HeaderValue> {
        let Self { name, value, seconds } = self;
        let text = format!("{name}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Strict");
        HeaderValue::try_from(text).ok()
    }
}

/// The value of a cookie that is there once. One that is there twice is somebody's trick.
pub fn value_of<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let mut found = pairs.filter(|(known, _)| *known == name).map(|(_, value)| value);
    let value = found.next()?;
    found.next().is_none().then_some(value)
}
