//! The calls that change a function, and the wait for each to take effect.

use std::time::Duration;

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{
    Architecture, Environment, FunctionCode, LastUpdateStatus, LogFormat, LoggingConfig, Runtime, State,
};
use bytes::Bytes;
use deployer_engine::resource::{CloudError, Cx, ErrorClass};

use super::LambdaFunction;
use crate::Cloud;
use crate::naming::Tags;
use crate::wait;

/// Code of "there is one of that name", and of "an update is under way".
const CONFLICT: &str = "ResourceConflictException";
/// Code of, among others, "the role cannot be assumed by Lambda": a new role takes seconds to be seen.
const BAD_PARAMETER: &str = "InvalidParameterValueException";
/// Most bytes of a zip that is sent with the call. Source: Lambda quotas, deployment package.
const MAX_ZIP_BYTES: usize = 50 * 1024 * 1024;
/// How long a new or updated function may take to become active: seconds as a rule.
const SETTLE_LIMIT: Duration = Duration::from_secs(120);

/// The error of a call that may only mean that a new role is not known to Lambda yet: where the role is new the
/// engine tries it again for a while, and then shows AWS's own message.
pub(in crate::resources) fn perhaps_role(error: CloudError) -> CloudError {
    if error.code == BAD_PARAMETER { CloudError { class: ErrorClass::Missing, ..error } } else { error }
}

fn signed(name: &str, number: u32) -> Result<i32, CloudError> {
    i32::try_from(number)
        .map_err(|_| CloudError::inputs(name, format!("{number} is more than any setting of a function takes")))
}

/// How far AWS is with a function.
enum Progress {
    Settled,
    UnderWay,
    Failed { code: String, reason: String },
}

fn progress(
    state: Option<&State>,
    update: Option<&LastUpdateStatus>,
    code: Option<String>,
    reason: Option<String>,
) -> Progress {
    match (state, update) {
        (Some(State::Failed), _) | (_, Some(LastUpdateStatus::Failed)) => Progress::Failed {
            code: code.unwrap_or_else(|| "failed".to_owned()),
            reason: reason.unwrap_or_else(|| "the function failed to start".to_owned()),
        },
        (Some(State::Pending), _) | (_, Some(LastUpdateStatus::InProgress)) => Progress::UnderWay,
        _ => Progress::Settled,
    }
}

impl LambdaFunction {
    fn zip(&self, cloud: &Cloud) -> Result<Bytes, CloudError> {
        let zip = cloud
            .artifacts
            .zip(&self.code.zip_sha256)
            .map_err(|error| CloudError::inputs(&self.name, format!("its zip cannot be read: {error}")))?;
        if zip.len() > MAX_ZIP_BYTES {
            let megabytes = zip.len().div_ceil(1024 * 1024);
            return Err(CloudError::inputs(
                &self.name,
                format!(
                    "its zip has {megabytes} MB, and Lambda takes 50: build it with `strip` and without what it does not need"
                ),
            ));
        }
        Ok(zip)
    }

    fn logging_config(&self) -> LoggingConfig {
        LoggingConfig::builder()
            .log_group(&self.logging.log_group)
            .log_format(LogFormat::from(self.logging.format.as_str()))
            .build()
    }

    fn environment_config(&self) -> Environment {
        Environment::builder().set_variables(Some(self.environment.clone().into_iter().collect())).build()
    }

    /// Creates it with its code. `false`: there is one of the name already.
    pub(super) async fn create(&self, cx: &Cx<Cloud>) -> Result<bool, CloudError> {
        let cloud = &*cx.cloud;
        cx.say("uploading code");
        let code = FunctionCode::builder().zip_file(Blob::new(self.zip(cloud)?)).build();
        let request = cloud.lambda().create_function().function_name(&self.name).role(&self.role).code(code);
        let request = request
            .runtime(Runtime::from(self.runtime.as_str()))
            .handler(&self.handler)
            .architectures(Architecture::from(self.architecture.as_str()));
        let request =
            request.memory_size(signed(&self.name, self.memory_mb)?).timeout(signed(&self.name, self.timeout_seconds)?);
        let request = request
            .set_description(self.description.clone())
            .environment(self.environment_config())
            .logging_config(self.logging_config());
        let request = request.set_tags(Some(self.all_tags().into_iter().collect()));
        let created =
            cloud.find("lambda:CreateFunction", &self.name, &[CONFLICT], request.send()).await.map_err(perhaps_role)?;
        if created.is_some() {
            self.settle(cx).await?;
        }
        Ok(created.is_some())
    }

    /// Changes its code, if it is still in that revision.
    pub(super) async fn update_code(&self, cx: &Cx<Cloud>, revision: Option<String>) -> Result<(), CloudError> {
        let cloud = &*cx.cloud;
        cx.say("uploading code");
        let request =
            cloud.lambda().update_function_code().function_name(&self.name).zip_file(Blob::new(self.zip(cloud)?));
        let request = request.architectures(Architecture::from(self.architecture.as_str())).set_revision_id(revision);
        cloud.call("lambda:UpdateFunctionCode", &self.name, request.send()).await?;
        self.settle(cx).await
    }

