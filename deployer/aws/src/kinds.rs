//! The kinds that a stack file may declare: one registration line each.

pub mod alarm;
pub mod bucket;
pub mod cdn;
pub mod function;
pub mod key;
#[cfg(test)]
mod longest;
pub mod mail;
pub mod param;
#[cfg(test)]
mod product;
pub mod queue;
pub mod schedule;
pub mod secret;
pub mod site;
pub mod table;
pub mod waf;
#[cfg(test)]
pub(crate) mod testing;
pub mod topic;

use deployer_engine::kind::Kinds;

/// Every kind.
pub fn all() -> Kinds {
    Kinds::default()
        .with::<alarm::Alarm>()
        .with::<bucket::Bucket>()
        .with::<cdn::Cdn>()
        .with::<function::Function>()
        .with::<key::Key>()
        .with::<mail::Mail>()
        .with::<param::Param>()
        .with::<queue::Queue>()
        .with::<schedule::Schedule>()
        .with::<secret::Secret>()
        .with::<site::Site>()
        .with::<table::Table>()
        .with::<topic::Topic>()
        .with::<waf::Waf>()
}

#[cfg(test)]
mod tests {
    use super::testing::stack;

    #[test]
    fn who_names_the_service_is_told_the_kind() {
        let words = ["dynamodb", "lambda", "s3", "cron", "email", "secretsmanager", "web_acl", "cloudfront"];
        let kinds = ["table", "function", "bucket", "schedule", "mail", "secret", "waf", "cdn"];
        for (word, kind) in words.into_iter().zip(kinds) {
            let faults = stack(&format!("[{word}.x]\n"), "local").err().expect("it is no kind");
            let hints: Vec<_> =
                faults.iter().filter(|fault| fault.code == "unknown-kind").map(|fault| &fault.hint).collect();
            assert_eq!(hints, [&Some(format!("its kind here is `{kind}`"))], "{word}: {faults:?}");
        }
        let faults = stack("[tabel.x]\n", "local").err().expect("it is no kind");
        assert_eq!(faults[0].hint.as_deref(), Some("did you mean `table`?"));
    }
}
