//! Random values: of what they are made, and how one is made.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use deployer_engine::resource::CloudError;
use deployer_engine::secret::Secret;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// How many random bytes a value has where nothing is said: as many as SHA-256.
pub const DEFAULT_BYTES: u16 = 32;
/// Letters and digits, by which some places that take a password are content.
const ALPHANUMERIC: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// How random bytes are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Alphabet {
    /// base64url: letters, digits, `-` and `_`.
    #[default]
    Base64url,
    /// Hexadecimal digits in lower case.
    Hex,
    /// Letters and digits; so many that they are as hard to guess as the bytes.
    Alphanumeric,
}

impl Alphabet {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Base64url => "base64url",
            Self::Hex => "hex",
            Self::Alphanumeric => "alphanumeric",
        }
    }

    /// The alphabet of that word.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Base64url, Self::Hex, Self::Alphanumeric].into_iter().find(|each| each.word() == word)
    }
}

/// A new value. It leaves only in the one call that stores it.
pub fn generate(bytes: u16, alphabet: Alphabet) -> Result<Secret<String>, CloudError> {
    let random = |count: usize| {
        let mut random = Zeroizing::new(vec![0_u8; count]);
        getrandom::fill(&mut random)
            .map_err(|error| CloudError::inputs("", format!("this machine has no random numbers: {error}")))?;
        Ok::<_, CloudError>(random)
    };
    let count = usize::from(bytes);
    Ok(Secret::new(match alphabet {
        Alphabet::Base64url => BASE64_URL_SAFE_NO_PAD.encode(&*random(count)?),
        Alphabet::Hex => hex::encode(&*random(count)?),
        Alphabet::Alphanumeric => {
            // A character of 62 holds a little less than 6 bits; bytes above the largest multiple would favour some.
            let wanted = (count * 8).div_ceil(5);
            let largest = 256 - 256 % ALPHANUMERIC.len();
            let mut text = String::with_capacity(wanted);
            while text.len() < wanted {
                let fair = random(wanted)?;
                let fair = fair.iter().map(|each| usize::from(*each)).filter(|each| *each < largest);
                let left = wanted - text.len();
                text.extend(fair.take(left).map(|each| char::from(ALPHANUMERIC[each % ALPHANUMERIC.len()])));
            }
            text
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_has_the_asked_length_and_letters_and_no_two_are_equal() {
        for (alphabet, length) in [(Alphabet::Base64url, 43), (Alphabet::Hex, 64), (Alphabet::Alphanumeric, 52)] {
            let (one, other) = (generate(32, alphabet).ok().unwrap(), generate(32, alphabet).ok().unwrap());
            assert_eq!(one.reveal().len(), length, "{alphabet:?}");
            let fits = |each: char| match alphabet {
                Alphabet::Base64url => each.is_ascii_alphanumeric() || "-_".contains(each),
                Alphabet::Hex => "0123456789abcdef".contains(each),
                Alphabet::Alphanumeric => each.is_ascii_alphanumeric(),
            };
            assert!(one.reveal().chars().all(fits), "{alphabet:?}");
            assert!(one.reveal() != other.reveal(), "two values are equal");
            assert_eq!(Alphabet::of(alphabet.word()), Some(alphabet));
        }
    }
}
