//! What the environment tells this function.

use functions_shared::config::{ConfigError, ConfigurationSet, Reader, TableName, WebAddress};
use functions_shared::mail::{Address, MOST_RECIPIENTS};

/// Everything that the function must be told. The laptop command needs none of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Settings {
    /// `REPORT_TO`: the readers, between commas.
    pub to: Vec<Address>,
    /// `REPORT_BCC`: who keeps the audit trail, between commas.
    pub bcc: Vec<Address>,
    /// `REPLY_TO`: where answers go. Optional.
    pub reply_to: Option<Address>,
    /// `MAIL_FROM`: the verified sender.
    pub from: Address,
    /// `MAIL_CONFIGURATION_SET`: where SES reports deliveries and bounces. Optional.
    pub configuration_set: Option<ConfigurationSet>,
    /// `REPORTS_TABLE`: what was sent.
    pub reports_table: TableName,
    /// `CREW_SITE_URL`: where the crew's site is, for those who want to see the sails. Optional.
    pub crew_site: Option<WebAddress>,
}

impl Settings {
    /// Reads the variables; every fault is told at once.
    pub fn read(mut read: Reader<'_>) -> Result<Self, ConfigError> {
        let to = read.list("REPORT_TO");
        let bcc = read.list("REPORT_BCC");
        let reply_to = read.optional("REPLY_TO");
        let from = read.required("MAIL_FROM");
        let configuration_set = read.optional("MAIL_CONFIGURATION_SET");
        let reports_table = read.required("REPORTS_TABLE");
        let crew_site = read.optional("CREW_SITE_URL");
        let recipients = to.iter().chain(&bcc).map(Vec::len).sum::<usize>();
        if recipients > MOST_RECIPIENTS {
            read.fault("REPORT_TO", "names with REPORT_BCC more than 50 recipients");
        }
        read.finish(|| {
            Some(Self {
                to: to?,
                bcc: bcc?,
                reply_to: reply_to?,
                from: from?,
                configuration_set: configuration_set?,
                reports_table: reports_table?,
                crew_site: crew_site?,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(to: &str) -> Result<Settings, ConfigError> {
        Settings::read(Reader::new(|name| match name {
            "REPORT_TO" => Some(to.to_owned()),
            "REPORT_BCC" | "MAIL_FROM" => Some("admin@example.com".to_owned()),
            "REPORTS_TABLE" => Some("reports".to_owned()),
            _ => None,
        }))
    }

    #[test]
    fn readers_are_between_commas() {
        let settings = read("one@example.com, two@example.com").expect("complete");
        assert_eq!(settings.to.len(), 2);
        assert_eq!(settings.reply_to, None);
    }

    #[test]
    fn more_recipients_than_one_mail_takes_are_refused_at_the_start() {
        let many = vec!["a@example.com"; 50].join(",");
        assert!(read(&many).is_err());
        assert!(read("not an address").is_err());
    }
}
