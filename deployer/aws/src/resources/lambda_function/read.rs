//! A function as Lambda tells it, in the form of the inputs.

use aws_sdk_lambda::operation::get_function::GetFunctionOutput;
use aws_sdk_lambda::types::{FunctionConfiguration, LastUpdateStatus};
use deployer_engine::resource::{CloudError, Cx, ErrorClass, Live};

use super::{Code, LambdaFunction, LambdaFunctionOutputs, Logging, MISSING, ROLE_ID_TAG, SOURCE_TAG, arn_here};
use crate::Cloud;
use crate::naming::{Tags, own_tags};

fn unsigned(number: Option<i32>) -> u32 {
    number.and_then(|each| u32::try_from(each).ok()).unwrap_or_default()
}

/// What AWS answered, in the form of the inputs.
pub(super) fn inputs_of(found: FunctionConfiguration, mut tags: Tags) -> LambdaFunction {
    let name = found.function_name.unwrap_or_default();
    let logging = found.logging_config;
    let log_format = logging.as_ref().and_then(|each| each.log_format.as_ref()).map(|each| each.as_str().to_owned());
    // What a failed update left is not known: without a runtime it differs from all that is wanted, and is set anew.
    let runtime = found.runtime.filter(|_| found.last_update_status != Some(LastUpdateStatus::Failed));
    let architecture = found.architectures.and_then(|all| all.first().map(|each| each.as_str().to_owned()));
    LambdaFunction {
        role: found.role.unwrap_or_default(),
        role_id: tags.remove(ROLE_ID_TAG).unwrap_or_default(),
        // Functions from before there was a choice do not say it.
        architecture: architecture.unwrap_or_else(|| "x86_64".to_owned()),
        runtime: runtime.map(|each| each.as_str().to_owned()).unwrap_or_default(),
        handler: found.handler.unwrap_or_default(),
        memory_mb: unsigned(found.memory_size),
        timeout_seconds: unsigned(found.timeout),
        environment: found.environment.and_then(|each| each.variables).unwrap_or_default().into_iter().collect(),
        code: Code {
            source_sha256: tags.remove(SOURCE_TAG).unwrap_or_default(),
            zip_sha256: found.code_sha256.unwrap_or_default(),
        },
        description: found.description.filter(|text| !text.is_empty()),
        logging: Logging {
            log_group: logging.and_then(|each| each.log_group).unwrap_or_else(|| format!("/aws/lambda/{name}")),
            format: log_format.unwrap_or_else(|| "Text".to_owned()),
        },
        name,
        tags,
    }
}

/// What GetFunction answered. It leaves the tags out, with an error in their place, for a caller who may not list them.
fn live_of(cloud: &Cloud, name: &str, found: GetFunctionOutput) -> Result<Option<Live<LambdaFunction>>, CloudError> {
    if let Some(error) = found.tags_error {
        let denied = CloudError::new(ErrorClass::Denied, "lambda:GetFunction", name, &error.error_code, error.message);
        return Err(CloudError { missing_action: Some("lambda:ListTags".to_owned()), ..denied });
    }
    let tags = own_tags(found.tags.unwrap_or_default());
    let live = |found| Live {
        id: name.to_owned(),
        inputs: inputs_of(found, tags),
        outputs: LambdaFunctionOutputs { arn: arn_here(cloud, name) },
    };
    Ok(found.configuration.map(live))
}

/// The function as it lives.
pub(super) async fn read(cx: &Cx<Cloud>, name: &str) -> Result<Option<Live<LambdaFunction>>, CloudError> {
    Ok(newest(cx, name).await?.map(|(live, _)| live))
}

/// The function as it lives, and the revision that it is in.
pub(super) async fn newest(
    cx: &Cx<Cloud>,
    name: &str,
) -> Result<Option<(Live<LambdaFunction>, Option<String>)>, CloudError> {
    let found = cx
        .cloud
        .find("lambda:GetFunction", name, MISSING, cx.cloud.lambda().get_function().function_name(name).send())
        .await?;
    let Some(found) = found else { return Ok(None) };
    let revision = found.configuration.as_ref().and_then(|each| each.revision_id.clone());
    Ok(live_of(&cx.cloud, name, found)?.map(|live| (live, revision)))
}
