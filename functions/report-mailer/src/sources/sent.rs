//! What this program sent before, from its own table.

use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_dynamodb::types::AttributeValue;
use functions_shared::BoxFuture;
use functions_shared::aws::Aws;
use functions_shared::call_error::CallError;
use functions_shared::config::TableName;
use functions_shared::zone;
use jiff::{SignedDuration, Timestamp};

use super::{Dated, Source};
use crate::live::SentReports;
use crate::report::ReportId;

/// After so long a mail that is `sending` has an unknown outcome: no run takes an hour.
const SENDING: SignedDuration = SignedDuration::from_hours(1);

type Item = HashMap<String, AttributeValue>;

/// Reads the table of reports.
pub struct SentTable {
    /// The clients of AWS.
    pub aws: Arc<Aws>,
    /// The table.
    pub table: TableName,
}

impl SentTable {
    async fn of(&self, report: &str, at: Timestamp) -> Result<SentReports, CallError> {
        let client = self.aws.dynamodb().await;
        let request = client
            .query()
            .table_name(self.table.as_str())
            .key_condition_expression("report_id = :report")
            .projection_expression("date_sent, #status, bounces, put_off, complaints")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":report", AttributeValue::S(report.to_owned()));
        let items = request.into_paginator().items().send().collect::<Result<Vec<Item>, _>>().await;
        Ok(tally(report, &items.map_err(|error| CallError::new("Query", &error))?, at))
    }
}

impl Source<Vec<SentReports>> for SentTable {
    fn name(&self) -> &'static str {
        "table of reports"
    }

    fn read(&self, at: Timestamp) -> BoxFuture<'_, Result<Dated<Vec<SentReports>>, CallError>> {
        Box::pin(async move {
            let each = ReportId::ALL.iter().map(|report| self.of(report.name(), at));
            Ok(Dated { data: futures::future::try_join_all(each).await?, at })
        })
    }
}

/// What the rows of one report say.
fn tally(report: &str, rows: &[Item], at: Timestamp) -> SentReports {
    let report = report.to_owned();
    let mut told = SentReports { report, sent: 0, unknown: 0, bounced: 0, put_off: 0, complained: 0, last: None };
    for row in rows {
        let text = |name: &str| row.get(name).and_then(|value| value.as_s().ok());
        let noted = |name: &str| u32::from(row.contains_key(name));
        let date = text("date_sent").and_then(|date| date.parse::<Timestamp>().ok());
        match text("status").map(String::as_str) {
            Some("sent") => {
                told.sent += 1;
                told.last = told.last.max(date.map(zone::date_of));
            }
            Some("unknown") => told.unknown += 1,
            Some("sending") if date.is_some_and(|date| at - SENDING > date) => told.unknown += 1,
            _ => {}
        }
        told.bounced += noted("bounces");
        told.put_off += noted("put_off");
        told.complained += noted("complaints");
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(date: &str, status: &str, noted: Option<&str>) -> Item {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let mut row = Item::from([("date_sent".to_owned(), text(date)), ("status".to_owned(), text(status))]);
        row.extend(noted.map(|name| (name.to_owned(), AttributeValue::Ss(vec!["f-1".to_owned()]))));
        row
    }

    #[test]
    fn a_mail_that_nobody_settled_is_unknown_after_an_hour() {
        let rows = [
            row("2026-11-09T14:00:00.000Z", "sent", Some("bounces")),
            row("2026-11-16T14:00:00.000Z", "sent", Some("complaints")),
            row("2026-11-16T15:00:00.000Z", "refused", None),
            row("2026-11-16T16:00:00.000Z", "sent", Some("put_off")),
            row("2026-11-17T14:00:00.000Z", "unknown", None),
            row("2026-11-21T14:00:00.000Z", "sending", None),
            row("2026-11-21T15:59:00.000Z", "sending", None),
        ];
        let told = tally("ceo", &rows, "2026-11-21T16:00:00Z".parse().expect("a moment"));
        assert_eq!((told.sent, told.unknown, told.bounced, told.put_off, told.complained), (3, 2, 1, 1, 1));
        assert_eq!(told.last, Some(jiff::civil::date(2026, 11, 16)));
    }
}
