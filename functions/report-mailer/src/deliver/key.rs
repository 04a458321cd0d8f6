//! How the mail of a report is known again.

use functions_shared::mail::MessageKey;

/// What the keys of reports begin with.
const KEY_PREFIX: &str = "report-";
/// What stands between a report's name and the invocation; no name and no id has it.
const KEY_MIDDLE: &str = "__";

/// The key of a report's mail: `report-ceo__<invocation>`, which SES takes as a tag.
pub fn message_key(report: &str, request_id: &str) -> Result<MessageKey, &'static str> {
    match request_id.contains(KEY_MIDDLE) {
        true => Err("is not an invocation's id"),
        false => format!("{KEY_PREFIX}{report}{KEY_MIDDLE}{request_id}").parse(),
    }
}

/// The report and the invocation of a key; `None`: it is that of another mail.
pub fn of_message_key(key: &str) -> Option<(&str, &str)> {
    key.strip_prefix(KEY_PREFIX)?.split_once(KEY_MIDDLE)
}
