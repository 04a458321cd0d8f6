//! Signing in: asking for a link, and redeeming a link or a code.

use functions_shared::mail::Address;
use functions_shared::parameters::ParameterError;
use functions_shared::person::Person;

use crate::app::App;
use crate::challenges::{Challenge, ChallengeId, Code, LinkToken, Owed, Proof, Purpose, Redeeming, digest};
use crate::letter;
use crate::limits::{ALL_ASKING, ASKING, Budget, REDEEMING, Verdict};
use crate::refusal::Refusal;

/// How often somebody who asks at the same moment as others is looked at again.
const ROUNDS: u32 = 4;
/// When to come again for somebody who lost every round, in seconds.
const LOST_ROUNDS_SECONDS: i64 = 2;

/// Opens a challenge for an address and has its mail sent. Whether the address is anybody's is not looked up here:
/// for every address the same is done, and the same is answered.
pub async fn ask(app: &App, caller: &str, email: &Address) -> Result<(ChallengeId, Challenge), Refusal> {
    spend(app, &ASKING, caller).await?;
    spend(app, &ALL_ASKING, "all").await?;
    spend_link(app, email).await?;
    let id = ChallengeId::new()?;
    let challenge = open(app, &id, email, Purpose::SignIn, None).await?;
    Ok((id, challenge))
}

/// Counts an invitation, or says when to come again: before anything is written for it.
pub async fn spend_invitation(app: &App, email: &Address) -> Result<(), Refusal> {
    spend(app, &ALL_ASKING, "all").await?;
    spend_link(app, email).await
}

/// Opens a challenge for somebody whose invitation was counted. Its mail is owed: nobody else knows that it should come.
pub async fn invite(app: &App, person: &Person) -> Result<(), Refusal> {
    let id = ChallengeId::new()?;
    let key = letter::key(&app.link_key.values().await?.current, &id).ok_or_else(Refusal::broken)?;
    let owed = Owed { person_id: person.person_id.clone(), key };
    open(app, &id, &person.email, Purpose::Invitation, Some(&owed)).await.map(drop)
}

async fn open(
    app: &App,
    id: &ChallengeId,
    email: &Address,
    purpose: Purpose,
    owed: Option<&Owed>,
) -> Result<Challenge, Refusal> {
    let challenge = Challenge { email: email.canonical(), purpose, opened_at: app.clock.now() };
    app.challenges.open(id, &challenge, owed).await?;
    app.errands.mail(id).await?;
    Ok(challenge)
}

/// Redeems the token of a link, in whatever browser it is opened.
pub async fn redeem_token(app: &App, caller: &str, token: &LinkToken) -> Result<Person, Refusal> {
    spend(app, &REDEEMING, caller).await?;
    let keys = app.link_key.values().await?;
    let proofs = keys.accepted().map(|key| Proof::Token(token.digest(key))).collect();
    redeem(app, token.challenge(), proofs).await
}

/// Redeems a code in the browser that holds its challenge. The try is counted before the code is compared, so that
/// many at once are no more than as many one after another.
pub async fn redeem_code(app: &App, caller: &str, id: &ChallengeId, code: &Code) -> Result<Person, Refusal> {
    spend(app, &REDEEMING, caller).await?;
    let keys = app.link_key.values().await?;
    let kept = app.challenges.try_code(id, app.clock.now()).await?;
    let offered = keys.accepted().map(|key| code.digest(key, id)).find(|offered| kept.as_ref() == Some(offered));
    match offered {
        Some(offered) => redeem(app, id, vec![Proof::Code(offered)]).await,
        None => Err(Refusal::not_redeemed()),
    }
}

/// Redeems a challenge by the one of the proofs that is its own: a mail may have been written before its key was rotated.
async fn redeem(app: &App, id: &ChallengeId, proofs: Vec<Proof>) -> Result<Person, Refusal> {
    let mut email = None;
    for by in proofs {
        email = app.challenges.redeem(id, &Redeeming { by, now: app.clock.now() }).await?;
        if email.is_some() {
            break;
        }
    }
    let email = email.ok_or_else(Refusal::not_redeemed)?;
    // Somebody may have been shut out since the mail was sent.
    let person = app.people.by_email(&email).await?.filter(Person::is_active);
    person.ok_or_else(Refusal::not_redeemed)
}

/// Counts one more of a budget, or says when to come again. The table learns a digest of who it is.
pub async fn spend(app: &App, budget: &Budget, who: &str) -> Result<(), Refusal> {
    let subject = subject(app, budget.class, who).await?;
    match app.limits.count(budget, &subject, app.clock.now()).await? {
        Verdict::Within => Ok(()),
        Verdict::Over { retry_after_seconds } => Err(Refusal::too_often(retry_after_seconds)),
    }
}

/// Counts one more link for a mail address, or says when to come again.
async fn spend_link(app: &App, email: &Address) -> Result<(), Refusal> {
    let subject = subject(app, "mail", email.canonical().as_str()).await?;
    for _ in 0..ROUNDS {
        let asked = app.limits.asked(&subject).await?;
        let next = asked.once_more(app.clock.now()).map_err(Refusal::too_often)?;
        if app.limits.remember(&subject, &next).await? {
            return Ok(());
        }
    }
    Err(Refusal::too_often(LOST_ROUNDS_SECONDS))
}

async fn subject(app: &App, class: &str, who: &str) -> Result<String, ParameterError> {
    let key = &app.link_key.values().await?.current;
    Ok(digest(key, "subject", &[class, who]).as_str().to_owned())
}
