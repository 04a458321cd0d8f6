//! The resources that kinds expand to: one registration line each.

pub mod acm_certificate;
pub mod cache_policy;
mod cloudfront;
pub mod cloudfront_function;
pub mod cloudwatch_alarm;
pub mod distribution;
pub mod dynamodb_table;
pub mod event_invoke_config;
pub mod event_rule;
pub mod event_source_mapping;
pub mod event_targets;
pub mod external_secret;
pub mod function_alias;
pub mod function_url;
pub mod function_version;
pub mod iam_role;
pub mod invalidation;
pub mod kms_key;
pub mod lambda_function;
pub mod lambda_permission;
pub mod local_identity;
pub mod log_group;
mod meanwhile;
pub mod origin_access_control;
pub mod response_headers_policy;
pub mod ring_turn;
pub mod route53_alias;
pub mod rs256_ring;
pub mod s3_bucket;
pub mod s3_bucket_policy;
pub mod secret_turn;
pub mod ses_configuration_set;
pub mod ses_domain;
pub mod ses_event_destination;
pub mod ses_identity;
pub mod site_release;
pub mod sns_subscription;
pub mod sns_topic;
pub mod sqs_queue;
pub mod ssm_parameter;
pub mod ssm_secret;
pub mod web_acl;

use deployer_engine::resource::Registry;

use crate::client::Cloud;
use crate::region::{Edge, Home};

/// Every resource and effect.
pub fn all() -> Registry<Cloud> {
    Registry::default()
        .with::<acm_certificate::AcmCertificate>()
        .with::<cache_policy::CachePolicy>()
        .with::<cloudfront_function::CloudfrontFunction>()
        .with::<cloudwatch_alarm::CloudwatchAlarm<Edge>>()
        .with::<cloudwatch_alarm::CloudwatchAlarm<Home>>()
        .with::<distribution::Distribution>()
        .with::<dynamodb_table::DynamodbTable>()
        .with::<event_invoke_config::EventInvokeConfig>()
        .with::<event_rule::EventRule>()
        .with::<event_source_mapping::EventSourceMapping>()
        .with::<event_targets::EventTargets>()
        .with::<external_secret::ExternalSecret>()
        .with::<function_alias::FunctionAlias>()
        .with::<function_url::FunctionUrl>()
        .with::<function_version::FunctionVersion>()
        .with::<iam_role::IamRole>()
        .with_effect::<invalidation::Invalidation>()
        .with::<kms_key::KmsKey>()
        .with::<lambda_function::LambdaFunction>()
        .with::<lambda_permission::LambdaPermission>()
        .with::<local_identity::LocalIdentity>()
        .with::<log_group::LogGroup>()
        .with::<origin_access_control::OriginAccessControl>()
        .with::<response_headers_policy::ResponseHeadersPolicy>()
        .with_effect::<ring_turn::RingTurn>()
        .with::<route53_alias::Route53Alias>()
        .with::<rs256_ring::Rs256Ring>()
        .with::<s3_bucket::S3Bucket>()
        .with::<s3_bucket_policy::S3BucketPolicy>()
        .with_effect::<secret_turn::SecretTurn>()
        .with::<ses_configuration_set::SesConfigurationSet>()
        .with::<ses_domain::SesDomain>()
        .with::<ses_event_destination::SesEventDestination>()
        .with::<ses_identity::SesIdentity>()
        .with::<site_release::SiteRelease>()
        .with::<sns_subscription::SnsSubscription<Edge>>()
        .with::<sns_subscription::SnsSubscription<Home>>()
        .with::<sns_topic::SnsTopic<Edge>>()
        .with::<sns_topic::SnsTopic<Home>>()
        .with::<sqs_queue::SqsQueue>()
        .with::<ssm_parameter::SsmParameter>()
        .with::<ssm_secret::SsmSecret>()
        .with::<web_acl::WebAcl>()
}
