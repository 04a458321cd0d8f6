//! The crew API as a Lambda behind a function URL: wiring only.

use std::sync::Arc;

use crew_api::app::{App, router};
use crew_api::guard::Guard;
use crew_api::session::Sessions;
use crew_api::settings::{OriginAuth, Settings};
use functions_shared::aws::Aws;
use functions_shared::clock::SystemClock;
use functions_shared::config::Reader;
use functions_shared::logging;
use functions_shared::parameters::{RotatingSecret, SsmParameters};
use functions_shared::people::DynamoPeople;
use functions_shared::ring::Keys;
use functions_shared::tables::DynamoTables;
use functions_shared::waiver::Seal;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    logging::start();
    let settings = Settings::read(Reader::process()).inspect_err(|error| {
        tracing::error!(%error, "the function cannot start");
    })?;
    lambda_http::run(router(app(settings))).await
}

fn app(settings: Settings) -> App {
    let aws = Arc::new(Aws::new());
    let clock = Arc::new(SystemClock);
    let parameters = Arc::new(SsmParameters::new(aws.clone()));
    let seal = Seal::new(parameters.clone(), settings.medical_secret);
    let issuer = settings.jwt_ring.as_str().to_owned();
    let keys = Keys::new(parameters.clone(), clock.clone(), settings.jwt_ring);
    let guard = match settings.origin_auth {
        OriginAuth::Iam => Guard::Iam,
        OriginAuth::Header { secret } => Guard::Header(RotatingSecret::new(parameters, clock.clone(), secret)),
    };
    App {
        tables: Arc::new(DynamoTables::new(aws.clone(), settings.tables)),
        seal,
        people: Arc::new(DynamoPeople::new(aws, settings.people_table)),
        sessions: Sessions::new(keys, clock.clone(), issuer),
        clock,
        guard,
    }
}
