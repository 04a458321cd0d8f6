//! The items of the people's table.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::call_error::CallError;
use crate::mail::Address;
use crate::people::{Entry, SessionKey};
use crate::person::{Person, PersonId};

/// The index of the people's table by name: hash `directory`, range `sort`.
pub const BY_NAME: &str = "by-name";
/// The one value of that index's hash key: all people are in one directory.
pub(super) const DIRECTORY: &str = "people";
/// The range key of a person.
pub(super) const PERSON: &str = "person";
/// The range key of whose address it is.
pub(super) const POINTER: &str = "pointer";
/// How the range key of a line of the history begins.
pub(super) const ENTRY: &str = "entry#";

pub(super) type Item = HashMap<String, AttributeValue>;

pub(super) fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

pub(super) fn key(person_id: &str, item: &str) -> Item {
    HashMap::from([("person_id".to_owned(), text(person_id)), ("item".to_owned(), text(item))])
}

/// No key of a person has a `#`, so none can be taken for an address.
pub(super) fn address_key(email: &Address) -> String {
    format!("address#{}", email.canonical().as_str())
}

pub(super) fn ended_key(session: &SessionKey) -> String {
    format!("ended#{}", session.session_id)
}

/// A place in the index is told by its own keys and the table's.
pub(super) fn place(person: &Person) -> Item {
    let mut place = key(person.person_id.as_str(), PERSON);
    place.extend(directory(person));
    place
}

fn directory(person: &Person) -> [(String, AttributeValue); 2] {
    let sort = person.name.as_str().to_lowercase();
    [("directory".to_owned(), text(DIRECTORY)), ("sort".to_owned(), text(&sort))]
}

pub(super) fn of_person(person: &Person) -> Result<Item, CallError> {
    let mut item = written(person)?;
    item.extend(place(person));
    Ok(item)
}

pub(super) fn pointer(person: &Person) -> Item {
    let mut item = key(&address_key(&person.email), POINTER);
    item.insert("of".to_owned(), text(person.person_id.as_str()));
    item
}

pub(super) fn pointed_at(pointer: &Item) -> Option<PersonId> {
    pointer.get("of")?.as_s().ok()?.parse().ok()
}

pub(super) fn of_entry(person_id: &PersonId, entry: &Entry, random: &str) -> Result<Item, CallError> {
    let mut item = written(entry)?;
    // As many digits until the year 2286: the order of texts is that of moments.
    item.extend(key(person_id.as_str(), &format!("{ENTRY}{}#{random}", entry.at.as_millisecond())));
    Ok(item)
}

/// The person of an item. One that a person wrote wrongly must not hide all others.
pub(super) fn person(item: Item) -> Option<Person> {
    read(item, "an item of the people's table is no person")
}

pub(super) fn entry(item: Item) -> Option<Entry> {
    read(item, "an item of the people's table is no line of a history")
}

fn read<T: DeserializeOwned>(item: Item, fault: &str) -> Option<T> {
    let key = item.get("person_id").and_then(|value| value.as_s().ok()).cloned();
    let read = serde_dynamo::from_item(item).ok();
    if read.is_none() {
        // The error itself would quote what somebody wrote.
        tracing::warn!(person_id = key, "{fault}");
    }
    read
}

fn written<T: Serialize>(value: &T) -> Result<Item, CallError> {
    serde_dynamo::to_item(value).map_err(|_| CallError::odd_result("PutItem", "no item"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::Deed;
    use crate::person::Grant;
    use jiff::Timestamp;

    fn robin() -> Person {
        let email = "Robin@Example.com".parse().expect("an address");
        let name = "Robin Reef".parse().expect("a name");
        Person::new(&email, name, [Grant::Crew, Grant::Captain].into(), Timestamp::UNIX_EPOCH).expect("random bytes")
    }

    #[test]
    fn a_person_becomes_an_item_that_reads_back() {
        let robin = robin();
        let item = of_person(&robin).expect("an item");
        assert_eq!(item["sort"], text("robin reef"));
        assert_eq!(item["invited_at"], AttributeValue::N("0".to_owned()));
        assert_eq!(person(item), Some(robin));
    }

    #[test]
    fn an_address_points_at_its_person_in_any_case() {
        let robin = robin();
        let item = pointer(&robin);
        let asked: Address = "ROBIN@example.COM".parse().expect("an address");
        assert_eq!(item["person_id"], text(&address_key(&asked)));
        assert_eq!(pointed_at(&item), Some(robin.person_id));
    }

    #[test]
    fn a_line_of_the_history_reads_back_and_later_ones_sort_later() {
        let line = |second| Entry {
            at: Timestamp::from_second(second).expect("a moment"),
            actor: Some("admin@example.com".parse().expect("an address")),
            deed: Deed::Revoked,
            grants: [Grant::Crew].into(),
        };
        let robin = robin();
        let item = |second| of_entry(&robin.person_id, &line(second), "r").expect("an item");
        let sort = |item: &Item| item["item"].as_s().expect("a text").clone();
        assert!(sort(&item(1_795_000_000)) < sort(&item(1_795_000_001)));
        assert_eq!(entry(item(1_795_000_000)), Some(line(1_795_000_000)));
    }

    #[test]
    fn an_item_that_is_no_person_is_left_out() {
        let mut broken = of_person(&robin()).expect("an item");
        broken.insert("grants".to_owned(), text("everything"));
        assert_eq!(person(broken), None);
    }
}
