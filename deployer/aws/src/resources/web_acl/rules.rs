//! Rules between our form and WAF's. Pure.

use std::fmt::Debug;

use aws_sdk_wafv2::types::{
    AssociatedResourceType, BlockAction, ByteMatchStatement, CountAction, FieldToMatch, ManagedRuleGroupStatement,
    NoneAction, OverrideAction, PositionalConstraint, RateBasedStatement, RateBasedStatementAggregateKeyType,
    Rule as SdkRule, RuleAction, RuleActionOverride, Statement, TextTransformation, TextTransformationType, UriPath,
    VisibilityConfig, WebAcl as SdkAcl,
};
use aws_smithy_types::Blob;
use aws_smithy_types::error::operation::BuildError;
use deployer_engine::resource::CloudError;
use sha2::{Digest as _, Sha256};

use super::super::cloudfront::unusable;
use super::form::{Check, PathTest, Rule, WebAcl};
use crate::naming::Tags;

/// Who maintains the managed sets.
const VENDOR: &str = "AWS";
/// What is done to a path before it is tested, so that `/%61pi//auth` is `/api/auth`.
const TRANSFORMATIONS: [TextTransformationType; 2] =
    [TextTransformationType::UrlDecode, TextTransformationType::NormalizePath];
/// The window where none is told.
const DEFAULT_WINDOW_SECONDS: i64 = 300;

/// The ACL in our form.
pub(super) fn read(acl: SdkAcl, tags: Tags) -> WebAcl {
    let blocks = acl.default_action.as_ref().is_some_and(|action| action.block.is_some());
    let limits = acl.association_config.and_then(|each| each.request_body).unwrap_or_default();
    let mut rules: Vec<_> = acl.rules.unwrap_or_default().into_iter().map(read_rule).collect();
    rules.sort_by_key(|rule| rule.priority);
    WebAcl {
        name: acl.name,
        default_action: if blocks { "block" } else { "allow" }.to_owned(),
        rules,
        body_limit: limits
            .get(&AssociatedResourceType::Cloudfront)
            .map(|each| each.default_size_inspection_limit.to_string()),
        tags,
    }
}

fn read_rule(rule: SdkRule) -> Rule {
    let counts = rule.override_action.as_ref().is_some_and(|each| each.count.is_some())
        || rule.action.as_ref().is_some_and(|each| each.count.is_some());
    let understood = rule
        .statement
        .as_ref()
        .and_then(|each| read_managed(each).or_else(|| each.rate_based_statement.as_ref().and_then(read_rate)));
    // An action that is neither of ours makes the whole rule another one.
    let plain = rule.action.as_ref().is_none_or(|each| {
        each.block.as_ref().is_some_and(|block| block.custom_response.is_none()) || each.count.is_some()
    });
    let check = understood.filter(|_| plain).unwrap_or_else(|| Check::Other(digest(&(&rule.statement, &rule.action))));
    Rule { name: rule.name, priority: rule.priority, action: if counts { "count" } else { "block" }.to_owned(), check }
}

fn digest(told: &impl Debug) -> String {
    hex::encode(Sha256::digest(format!("{told:?}")))
}

fn read_managed(statement: &Statement) -> Option<Check> {
    let group = statement.managed_rule_group_statement.as_ref()?;
    let overrides = group.rule_action_overrides.as_deref().unwrap_or_default();
    let plain = group.vendor_name == VENDOR
        && group.version.is_none()
        && group.scope_down_statement.is_none()
        && overrides.iter().all(|each| each.action_to_use.as_ref().is_some_and(|action| action.count.is_some()));
    let mut count: Vec<_> = overrides.iter().map(|each| each.name.clone()).collect();
    count.sort();
    plain.then(|| Check::Managed { set: group.name.clone(), count })
}

fn read_rate(rate: &RateBasedStatement) -> Option<Check> {
    let path = match &rate.scope_down_statement {
        Some(statement) => Some(read_path(statement.byte_match_statement.as_ref()?)?),
        None => None,
    };
    let plain = rate.aggregate_key_type == RateBasedStatementAggregateKeyType::Ip;
    let window_seconds =
        if rate.evaluation_window_sec == 0 { DEFAULT_WINDOW_SECONDS } else { rate.evaluation_window_sec };
    plain.then_some(Check::Rate { limit: rate.limit, window_seconds, path })
}

