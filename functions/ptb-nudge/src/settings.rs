//! What the environment tells this function.

use functions_shared::config::{ConfigError, ConfigurationSet, ParameterName, Reader, TableName};
use functions_shared::mail::Address;
use functions_shared::tables::{Table, TableNames};

/// The tables that are read, and the one that remembers.
const TABLES: [Table; 5] = [Table::Events, Table::Roles, Table::Waivers, Table::Checklists, Table::Nudges];

/// Everything that the function must be told.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Settings {
    /// `EVENTS_TABLE`, `ROLES_TABLE`, `WAIVERS_TABLE`, `CHECKLISTS_TABLE`: the sails; `NUDGES_TABLE`: what was mailed.
    pub tables: TableNames,
    /// `PEOPLE_TABLE`: whom there is to mail.
    pub people_table: TableName,
    /// `MAIL_FROM`: the verified sender.
    pub mail_from: Address,
    /// `MAIL_TO`: the administrator.
    pub mail_to: Address,
    /// `MAIL_CONFIGURATION_SET`: where SES reports deliveries and bounces. Optional.
    pub configuration_set: Option<ConfigurationSet>,
    /// `SITE_URL_PARAM`: the parameter that holds the site's public address. Optional.
    pub site_url_parameter: Option<ParameterName>,
}

impl Settings {
    /// Reads the variables; every fault is told at once.
    pub fn read(mut read: Reader<'_>) -> Result<Self, ConfigError> {
        let tables = Table::names(&mut read, &TABLES);
        let people_table = read.required("PEOPLE_TABLE");
        let mail_from = read.required("MAIL_FROM");
        let mail_to = read.required("MAIL_TO");
        let configuration_set = read.optional("MAIL_CONFIGURATION_SET");
        let site_url_parameter = read.optional("SITE_URL_PARAM");
        read.finish(|| {
            Some(Self {
                tables: tables?,
                people_table: people_table?,
                mail_from: mail_from?,
                mail_to: mail_to?,
                configuration_set: configuration_set?,
                site_url_parameter: site_url_parameter?,
            })
        })
    }
}