    /// Changes its configuration, if it is still in that revision.
    pub(super) async fn update_configuration(
        &self,
        cx: &Cx<Cloud>,
        prior: Option<&Self>,
        same_role: bool,
        revision: Option<String>,
    ) -> Result<(), CloudError> {
        let cloud = &*cx.cloud;
        let request = cloud.lambda().update_function_configuration().function_name(&self.name).role(&self.role);
        let request = request.runtime(Runtime::from(self.runtime.as_str())).handler(&self.handler);
        let request =
            request.memory_size(signed(&self.name, self.memory_mb)?).timeout(signed(&self.name, self.timeout_seconds)?);
        // What is absent stays as it is.
        let request = request.set_description(self.wanted_description(prior).map(str::to_owned));
        let request = request.environment(self.environment_config()).logging_config(self.logging_config());
        let request = request.set_revision_id(revision);
        let updated = cloud.call("lambda:UpdateFunctionConfiguration", &self.name, request.send()).await;
        updated.map_err(|error| if same_role { error } else { perhaps_role(error) })?;
        self.settle(cx).await
    }

    pub(super) async fn update_tags(&self, cloud: &Cloud, write: Tags, remove: Vec<String>) -> Result<(), CloudError> {
        let arn = super::arn_here(cloud, &self.name);
        if !write.is_empty() {
            let request = cloud.lambda().tag_resource().resource(&arn).set_tags(Some(write.into_iter().collect()));
            cloud.call("lambda:TagResource", &self.name, request.send()).await?;
        }
        if !remove.is_empty() {
            let request = cloud.lambda().untag_resource().resource(&arn).set_tag_keys(Some(remove));
            cloud.call("lambda:UntagResource", &self.name, request.send()).await?;
        }
        Ok(())
    }

    /// Waits until the function is active and its update done: only then can the next one begin, and a
    /// version be cut. The local AWS has done it when it answers, and takes the next call at once.
    async fn settle(&self, cx: &Cx<Cloud>) -> Result<(), CloudError> {
        if cx.cloud.is_local() {
            return Ok(());
        }
        let operation = "lambda:GetFunctionConfiguration";
        let look = || async {
            let found = cx
                .cloud
                .call(
                    operation,
                    &self.name,
                    cx.cloud.lambda().get_function_configuration().function_name(&self.name).send(),
                )
                .await?;
            let code = found
                .last_update_status_reason_code
                .map(|each| each.as_str().to_owned())
                .or(found.state_reason_code.map(|each| each.as_str().to_owned()));
            let reason = found.last_update_status_reason.filter(|text| !text.is_empty()).or(found.state_reason);
            match progress(found.state.as_ref(), found.last_update_status.as_ref(), code, reason) {
                Progress::Settled => Ok(Some(())),
                Progress::UnderWay => Ok(None),
                Progress::Failed { code, reason } => {
                    Err(CloudError::new(ErrorClass::Refused, operation, &self.name, &code, reason))
                }
            }
        };
        wait::until(cx, "the function to become active", SETTLE_LIMIT, look).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_settled(state: State, update: LastUpdateStatus) -> Option<bool> {
        match progress(Some(&state), Some(&update), None, None) {
            Progress::Settled => Some(true),
            Progress::UnderWay => Some(false),
            Progress::Failed { .. } => None,
        }
    }

    #[test]
    fn a_version_is_cut_only_from_what_is_active_and_updated() {
        assert_eq!(is_settled(State::Pending, LastUpdateStatus::InProgress), Some(false));
        assert_eq!(is_settled(State::Active, LastUpdateStatus::InProgress), Some(false));
        assert_eq!(is_settled(State::Pending, LastUpdateStatus::Successful), Some(false));
        assert_eq!(is_settled(State::Active, LastUpdateStatus::Successful), Some(true));
        assert_eq!(is_settled(State::Inactive, LastUpdateStatus::Successful), Some(true));
    }

    #[test]
    fn a_failed_update_is_an_error_with_lambdas_reason() {
        assert_eq!(is_settled(State::Active, LastUpdateStatus::Failed), None);
        let failed =
            progress(Some(&State::Failed), None, Some("InvalidRuntime".into()), Some("no such runtime".into()));
        assert!(
            matches!(failed, Progress::Failed { code, reason } if code == "InvalidRuntime" && reason == "no such runtime")
        );
    }

    #[test]
    fn a_role_that_cannot_be_assumed_yet_is_waited_for_with_awss_own_message() {
        let refused = CloudError::new(
            ErrorClass::Refused,
            "lambda:CreateFunction",
            "f",
            BAD_PARAMETER,
            "The role defined for the function cannot be assumed by Lambda.",
        );
        let error = perhaps_role(refused.clone());
        assert_eq!((error.class, error.message), (ErrorClass::Missing, refused.message));
        let other =
            CloudError::new(ErrorClass::Refused, "lambda:CreateFunction", "f", "CodeStorageExceededException", "x");
        assert_eq!(perhaps_role(other).class, ErrorClass::Refused);
    }
}
