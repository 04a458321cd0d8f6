//! A word to a chat that takes Slack's incoming webhooks.

use std::sync::Arc;

use functions_shared::config::ParameterName;
use functions_shared::parameters::{ParameterError, Parameters};
use functions_shared::webhook::{Post, PostAddress};
use serde_json::json;

use super::{Ways, judged};
use crate::deliver::{Delivered, Status};

/// A webhook, whose address is a secret.
pub struct Chat {
    /// The parameter with the address.
    pub address: ParameterName,
    /// Where it is read.
    pub parameters: Arc<dyn Parameters>,
}

impl Chat {
    /// Says what became of the reports, where somebody has put an address in place. The error holds no address.
    pub(super) async fn tell(&self, ways: &Ways, delivered: &[Delivered]) -> Result<(), String> {
        let value = match self.parameters.read(&self.address).await {
            Ok(value) => value,
            Err(ParameterError::Missing) => return Ok(()),
            Err(error) => return Err(error.to_string()),
        };
        let to: PostAddress = value.expose().trim().parse().map_err(|reason| format!("the parameter {reason}"))?;
        let post = Post { to: &to, json: json!({ "text": words(delivered) }).to_string(), headers: Vec::new() };
        judged(ways.webhook.post(post).await, &[]).map_err(|refusal| refusal.words)
    }
}

/// `7 of 8 executive reports are sent.` and a line for each that is not.
fn words(delivered: &[Delivered]) -> String {
    let sent = delivered.iter().filter(|each| each.status == Status::Sent).count();
    let mut lines = vec![format!("{sent} of {} executive reports are sent.", delivered.len())];
    for each in delivered.iter().filter(|each| each.status != Status::Sent) {
        let state = if each.status == Status::Unknown { "unknown" } else { "not sent" };
        lines.push(format!("• {} is {state}: {}", each.report, escaped(each.error.as_deref().unwrap_or_default())));
    }
    lines.join("\n")
}

/// The three characters by which Slack begins mentions, links and entities. Source: "Formatting text for app surfaces".
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use functions_shared::BoxFuture;
    use functions_shared::testing::{FixedClock, MemoryParameters};
    use functions_shared::webhook::{PostError, Webhook};

    use super::*;
    use crate::after::After;

    /// Remembers what the chat was told.
    #[derive(Default)]
    struct Heard(Mutex<Vec<String>>);

    impl Webhook for Heard {
        fn post<'a>(&'a self, post: Post<'a>) -> BoxFuture<'a, Result<u16, PostError>> {
            self.0.lock().expect("never poisoned").push(post.json);
            Box::pin(async { Ok(200) })
        }
    }

    /// What a chat hears whose address is in `/reports/prod/secret/chat`.
    async fn heard(parameter: &str, delivered: &[Delivered]) -> Vec<String> {
        let parameters =
            Arc::new(MemoryParameters::with("/reports/prod/secret/chat", "https://hooks.example.com/services/x"));
        let chat = Chat { address: parameter.parse().expect("a name"), parameters };
        let webhook = Arc::new(Heard::default());
        let ways = Ways { webhook: webhook.clone(), clock: Arc::new(FixedClock::at("2026-11-21T16:00:00Z")) };
        let followed = After { dashboard: None, chat: Some(chat) }.follow(&ways, &[], delivered).await;
        assert_eq!(followed.chat_error, None);
        webhook.0.lock().expect("never poisoned").clone()
    }

    #[tokio::test]
    async fn the_chat_hears_of_each_report_once_and_of_a_run_in_which_all_fail() {
        let failed = || Delivered::failed("cto", "SendEmail: MessageRejected");
        let sent = |anew| Delivered { status: Status::Sent, anew, ..failed() };
        let chat = "/reports/prod/secret/chat";
        for (delivered, hears) in [
            (vec![sent(true), failed()], 1),
            (vec![failed(), failed()], 1),
            (vec![sent(false), sent(false)], 0),
            (vec![sent(false), failed()], 0),
        ] {
            assert_eq!(heard(chat, &delivered).await.len(), hears, "{delivered:?}");
        }
        assert!(heard("/reports/prod/secret/none", &[failed()]).await.is_empty(), "nobody has put an address in place");
    }

    #[test]
    fn what_failed_is_named_and_mentions_nobody() {
        let sent = Delivered { status: Status::Sent, ..Delivered::failed("ceo", "") };
        let failed = Delivered::failed("cto", "kpis.toml:3: <!channel> & <https://x|y>");
        let words = words(&[sent, failed]);
        assert_eq!(
            words,
            "1 of 2 executive reports are sent.\n• cto is not sent: kpis.toml:3: &lt;!channel&gt; &amp; &lt;https://x|y&gt;"
        );
    }
}
