//! The texts that people sign. A text that was ever signed stays here, word for word.

/// One version of the text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct WaiverText {
    /// Its name, kept with what was signed.
    pub version: &'static str,
    /// The words.
    pub text: &'static str,
}

/// Every text, the present one last.
const TEXTS: [WaiverText; 1] = [WaiverText { version: "2026-11", text: include_str!("texts/2026-11.txt") }];

/// The text that is signed now.
pub const CURRENT: WaiverText = TEXTS[TEXTS.len() - 1];

/// The text of a version.
pub fn text_of(version: &str) -> Option<WaiverText> {
    TEXTS.into_iter().find(|text| text.version == version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest as _, Sha256};

    /// A text that people have signed must not change: add a version instead.
    #[test]
    fn no_text_ever_changes() {
        let digests: Vec<String> = TEXTS.iter().map(|text| hex::encode(Sha256::digest(text.text))).collect();
        assert_eq!(digests, ["c76b6805451eeff3a886f35fdc92e1c63e7771cd94acd59802095b03ff27ed22"]);
        assert_eq!(text_of(CURRENT.version), Some(CURRENT));
        assert_eq!(text_of("1999-01"), None);
    }
}
