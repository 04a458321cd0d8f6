//! Plays the sails of a season, each in its own time.

use std::collections::BTreeMap;
use std::sync::Arc;

use functions_shared::clock::Clock;
use functions_shared::history::{Author, Deed, Entry};
use functions_shared::mail::Address;
use functions_shared::people::{Deed as PersonDeed, Entry as PersonEntry, People};
use functions_shared::person::Person;
use functions_shared::request::Request;
use functions_shared::roster::{Authority, Change, Kind, Member};
use functions_shared::sail::{Sail, SailState, Slot, Step, WaiverToken};
use functions_shared::tables::Tables;
use functions_shared::testing::{FixedClock, waiver_form};
use functions_shared::waiver::{Form, Hand, Medical, Risk, Seal, WaiverId};
use functions_shared::{checklist, checklists, random, sails, waivers, zone};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use crate::Error;
use crate::season::{NAMES, Planned, grants};

/// How long before its departure a sail is planned and crewed.
const PLANNED_AHEAD: SignedDuration = SignedDuration::from_hours(72);

/// Why the administrator lets a guest on hold aboard.
const CLEARANCE: &str = "spoken with, and the inhaler is aboard";

/// Where the season is played.
pub struct Season {
    /// The sails with all that belongs to them.
    pub tables: Arc<dyn Tables>,
    /// The people.
    pub people: Arc<dyn People>,
    /// Seals medical texts.
    pub seal: Seal,
    /// Today in San Diego.
    pub today: Date,
    /// The moment of the seed.
    pub now: Timestamp,
}

impl Season {
    /// Everybody of the season, invited where nobody has that address.
    pub async fn invite(&self) -> Result<Vec<Person>, Error> {
        let mut invited = Vec::new();
        for (at, name) in NAMES.iter().enumerate() {
            let email: Address = format!("{}@crew.example.com", name.to_lowercase()).parse()?;
            if let Some(person) = self.people.by_email(&email).await? {
                invited.push(person);
                continue;
            }
            let grants = grants(at).iter().copied().collect();
            let person = Person::new(&email, name.parse()?, grants, self.now)?;
            let entry =
                PersonEntry { at: self.now, actor: None, deed: PersonDeed::Invited, grants: person.grants.clone() };
            self.people.add(&person, &entry).await?;
            invited.push(person);
        }
        Ok(invited)
    }

    /// Plays one sail; false where it is there already.
    pub async fn play(&self, planned: &Planned, people: &[Person]) -> Result<bool, Error> {
        let event_id = planned.key(self.today).ok_or("a day that is none")?.parse()?;
        if sails::by_id(&*self.tables, &event_id).await?.is_some() {
            return Ok(false);
        }
        let (departs_at, returns_at) = planned.times(self.today, self.now).ok_or("a year without a sunset")?;
        let sail = Sail {
            event_id,
            title: planned.title.to_owned(),
            vessel: "Jada".to_owned(),
            departs_at,
            returns_at,
            guest_limit: planned.guest_limit,
            state: SailState::Created,
            slots: planned.slots().into(),
            revision: 1,
            waiver_token: Some(WaiverToken::random()?),
            guest_salt: None,
        };
        // Nothing has happened later than now.
        let clock = FixedClock::at(&(departs_at - PLANNED_AHEAD).min(self.now).to_string());
        let admin = people.first().ok_or("nobody")?;
        let entry = Entry::new(clock.now(), author(admin), Deed::SailCreated);
        sails::create(&*self.tables, &clock, &sail, &entry, &self.request(admin)?).await?;
        self.crew(planned, &sail, people, &clock).await?;
        self.guests(planned, &sail, &clock).await?;
        self.finish(planned, sail, admin, people, &clock).await?;
        Ok(true)
    }

    async fn crew(&self, planned: &Planned, sail: &Sail, people: &[Person], clock: &FixedClock) -> Result<(), Error> {
        for (role, at) in planned.crew() {
            let person = people.get(at).ok_or("nobody")?;
            let form = Form { signed_on: zone::date_of(clock.now()), ..waiver_form(person.name.as_str()) };
            let waiver_id = WaiverId::of_crew(&person.person_id);
            waivers::submit(&*self.tables, clock, &self.seal, sail, waiver_id, author(person), &form).await?;
            let member = Member::of(person.clone()).ok_or("somebody who is revoked")?;
            let change = Change {
                event_id: sail.event_id.clone(),
                slot: Slot { role, number: 1 },
                kind: Kind::Fill(member.clone()),
                actor: member,
                authority: Authority::Own,
            };
            let made = change.make(&*self.tables, clock, &self.request(person)?).await?;
            made.map_err(|refused| format!("{refused:?}"))?;
        }
        Ok(())
    }

    /// Guests sign; the last of them says what an administrator has to look at.
    async fn guests(&self, planned: &Planned, sail: &Sail, clock: &FixedClock) -> Result<(), Error> {
        for number in 1..=planned.guests {
            let mut form = waiver_form(&format!("Guest {number}"));
            form.signed_on = zone::date_of(clock.now());
            if number == planned.guests {
                let details = "asthma, with an inhaler at hand".to_owned();
                form.medical = Medical { has_conditions: Some(true), risks: [Risk::Breathing].into(), details };
            }
            let waiver_id = WaiverId::of_guest(sail.guest_salt(), &form.name, form.born);
            waivers::submit(&*self.tables, clock, &self.seal, sail, waiver_id, Author::guest(), &form).await?;
        }
        Ok(())
    }

