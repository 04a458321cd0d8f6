//! The terms of a rotation, as a person writes them.

use deployer_engine::kind::{Expand, Expansion};
use schemars::JsonSchema;
use serde::Deserialize;

use super::SecretKind;
use crate::duration::Period;
use crate::rotation::Terms;

/// How long a token lives where nothing is said.
const DEFAULT_TOKEN_TTL: Period = Period::from_seconds(12 * 3_600);
/// How long others keep public keys where nothing is said.
const DEFAULT_JWKS_CACHE: Period = Period::from_seconds(15 * 60);
/// The longest life of a token: a key that leaked would be trusted as long.
const LONGEST_TOKEN_TTL: Period = Period::from_days(30);
/// The longest that others keep public keys: a new key could not sign before.
const LONGEST_JWKS_CACHE: Period = Period::from_days(1);
/// The shortest time between two rotations: one must have ended before the next is due.
const SHORTEST_EVERY: Period = Period::from_days(1);

/// The terms of a rotation.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rotate {
    /// How old a value may become, at least `1d` and longer than a rotation takes. Default: as old as it likes.
    pub every: Option<Period>,
    /// How long a token lives that is signed with the ring, at most `30d`; functions read it in the ring's document.
    /// Default: `12h`.
    pub token_ttl: Option<Period>,
    /// How long others may keep the ring's public keys, at most `1d`; functions read it there, too. Default: `15m`.
    pub jwks_cache: Option<Period>,
    /// Where it is written how a person rotates it: a file or an address, for `external` alone.
    pub how: Option<String>,
}

impl Rotate {
    /// How long a token lives.
    pub fn token_ttl(&self) -> Period {
        self.token_ttl.unwrap_or(DEFAULT_TOKEN_TTL)
    }

    /// How long others keep public keys.
    pub fn jwks_cache(&self) -> Period {
        self.jwks_cache.unwrap_or(DEFAULT_JWKS_CACHE)
    }

    /// What a rotation of that kind keeps to.
    pub fn terms(&self, kind: SecretKind, accept_previous: Option<Period>) -> Terms {
        let every = self.every.map(Period::seconds);
        match kind {
            SecretKind::Rs256Ring => Terms::of_ring(every, self.token_ttl().seconds(), self.jwks_cache().seconds()),
            SecretKind::Random | SecretKind::External => {
                Terms::of_value(every, accept_previous.map_or(0, Period::seconds))
            }
        }
    }

    /// Faults that no schema finds.
    pub(super) fn check(&self, kind: SecretKind, cx: &Expand<'_>, out: &mut Expansion) {
        let of_rings =
            [("token_ttl", self.token_ttl, LONGEST_TOKEN_TTL), ("jwks_cache", self.jwks_cache, LONGEST_JWKS_CACHE)];
        for (key, period, longest) in
            of_rings.into_iter().filter_map(|(key, period, longest)| Some((key, period?, longest)))
        {
            if kind != SecretKind::Rs256Ring {
                let hint = format!("leave `{key}` out, or choose `kind = \"rs256-ring\"`");
                out.fault(cx, &["rotate", key], "bad-value", "only a ring of keys signs tokens", hint);
            } else if period > longest {
                let message = format!("{period} is longer than {longest}");
                out.fault(cx, &["rotate", key], "too-long", message, format!("at most `{longest}`"));
            }
        }
        if self.how.is_some() && kind != SecretKind::External {
            let message = "the deployer rotates it itself";
            out.fault(cx, &["rotate", "how"], "bad-value", message, "leave `how` out, or choose `kind = \"external\"`");
        }
        let terms = self.terms(kind, None);
        let shortest = SHORTEST_EVERY.seconds().max(terms.spread + terms.overlap);
        if self.every.is_some_and(|every| every.seconds() < shortest) {
            let message = "a rotation would be due before the one before it has ended";
            let hint = format!("at least `{}`", Period::from_seconds(shortest.next_multiple_of(3_600)));
            out.fault(cx, &["rotate", "every"], "too-short", message, hint);
        }
    }
}
