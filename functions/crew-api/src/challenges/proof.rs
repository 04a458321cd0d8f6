//! Codes, tokens, and the digests that are kept of them.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use functions_shared::call_error::CallError;
use functions_shared::parameters::ParameterValue;
use functions_shared::random;
use subtle::ConstantTimeEq;

use super::ChallengeId;

/// Digits and letters of which none looks like another: no `I`, `L`, `O` and `U`.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// How many of them a code has: 40 bits.
const CODE_CHARS: usize = 8;
/// Random bytes of a token.
const TOKEN_BYTES: usize = 32;

/// The short code of a mail. It has no `Debug`: it opens a session.
pub struct Code(String);

/// The long token of a link: the challenge and 256 random bits. It has no `Debug`: it opens a session.
pub struct LinkToken {
    challenge: ChallengeId,
    secret: String,
}

/// HMAC-SHA-256 of a code or a token in base64url, compared in constant time.
#[derive(Clone)]
pub struct Digest(String);

/// What a mail can be redeemed by.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Digests {
    /// Of the link's token.
    pub token: Digest,
    /// Of the short code, where there is one.
    pub code: Option<Digest>,
}

/// The digest of words of one sort under the key.
pub fn digest(key: &ParameterValue, sort: &str, words: &[&str]) -> Digest {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.expose().as_bytes());
    let mut context = hmac::Context::with_key(&key);
    for word in std::iter::once(&sort).chain(words) {
        // Lengths keep words from running into each other.
        context.update(&u64::try_from(word.len()).unwrap_or(u64::MAX).to_be_bytes());
        context.update(word.as_bytes());
    }
    Digest(BASE64_URL_SAFE_NO_PAD.encode(context.sign().as_ref()))
}

impl Code {
    /// A new one.
    pub fn new() -> Result<Self, CallError> {
        let random = random::bytes::<CODE_CHARS>()?;
        Ok(Self(random.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).collect()))
    }

    /// The code as a person reads it: `ABCD-EFGH`.
    pub fn words(&self) -> String {
        let (first, last) = self.0.split_at(CODE_CHARS / 2);
        format!("{first}-{last}")
    }

    /// What is kept of it. The challenge is part of it: a code opens no other.
    pub fn digest(&self, key: &ParameterValue, challenge: &ChallengeId) -> Digest {
        digest(key, "code", &[challenge.as_str(), &self.0])
    }
}

impl FromStr for Code {
    type Err = &'static str;

    /// In any case, with dashes and spaces, and with the letters that people read into digits.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const RULE: &str = "is not a code: 8 letters and digits";
        const LONGEST: usize = 32;
        if text.len() > LONGEST {
            return Err(RULE);
        }
        let meant = |each: char| match each.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        };
        let code: String = text.chars().filter(|each| !matches!(each, '-' | ' ')).map(meant).collect();
        let known = |each: u8| ALPHABET.contains(&each);
        match code.len() == CODE_CHARS && code.bytes().all(known) {
            true => Ok(Self(code)),
            false => Err(RULE),
        }
    }
}

impl LinkToken {
    /// A new one.
    pub fn new(challenge: &ChallengeId) -> Result<Self, CallError> {
        let secret = BASE64_URL_SAFE_NO_PAD.encode(random::bytes::<TOKEN_BYTES>()?);
        Ok(Self { challenge: challenge.clone(), secret })
    }

    /// The challenge that it is of.
    pub fn challenge(&self) -> &ChallengeId {
        &self.challenge
    }

    /// The token as it stands in a link: `<challenge>.<secret>`.
    pub fn words(&self) -> String {
        format!("{}.{}", self.challenge, self.secret)
    }

    /// What is kept of it.
    pub fn digest(&self, key: &ParameterValue) -> Digest {
        digest(key, "token", &[self.challenge.as_str(), &self.secret])
    }
}

impl FromStr for LinkToken {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const RULE: &str = "is not the token of a link";
        let (challenge, secret) = text.split_once('.').ok_or(RULE)?;
        let allowed = |each: u8| each.is_ascii_alphanumeric() || matches!(each, b'-' | b'_');
        match secret.len() == 43 && secret.bytes().all(allowed) {
            true => Ok(Self { challenge: challenge.parse().map_err(|_| RULE)?, secret: secret.to_owned() }),
            false => Err(RULE),
        }
    }
}

impl Digest {
    /// The digest as the table holds it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A digest as the table holds it.
    pub fn of_table(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl PartialEq for Digest {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Eq for Digest {}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_back_as_people_type_it() {
        let code: Code = "01AB-CD9Z".parse().expect("a code");
        assert_eq!(code.words(), "01AB-CD9Z");
        for typed in ["01abcd9z", "o1ab cd9z", " OlAB-CD9Z ", "0iab-cd9z"] {
            assert!(typed.parse::<Code>().is_ok_and(|typed| typed.0 == code.0), "{typed}");
        }
        for typed in ["", "01AB-CD9", "01AB-CD9ZZ", "01AB-CD9U", "01AB-CD9é", &"-".repeat(40)] {
            assert!(typed.parse::<Code>().is_err(), "{typed}");
        }
    }

    #[test]
    fn codes_and_tokens_are_never_the_same_and_use_their_whole_alphabet() {
        let codes: Vec<String> = (0..500).map(|_| Code::new().expect("random bytes").0).collect();
        let letters: std::collections::BTreeSet<char> = codes.iter().flat_map(|code| code.chars()).collect();
        assert_eq!(letters.len(), 32);
        let distinct: std::collections::BTreeSet<&String> = codes.iter().collect();
        assert_eq!(distinct.len(), codes.len());
        let id = ChallengeId::new().expect("random bytes");
        let token = || LinkToken::new(&id).expect("random bytes");
        let (one, other) = (token(), token());
        assert_ne!(one.words(), other.words());
        assert!(one.words().parse::<LinkToken>().is_ok_and(|read| read.words() == one.words()));
    }

    #[test]
    fn a_digest_is_of_one_key_one_challenge_and_one_sort() {
        let [key, other_key] = ["one key of many bytes", "other key of bytes"].map(|text| ParameterValue::new(text, 1));
        let [id, other_id] = [(); 2].map(|()| ChallengeId::new().expect("random bytes"));
        let code: Code = "01AB-CD9Z".parse().expect("a code");
        let kept = code.digest(&key, &id);
        assert_eq!(kept, code.digest(&key, &id));
        assert_ne!(kept, code.digest(&key, &other_id));
        assert_ne!(kept, code.digest(&other_key, &id));
        assert_ne!(digest(&key, "a", &["bc"]), digest(&key, "ab", &["c"]));
    }
}
