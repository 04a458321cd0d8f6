//! What `plan` and `up` say of secrets that are overdue or stuck in a rotation.

use deployer_aws::kinds::secret::declared;
use deployer_aws::secrets::{now, stages};
use deployer_engine::diagnostic::Diagnostic;
use deployer_engine::kind::Wanted;

use super::findings::late;
use crate::context::Context;
use crate::render::Reporter;

/// Warns of secrets with terms of rotation that are overdue or unfinished, or says that this cannot be read: nothing
/// stops for a warning. Secrets without terms cost no call.
pub async fn warn(context: &Context, cloud: &deployer_aws::Cloud, wanted: &Wanted, report: &Reporter) {
    let secrets: Vec<_> =
        declared(&context.stack, wanted).into_iter().filter(|secret| secret.terms.every.is_some()).collect();
    if secrets.is_empty() {
        return;
    }
    let found = match stages(cloud, &secrets).await {
        Ok(found) => found,
        Err(error) => {
            let message = format!("whether secrets are due for rotation could not be read: {error}");
            return report.warnings(&[Diagnostic::warning("secrets-not-read", message)]);
        }
    };
    let due = secrets.iter().zip(found).filter_map(|(secret, stage)| {
        let finding = late(secret, stage?, now())?;
        let declared = context.stack.declared(&secret.address)?;
        let message = format!("{}: {}", secret.address, finding.what);
        Some(Diagnostic::warning(finding.code, message).at(declared.location.clone()))
    });
    report.warnings(&due.collect::<Vec<_>>());
}
