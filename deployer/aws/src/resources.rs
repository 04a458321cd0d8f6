//! The resources that kinds expand to: one registration line each.

pub mod dynamodb_table;
pub mod sqs_queue;

use deployer_engine::resource::Registry;

use crate::client::Cloud;

/// Every resource and effect.
pub fn all() -> Registry<Cloud> {
    Registry::default()
        .with::<dynamodb_table::DynamodbTable>()
        .with::<sqs_queue::SqsQueue>()
}
