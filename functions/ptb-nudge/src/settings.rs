//! What the environment tells this function.

use functions_shared::config::{ConfigError, ConfigurationSet, ParameterName, Reader, TableName};
use functions_shared::mail::Address;

/// Everything that the function must be told.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Settings {
    /// `EVENTS_TABLE`: the sails.
    pub events_table: TableName,
    /// `ROLES_TABLE`: who has claimed which slot.
    pub roles_table: TableName,
    /// `NUDGES_TABLE`: what was mailed, so that it is mailed once.
    pub nudges_table: TableName,
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
        let events_table = read.required("EVENTS_TABLE");
        let roles_table = read.required("ROLES_TABLE");
        let nudges_table = read.required("NUDGES_TABLE");
        let mail_from = read.required("MAIL_FROM");
        let mail_to = read.required("MAIL_TO");
        let configuration_set = read.optional("MAIL_CONFIGURATION_SET");
        let site_url_parameter = read.optional("SITE_URL_PARAM");
        read.finish(|| {
            Some(Self {
                events_table: events_table?,
                roles_table: roles_table?,
                nudges_table: nudges_table?,
                mail_from: mail_from?,
                mail_to: mail_to?,
                configuration_set: configuration_set?,
                site_url_parameter: site_url_parameter?,
            })
        })
    }
}
