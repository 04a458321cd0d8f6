//! Cards with what to do, for the dashboard: the contract is in the crate's README.

use std::collections::BTreeMap;
use std::sync::Arc;

use functions_shared::config::ParameterName;
use functions_shared::parameters::{ParameterError, Parameters};
use functions_shared::webhook::{Post, PostAddress};
use jiff::SignedDuration;
use jiff::civil::Date;
use serde::Serialize;

use super::{Refusal, Ways, judged};
use crate::portfolio::{Effort, Worth};
use crate::report::Report;

/// How often one card is posted before the dashboard is given up.
const ATTEMPTS: u32 = 3;
/// The wait before the second attempt; it doubles.
const FIRST_WAIT: SignedDuration = SignedDuration::from_millis(500);
/// After so long no other card is begun: the function has a minute and more for its mails, not for a slow dashboard.
const LONGEST: SignedDuration = SignedDuration::from_secs(15);
/// "I have it": the dashboard knew the key with another body.
const CONFLICT: u16 = 409;

/// One action as the dashboard shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Card {
    /// The action's key, the same in every report and run: also the `Idempotency-Key`.
    pub id: String,
    /// What to do.
    pub title: String,
    /// For whom.
    pub entity: String,
    /// What it brings.
    pub why: String,
    /// 1 is first, in the first of its reports.
    pub priority: u32,
    /// How much it brings.
    pub value: Worth,
    /// How long it takes.
    pub effort: Effort,
    /// Who does it; absent: nobody has taken it on.
    pub owner: Option<String>,
    /// By when; absent: no day is set.
    pub due: Option<Date>,
    /// The reports that name it.
    pub reports: Vec<&'static str>,
    /// The day for which the reports were made.
    pub as_of: Date,
}

/// What became of the cards.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct CardsPosted {
    /// Cards that the dashboard has now.
    pub posted: u32,
    /// Cards that it lacks.
    pub missing: u32,
    /// Why the first of them is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// The dashboard's API.
pub struct Dashboard {
    /// Where cards are posted.
    pub address: PostAddress,
    /// The parameter with the token; absent: none is sent.
    pub token: Option<ParameterName>,
    /// Where the token is read.
    pub parameters: Arc<dyn Parameters>,
}

/// One card an action, in the order in which the reports name them.
pub fn cards(reports: &[&Report]) -> Vec<Card> {
    let mut order: Vec<String> = Vec::new();
    let mut cards: BTreeMap<String, Card> = BTreeMap::new();
    for report in reports {
        for action in &report.actions {
            let card = cards.entry(action.id.clone()).or_insert_with(|| {
                order.push(action.id.clone());
                Card {
                    id: action.id.clone(),
                    title: action.title.clone(),
                    entity: action.entity.clone(),
                    why: action.why.text.clone(),
                    priority: action.priority,
                    value: action.value,
                    effort: action.effort,
                    owner: action.owner.clone(),
                    due: action.due,
                    reports: Vec::new(),
                    as_of: report.as_of,
                }
            });
            card.reports.push(report.id.name());
        }
    }
    order.iter().filter_map(|id| cards.remove(id)).collect()
}

impl Dashboard {
    /// Posts the cards one after the other; a dashboard that does not answer, or is slow, is given up.
    pub(super) async fn post(&self, ways: &Ways, cards: &[Card]) -> CardsPosted {
        let mut told = CardsPosted::default();
        let began = ways.clock.now();
        let count = |cards: usize| u32::try_from(cards).unwrap_or(u32::MAX);
        let token = match self.token().await {
            Ok(token) => token,
            Err(error) => return CardsPosted { missing: count(cards.len()), error: Some(error.to_string()), ..told },
        };
        for (index, card) in cards.iter().enumerate() {
            let left = count(cards.len() - index);
            if ways.clock.now().duration_since(began) > LONGEST {
                told.error = told.error.or(Some(format!("{}: the dashboard is too slow", card.id)));
                told.missing += left;
                break;
            }
            match self.post_card(ways, card, token.as_deref()).await {
                Ok(()) => told.posted += 1,
                Err(Refusal { words, passes }) => {
                    told.error = told.error.or(Some(format!("{}: {words}", card.id)));
                    told.missing += 1;
                    if passes {
                        told.missing += left - 1;
                        break;
                    }
                }
            }
        }
        told
    }

