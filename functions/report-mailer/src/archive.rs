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

/// A page's name: `ceo.2026-11-21.<invocation>.html`. A repetition of the invocation has the same.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PageName(String);

impl PageName {
    /// The page of a report of an invocation, whose id is letters, digits and `-`.
    pub fn of(report: &str, day: Date, request_id: &str) -> Self {
        Self(format!("{report}.{day}.{request_id}.html"))
    }

    /// Its address on the crew's site.
    pub fn address(&self, crew_site: &str) -> String {
        format!("{}/api/{FOLDER}/{}", crew_site.trim_end_matches('/'), self.0)
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
        self.put(&name.0, "text/html; charset=utf-8", page).await
    }

    async fn put(&self, name: &str, content_type: &str, text: &str) -> Result<(), CallError> {
        let object = Object { content_type: content_type.to_owned(), bytes: text.as_bytes().to_vec() };
        self.objects.put(&format!("{FOLDER}/{name}"), object).await
    }
}
