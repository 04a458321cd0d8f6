//! The scheduled function: wiring only.

use std::sync::Arc;

use functions_shared::aws::Aws;
use functions_shared::clock::SystemClock;
use functions_shared::config::Reader;
use functions_shared::logging;
use functions_shared::mail::SesMailer;
use functions_shared::parameters::SsmParameters;
use functions_shared::sails::DynamoSails;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use ptb_nudge::nudge::{Nudge, Report};
use ptb_nudge::nudges::DynamoNudges;
use ptb_nudge::settings::Settings;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    logging::start();
    let settings = Settings::read(Reader::process()).inspect_err(|error| {
        tracing::error!(%error, "the function cannot start");
    })?;
    let nudge = &nudge(settings);
    let handle = |_: LambdaEvent<serde_json::Value>| async move { answer(nudge.run().await) };
    lambda_runtime::run(service_fn(handle)).await
}

fn nudge(settings: Settings) -> Nudge {
    let aws = Arc::new(Aws::new());
    Nudge {
        sails: Arc::new(DynamoSails::new(aws.clone(), settings.events_table, settings.roles_table)),
        nudges: Arc::new(DynamoNudges::new(aws.clone(), settings.nudges_table)),
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
