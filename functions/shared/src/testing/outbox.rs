//! Mail that stays here.

use std::sync::{Arc, Mutex};

use super::Faults;
use crate::BoxFuture;
use crate::call_error::CallError;
use crate::mail::{Mailer, Message, Receipt};

/// Keeps every message that was sent.
#[derive(Debug, Default)]
pub struct Outbox {
    faults: Arc<Faults>,
    sent: Mutex<Vec<Message>>,
}

impl Outbox {
    /// An empty outbox whose calls count among `faults`.
    pub fn new(faults: Arc<Faults>) -> Self {
        Self { faults, sent: Mutex::default() }
    }

    /// The messages in the order of sending.
    pub fn sent(&self) -> Vec<Message> {
        self.sent.lock().expect("never poisoned").clone()
    }
}

impl Mailer for Outbox {
    fn send<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Result<Receipt, CallError>> {
        let result = self.faults.call("SendEmail", || {
            let mut sent = self.sent.lock().expect("never poisoned");
            sent.push(message.clone());
            Ok(Receipt { message_id: format!("ses-{}", sent.len()) })
        });
        Box::pin(async { result })
    }
}
