//! What the running systems show, as figures; those of a source that was not read say why.

mod audit;
mod git;
mod stacks;

use jiff::civil::Date;

use crate::book::{Book, Formula};
use crate::figure::{Range, Unit};
use crate::live::{FunctionHealth, Live, Reading, Reputation, Roles, SailMonth, SentReports, Waivers};
use crate::models::periods::full_months;
use audit::AUDIT;
use git::GIT;
use stacks::STACKS;

/// How many full months and weeks a mean spans.
const MEAN_OF: usize = 4;

/// A figure that is read out of what a source said; absent where it does not speak of it.
struct Probe<T: ?Sized> {
    id: &'static str,
    label: &'static str,
    unit: Unit,
    /// From what was said and the day on which it was true.
    read: fn(&T, Date) -> Option<f64>,
}

/// Writes the figures into the book.
pub(super) fn write(book: &mut Book, live: &Live) {
    probe(book, &live.sails, "Table of sails", &SAILS);
    probe(book, &live.roles, "Table of roles", &ROLES);
    probe(book, &live.waivers, "Table of waivers", &WAIVERS);
    probe(book, &live.sent, "Table of sent reports", &SENT);
    probe(book, &live.functions, "CloudWatch metrics of the functions", &FUNCTIONS);
    probe(book, &live.stacks, "Audit of the stacks by the deployer", &STACKS);
    probe(book, &live.audit, "Audit of secrets and dependencies by the deployer", &AUDIT);
    probe(book, &live.git, "Activity in the repository", &GIT);
    probe(book, &live.reputation, "Mail account at SES", &REPUTATION);
    shares(book);
}

fn probe<T>(book: &mut Book, reading: &Reading<T>, name: &str, probes: &[Probe<T>]) {
    for Probe { id, label, unit, read } in probes {
        match reading {
            Reading::Read { source, as_of, data } => match read(data, *as_of) {
                Some(value) => book.read(id, label, *unit, Range::exact(value), source, *as_of),
                None => book.not_read(id, label, *unit, name, "it does not speak of all of it"),
            },
            Reading::NotAsked | Reading::Failed { .. } => {
                book.not_read(id, label, *unit, name, &reading.why_not().unwrap_or_default());
            }
        }
    }
}

/// Shares of what was read.
fn shares(book: &mut Book) {
    for (id, label, part, whole) in [
        ("roles-filled-share", "Roles that are filled", "roles-filled", "roles-slots"),
        ("captains-filled-share", "Captain's roles that are filled", "captain-filled", "captain-slots"),
        ("error-share", "Calls of functions that fail", "function-errors", "function-calls"),
        ("change-failure-share", "Releases that were taken back", "rollbacks", "deploys"),
        ("bounce-share", "Report mails that came back", "mails-bounced", "mails-sent"),
        ("cancelled-share", "Sails that were cancelled", "sails-cancelled", "sails-planned"),
    ] {
        let words = format!("{} ÷ {}", book.label(part), book.label(whole));
        let formula = Formula::new(id, label, Unit::Percent, &words, &[part, whole]);
        book.compute(formula, |v| v[0].percent_over(v[1]));
    }
}

const SAILS: [Probe<Vec<SailMonth>>; 4] = [
    Probe {
        id: "sails-a-month",
        label: "Sails completed a month",
        unit: Unit::ChartersPerMonth,
        read: |months, day| sails_a_month(months, day),
    },
    Probe {
        id: "sails-open",
        label: "Sails planned or under way",
        unit: Unit::Count,
        read: |months, _| Some(months.iter().map(|month| f64::from(month.open)).sum()),
    },
    Probe {
        id: "sails-cancelled",
        label: "Sails cancelled",
        unit: Unit::Count,
        read: |months, _| Some(months.iter().map(|month| f64::from(month.cancelled)).sum()),
    },
    Probe {
        id: "sails-planned",
        label: "Sails, whatever became of them",
        unit: Unit::Count,
        read: |months, _| {
            Some(months.iter().map(|month| f64::from(month.open + month.completed + month.cancelled)).sum())
        },
    },
];