fn read_path(test: &ByteMatchStatement) -> Option<PathTest> {
    let text = String::from_utf8(test.search_string.as_ref().to_vec()).ok()?;
    let transformed: Vec<_> = test.text_transformations.iter().map(|each| each.r#type.clone()).collect();
    let of_path =
        test.field_to_match.as_ref().is_some_and(|field| field.uri_path.is_some()) && transformed == TRANSFORMATIONS;
    match test.positional_constraint {
        PositionalConstraint::StartsWith if of_path => Some(PathTest::StartsWith(text)),
        PositionalConstraint::Exactly if of_path => Some(PathTest::Is(text)),
        _ => None,
    }
}

/// The rules in WAF's form.
pub(super) fn write(rules: &[Rule]) -> Result<Vec<SdkRule>, CloudError> {
    rules.iter().map(|rule| write_rule(rule).map_err(|error| unusable(&error))).collect()
}

fn write_rule(rule: &Rule) -> Result<SdkRule, BuildError> {
    let counts = rule.action == "count";
    let with =
        SdkRule::builder().name(&rule.name).priority(rule.priority).visibility_config(visibility_of(&rule.name)?);
    match &rule.check {
        Check::Managed { set, count } => {
            let action = match counts {
                true => OverrideAction::builder().count(CountAction::builder().build()),
                false => OverrideAction::builder().none(NoneAction::builder().build()),
            };
            with.override_action(action.build()).statement(managed(set, count)?).build()
        }
        Check::Rate { limit, window_seconds, path } => {
            with.action(action(counts)).statement(rate(*limit, *window_seconds, path.as_ref())?).build()
        }
        // Never wanted; an empty statement is refused by WAF.
        Check::Other(_) => with.action(action(counts)).statement(Statement::builder().build()).build(),
    }
}

fn action(counts: bool) -> RuleAction {
    match counts {
        true => RuleAction::builder().count(CountAction::builder().build()).build(),
        false => RuleAction::builder().block(BlockAction::builder().build()).build(),
    }
}

fn managed(set: &str, count: &[String]) -> Result<Statement, BuildError> {
    let mut group = ManagedRuleGroupStatement::builder().vendor_name(VENDOR).name(set);
    for name in count {
        group =
            group.rule_action_overrides(RuleActionOverride::builder().name(name).action_to_use(action(true)).build()?);
    }
    Ok(Statement::builder().managed_rule_group_statement(group.build()?).build())
}

fn rate(limit: i64, window_seconds: i64, path: Option<&PathTest>) -> Result<Statement, BuildError> {
    let mut rate = RateBasedStatement::builder()
        .limit(limit)
        .evaluation_window_sec(window_seconds)
        .aggregate_key_type(RateBasedStatementAggregateKeyType::Ip);
    if let Some(path) = path {
        rate = rate.scope_down_statement(Statement::builder().byte_match_statement(path_test(path)?).build());
    }
    Ok(Statement::builder().rate_based_statement(rate.build()?).build())
}

fn path_test(path: &PathTest) -> Result<ByteMatchStatement, BuildError> {
    let (text, constraint) = match path {
        PathTest::StartsWith(text) => (text, PositionalConstraint::StartsWith),
        PathTest::Is(text) => (text, PositionalConstraint::Exactly),
    };
    let mut test =
        ByteMatchStatement::builder().search_string(Blob::new(text.as_bytes())).positional_constraint(constraint);
    test = test.field_to_match(FieldToMatch::builder().uri_path(UriPath::builder().build()).build());
    for (priority, each) in (0..).zip(TRANSFORMATIONS) {
        test = test.text_transformations(TextTransformation::builder().priority(priority).r#type(each).build()?);
    }
    test.build()
}

/// Metrics and samples of an ACL.
pub(super) fn visibility(name: &str) -> Result<VisibilityConfig, CloudError> {
    visibility_of(name).map_err(|error| unusable(&error))
}

fn visibility_of(name: &str) -> Result<VisibilityConfig, BuildError> {
    VisibilityConfig::builder()
        .sampled_requests_enabled(true)
        .cloud_watch_metrics_enabled(true)
        .metric_name(name)
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn acl() -> WebAcl {
        let rate = |path| Check::Rate { limit: 100, window_seconds: 300, path };
        let rule = |name: &str, priority, action: &str, check| Rule {
            name: name.into(),
            priority,
            action: action.into(),
            check,
        };
        let core = Check::Managed {
            set: "AWSManagedRulesCommonRuleSet".into(),
            count: vec!["NoUserAgent_HEADER".into(), "SizeRestrictions_BODY".into()],
        };
        let rules = vec![
            rule("rate-all", 0, "block", rate(None)),
            rule("rate-auth", 1, "count", rate(Some(PathTest::StartsWith("/api/auth".into())))),
            rule("rate-login", 2, "block", rate(Some(PathTest::Is("/login".into())))),
            rule("core", 3, "block", core),
            rule(
                "bad",
                4,
                "count",
                Check::Managed { set: "AWSManagedRulesKnownBadInputsRuleSet".into(), count: Vec::new() },
            ),
        ];
        WebAcl {
            name: "crew-edge".into(),
            default_action: "allow".into(),
            rules,
            body_limit: Some("KB_64".into()),
            tags: Tags::new(),
        }
    }

    fn sdk(acl: &WebAcl) -> SdkAcl {
        let build = SdkAcl::builder()
            .name(&acl.name)
            .id("1")
            .arn("arn")
            .set_rules(Some(write(&acl.rules).unwrap()))
            .visibility_config(visibility(&acl.name).unwrap());
        build
            .default_action(acl.default_action())
            .set_association_config(acl.association(None, None).unwrap())
            .build()
            .unwrap()
    }

    #[test]
    fn an_acl_survives_its_way_through_wafs_form() {
        assert_eq!(read(sdk(&acl()), Tags::new()), acl());
    }

    #[test]
    fn a_rule_that_somebody_made_stricter_or_looser_differs() {
        let mut theirs = sdk(&acl());
        let rules = theirs.rules.as_mut().unwrap();
        let rate = rules[0].statement.as_mut().unwrap().rate_based_statement.as_mut().unwrap();
        rate.aggregate_key_type = RateBasedStatementAggregateKeyType::ForwardedIp;
        rules[3].statement.as_mut().unwrap().managed_rule_group_statement.as_mut().unwrap().version =
            Some("Version_1.0".into());
        rules[4].override_action = Some(OverrideAction::builder().none(NoneAction::builder().build()).build());
        let found = read(theirs, Tags::new());
        assert!(matches!(found.rules[0].check, Check::Other(_)));
        assert!(matches!(found.rules[3].check, Check::Other(_)));
        assert_eq!((&found.rules[4].check, found.rules[4].action.as_str()), (&acl().rules[4].check, "block"));
        assert_eq!(found.rules[1..3], acl().rules[1..3]);
    }
}