    /// What proves us to the dashboard; none where nobody has put a token in place.
    async fn token(&self) -> Result<Option<String>, ParameterError> {
        let Some(name) = &self.token else { return Ok(None) };
        match self.parameters.read(name).await {
            Ok(value) => Ok(Some(format!("Bearer {}", value.expose()))),
            Err(ParameterError::Missing) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn post_card(&self, ways: &Ways, card: &Card, token: Option<&str>) -> Result<(), Refusal> {
        let json = serde_json::to_string(card).map_err(|_| Refusal { words: "no JSON".to_owned(), passes: false })?;
        let mut wait = FIRST_WAIT;
        for attempt in 1.. {
            let key = ("idempotency-key", card.id.clone());
            let token = token.map(|token| ("authorization", token.to_owned()));
            let headers = std::iter::once(key).chain(token).collect();
            let post = Post { to: &self.address, json: json.clone(), headers };
            match judged(ways.webhook.post(post).await, &[CONFLICT]) {
                Err(refusal) if refusal.passes && attempt < ATTEMPTS => {
                    ways.clock.sleep(wait).await;
                    wait *= 2;
                }
                other => return other,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use functions_shared::BoxFuture;
    use functions_shared::testing::{FixedClock, MemoryParameters};
    use functions_shared::webhook::{PostError, Webhook};

    use super::*;
    use crate::testing::reports;

    /// The body and the headers of each post.
    type Seen = Vec<(String, Vec<(&'static str, String)>)>;

    /// A dashboard that gives these answers, then 201 for ever, and remembers what it was sent.
    #[derive(Default)]
    struct Answering {
        answers: Mutex<Vec<Result<u16, PostError>>>,
        seen: Mutex<Seen>,
        /// What passes while it answers.
        slow: Option<(Arc<FixedClock>, SignedDuration)>,
    }

    impl Webhook for Answering {
        fn post<'a>(&'a self, post: Post<'a>) -> BoxFuture<'a, Result<u16, PostError>> {
            self.seen.lock().expect("never poisoned").push((post.json, post.headers));
            if let Some((clock, passes)) = &self.slow {
                clock.advance(*passes);
            }
            let mut answers = self.answers.lock().expect("never poisoned");
            let answer = if answers.is_empty() { Ok(201) } else { answers.remove(0) };
            Box::pin(async move { answer })
        }
    }

    async fn post(answers: Vec<Result<u16, PostError>>) -> (CardsPosted, Seen, usize) {
        post_to(answers, "/reports/prod/secret/dashboard", SignedDuration::ZERO).await
    }

    /// The parameter of the token is `/reports/prod/secret/dashboard`; `passes` while one post is answered.
    async fn post_to(
        answers: Vec<Result<u16, PostError>>,
        token: &str,
        passes: SignedDuration,
    ) -> (CardsPosted, Seen, usize) {
        let clock = Arc::new(FixedClock::at("2026-11-21T16:00:00Z"));
        let slow = Some((clock.clone(), passes));
        let webhook = Arc::new(Answering { answers: Mutex::new(answers), slow, ..Answering::default() });
        let ways = Ways { webhook: webhook.clone(), clock };
        let dashboard = Dashboard {
            address: "https://dashboard.example.com/cards".parse().expect("an address"),
            token: Some(token.parse().expect("a name")),
            parameters: Arc::new(MemoryParameters::with("/reports/prod/secret/dashboard", "t0ken")),
        };
        let reports = reports();
        let cards = cards(&reports.iter().collect::<Vec<_>>());
        let posted = dashboard.post(&ways, &cards).await;
        let seen = webhook.seen.lock().expect("never poisoned").clone();
        (posted, seen, cards.len())
    }

    #[tokio::test]
    async fn every_action_is_one_card_under_its_own_key() {
        let (posted, seen, cards) = post(Vec::new()).await;
        assert!(cards > 0);
        assert_eq!((posted.posted as usize, posted.missing, seen.len()), (cards, 0, cards));
        let mut keys: Vec<&str> = seen.iter().map(|(_, headers)| headers[0].1.as_str()).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), cards, "no key twice");
        assert_eq!(seen[0].1[1], ("authorization", "Bearer t0ken".to_owned()));
        assert!(seen[0].0.contains("\"reports\":[\""), "{}", seen[0].0);
    }

    #[tokio::test]
    async fn what_passes_is_tried_again_and_what_is_known_already_is_there() {
        let (posted, seen, cards) = post(vec![Ok(503), Err(PostError::NoAnswerInTime), Ok(200), Ok(409)]).await;
        assert_eq!((posted.posted as usize, seen.len()), (cards, cards + 2));
    }

    #[tokio::test]
    async fn a_refused_card_is_told_and_the_others_are_posted() {
        let (posted, _, cards) = post(vec![Ok(422)]).await;
        assert_eq!((posted.posted as usize, posted.missing), (cards - 1, 1));
        assert!(posted.error.is_some_and(|error| error.ends_with(": status 422")));
    }

    #[tokio::test]
    async fn a_dashboard_that_does_not_answer_is_given_up_after_three_attempts() {
        let (posted, seen, cards) = post(vec![Err(PostError::NoConnection); 3]).await;
        assert_eq!((posted.posted, posted.missing as usize, seen.len()), (0, cards, 3));
        assert!(posted.error.is_some_and(|error| error.ends_with(": no connection")));
    }

    #[tokio::test]
    async fn a_dashboard_that_is_slow_is_given_up_in_time_for_the_function() {
        let (posted, seen, cards) =
            post_to(Vec::new(), "/reports/prod/secret/dashboard", SignedDuration::from_secs(4)).await;
        // 4, 8, 12 and 16 seconds: the fourth was begun in time.
        assert_eq!((posted.posted, posted.missing as usize, seen.len()), (4, cards - 4, 4));
        assert!(posted.error.is_some_and(|error| error.ends_with(": the dashboard is too slow")));
    }

    #[tokio::test]
    async fn cards_go_without_a_token_where_nobody_has_put_one_in_place() {
        let (posted, seen, cards) = post_to(Vec::new(), "/reports/prod/secret/none", SignedDuration::ZERO).await;
        assert_eq!(posted.posted as usize, cards);
        assert!(seen.iter().all(|(_, headers)| headers.iter().all(|(name, _)| *name != "authorization")));
    }
}
