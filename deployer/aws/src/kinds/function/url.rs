//! The HTTPS endpoint of a function, and who may call it.

use deployer_engine::address::DeclarationAddress;
use deployer_engine::diagnostic::did_you_mean;
use deployer_engine::kind::{Expand, Expansion, Kind as _, output};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{LIVE, grants, physical_name};
use crate::kinds::cdn::Cdn;
use crate::kinds::secret::Secret;
use crate::policy::Statement;
use crate::resources::function_url::FunctionUrl;
use crate::resources::lambda_permission::{LambdaPermission, OURS};

/// How the front door proves itself to the function: `iam` (AWS has checked a signature) or `header`.
const ORIGIN_AUTH: &str = "ORIGIN_AUTH";
/// The name of the parameter that holds the secret of the header.
pub(crate) const ORIGIN_SECRET: &str = "ORIGIN_SECRET";
/// The variables that a function gets from its URL.
pub(super) const ORIGIN_VARIABLES: [&str; 2] = [ORIGIN_AUTH, ORIGIN_SECRET];

/// An HTTPS endpoint of a function.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Url {
    /// Who may call it: `"cdn"`, the CDN that routes to it alone; `"iam"`, callers of this account that a policy allows;
    /// `"none"`, everybody.
    pub auth: Auth,
    /// The secret in the header by which the function knows the CDN on the local AWS, where nothing is signed:
    /// `"secret.origin"`. The function may read it. Needed for `auth = "cdn"` there, unused elsewhere.
    pub secret: Option<DeclarationAddress>,
    /// Why everybody may call it, for `auth = "none"` in a protected environment: whoever does goes around CDN and WAF.
    pub waiver: Option<String>,
}

/// Who may call a function's URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Auth {
    /// The CDN that routes to it: by its signature on AWS, by a header on the local AWS.
    Cdn,
    /// Callers of this account that a policy allows, by their signature.
    Iam,
    /// Everybody.
    None,
}

/// Whom AWS lets through to the URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Door {
    /// The distributions that route here.
    Cdns,
    /// Whom a policy of the account allows.
    Account,
    /// Everybody: the function looks at the header itself, or at nothing.
    Open,
}

/// The CDNs that route to the function that `cx` looks from, by address.
fn fronts<'a>(cx: &Expand<'a>) -> Vec<&'a DeclarationAddress> {
    let routes_here = |cdn: &Cdn| cdn.route.iter().any(|route| route.to == *cx.address);
    cx.stack.all::<Cdn>().filter(|(_, cdn)| routes_here(cdn)).map(|(address, _)| address).collect()
}

impl Url {
    fn door(&self, local: bool) -> Door {
        match self.auth {
            Auth::Cdn if local => Door::Open,
            Auth::Cdn => Door::Cdns,
            Auth::Iam => Door::Account,
            Auth::None => Door::Open,
        }
    }

    /// The secret of the header, where a header is what the function looks at.
    pub(super) fn header_secret(&self, local: bool) -> Option<&DeclarationAddress> {
        self.secret.as_ref().filter(|_| self.auth == Auth::Cdn && local)
    }

    /// What the function must be allowed for the header: nothing is granted twice.
    pub(super) fn secret_statements(&self, cx: &Expand<'_>) -> Option<Vec<Statement>> {
        grants::read_secret(cx, self.header_secret(cx.environment().local)?)
    }

    /// What the function is told of its callers.
    pub(super) fn variables(&self, cx: &Expand<'_>) -> Vec<(String, String)> {
        let variable = |name: &str, value: String| (name.to_owned(), value);
        match (self.header_secret(cx.environment().local), self.auth) {
            (Some(secret), _) => {
                vec![variable(ORIGIN_AUTH, "header".to_owned()), variable(ORIGIN_SECRET, format!("${{{secret}.ref}}"))]
            }
            (None, Auth::Cdn | Auth::Iam) => vec![variable(ORIGIN_AUTH, "iam".to_owned())],
            (None, Auth::None) => Vec::new(),
        }
    }

