//! The standing of the mail account.

use std::sync::Arc;

use functions_shared::BoxFuture;
use functions_shared::aws::Aws;
use functions_shared::call_error::CallError;
use jiff::Timestamp;

use super::{Dated, Source};
use crate::live::Reputation;

const OPERATION: &str = "GetAccount";

/// Asks SES.
pub struct SesReputation(pub Arc<Aws>);

impl SesReputation {
    async fn ask(&self) -> Result<Reputation, CallError> {
        let answer = self.0.sesv2().await.get_account().send().await;
        let account = answer.map_err(|error| CallError::new(OPERATION, &error))?;
        let quota = account.send_quota.ok_or_else(|| CallError::odd_result(OPERATION, "no quota"))?;
        Ok(Reputation {
            sending: account.sending_enabled,
            production: account.production_access_enabled,
            recipients_a_day: quota.max24_hour_send,
            recipients_a_second: quota.max_send_rate,
            sent_last_day: quota.sent_last24_hours,
            standing: account.enforcement_status,
        })
    }
}

impl Source<Reputation> for SesReputation {
    fn name(&self) -> &'static str {
        "SES account"
    }

    fn read(&self, at: Timestamp) -> BoxFuture<'_, Result<Dated<Reputation>, CallError>> {
        Box::pin(async move { Ok(Dated { data: self.ask().await?, at }) })
    }
}