    /// Takes the sail, step by step, to where it stands.
    async fn finish(
        &self,
        planned: &Planned,
        mut sail: Sail,
        admin: &Person,
        people: &[Person],
        clock: &FixedClock,
    ) -> Result<(), Error> {
        let steps: &[(Step, SailState)] = match planned.state {
            SailState::Created => &[],
            SailState::Confirmed => &[(Step::Confirm, SailState::Confirmed)],
            SailState::Cancelled => &[(Step::Cancel, SailState::Cancelled)],
            SailState::InProgress => &[(Step::Confirm, SailState::Confirmed), (Step::Start, SailState::InProgress)],
            SailState::Completed => &[
                (Step::Confirm, SailState::Confirmed),
                (Step::Start, SailState::InProgress),
                (Step::Complete, SailState::Completed),
            ],
        };
        let by = planned.crew().first().and_then(|(_, at)| people.get(*at)).unwrap_or(admin);
        for (step, state) in steps {
            match step {
                Step::Start => clock.advance(sail.departs_at.duration_since(clock.now())),
                Step::Complete => clock.advance(sail.returns_at.duration_since(clock.now())),
                Step::Confirm | Step::Cancel => {}
            }
            self.tick(&sail, *step, by, clock).await?;
            let after = Sail { state: *state, revision: sail.revision + 1, ..sail.clone() };
            let entry = Entry::new(clock.now(), author(admin), Deed::SailStepped { step: *step, reason: None });
            sails::change(&*self.tables, clock, &sail, &after, &entry).await?;
            sail = after;
            if *step == Step::Start {
                self.board(&sail, admin, clock).await?;
            }
        }
        Ok(())
    }

    /// The administrator has looked at who was on hold, and every guest goes aboard.
    async fn board(&self, sail: &Sail, admin: &Person, clock: &FixedClock) -> Result<(), Error> {
        let hand = Hand::Admin(admin.person_id.clone());
        for (waiver_id, waiver) in waivers::of_sail(&*self.tables, &sail.event_id).await? {
            if !waiver_id.is_guest() {
                continue;
            }
            if let Ok(cleared) = waiver.standing.clear(&hand, CLEARANCE, clock.now()) {
                let deed = Deed::HoldCleared { waiver_id: waiver_id.to_string(), reason: CLEARANCE.to_owned() };
                waivers::change(&*self.tables, clock, author(admin), &waiver, cleared, deed).await?;
            }
            waivers::board(&*self.tables, clock, &author(admin), sail, &waiver_id).await?;
        }
        Ok(())
    }

    /// What a step asks for is ticked before it.
    async fn tick(&self, sail: &Sail, step: Step, by: &Person, clock: &FixedClock) -> Result<(), Error> {
        let until = match step {
            Step::Start => checklist::Phase::BeforeDeparture,
            Step::Complete => checklist::Phase::CloseOut,
            Step::Confirm | Step::Cancel => return Ok(()),
        };
        let list = checklists::of_sail(&*self.tables, sail).await?;
        let mark =
            checklist::Mark { done: true, at: clock.now().as_second(), phase: checklist::phase(sail, clock.now()) };
        let marks: BTreeMap<_, _> = list.open(until).map(|entry| (entry.entry_id.clone(), mark)).collect();
        checklists::mark(&*self.tables, clock, sail, &by.person_id, &marks).await?;
        Ok(())
    }

    fn request(&self, person: &Person) -> Result<Request, Error> {
        let key = random::id()?;
        Ok(Request::new(person.person_id.clone(), key.parse()?, &[key.as_bytes()]))
    }
}

fn author(person: &Person) -> Author {
    Author::of(&person.person_id, &person.email)
}

#[cfg(test)]
mod tests {
    use functions_shared::tables::{Item, Table};
    use functions_shared::testing::{MemoryParameters, MemoryPeople, MemoryTables};

    use super::*;
    use crate::season;

    /// The whole season goes through the rules, and a second time changes nothing.
    #[tokio::test]
    async fn a_season_is_played_once() {
        let tables = Arc::new(MemoryTables::default());
        let parameters = Arc::new(MemoryParameters::with("/medical", "a-secret-of-more-than-thirty-two-bytes"));
        let now: Timestamp = "2026-11-21T20:00:00Z".parse().expect("a moment");
        let season = Season {
            tables: tables.clone(),
            people: Arc::new(MemoryPeople::default()),
            seal: Seal::new(parameters, "/medical".parse().expect("a name")),
            today: zone::date_of(now),
            now,
        };
        for first in [true, false] {
            let people = season.invite().await.expect("people");
            assert_eq!(people.len(), 40);
            for sail in season::sails() {
                assert_eq!(season.play(&sail, &people).await.expect("played"), first);
            }
        }
        let of_state = |state: &str| tables.items(Table::Events).iter().filter(|sail| sail["state"] == state).count();
        assert_eq!(["created", "confirmed", "in_progress", "completed", "cancelled"].map(of_state), [6, 7, 1, 12, 4]);
        let is_in = |item: &Item, state: &str| item.get("state").is_some_and(|held| held == state);
        let waivers = |state| tables.items(Table::Waivers).iter().filter(|item| is_in(item, state)).count();
        assert_eq!((waivers("on_hold"), waivers("boarded")), (3, 26), "whoever was on hold is aboard or still to come");
    }
}
