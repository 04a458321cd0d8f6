//! What is told while nothing is shipped: what functions write, and what is mailed.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::path::Path;
use std::time::Duration;

use deployer_engine::resource::CloudError;
use jiff::Timestamp;
use serde_json::json;
use tokio::sync::watch;

use super::{Product, mails};
use crate::error::Failure;
use crate::render::{Reporter, log};
use crate::tail::{Source, Tail};

/// How often is looked for what functions have written.
const LOGS_EVERY: Duration = Duration::from_millis(250);
/// How often is looked for mail.
const MAIL_EVERY: Duration = Duration::from_millis(400);

/// Shows what functions write from now on.
pub async fn logs(product: watch::Receiver<Product>, report: &Reporter) -> Infallible {
    let mut tail = Tail::since(Timestamp::now().as_millisecond());
    let mut quiet = Quiet::default();
    loop {
        let sources: Vec<Source> = product.borrow().iter().flat_map(|running| running.sources.clone()).collect();
        let found = tail.next(&sources).await;
        if let Some(events) = quiet.heard(found, report) {
            tail.show(&sources, &events, report);
        }
        tokio::time::sleep(LOGS_EVERY).await;
    }
}

/// Tells a failure once, until something succeeds again.
#[derive(Default)]
struct Quiet(bool);

impl Quiet {
    fn heard<T>(&mut self, found: Result<T, CloudError>, report: &Reporter) -> Option<T> {
        match found {
            Ok(found) => {
                self.0 = false;
                Some(found)
            }
            Err(error) => {
                if !std::mem::replace(&mut self.0, true) {
                    report.failure(&Failure::from(error));
                }
                None
            }
        }
    }
}

/// Shows the mail that is sent from now on through the local AWS of the folder. `served` tells where the product's
/// addresses are served as they are now.
pub async fn mail(folder: &Path, served: impl Fn() -> BTreeMap<String, String>, report: &Reporter) -> Infallible {
    let lane = &log::lanes(["mail"])[0];
    let mut known: Option<BTreeSet<String>> = None;
    loop {
        // While the local AWS starts or saves it tells nothing; what was sent is told later.
        if let Ok(mails) = deployer_local::mail(folder).await {
            let fresh = mails.iter().filter(|mail| known.as_ref().is_some_and(|known| !known.contains(&mail.id)));
            for mail in fresh {
                let lines = mails::told(mail, &served());
                let human = || Some(lines.lines().map(|line| lane.line(line)).collect::<Vec<_>>().join("\n"));
                let told = || json!({ "type": "mail", "to": mail.to, "subject": mail.subject, "text": mail.text });
                report.line_of_log(human, told);
            }
            known = Some(mails.into_iter().map(|mail| mail.id).collect());
        }
        tokio::time::sleep(MAIL_EVERY).await;
    }
}
