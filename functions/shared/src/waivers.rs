//! Waivers in their tables: submitting, listing, clearing, boarding.

mod holds;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::call_error::CallError;
use crate::clock::Clock;
use crate::history::{Author, Deed, Entry};
use crate::sail::{EventId, Sail, SailState};
use crate::tables::{Condition, Item, Query, Range, Settled, Table, Tables, Verdict, Write, item, read, settle};
use crate::waiver::{self, Form, PAPER, Seal, Sealed, Standing, Waiver, WaiverId, WaiverRefused, key};
use holds::held;

pub use holds::{HoldCursor, on_hold};

/// The item that counts guests aboard.
const ABOARD: &str = "aboard";
/// Where a sail stands that people still sign for.
const SIGNING: [SailState; 3] = [SailState::Created, SailState::Confirmed, SailState::InProgress];
/// How often a count that somebody else changed is read again.
const TRIES: u32 = 20;

/// What was signed, but for the medical text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Paper {
    /// The form with an empty medical part.
    pub form: Form,
    /// The medical part, as JSON.
    pub medical: Sealed,
    /// The form's digest, and the version of the secret that made it.
    digest: String,
    digest_key_version: u32,
}

/// What became of a submission.
#[derive(Clone, Debug, PartialEq)]
pub enum Submitted {
    /// It is written.
    New(Waiver),
    /// The same form was written before.
    Again(Waiver),
    /// This person has signed something else for this sail.
    Other,
    /// Nobody signs for this sail any more.
    Closed,
}

/// Writes what somebody signed, once: the same form again gets the same answer.
pub async fn submit(
    tables: &dyn Tables,
    clock: &dyn Clock,
    seal: &Seal,
    sail: &Sail,
    waiver_id: WaiverId,
    author: Author,
    form: &Form,
) -> Result<Submitted, CallError> {
    let now = clock.now();
    let waiver = Waiver {
        event_id: sail.event_id.clone(),
        waiver_id,
        name: form.name.clone(),
        signed_at: now.as_second(),
        text_version: form.text_version.clone(),
        standing: Standing::of_form(form, sail),
    };
    let signed = Deed::WaiverSigned { waiver_id: waiver.waiver_id.to_string() };
    let paper = paper_of(seal, &waiver, form).await?;
    let writes = [
        key(&sail.event_id, &waiver.waiver_id).put(of_waiver(&waiver)?, Condition::Absent),
        paper_key(&waiver).put(item(&paper)?, Condition::Absent),
        Table::Events.key(sail.event_id.as_str(), "").check(is_one_of(&SIGNING)),
        Entry::new(now, author, signed).write(&sail.event_id)?,
    ];
    match settle(tables, clock, &writes).await? {
        Settled::Done => Ok(Submitted::New(waiver)),
        Settled::Refused(verdicts) => match verdicts.as_slice() {
            [Verdict::Failed(Some(earlier)), Verdict::Failed(Some(paper)), ..] => {
                repeated(seal, earlier.clone(), paper.clone(), form).await
            }
            _ => Ok(Submitted::Closed),
        },
    }
}

async fn repeated(seal: &Seal, earlier: Item, paper: Item, form: &Form) -> Result<Submitted, CallError> {
    let paper: Paper = read(paper)?;
    let (_, digest) = seal.digest(Some(paper.digest_key_version), &bytes_of(form)?).await?;
    Ok(match digest == paper.digest {
        true => Submitted::Again(read(earlier)?),
        false => Submitted::Other,
    })
}

async fn paper_of(seal: &Seal, waiver: &Waiver, form: &Form) -> Result<Paper, CallError> {
    let medical = serde_json::to_vec(&form.medical).map_err(|_| CallError::odd_result("write", "no JSON"))?;
    let medical = seal.seal(&waiver.event_id, &waiver.waiver_id, &medical).await?;
    let (digest_key_version, digest) = seal.digest(Some(medical.key_version), &bytes_of(form)?).await?;
    let form = Form { medical: Default::default(), ..form.clone() };
    Ok(Paper { form, medical, digest, digest_key_version })
}

/// Every waiver of a sail, by key.
pub async fn of_sail(tables: &dyn Tables, event_id: &EventId) -> Result<BTreeMap<WaiverId, Waiver>, CallError> {
    // `aboard` comes before all waivers, the papers after them.
    let query = Query::all(Table::Waivers, event_id.as_str()).range(Range::Below(PAPER.to_owned()));
    let items = tables.query(&query).await?.into_iter();
    let waivers = items.filter(|item| item.contains_key("signed_at")).map(read::<Waiver>);
    waivers.map(|waiver| waiver.map(|waiver| (waiver.waiver_id.clone(), waiver))).collect()
}

/// One waiver as lists tell it.
pub async fn by_id(tables: &dyn Tables, event_id: &EventId, waiver_id: &WaiverId) -> Result<Option<Waiver>, CallError> {
    tables.get(&key(event_id, waiver_id)).await?.map(read).transpose()
}

