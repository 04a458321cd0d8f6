//! Errands: what this function does after its answer, by calling itself with an event.

use std::sync::Arc;

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use functions_shared::BoxFuture;
use functions_shared::aws::Aws;
use functions_shared::call_error::{CallError, Effect};
use functions_shared::config::FunctionName;
use functions_shared::mail::{Address, MessageKey};
use functions_shared::people::{Deed, Entry, Written};
use functions_shared::person::{Grant, Person, PersonName};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::challenges::{Challenge, ChallengeId, Code, Digests, LinkToken, MailOutcome, Purpose, Taking};
use crate::letter::{self, Letter};
use crate::refusal::Refusal;
use crate::same_origin::site;

/// The alias that every caller uses.
const LIVE: &str = "live";
/// What the configured administrator is called until somebody changes it.
const ADMINISTRATOR: &str = "Administrator";

/// Has errands run.
pub trait Errands: Send + Sync {
    /// Has the mail about a challenge sent. Asked twice, it is sent once.
    fn mail<'a>(&'a self, challenge: &'a ChallengeId) -> BoxFuture<'a, Result<(), CallError>>;
}

/// An errand as an event. No request over HTTP looks like it.
#[derive(Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, tag = "errand", rename_all = "snake_case")]
pub enum Errand {
    /// Send the mail about a challenge.
    Mail {
        /// The challenge's id.
        challenge: String,
    },
}

/// Calls this function's own alias with an event.
pub struct LambdaErrands {
    aws: Arc<Aws>,
    function: FunctionName,
}

impl LambdaErrands {
    /// Nothing is called yet.
    pub fn new(aws: Arc<Aws>, function: FunctionName) -> Self {
        Self { aws, function }
    }

    async fn invoke(&self, errand: &Errand) -> Result<(), CallError> {
        let event = serde_json::to_vec(errand).map_err(|_| CallError::odd_result("Invoke", "no event"))?;
        let client = self.aws.lambda().await;
        let answer = client
            .invoke()
            .function_name(self.function.as_str())
            .qualifier(LIVE)
            .invocation_type(InvocationType::Event)
            .payload(Blob::new(event))
            .send()
            .await;
        answer.map(drop).map_err(|error| CallError::new("Invoke", &error))
    }
}

impl Errands for LambdaErrands {
    fn mail<'a>(&'a self, challenge: &'a ChallengeId) -> BoxFuture<'a, Result<(), CallError>> {
        Box::pin(async { self.invoke(&Errand::Mail { challenge: challenge.to_string() }).await })
    }
}

/// Runs an errand. An error is worth another try; what was mailed is not mailed again.
pub async fn run(app: &App, errand: &Errand) -> Result<(), Refusal> {
    let Errand::Mail { challenge } = errand;
    match challenge.parse() {
        Ok(id) => mail(app, &id).await,
        Err(_) => Err(Refusal::not_found()),
    }
}

/// Sends the one mail about a challenge, to somebody who may sign in. It is taken before it is sent: whoever is
/// cut off in between leaves it unsent rather than sent twice.
async fn mail(app: &App, id: &ChallengeId) -> Result<(), Refusal> {
    let Some(challenge) = app.challenges.waiting(id).await? else {
        return Ok(());
    };
    let Some(person) = recipient(app, &challenge.email).await? else {
        return Ok(app.challenges.settle(id, &MailOutcome::Nobody).await?);
    };
    let keys = app.link_key.values().await?;
    let key = &keys.current;
    let site = site(app).await?;
    let token = LinkToken::new(id)?;
    let code = match challenge.purpose {
        Purpose::SignIn => Some(Code::new()?),
        Purpose::Invitation => None,
    };
    let digests = Digests { token: token.digest(key), code: code.as_ref().map(|code| code.digest(key, id)) };
    let key = letter::key(key, id).ok_or_else(Refusal::broken)?;
    let taking = Taking { digests, person_id: person.person_id.clone(), key: key.clone(), now: app.clock.now() };
    if !app.challenges.take(id, &taking).await? {
        return Ok(());
    }
    let letter = Letter { person: &person, challenge: &challenge, token: &token, code: code.as_ref(), site: &site };
    let began = app.clock.now();
    let outcome = send(app, &letter, key.clone()).await;
    let duration_ms = app.clock.now().duration_since(began).as_millis();
    tracing::info!(?outcome, duration_ms, key = key.as_str(), "a mail with a link");
    Ok(app.challenges.settle(id, &outcome).await?)
}

async fn send(app: &App, letter: &Letter<'_>, key: MessageKey) -> MailOutcome {
    let Some(message) = letter::message(letter, &app.mail_from, key, app.clock.now()) else {
        tracing::error!("the mail cannot be written");
        return MailOutcome::Refused;
    };
    match app.mailer.send(&message).await {
        Ok(_) => MailOutcome::Sent,
        Err(error) => {
            tracing::error!(%error, key = message.key.as_str(), "a mail was not sent, or nobody can tell");
            match error.effect {
                Effect::None => MailOutcome::Refused,
                Effect::Unknown => MailOutcome::Unknown,
            }
        }
    }
}

/// Who gets the mail: somebody who was invited and not shut out, or the configured administrator, who needs no
/// invitation.
async fn recipient(app: &App, email: &Address) -> Result<Option<Person>, Refusal> {
    if let Some(person) = app.people.by_email(email).await? {
        return Ok(Some(person).filter(Person::is_active));
    }
    if app.admin_email.canonical() != *email {
        return Ok(None);
    }
    let now = app.clock.now();
    let name: PersonName = ADMINISTRATOR.parse().map_err(|_| Refusal::broken())?;
    let admin = Person::new(email, name, [Grant::Admin].into(), now)?;
    let entry = Entry { at: now, actor: None, deed: Deed::Invited, grants: admin.grants.clone() };
    match app.people.add(&admin, &entry).await? {
        Written::Done => Ok(Some(admin)),
        Written::Conflict => Ok(app.people.by_email(email).await?.filter(Person::is_active)),
    }
}

impl Challenge {
    /// Whether somebody waits for a code.
    pub fn is_sign_in(&self) -> bool {
        self.purpose == Purpose::SignIn
    }
}
