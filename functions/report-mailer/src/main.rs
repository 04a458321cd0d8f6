//! The reports, on AWS as a function and on a laptop as a command: wiring only.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use functions_shared::aws::Aws;
use functions_shared::clock::{Clock, SystemClock};
use functions_shared::config::Reader;
use functions_shared::logging;
use functions_shared::mail::SesMailer;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use report_mailer::command::{self, Arguments};
use report_mailer::deliver::{Delivery, DynamoSentReports};
use report_mailer::invocation::{self, Answer};
use report_mailer::settings::Settings;

/// The variable by which Lambda tells a function where its events are.
const RUNTIME_API: &str = "AWS_LAMBDA_RUNTIME_API";

fn main() -> Result<ExitCode, Error> {
    match std::env::var_os(RUNTIME_API) {
        Some(_) => serve().map(|()| ExitCode::SUCCESS),
        None => write(&Arguments::parse()),
    }
}

fn write(arguments: &Arguments) -> Result<ExitCode, Error> {
    let done = command::write(arguments, SystemClock.now())?;
    for line in done.lines {
        println!("{line}");
    }
    match done.complete {
        true => Ok(ExitCode::SUCCESS),
        false => Ok(ExitCode::FAILURE),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn serve() -> Result<(), Error> {
    logging::start();
    let settings = Settings::read(Reader::process()).inspect_err(|error| {
        tracing::error!(%error, "the function cannot start");
    })?;
    let delivery = &delivery(settings);
    let handle = |event: LambdaEvent<serde_json::Value>| async move {
        answer(invocation::run(delivery, &event.context.request_id).await)
    };
    lambda_runtime::run(service_fn(handle)).await
}

fn delivery(settings: Settings) -> Delivery {
    let aws = Arc::new(Aws::new());
    Delivery {
        sent: Arc::new(DynamoSentReports::new(aws.clone(), settings.reports_table)),
        mailer: Arc::new(SesMailer::new(aws, settings.configuration_set)),
        clock: Arc::new(SystemClock),
        from: settings.from,
        to: settings.to,
        bcc: settings.bcc,
        reply_to: settings.reply_to,
        crew_site: settings.crew_site,
    }
}

/// A report that surely failed is the invocation's fault: Lambda repeats it under the same id,
/// and what was sent is not sent again.
fn answer(answer: Answer) -> Result<Answer, Error> {
    match answer.has_failed() {
        true => Err(serde_json::to_string(&answer)?.into()),
        false => Ok(answer),
    }
}
