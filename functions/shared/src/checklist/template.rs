//! The entries that every sail begins with, as data.

use std::sync::LazyLock;

use serde::Deserialize;

use super::Entry;
use crate::sail::Sail;

/// `templates.toml`, read once. That it is sound is a test.
static TEMPLATES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct File {
        entry: Vec<Entry>,
    }
    let file: File =
        toml::from_str(include_str!("templates.toml")).expect("the file is part of this crate, and tested");
    file.entry
});

/// The list of a sail: what its roles do. Nobody is asked to do what there is no slot for.
pub fn entries_for(sail: &Sail) -> Vec<Entry> {
    let has = |entry: &&Entry| sail.slots_of(entry.role).next().is_some();
    TEMPLATES.iter().filter(has).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Anchor, Phase, faults};
    use super::*;
    use crate::sail::Role;
    use crate::testing::sail;

    #[test]
    fn the_templates_are_sound_and_each_role_has_something_to_do() {
        assert_eq!(faults(&TEMPLATES), []);
        for role in Role::ALL {
            assert!(TEMPLATES.iter().any(|entry| entry.role == role), "{role:?}");
        }
        for phase in [Phase::BeforeDeparture, Phase::UnderWay, Phase::Return, Phase::CloseOut] {
            assert!(TEMPLATES.iter().any(|entry| entry.phase == phase), "{phase:?}");
        }
        for entry in TEMPLATES.iter() {
            let early = entry.phase == Phase::BeforeDeparture;
            assert_eq!(entry.anchor == Anchor::Departure && entry.due_minutes <= 0, early, "{}", entry.entry_id);
        }
    }

    #[test]
    fn a_sail_is_asked_for_what_its_roles_do() {
        let small = entries_for(&sail("small", "2026-11-22T00:00:00Z"));
        assert!(!small.is_empty() && small.iter().all(|entry| entry.role == Role::Captain));
        let mut large = sail("large", "2026-11-22T00:00:00Z");
        large.slots.insert(Role::Chef, 1);
        assert!(entries_for(&large).iter().any(|entry| entry.role == Role::Chef));
    }
}
