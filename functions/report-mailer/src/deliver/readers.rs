//! Who gets which report.

use std::collections::BTreeMap;

use functions_shared::mail::Address;

use crate::report::ReportId;

/// The readers of all reports, and of single ones.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Readers {
    /// Who gets every report that has no readers of its own.
    pub everybody: Vec<Address>,
    /// Who gets a report instead.
    pub own: BTreeMap<ReportId, Vec<Address>>,
}

impl Readers {
    /// Who gets a report.
    pub fn of(&self, report: ReportId) -> &[Address] {
        self.own.get(&report).unwrap_or(&self.everybody)
    }

    /// How many readers the report with the most of them has.
    pub fn most(&self) -> usize {
        ReportId::ALL.iter().map(|report| self.of(*report).len()).max().unwrap_or_default()
    }
}
