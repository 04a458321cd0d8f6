//! What follows the mails: cards for the dashboard, words for the chat. Failures are told and stop nothing.

mod cards;
mod chat;

use std::sync::Arc;

use functions_shared::clock::Clock;
use functions_shared::webhook::{PostError, Webhook};
use serde::Serialize;

pub use cards::{Card, CardsPosted, Dashboard, cards};
pub use chat::Chat;

use crate::deliver::{Delivered, Status};
use crate::report::Report;

/// Where else the outcome goes.
#[derive(Default)]
pub struct After {
    /// The dashboard that shows what to do. Optional.
    pub dashboard: Option<Dashboard>,
    /// The chat that hears what was sent. Optional.
    pub chat: Option<Chat>,
}

/// What became of it.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Followed {
    /// The cards, where there is a dashboard.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cards: Option<CardsPosted>,
    /// Why the chat did not hear of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chat_error: Option<String>,
}

/// The way to other systems.
pub struct Ways {
    /// Posts.
    pub webhook: Arc<dyn Webhook>,
    /// Waits between attempts.
    pub clock: Arc<dyn Clock>,
}

impl After {
    /// Tells the others. The chat hears what became of reports when one was sent in this very attempt, for of an earlier
    /// one it has heard, and when none was ever sent.
    pub async fn follow(&self, ways: &Ways, reports: &[&Report], delivered: &[Delivered]) -> Followed {
        let is_news =
            delivered.iter().any(|each| each.anew) || delivered.iter().all(|each| each.status != Status::Sent);
        let post_cards = async {
            match &self.dashboard {
                Some(dashboard) => Some(dashboard.post(ways, &cards(reports)).await),
                None => None,
            }
        };
        let tell = async {
            match &self.chat {
                Some(chat) if is_news => chat.tell(ways, delivered).await.err(),
                _ => None,
            }
        };
        let (cards, chat_error) = futures::join!(post_cards, tell);
        if let Some(CardsPosted { error: Some(error), missing, .. }) = &cards {
            tracing::error!(error, missing, "the dashboard lacks cards");
        }
        if let Some(error) = &chat_error {
            tracing::error!(error, "the chat was not told");
        }
        Followed { cards, chat_error }
    }
}

/// The outcome of a post in words; `Ok`: it was taken.
fn judged(answer: Result<u16, PostError>, also_taken: &[u16]) -> Result<(), Refusal> {
    match answer {
        Ok(status) if (200..300).contains(&status) || also_taken.contains(&status) => Ok(()),
        Ok(status) => Err(Refusal { words: format!("status {status}"), passes: status == 429 || status >= 500 }),
        Err(error) => Err(Refusal { words: error.to_string(), passes: error != PostError::NotSent }),
    }
}

/// Why a post was not taken.
struct Refusal {
    words: String,
    /// Whether it may be taken later.
    passes: bool,
}
