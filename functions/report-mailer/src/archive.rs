//! The archive: every report as a page in a private bucket, shown by the crew site to administrators.

use std::sync::Arc;

use functions_shared::call_error::CallError;
use functions_shared::objects::{Object, Objects};
use jiff::civil::Date;

use crate::render::{STYLESHEET, STYLESHEET_NAME};

/// The folder of the bucket that the crew site serves.
const FOLDER: &str = "reports";

/// Keeps pages.
pub struct Archive {
    objects: Arc<dyn Objects>,
}

/// Which page: that of a report of an invocation. A repetition of the invocation has the same.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PageName {
    report: &'static str,
    day: Date,
    request_id: String,
}

impl PageName {
    /// The page of a report of an invocation, whose id is letters, digits and `-`.
    pub fn of(report: &'static str, day: Date, request_id: &str) -> Self {
        Self { report, day, request_id: request_id.to_owned() }
    }

    /// Its name in the folder: `ceo.2026-11-21.<invocation>.html`.
    fn file(&self) -> String {
        let Self { report, day, request_id } = self;
        format!("{report}.{day}.{request_id}.html")
    }

    /// Where its readers go: a page of the crew's site that asks them to sign in and shows the file. A browser that
    /// comes from a mail program sends no session to the file itself.
    pub fn address(&self, crew_site: &str) -> String {
        let Self { report, day, request_id } = self;
        format!("{}/reports/{report}/{day}/{request_id}", crew_site.trim_end_matches('/'))
    }
}

impl Archive {
    /// Nothing is written yet.
    pub fn new(objects: Arc<dyn Objects>) -> Self {
        Self { objects }
    }

    /// Keeps a page with the stylesheet that it refers to.
    pub async fn keep(&self, name: &PageName, page: &str) -> Result<(), CallError> {
        self.put(STYLESHEET_NAME, "text/css; charset=utf-8", STYLESHEET).await?;
        self.put(&name.file(), "text/html; charset=utf-8", page).await
    }

    async fn put(&self, name: &str, content_type: &str, text: &str) -> Result<(), CallError> {
        let object = Object { content_type: content_type.to_owned(), bytes: text.as_bytes().to_vec() };
        self.objects.put(&format!("{FOLDER}/{name}"), object).await
    }
}
