use aws_sdk_lambda::types::FunctionConfiguration;

use super::read::inputs_of;
use super::*;

fn function() -> LambdaFunction {
    LambdaFunction {
        name: "crew-prod-api".into(),
        role: "arn:aws:iam::111122223333:role/crew-prod-api-role".into(),
        role_id: "AROA1".into(),
        architecture: "arm64".into(),
        runtime: "provided.al2023".into(),
        handler: "bootstrap".into(),
        memory_mb: 256,
        timeout_seconds: 10,
        environment: BTreeMap::from([("TABLE".into(), "roles".into())]),
        code: Code { source_sha256: "5e".into(), zip_sha256: "zip=".into() },
        description: None,
        logging: Logging { log_group: "/aws/lambda/crew-prod-api".into(), format: "JSON".into() },
        tags: Tags::from([("deployer:stack".into(), "crew".into())]),
    }
}

fn answered(wanted: &LambdaFunction) -> FunctionConfiguration {
    FunctionConfiguration::builder()
        .function_name(&wanted.name)
        .role(&wanted.role)
        .architectures(wanted.architecture.as_str().into())
        .runtime(wanted.runtime.as_str().into())
        .handler(&wanted.handler)
        .memory_size(256)
        .timeout(10)
        .environment(aws_sdk_lambda::types::EnvironmentResponse::builder().variables("TABLE", "roles").build())
        .code_sha256(&wanted.code.zip_sha256)
        .description("")
        .logging_config(
            aws_sdk_lambda::types::LoggingConfig::builder()
                .log_group(&wanted.logging.log_group)
                .log_format("JSON".into())
                .build(),
        )
        .build()
}

#[test]
fn what_was_set_reads_back_as_it_was_set() {
    let wanted = function();
    assert_eq!(inputs_of(answered(&wanted), wanted.all_tags()), wanted);
}

#[test]
fn an_update_that_failed_is_made_again() {
    let wanted = function();
    let mut failed = answered(&wanted);
    failed.last_update_status = Some("Failed".into());
    let live = inputs_of(failed, wanted.all_tags());
    assert!(!wanted.same_configuration(Some(&wanted), &live));
}

#[test]
fn a_role_of_the_same_name_made_anew_is_a_change_of_configuration_and_not_of_code() {
    let live = function();
    let wanted = LambdaFunction { role_id: "AROA2".into(), ..function() };
    assert!(wanted.same_code(&live) && !wanted.same_configuration(None, &live) && !wanted.same_role(&live));
}

#[test]
fn another_zip_or_architecture_is_a_change_of_code_and_not_of_configuration() {
    let live = function();
    let code = Code { zip_sha256: "other=".into(), ..live.code.clone() };
    for wanted in
        [LambdaFunction { code, ..function() }, LambdaFunction { architecture: "x86_64".into(), ..function() }]
    {
        assert!(!wanted.same_code(&live) && wanted.same_configuration(None, &live));
    }
}

#[test]
fn other_sources_of_the_same_zip_change_a_tag_alone() {
    let live = function();
    let wanted = LambdaFunction { code: Code { source_sha256: "6f".into(), ..live.code.clone() }, ..function() };
    assert!(wanted.same_code(&live) && wanted.same_configuration(None, &live));
    let (write, remove) = tag_changes(&wanted.all_tags(), Some(&live.all_tags()), &live.all_tags());
    assert_eq!((write, remove), (Tags::from([(SOURCE_TAG.to_owned(), "6f".to_owned())]), Vec::new()));
}

#[test]
fn a_description_that_is_declared_no_more_is_reset_and_one_that_never_was_is_left() {
    let described = LambdaFunction { description: Some("words".into()), ..function() };
    assert!(!function().same_configuration(Some(&described), &described));
    assert!(function().same_configuration(Some(&function()), &described));
}
