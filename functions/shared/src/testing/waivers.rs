//! Waivers as people fill them in.

use crate::waiver::{CURRENT, Contact, Form, Medical, Signature};

/// A complete waiver of somebody of age and in good health, signed on 21 November 2026.
pub fn waiver_form(name: &str) -> Form {
    Form {
        text_version: CURRENT.version.to_owned(),
        name: name.to_owned(),
        born: jiff::civil::date(1990, 5, 17),
        emergency_contact: Contact { name: "Eva Lopez".to_owned(), phone: "+1 619 555 0100".to_owned() },
        medical: Medical { has_conditions: Some(false), ..Medical::default() },
        signature: Signature { typed: name.to_owned(), drawn: vec![vec![[10, 10], [900, 400]]] },
        signed_on: jiff::civil::date(2026, 11, 21),
        guardian: None,
    }
}
