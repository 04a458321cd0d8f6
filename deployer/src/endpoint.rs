//! Which endpoint gets the calls when a variable names one.
//!
//! The local AWS of a folder must not be mistaken for that of another, nor for AWS itself: what other tools are told by
//! `AWS_ENDPOINT_URL` is therefore not what the deployer is told by a variable of its own.

use deployer_engine::resolve::{Environment, LOCAL_ACCOUNT};

use crate::error::{Exit, Failure};

/// The deployer's own variable: the endpoint of every call, on this machine or behind TLS.
const OURS: &str = "DEPLOYER_ENDPOINT";
/// AWS's variables begin so: one for all services, `AWS_ENDPOINT_URL_S3` and the like for one each.
const OF_AWS: &str = "AWS_ENDPOINT_URL";

/// The endpoint that `DEPLOYER_ENDPOINT` names for an environment; absent: the local AWS of the folder, or AWS.
pub fn named(environment: &Environment) -> Result<Option<String>, Failure> {
    let variables = std::env::vars_os();
    judged(
        environment,
        variables.filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))),
    )
}

/// Access key id and secret access key for the local AWS: the environment's, which tell callers apart where IAM is
/// enforced, else a pair that may do everything. A profile is not asked, since it may start programs and reach the network.
pub fn local_credentials() -> (String, String) {
    let given = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    given("AWS_ACCESS_KEY_ID")
        .zip(given("AWS_SECRET_ACCESS_KEY"))
        .unwrap_or_else(|| ("test".to_owned(), "test".to_owned()))
}

/// Judges by the process's environment. AWS's own variables mean nothing to the local AWS. In an environment with an
/// account they count as they do for every tool, and so must not lead to a plain endpoint.
fn judged(
    environment: &Environment,
    variables: impl Iterator<Item = (String, String)>,
) -> Result<Option<String>, Failure> {
    let on_aws = environment.account != LOCAL_ACCOUNT;
    let mut ours = None;
    for (name, endpoint) in variables.filter(|(_, value)| !value.is_empty()) {
        if name == OURS {
            may_be_called(&name, &endpoint, on_aws, environment)?;
            ours = Some(endpoint);
        } else if on_aws && name.starts_with(OF_AWS) {
            may_be_called(&name, &endpoint, on_aws, environment)?;
        }
    }
    Ok(ours)
}

/// An account's calls go through TLS. Those of the local AWS's account may stay on this machine without it.
fn may_be_called(name: &str, endpoint: &str, on_aws: bool, environment: &Environment) -> Result<(), Failure> {
    let loopback =
        ["http://127.0.0.1:", "http://localhost:", "http://[::1]:"].iter().any(|each| endpoint.starts_with(each));
    if endpoint.starts_with("https://") || (loopback && !on_aws) {
        return Ok(());
    }
    let failure = Failure::new(Exit::Usage, "bad-endpoint", format!("{name} is `{}`", endpoint.escape_debug()));
    Err(if loopback {
        failure.hint(format!(
            "{} is in account {}, and this is an AWS on this machine: unset {name}",
            environment.name, environment.account
        ))
    } else {
        failure.hint("an endpoint is on this machine (http://127.0.0.1:…) or begins with https://")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(account: &str) -> Environment {
        Environment {
            stack: "crew".into(),
            name: "prod".into(),
            account: account.into(),
            region: "us-west-2".into(),
            local: account == LOCAL_ACCOUNT,
            protect: false,
            state: None,
            tags: [].into(),
        }
    }

    #[test]
    fn an_account_is_never_called_in_the_clear_and_the_local_aws_only_where_we_are_told() {
        const HERE: &str = "http://127.0.0.1:4566";
        const TLS: &str = "https://vpce-1.ssm.us-west-2.vpce.amazonaws.com";
        type Told = Result<Option<&'static str>, ()>;
        let cases: &[(&str, &str, &str, Told)] = &[
            ("000000000000", "DEPLOYER_ENDPOINT", HERE, Ok(Some(HERE))),
            ("000000000000", "DEPLOYER_ENDPOINT", TLS, Ok(Some(TLS))),
            ("000000000000", "DEPLOYER_ENDPOINT", "", Ok(None)),
            ("000000000000", "DEPLOYER_ENDPOINT", "http://example.com", Err(())),
            ("000000000000", "DEPLOYER_ENDPOINT", "http://localhost.example.com:1", Err(())),
            ("000000000000", "AWS_ENDPOINT_URL", HERE, Ok(None)),
            ("000000000000", "AWS_ENDPOINT_URL", "http://example.com", Ok(None)),
            ("111122223333", "DEPLOYER_ENDPOINT", HERE, Err(())),
            ("111122223333", "DEPLOYER_ENDPOINT", TLS, Ok(Some(TLS))),
            ("111122223333", "AWS_ENDPOINT_URL", HERE, Err(())),
            ("111122223333", "AWS_ENDPOINT_URL_SSM", "http://10.0.0.1", Err(())),
            ("111122223333", "AWS_ENDPOINT_URL_SSM", TLS, Ok(None)),
            ("111122223333", "HTTP_PROXY", HERE, Ok(None)),
        ];
        for (account, name, value, wanted) in cases {
            let found = judged(&environment(account), [((*name).to_owned(), (*value).to_owned())].into_iter());
            let found = found.map_err(|failure| assert_eq!(failure.exit, Exit::Usage));
            assert_eq!(found, wanted.map(|each| each.map(str::to_owned)), "{account} {name} {value}");
        }
    }
}
