//! The scheduled function: wiring only.

use std::sync::Arc;

use functions_shared::aws::Aws;
use functions_shared::clock::SystemClock;
use functions_shared::config::Reader;
use functions_shared::logging;
use functions_shared::mail::SesMailer;
use functions_shared::parameters::SsmParameters;
use functions_shared::people::DynamoPeople;
use functions_shared::tables::DynamoTables;
use jiff::Timestamp;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use ptb_nudge::nudge::{Nudge, Report};
use ptb_nudge::settings::Settings;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    logging::start();
    let settings = Settings::read(Reader::process()).inspect_err(|error| {
        tracing::error!(%error, "the function cannot start");
    })?;
    let nudge = &nudge(settings);
    let handle = |event: LambdaEvent<serde_json::Value>| async move {
        let deadline = i64::try_from(event.context.deadline).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
        answer(nudge.run(deadline.unwrap_or(Timestamp::MAX)).await)
    };
    lambda_runtime::run(service_fn(handle)).await
}

fn nudge(settings: Settings) -> Nudge {
    let aws = Arc::new(Aws::of_function());
    Nudge {
        tables: Arc::new(DynamoTables::new(aws.clone(), settings.tables)),
        people: Arc::new(DynamoPeople::new(aws.clone(), settings.people_table)),
        mailer: Arc::new(SesMailer::new(aws.clone(), settings.configuration_set)),
        parameters: Arc::new(SsmParameters::new(aws)),
        clock: Arc::new(SystemClock),
        from: settings.mail_from,
        to: settings.mail_to,
        site_url_parameter: settings.site_url_parameter,
    }
}

/// A fault that a repetition may mend is the invocation's fault as well: Lambda repeats it, and
/// what was mailed is not mailed again.
fn answer(report: Report) -> Result<Report, Error> {
    match report.faults.is_empty() {
        true => Ok(report),
        false => Err(serde_json::to_string(&report)?.into()),
    }
}
