//! A season as data: forty people, and thirty sails in every state about today.

use functions_shared::person::Grant;
use functions_shared::sail::{Role, SailState, windows};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};

/// Who is invited, by first name: the first is the administrator, then eight captains, then crew.
pub const NAMES: [&str; 40] = [
    "Ada", "Bram", "Cleo", "Dina", "Emil", "Faye", "Gil", "Hana", "Ivan", "June", "Kofi", "Lena", "Milo", "Nora",
    "Otto", "Pia", "Quinn", "Rosa", "Sam", "Tess", "Umar", "Vera", "Walt", "Xena", "Yuri", "Zoe", "Arlo", "Bea",
    "Cruz", "Dara", "Eli", "Fern", "Gus", "Hope", "Ines", "Jude", "Kira", "Luca", "Maya", "Noel",
];
/// How many captains there are.
const CAPTAINS: usize = 8;

/// One sail of the season.
pub struct Planned {
    /// Days from today: before it or after.
    pub day: i64,
    /// The end of its key.
    pub name: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// Where it stands.
    pub state: SailState,
    /// How many guests it takes.
    pub guest_limit: u32,
    /// How many deckhands it needs.
    pub deckhands: u32,
    /// Whether somebody commands it.
    pub captain: bool,
    /// How many of the crew have a slot beside the captain.
    pub crew: usize,
    /// How many guests have signed; the last of them is on hold.
    pub guests: usize,
}

/// Tomorrow's sail, which is always within 48 hours, has no captain yet.
const ABOUT_NOW: [Planned; 5] = [
    plan(1, "sunset-cruise", "Sunset cruise", SailState::Confirmed, (24, 2), (false, 1), 3),
    plan(2, "bay-charter", "Harbour charter", SailState::Confirmed, (18, 2), (true, 2), 4),
    plan(3, "anniversary", "Anniversary sail", SailState::Created, (12, 1), (true, 0), 0),
    plan(4, "open-sail", "Open evening sail", SailState::Created, (30, 3), (false, 0), 0),
    plan(5, "company", "Company evening", SailState::Confirmed, (28, 3), (true, 3), 2),
];

const fn plan(
    day: i64,
    name: &'static str,
    title: &'static str,
    state: SailState,
    (guest_limit, deckhands): (u32, u32),
    (captain, crew): (bool, usize),
    guests: usize,
) -> Planned {
    Planned { day, name, title, state, guest_limit, deckhands, captain, crew, guests }
}

/// Every sail: the five of the next evenings, one under way, fourteen that are over, ten far ahead.
pub fn sails() -> Vec<Planned> {
    let under_way = plan(0, "under-way", "Whale watching", SailState::InProgress, (10, 1), (true, 2), 2);
    let past = (1..=14).map(|back| {
        let state = if back % 7 == 0 { SailState::Cancelled } else { SailState::Completed };
        let guests = if state == SailState::Cancelled { 0 } else { 2 };
        plan(-2 * back, "past", "Sunset cruise", state, (20, 2), (true, 2), guests)
    });
    let ahead = (1..=10).map(|week| {
        let state = match week % 5 {
            0 => SailState::Cancelled,
            1 | 2 => SailState::Confirmed,
            _ => SailState::Created,
        };
        plan(7 * week, "season", "Season sail", state, (20, 2), (state == SailState::Confirmed, 0), 0)
    });
    ABOUT_NOW.into_iter().chain([under_way]).chain(past).chain(ahead).collect()
}

/// What somebody may do, by the place among the names.
pub fn grants(at: usize) -> &'static [Grant] {
    match at {
        0 => &[Grant::Admin, Grant::Crew],
        1..=CAPTAINS => &[Grant::Captain, Grant::Crew],
        _ => &[Grant::Crew],
    }
}

