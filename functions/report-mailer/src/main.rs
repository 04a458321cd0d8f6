//! The reports, on AWS as a function and on a laptop as a command: wiring only.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use functions_shared::aws::Aws;
use functions_shared::clock::{Clock, SystemClock};
use functions_shared::config::Reader;
use functions_shared::logging;
use functions_shared::mail::SesMailer;
use functions_shared::metrics::CloudWatch;
use functions_shared::objects::{Objects, S3Objects};
use functions_shared::parameters::SsmParameters;
use functions_shared::webhook::HttpWebhook;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use report_mailer::after::{After, Chat, Dashboard, Ways};
use report_mailer::archive::Archive;
use report_mailer::command::{self, Arguments, Ended, Told};
use report_mailer::deliver::{Delivered, Delivery, DynamoSentReports};
use report_mailer::feedback;
use report_mailer::invocation::{self, Answer, Asked, Program};
use report_mailer::settings::Settings;
use report_mailer::sources::{
    AuditExport, CrewRoles, CrewSails, CrewWaivers, FunctionMetrics, GitExport, SentTable, SesReputation, Sources,
    StatusExport,
};
use serde_json::Value;

/// The variable by which Lambda tells a function where its events are.
const RUNTIME_API: &str = "AWS_LAMBDA_RUNTIME_API";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let ended = match std::env::var_os(RUNTIME_API) {
        Some(_) => serve().await.map(|()| true),
        None => run(&Arguments::parse()).await,
    };
    match ended {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Writes and sends the reports; whether every one was. There is one summary, whatever was asked for.
async fn run(arguments: &Arguments) -> Result<bool, Error> {
    let written = arguments.out.as_deref().map(|folder| write(arguments, folder)).transpose()?;
    let sent = if arguments.send { Some(send(arguments).await?) } else { None };
    let ended = Ended { written, sent };
    match arguments.json {
        true => println!("{}", serde_json::to_string(&ended)?),
        false => print!("{}", ended.words()),
    }
    Ok(ended.is_complete())
}

/// Writes the reports, and tells of each.
fn write(arguments: &Arguments, folder: &Path) -> Result<Vec<Told>, Error> {
    let progress = |told: &Told| match &told.error {
        Some(error) => eprintln!("{}: {error}", told.report),
        None => eprintln!("{} is written", told.report),
    };
    Ok(command::write(arguments, folder, SystemClock.now(), &progress)?)
}

/// Sends the reports, and tells of each. Each run is an invocation of its own.
async fn send(arguments: &Arguments) -> Result<Answer, Error> {
    let program = program(Settings::read(Reader::process())?, Aws::of_person().await);
    eprintln!("reading the sources, then sending");
    let id = format!("laptop-{}", SystemClock.now().as_millisecond());
    let progress = |told: &Delivered| match &told.error {
        Some(error) => eprintln!("{} is {}: {error}", told.report, told.status.word()),
        None => eprintln!("{} is {}", told.report, told.status.word()),
    };
    Ok(invocation::run(&program, &id, &arguments.only, &progress).await)
}

async fn serve() -> Result<(), Error> {
    logging::start();
    let settings = Settings::read(Reader::process()).inspect_err(|error| {
        tracing::error!(%error, "the function cannot start");
    })?;
    let program = &program(settings, Aws::of_function());
    let handle = async |event: LambdaEvent<Value>| answer(program, event).await;
    lambda_runtime::run(service_fn(handle)).await
}

/// An event of SNS tells of mails that were sent; every other one asks for reports.
async fn answer(program: &Program, event: LambdaEvent<Value>) -> Result<Value, Error> {
    if let Some(notices) = feedback::notices(&event.payload) {
        return Ok(serde_json::to_value(feedback::note(&*program.delivery.sent, &notices).await?)?);
    }
    let id = invocation::run_id(&event.payload, &event.context.request_id);
    let asked: Asked = serde_json::from_value(event.payload)?;
    let answer = invocation::run(program, &id, &asked.reports()?, &|_| {}).await;
    judged(answer)
}

/// A report that surely failed is the invocation's fault: Lambda repeats it with the same event,
/// and what was sent is not sent again.
fn judged(answer: Answer) -> Result<Value, Error> {
    match answer.has_failed() {
        true => Err(serde_json::to_string(&answer)?.into()),
        false => Ok(serde_json::to_value(answer)?),
    }
}

fn program(settings: Settings, aws: Aws) -> Program {
    let aws = Arc::new(aws);
    let clock = Arc::new(SystemClock);
    let parameters = Arc::new(SsmParameters::new(aws.clone()));
    let objects: Option<Arc<dyn Objects>> =
        settings.archive.clone().map(|bucket| Arc::new(S3Objects::new(aws.clone(), bucket)) as _);
    let dashboard =
        settings.dashboard.clone().map(|(address, token)| Dashboard { address, token, parameters: parameters.clone() });
    let chat = settings.chat.clone().map(|address| Chat { address, parameters });
    Program {
        sources: sources(&aws, &settings, objects.clone()),
        delivery: Delivery {
            sent: Arc::new(DynamoSentReports::new(aws.clone(), settings.reports_table)),
            mailer: Arc::new(SesMailer::new(aws, settings.configuration_set)),
            clock: clock.clone(),
            from: settings.from,
            to: settings.to,
            bcc: settings.bcc,
            reply_to: settings.reply_to,
            crew_site: settings.crew_site,
            archive: objects.map(Archive::new),
        },
        after: After { dashboard, chat },
        ways: Ways { webhook: Arc::new(HttpWebhook::new()), clock },
    }
}

fn sources(aws: &Arc<Aws>, settings: &Settings, exports: Option<Arc<dyn Objects>>) -> Sources {
    let aws = || aws.clone();
    let crew = &settings.crew;
    let sails = crew.events.clone().map(|events| Arc::new(CrewSails { aws: aws(), events }) as _);
    let slots = crew.events.clone().zip(crew.roles.clone());
    let roles = slots.map(|(events, roles)| Arc::new(CrewRoles { aws: aws(), events, roles }) as _);
    let waivers = crew.waivers.clone().map(|waivers| Arc::new(CrewWaivers { aws: aws(), waivers }) as _);
    Sources {
        sails,
        roles,
        waivers,
        sent: Some(Arc::new(SentTable { aws: aws(), table: settings.reports_table.clone() })),
        functions: (!settings.functions.is_empty()).then(|| {
            let metrics = Arc::new(CloudWatch::new(aws()));
            Arc::new(FunctionMetrics { metrics, functions: settings.functions.clone() }) as _
        }),
        stacks: exports.clone().map(|exports| Arc::new(StatusExport(exports)) as _),
        audit: exports.clone().map(|exports| Arc::new(AuditExport(exports)) as _),
        git: exports.map(|exports| Arc::new(GitExport(exports)) as _),
        reputation: Some(Arc::new(SesReputation(aws()))),
    }
}
