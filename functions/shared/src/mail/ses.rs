//! Mail through Amazon SES.

use std::sync::Arc;

use aws_sdk_sesv2::primitives::Blob;
use aws_sdk_sesv2::types::{Destination, EmailContent, MessageTag, RawMessage};

use super::{Address, MOST_RECIPIENTS, Mailer, Message, Receipt, compose};
use crate::BoxFuture;
use crate::aws::Aws;
use crate::call_error::{CallError, Effect};
use crate::config::ConfigurationSet;

const OPERATION: &str = "SendEmail";
/// The tag by which events of SES (delivery, bounce) are matched with our message.
const KEY_TAG: &str = "message-key";

/// Sends by SES v2 as raw MIME.
pub struct SesMailer {
    aws: Arc<Aws>,
    configuration_set: Option<ConfigurationSet>,
}

impl SesMailer {
    /// Nothing is connected yet. The configuration set names where events of delivery go.
    pub fn new(aws: Arc<Aws>, configuration_set: Option<ConfigurationSet>) -> Self {
        Self { aws, configuration_set }
    }

    async fn send_once(&self, message: &Message) -> Result<Receipt, CallError> {
        if message.to.len() + message.bcc.len() > MOST_RECIPIENTS {
            return Err(not_sent("too many recipients"));
        }
        let bytes = compose(message).map_err(|_| not_sent("no bytes"))?;
        let raw = RawMessage::builder().data(Blob::new(bytes)).build();
        let tag = MessageTag::builder().name(KEY_TAG).value(message.key.as_str()).build();
        let client = self.aws.sesv2().await;
        let answer = client
            .send_email()
            .from_email_address(message.from.as_str())
            .destination(envelope(message))
            .content(EmailContent::builder().raw(raw.map_err(|_| not_sent("no bytes"))?).build())
            .email_tags(tag.map_err(|_| not_sent("no tag"))?)
            .set_configuration_set_name(self.configuration_set.as_ref().map(|set| set.as_str().to_owned()))
            .send()
            .await
            .map_err(|error| CallError::new(OPERATION, &error))?;
        Ok(Receipt { message_id: answer.message_id.unwrap_or_default() })
    }
}

impl Mailer for SesMailer {
    fn send<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Result<Receipt, CallError>> {
        Box::pin(self.send_once(message))
    }
}

/// Who gets the message, seen or unseen.
fn envelope(message: &Message) -> Destination {
    let plain = |addresses: &[Address]| -> Option<Vec<String>> {
        let plain = addresses.iter().map(|address| address.as_str().to_owned());
        Some(plain.collect()).filter(|addresses: &Vec<String>| !addresses.is_empty())
    };
    Destination::builder().set_to_addresses(plain(&message.to)).set_bcc_addresses(plain(&message.bcc)).build()
}

fn not_sent(reason: &str) -> CallError {
    CallError { operation: OPERATION, code: reason.to_owned(), request_id: None, effect: Effect::None }
}