impl Planned {
    /// When it leaves and is back. One that is under way left an hour ago.
    pub fn times(&self, today: Date, now: Timestamp) -> Option<(Timestamp, Timestamp)> {
        if self.state == SailState::InProgress {
            let departs_at = now.as_second() - 3600;
            let departs_at = Timestamp::from_second(departs_at - departs_at.rem_euclid(900)).ok()?;
            return Some((departs_at, departs_at + SignedDuration::from_hours(3)));
        }
        let date = today.checked_add(self.day.days()).ok()?;
        let window = windows(date).into_iter().find(|window| window.name == "sunset")?;
        Some((window.departs_at, window.returns_at))
    }

    /// The key: the same one for each run on the same day.
    pub fn key(&self, today: Date) -> Option<String> {
        Some(format!("seed-{}-{}", today.checked_add(self.day.days()).ok()?, self.name))
    }

    /// How many slots of each role it has.
    pub fn slots(&self) -> [(Role, u32); 4] {
        [(Role::Captain, 1), (Role::FirstOfficer, 1), (Role::Deckhand, self.deckhands), (Role::Steward, 1)]
    }

    /// Who holds which slot, by the place among the names; another crew for each day.
    pub fn crew(&self) -> Vec<(Role, usize)> {
        let turn = usize::try_from(self.day.unsigned_abs()).unwrap_or_default();
        let captain = self.captain.then_some((Role::Captain, 1 + turn % CAPTAINS));
        let roles = [Role::Deckhand, Role::Steward, Role::FirstOfficer];
        let hands = NAMES.len() - 1 - CAPTAINS;
        let crew = roles.into_iter().take(self.crew).enumerate();
        captain.into_iter().chain(crew.map(|(at, role)| (role, 1 + CAPTAINS + (3 * turn + at) % hands))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use functions_shared::{sun, zone};
    use jiff::civil::date;
    use std::collections::BTreeSet;

    #[test]
    fn the_season_has_thirty_sails_in_every_state_and_forty_people() {
        let states: BTreeSet<&str> = sails().iter().map(|sail| sail.state.name()).collect();
        assert_eq!((sails().len(), states.len()), (30, 5));
        assert_eq!(NAMES.iter().collect::<BTreeSet<_>>().len(), 40);
        let keys: BTreeSet<_> = sails().iter().map(|sail| sail.key(date(2026, 11, 21))).collect();
        assert_eq!(keys.len(), 30);
    }

    #[test]
    fn nobody_has_two_roles_on_a_sail_and_captains_alone_command() {
        for sail in sails() {
            let crew = sail.crew();
            assert_eq!(crew.iter().map(|(_, who)| who).collect::<BTreeSet<_>>().len(), crew.len(), "{}", sail.name);
            for (role, who) in crew {
                assert_eq!(role == Role::Captain, grants(who).contains(&Grant::Captain), "{}", sail.name);
            }
        }
    }

    #[test]
    fn at_any_hour_one_sail_of_the_next_48_hours_has_no_captain_and_each_evening_has_a_sunset() {
        for hour in 0..24 {
            let now = date(2026, 11, 21).at(hour, 0, 0, 0).to_zoned(zone::SAN_DIEGO).expect("a moment").timestamp();
            let ahead = |sail: &Planned| {
                let (departs_at, _) = sail.times(date(2026, 11, 21), now).expect("times");
                let ahead = departs_at.duration_since(now);
                !sail.captain && ahead.is_positive() && ahead < SignedDuration::from_hours(48)
            };
            assert_eq!(sails().iter().filter(|sail| ahead(sail)).count(), 1, "at {hour}:00");
            for sail in sails().iter().filter(|sail| sail.state != SailState::InProgress) {
                let (departs_at, returns_at) = sail.times(date(2026, 11, 21), now).expect("times");
                let sunset = sun::times(zone::date_of(departs_at)).expect("a year with times").sunset;
                assert!(departs_at < sunset && sunset < returns_at);
            }
        }
    }
}