    /// Faults that no schema finds.
    fn check(&self, cx: &Expand<'_>, out: &mut Expansion) {
        let environment = cx.environment();
        if let Some(secret) = self.secret.as_ref().filter(|secret| cx.stack.get::<Secret>(secret).is_none()) {
            let known: Vec<String> = cx.stack.all::<Secret>().map(|(address, _)| address.to_string()).collect();
            let hint = did_you_mean(&secret.to_string(), known.iter().map(String::as_str))
                .unwrap_or_else(|| format!("declare `[{secret}]` with `kind = \"random\"`"));
            out.fault(cx, &["url", "secret"], "unknown-reference", format!("there is no secret `{secret}`"), hint);
        }
        if self.auth == Auth::Cdn && fronts(cx).is_empty() {
            let hint = format!(
                "add a route `{{ path = \"/api/*\", to = \"{}\" }}` to a cdn, or choose `auth = \"iam\"`",
                cx.address
            );
            out.fault(
                cx,
                &["url", "auth"],
                "no-cdn",
                format!("no cdn routes to {}, so nobody could call it", cx.address),
                hint,
            );
        }
        if self.auth == Auth::Cdn && environment.local && self.secret.is_none() {
            let hint = "declare a `[secret.origin]` with `kind = \"random\"` and write `secret = \"secret.origin\"`";
            out.fault(
                cx,
                &["url"],
                "missing-key",
                "on the local AWS the CDN proves itself by a secret in a header, and none is named",
                hint,
            );
        }
        if self.auth == Auth::None
            && environment.protect
            && self.waiver.as_ref().is_none_or(|why| why.trim().is_empty())
        {
            let message = format!(
                "everybody could call {}, around CDN and WAF, and {} is protected",
                cx.address, environment.name
            );
            out.fault(
                cx,
                &["url", "auth"],
                "open-url",
                message,
                "choose `auth = \"cdn\"`, or say why with `waiver = \"…\"`",
            );
        }
    }

    /// The endpoint and the permissions to call it.
    pub(super) fn expand(&self, cx: &Expand<'_>, out: &mut Expansion) {
        self.check(cx, out);
        let door = self.door(cx.environment().local);
        let auth = if door == Door::Open { "NONE" } else { "AWS_IAM" };
        let url = FunctionUrl {
            function_name: physical_name(cx),
            qualifier: LIVE.to_owned(),
            auth: auth.to_owned(),
            invoke_mode: "BUFFERED".to_owned(),
            cors: false,
        };
        out.resource(cx, "url", &url).after(cx.address.part("alias")).address();
        match door {
            Door::Open => permit(cx, out, "", "*", None),
            Door::Cdns => {
                for (index, cdn) in fronts(cx).into_iter().enumerate() {
                    // One CDN is the rule; each further one has a part of its own.
                    let suffix = if index == 0 { String::new() } else { format!(".{}", cdn.name()) };
                    permit(cx, out, &suffix, "cloudfront.amazonaws.com", Some(output(&cdn.part(Cdn::KIND), "arn")));
                }
            }
            Door::Account => {}
        }
    }
}

/// Two permissions: to use the URL, and to invoke the function through it and not otherwise. Without
/// that condition anybody who is let through could invoke it with a forged event.
fn permit(cx: &Expand<'_>, out: &mut Expansion, suffix: &str, principal: &str, source_arn: Option<String>) {
    let alias = cx.address.part("alias");
    let everybody = source_arn.is_none();
    let named = |what: &str, action: &str| {
        let statement = format!("{OURS}{what}{}", suffix.replace('.', "_"));
        LambdaPermission {
            source_arn: source_arn.clone(),
            ..LambdaPermission::new(&physical_name(cx), LIVE, &statement, action, principal)
        }
    };
    let use_url = LambdaPermission {
        function_url_auth_type: everybody.then(|| "NONE".to_owned()),
        ..named("url", "lambda:InvokeFunctionUrl")
    };
    let invoke = LambdaPermission { invoked_via_function_url: Some(true), ..named("invoke", "lambda:InvokeFunction") };
    out.resource(cx, &format!("permission.url{suffix}"), &use_url).after(alias.clone()).address();
    out.resource(cx, &format!("permission.invoke{suffix}"), &invoke).after(alias).address();
}

#[cfg(test)]
mod tests;
