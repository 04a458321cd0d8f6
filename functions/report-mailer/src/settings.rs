//! What the environment tells this function.

use functions_shared::config::{
    BucketName, ConfigError, ConfigurationSet, FunctionName, ParameterName, Reader, TableName, WebAddress,
};
use functions_shared::mail::{Address, MOST_RECIPIENTS};
use functions_shared::webhook::PostAddress;

use crate::deliver::Readers;
use crate::report::ReportId;

/// Everything that the function must be told. The laptop command needs it to send, and not to write.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Settings {
    /// `REPORT_TO`: the readers, between commas; `REPORT_TO_CEO`, `REPORT_TO_YACHT_DELIVERY` …: those of one report
    /// instead.
    pub to: Readers,
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
    /// `ARCHIVE_BUCKET`: where every report is kept, and where exports are left. Optional.
    pub archive: Option<BucketName>,
    /// `EVENTS_TABLE`, `ROLES_TABLE`, `WAIVERS_TABLE`: the crew's tables. Each optional.
    pub crew: CrewTables,
    /// `WATCHED_FUNCTIONS`: the functions whose metrics are read, between commas. Optional.
    pub functions: Vec<FunctionName>,
    /// `DASHBOARD_URL` and `DASHBOARD_TOKEN_PARAM`: where cards go, and the parameter with its token. Optional.
    pub dashboard: Option<(PostAddress, Option<ParameterName>)>,
    /// `CHAT_WEBHOOK_PARAM`: the parameter with the address of a chat's webhook. Optional.
    pub chat: Option<ParameterName>,
}

/// The crew's tables, where they are told.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CrewTables {
    /// Sails.
    pub events: Option<TableName>,
    /// Who does what on which sail.
    pub roles: Option<TableName>,
    /// Waivers.
    pub waivers: Option<TableName>,
}

impl Settings {
    /// Reads the variables; every fault is told at once.
    pub fn read(mut read: Reader<'_>) -> Result<Self, ConfigError> {
        let to = readers(&mut read);
        let bcc = read.list("REPORT_BCC");
        let reply_to = read.optional("REPLY_TO");
        let from = read.required("MAIL_FROM");
        let configuration_set = read.optional("MAIL_CONFIGURATION_SET");
        let reports_table = read.required("REPORTS_TABLE");
        let crew_site = read.optional("CREW_SITE_URL");
        let archive = read.optional("ARCHIVE_BUCKET");
        let [events, roles, waivers] =
            ["EVENTS_TABLE", "ROLES_TABLE", "WAIVERS_TABLE"].map(|variable| read.optional(variable));
        let functions = read.optional_list("WATCHED_FUNCTIONS");
        let dashboard = read.optional("DASHBOARD_URL");
        let token = read.optional("DASHBOARD_TOKEN_PARAM");
        let chat = read.optional("CHAT_WEBHOOK_PARAM");
        let recipients = to.as_ref().map_or(0, Readers::most) + bcc.as_ref().map_or(0, Vec::len);
        if recipients > MOST_RECIPIENTS {
            read.fault("REPORT_TO", "names with REPORT_BCC more than 50 recipients");
        }
        read.finish(|| {
            let token = token?;
            Some(Self {
                to: to?,
                bcc: bcc?,
                reply_to: reply_to?,
                from: from?,
                configuration_set: configuration_set?,
                reports_table: reports_table?,
                crew_site: crew_site?,
                archive: archive?,
                crew: CrewTables { events: events?, roles: roles?, waivers: waivers? },
                functions: functions?,
                dashboard: dashboard?.map(|address| (address, token)),
                chat: chat?,
            })
        })
    }
}

/// The readers of all reports and of each.
fn readers(read: &mut Reader<'_>) -> Option<Readers> {
    let everybody = read.list("REPORT_TO");
    let own = ReportId::ALL.map(|report| {
        let name = report.name().replace('-', "_").to_ascii_uppercase();
        Some((report, read.optional_list(&format!("REPORT_TO_{name}"))?))
    });
    let own: Option<Vec<(ReportId, Vec<Address>)>> = own.into_iter().collect();
    let own = own?.into_iter().filter(|(_, readers)| !readers.is_empty()).collect();
    Some(Readers { everybody: everybody?, own })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(to: &str, dashboard: &str) -> Result<Settings, ConfigError> {
        Settings::read(Reader::new(|name| match name {
            "REPORT_TO" => Some(to.to_owned()),
            "REPORT_BCC" | "MAIL_FROM" => Some("admin@example.com".to_owned()),
            "REPORTS_TABLE" => Some("reports".to_owned()),
            "DASHBOARD_URL" => Some(dashboard.to_owned()),
            _ => None,
        }))
    }

    #[test]
    fn readers_are_between_commas() {
        let settings = read("one@example.com, two@example.com", "").expect("complete");
        assert_eq!(settings.to.everybody.len(), 2);
        assert_eq!((settings.reply_to, settings.dashboard, settings.crew), (None, None, CrewTables::default()));
    }

    #[test]
    fn a_report_may_have_readers_of_its_own() {
        let settings = Settings::read(Reader::new(|name| match name {
            "REPORT_TO_YACHT_DELIVERY" => Some("skipper@example.com, owner@example.com".to_owned()),
            "REPORTS_TABLE" => Some("reports".to_owned()),
            "REPORT_TO" | "REPORT_BCC" | "MAIL_FROM" => Some("admin@example.com".to_owned()),
            _ => None,
        }));
        let to = settings.expect("complete").to;
        assert_eq!((to.of(ReportId::YachtDelivery).len(), to.of(ReportId::Ceo).len(), to.most()), (2, 1, 2));
    }

    #[test]
    fn more_recipients_than_one_mail_takes_are_refused_at_the_start() {
        let many = vec!["a@example.com"; 50].join(",");
        assert!(read(&many, "").is_err());
        assert!(read("not an address", "").is_err());
    }

    #[test]
    fn cards_go_over_tls_or_to_this_machine() {
        assert!(read("a@example.com", "http://127.0.0.1:8080/cards").is_ok());
        assert!(read("a@example.com", "http://dashboard.example.com/cards").is_err());
    }
}
