//! The crew API as a Lambda behind a function URL, and its errands as events: wiring only.

use std::sync::Arc;

use crew_api::app::{App, Shared, router};
use crew_api::challenges::DynamoChallenges;
use crew_api::errand::{LambdaErrands, run};
use crew_api::event::{Event, Failed};
use crew_api::guard::Guard;
use crew_api::limits::DynamoLimits;
use crew_api::session::Sessions;
use crew_api::settings::{OriginAuth, Settings};
use crew_api::telemetry::StandardOutput;
use functions_shared::aws::Aws;
use functions_shared::clock::SystemClock;
use functions_shared::config::Reader;
use functions_shared::logging;
use functions_shared::mail::SesMailer;
use functions_shared::objects::S3Objects;
use functions_shared::parameters::{KeptParameter, KeptSecret, RotatingSecret, SsmParameters};
use functions_shared::people::DynamoPeople;
use functions_shared::ring::Keys;
use functions_shared::tables::DynamoTables;
use functions_shared::waiver::Seal;
use lambda_http::{Adapter, Error};
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;
use tower::ServiceExt as _;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    logging::start();
    let settings = Settings::read(Reader::process()).inspect_err(|error| {
        tracing::error!(%error, "the function cannot start");
    })?;
    let app: Shared = Arc::new(app(settings));
    let router = router(app.clone());
    lambda_runtime::run(service_fn(|event| answer(app.clone(), router.clone(), event))).await
}

async fn answer(app: Shared, router: axum::Router, event: LambdaEvent<Event>) -> Result<Value, Error> {
    match event.payload {
        Event::Errand(errand) => {
            run(&app, &errand).await.map(|()| Value::Null).map_err(|refusal| Failed(refusal).into())
        }
        Event::Http(request) => {
            let event = LambdaEvent::new(*request, event.context);
            Ok(serde_json::to_value(Adapter::from(router).oneshot(event).await?)?)
        }
    }
}

fn app(settings: Settings) -> App {
    let aws = Arc::new(Aws::of_function());
    let clock = Arc::new(SystemClock);
    let parameters = Arc::new(SsmParameters::new(aws.clone()));
    let seal = Seal::new(parameters.clone(), settings.medical_secret);
    let kept = |name| KeptParameter::new(parameters.clone(), clock.clone(), name);
    let issuer = settings.jwt_ring.as_str().to_owned();
    let keys = Keys::new(parameters.clone(), clock.clone(), settings.jwt_ring);
    App {
        tables: Arc::new(DynamoTables::new(aws.clone(), settings.tables)),
        seal,
        reports: Arc::new(S3Objects::new(aws.clone(), settings.reports_bucket)),
        people: Arc::new(DynamoPeople::new(aws.clone(), settings.people_table)),
        challenges: Arc::new(DynamoChallenges::new(aws.clone(), settings.links_table)),
        limits: Arc::new(DynamoLimits::new(aws.clone(), settings.limits_table)),
        errands: Arc::new(LambdaErrands::new(aws.clone(), settings.function_name)),
        mailer: Arc::new(SesMailer::new(aws, settings.configuration_set)),
        lines: Arc::new(StandardOutput),
        sessions: Sessions::new(keys, clock.clone(), issuer),
        link_key: KeptSecret::new(parameters.clone(), clock.clone(), settings.link_secret),
        site_url: kept(settings.site_url_parameter),
        mail_from: settings.mail_from,
        origins: settings.allowed_origins,
        admin_email: settings.admin_email,
        guard: match settings.origin_auth {
            OriginAuth::Iam => Guard::Iam,
            OriginAuth::Header { secret } => Guard::Header(RotatingSecret::new(parameters, clock.clone(), secret)),
        },
        clock,
    }
}