/// The mean of the last full months.
fn sails_a_month(months: &[SailMonth], day: Date) -> Option<f64> {
    mean(full_months(months, day).iter().rev().take(MEAN_OF).map(|month| f64::from(month.completed)))
}

const ROLES: [Probe<Roles>; 5] = [
    Probe {
        id: "roles-slots",
        label: "Role slots of sails",
        unit: Unit::Count,
        read: |roles, _| Some(roles.slots.into()),
    },
    Probe {
        id: "roles-filled",
        label: "Role slots filled",
        unit: Unit::Count,
        read: |roles, _| Some(roles.filled.into()),
    },
    Probe {
        id: "captain-slots",
        label: "Captain's slots of sails",
        unit: Unit::Count,
        read: |roles, _| Some(roles.captain_slots.into()),
    },
    Probe {
        id: "captain-filled",
        label: "Captain's slots filled",
        unit: Unit::Count,
        read: |roles, _| Some(roles.captain_filled.into()),
    },
    Probe {
        id: "captains",
        label: "People who are captain of a sail",
        unit: Unit::Count,
        read: |roles, _| Some(roles.captains.into()),
    },
];

const WAIVERS: [Probe<Waivers>; 2] = [
    Probe { id: "waivers-signed", label: "Waivers signed", unit: Unit::Count, read: |all, _| Some(all.signed.into()) },
    Probe {
        id: "waivers-on-hold",
        label: "Waivers on hold",
        unit: Unit::Count,
        read: |all, _| Some(all.on_hold.into()),
    },
];

const SENT: [Probe<Vec<SentReports>>; 5] = [
    Probe {
        id: "mails-sent",
        label: "Report mails sent before",
        unit: Unit::Count,
        read: |all, _| Some(all.iter().map(|one| f64::from(one.sent)).sum()),
    },
    Probe {
        id: "mails-unknown",
        label: "Report mails with no known outcome",
        unit: Unit::Count,
        read: |all, _| Some(all.iter().map(|one| f64::from(one.unknown)).sum()),
    },
    Probe {
        id: "mails-bounced",
        label: "Report mails that came back, counted",
        unit: Unit::Count,
        read: |all, _| Some(all.iter().map(|one| f64::from(one.bounced)).sum()),
    },
    Probe {
        id: "mails-put-off",
        label: "Report mails that a mailbox did not take at the time",
        unit: Unit::Count,
        read: |all, _| Some(all.iter().map(|one| f64::from(one.put_off)).sum()),
    },
    Probe {
        id: "mails-complained",
        label: "Report mails called spam",
        unit: Unit::Count,
        read: |all, _| Some(all.iter().map(|one| f64::from(one.complained)).sum()),
    },
];

const FUNCTIONS: [Probe<Vec<FunctionHealth>>; 4] = [
    Probe {
        id: "function-calls",
        label: "Calls of functions",
        unit: Unit::Count,
        read: |all, _| Some(all.iter().map(|one| one.invocations as f64).sum()),
    },
    Probe {
        id: "function-errors",
        label: "Failed calls of functions",
        unit: Unit::Count,
        read: |all, _| Some(all.iter().map(|one| one.errors as f64).sum()),
    },
    Probe {
        id: "function-throttles",
        label: "Calls of functions turned away",
        unit: Unit::Count,
        read: |all, _| Some(all.iter().map(|one| one.throttles as f64).sum()),
    },
    Probe {
        id: "function-longest",
        label: "Longest call of a function",
        unit: Unit::Milliseconds,
        read: |all, _| all.iter().filter_map(|one| one.longest_ms).reduce(f64::max),
    },
];

const REPUTATION: [Probe<Reputation>; 2] = [
    Probe {
        id: "mail-rate-live",
        label: "Recipients a second that the account may send to",
        unit: Unit::PerSecond,
        read: |account, _| Some(account.recipients_a_second),
    },
    Probe {
        id: "mail-day-limit",
        label: "Recipients in 24 hours that the account may send to",
        unit: Unit::Count,
        read: |account, _| Some(account.recipients_a_day),
    },
];

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let values: Vec<f64> = values.collect();
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}
