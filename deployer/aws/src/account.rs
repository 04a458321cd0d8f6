//! What of an account matters to those who ship to it, and is seen before they do.

use aws_sdk_wafv2::types::Scope;
use deployer_engine::resource::{CloudError, ErrorClass};

use crate::client::Cloud;

/// How something of an account is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// As it should be; with a figure.
    Good(String),
    /// A person should know it, and what to do.
    Look(String, &'static str),
}

/// Looks at an account, each thing by a call that only reads. `mails`: whether something of it is mailed; `edges`:
/// whether it has a front door; `domains`: those whose records are written. What the caller may not see is a finding, too.
pub async fn look(cloud: &Cloud, mails: bool, edges: bool, domains: &[&str]) -> Vec<Finding> {
    let mut found = vec![seen("Lambda", lambda(cloud).await)];
    if mails {
        found.push(seen("SES", mail(cloud).await));
    }
    if edges {
        found.push(seen("CloudFront", front(cloud).await));
        found.push(seen("WAF in us-east-1", firewall(cloud).await));
        found.push(seen("CloudFront's flat-rate plans", plans(cloud).await));
    }
    for domain in domains {
        found.push(seen("Route 53", zone(cloud, domain).await));
    }
    found
}

fn seen(what: &str, found: Result<Finding, CloudError>) -> Finding {
    found.unwrap_or_else(|error| match error.class {
        ErrorClass::Denied => Finding::Look(
            format!("{what}: the caller may not look at it"),
            "`deployer permissions` prints the policy that shipping needs",
        ),
        _ => Finding::Look(format!("{what}: {error}"), "it is asked in the same way when something is shipped"),
    })
}

async fn lambda(cloud: &Cloud) -> Result<Finding, CloudError> {
    /// New accounts begin with 10, and a burst of visitors is then refused. Source: Lambda quotas.
    const FEW: i32 = 100;
    let settings = cloud.call("lambda:GetAccountSettings", "", cloud.lambda().get_account_settings().send()).await?;
    let at_once = settings.account_limit().map_or(0, |limit| limit.concurrent_executions());
    let told = format!("Lambda: {at_once} invocations at a time");
    Ok(if at_once < FEW {
        Finding::Look(told, "ask for more under Service Quotas: Lambda, Concurrent executions")
    } else {
        Finding::Good(told)
    })
}

async fn mail(cloud: &Cloud) -> Result<Finding, CloudError> {
    let account = cloud.call("ses:GetAccount", "", cloud.ses().get_account().send()).await?;
    let quota = account.send_quota().map_or((0.0, 0.0), |quota| (quota.max24_hour_send(), quota.max_send_rate()));
    let told = format!("SES: {} mails a day, {} a second", quota.0, quota.1);
    Ok(if !account.sending_enabled() {
        Finding::Look("SES: sending is switched off".to_owned(), "the account's page of SES says why")
    } else if !account.production_access_enabled() {
        Finding::Look(format!("{told}, to verified addresses alone"), "ask SES for production access: it takes a day")
    } else {
        Finding::Good(told)
    })
}

async fn front(cloud: &Cloud) -> Result<Finding, CloudError> {
    cloud.call("cloudfront:ListDistributions", "", cloud.cloudfront().list_distributions().max_items(1).send()).await?;
    Ok(Finding::Good("CloudFront answers".to_owned()))
}

async fn plans(cloud: &Cloud) -> Result<Finding, CloudError> {
    let plans = cloud.plans().await?;
    if plans.is_empty() {
        return Ok(Finding::Good("CloudFront: no distribution is in a flat-rate plan".to_owned()));
    }
    let told = plans.iter().map(|plan| {
        let held: Vec<_> = plan.distributions().collect();
        format!("{} with {}", plan.plan_tier, if held.is_empty() { "none".to_owned() } else { held.join(", ") })
    });
    Ok(Finding::Look(
        format!("CloudFront: distributions in flat-rate plans: {}", told.collect::<Vec<_>>().join("; ")),
        "such a distribution keeps its web ACL and has at most 5 behaviours, so that a change may be refused",
    ))
}

async fn firewall(cloud: &Cloud) -> Result<Finding, CloudError> {
    let sent = cloud.waf().list_web_acls().scope(Scope::Cloudfront).limit(1).send();
    cloud.call("wafv2:ListWebACLs", "", sent).await?;
    Ok(Finding::Good("WAF in us-east-1 answers".to_owned()))
}

async fn zone(cloud: &Cloud, domain: &str) -> Result<Finding, CloudError> {
    Ok(match cloud.zone_of(domain).await? {
        Some(zone) => Finding::Good(format!("Route 53: the zone {} holds {domain}", zone.name)),
        None => Finding::Look(
            format!("Route 53: no zone that is open to everybody holds {domain}"),
            "make one, or leave `dns` out: then `up` says which records to set where the zone is",
        ),
    })
}