/// One waiver as it was signed, the medical text opened. That it was seen is written before it is read.
pub async fn view(
    tables: &dyn Tables,
    clock: &dyn Clock,
    seal: &Seal,
    author: Author,
    event_id: &EventId,
    waiver_id: &WaiverId,
) -> Result<Option<(Waiver, Form)>, CallError> {
    let Some(waiver) = by_id(tables, event_id, waiver_id).await? else {
        return Ok(None);
    };
    let viewed = Deed::WaiverViewed { waiver_id: waiver_id.to_string() };
    settle(tables, clock, &[Entry::new(clock.now(), author, viewed).write(event_id)?]).await?;
    let Some(paper) = tables.get(&paper_key(&waiver)).await? else {
        return Ok(None);
    };
    let Paper { form, medical, .. } = read(paper)?;
    let medical = seal.open(event_id, waiver_id, &medical).await?;
    let medical = serde_json::from_slice(&medical).map_err(|_| CallError::odd_result("read", "no medical text"))?;
    Ok(Some((waiver, Form { medical, ..form })))
}

/// A waiver moves from where it stood to where it stands, unless somebody else was there first (`None`).
pub async fn change(
    tables: &dyn Tables,
    clock: &dyn Clock,
    author: Author,
    before: &Waiver,
    standing: Standing,
    deed: Deed,
) -> Result<Option<Waiver>, CallError> {
    let after = Waiver { standing, ..before.clone() };
    let writes = [moved(before, &after)?, Entry::new(clock.now(), author, deed).write(&before.event_id)?];
    Ok(match settle(tables, clock, &writes).await? {
        Settled::Done => Some(after),
        Settled::Refused(_) => None,
    })
}

/// What became of somebody going aboard.
#[derive(Clone, Debug, PartialEq)]
pub enum Boarding {
    /// Aboard.
    Done(Waiver),
    /// There is no such waiver.
    NoWaiver,
    /// Not this person, or not now.
    Refused(WaiverRefused),
    /// The sail has ended, or was called off, at this moment.
    NotNow,
    /// As many guests are aboard as the sail takes.
    Full,
}

/// Somebody goes aboard. Guests are counted: never more than the sail takes.
pub async fn board(
    tables: &dyn Tables,
    clock: &dyn Clock,
    author: &Author,
    sail: &Sail,
    waiver_id: &WaiverId,
) -> Result<Boarding, CallError> {
    let count_key = || Table::Waivers.key(sail.event_id.as_str(), ABOARD);
    for _ in 0..TRIES {
        let found = tables.get_all(&[key(&sail.event_id, waiver_id), count_key()]).await?;
        let is_count = |item: &Item| item.get("waiver_id").and_then(|id| id.as_str()) == Some(ABOARD);
        let (count, waiver): (Vec<Item>, Vec<Item>) = found.into_iter().partition(is_count);
        let Some(waiver) = waiver.into_iter().next() else {
            return Ok(Boarding::NoWaiver);
        };
        let waiver: Waiver = read(waiver)?;
        let now = clock.now();
        let standing = match waiver.standing.board(sail.state, now) {
            Ok(standing) => standing,
            Err(refused) => return Ok(Boarding::Refused(refused)),
        };
        let after = Waiver { standing, ..waiver.clone() };
        let deed = Deed::Boarded { waiver_id: waiver_id.to_string() };
        let mut writes = vec![
            moved(&waiver, &after)?,
            Entry::new(now, author.clone(), deed).write(&sail.event_id)?,
            Table::Events.key(sail.event_id.as_str(), "").check(is_one_of(&waiver::BOARDING)),
        ];
        if waiver_id.is_guest() {
            let guests = count.first().and_then(|count| count.get("guests")?.as_u64());
            if guests.unwrap_or(0) >= u64::from(sail.guest_limit) {
                return Ok(Boarding::Full);
            }
            writes.push(counted(count_key(), guests));
        }
        match settle(tables, clock, &writes).await? {
            Settled::Done => return Ok(Boarding::Done(after)),
            Settled::Refused(verdicts) if matches!(verdicts.get(2), Some(Verdict::Failed(_))) => {
                return Ok(Boarding::NotNow);
            }
            // Somebody else went aboard between our look and our write.
            Settled::Refused(_) => {}
        }
    }
    Err(CallError::odd_result("TransactWriteItems", "a count that never stands still"))
}

fn is_one_of(states: &[SailState]) -> Condition {
    Condition::IsOneOf("state".to_owned(), states.iter().map(|state| state.name().into()).collect())
}

fn counted(key: crate::tables::Key, guests: Option<u64>) -> Write {
    let next = Item::from_iter([("guests".to_owned(), (guests.unwrap_or(0) + 1).into())]);
    key.put(next, guests.map_or(Condition::Absent, |guests| Condition::is("guests", guests)))
}

fn moved(before: &Waiver, after: &Waiver) -> Result<Write, CallError> {
    let still = Condition::is("state", before.standing.name());
    Ok(key(&before.event_id, &before.waiver_id).put(of_waiver(after)?, still))
}

/// The item; one on hold is in the index of holds.
fn of_waiver(waiver: &Waiver) -> Result<Item, CallError> {
    let mut item = item(waiver)?;
    if matches!(waiver.standing, Standing::OnHold { .. }) {
        item.extend(held(waiver.signed_at));
    }
    Ok(item)
}

fn paper_key(waiver: &Waiver) -> crate::tables::Key {
    Table::Waivers.key(waiver.event_id.as_str(), format!("{PAPER}{}", waiver.waiver_id))
}

fn bytes_of(form: &Form) -> Result<Vec<u8>, CallError> {
    serde_json::to_vec(form).map_err(|_| CallError::odd_result("write", "no JSON"))
}
