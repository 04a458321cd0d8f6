//! A word to a chat that takes Slack's incoming webhooks.

use std::sync::Arc;

use functions_shared::config::ParameterName;
use functions_shared::parameters::Parameters;
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
    /// Says what became of the reports. The error holds no address.
    pub(super) async fn tell(&self, ways: &Ways, delivered: &[Delivered]) -> Result<(), String> {
        let value = self.parameters.read(&self.address).await.map_err(|error| error.to_string())?;
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
    use super::*;

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
