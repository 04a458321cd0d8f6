//! Finding alarms by their names.

use std::marker::PhantomData;

use deployer_engine::resource::{CloudError, Live};
use serde_json::{Value, json};

use super::{COMPARES, CloudwatchAlarm, MISSING, Watched, arn_of};
use crate::Cloud;
use crate::client::all_of;
use crate::client::json::CLOUDWATCH;
use crate::naming::Tags;
use crate::region::Region;

/// Most alarms of one question. Source: DescribeAlarms.
const A_PAGE: usize = 100;

/// The alarm of a description, without its tags.
fn described<R: Region>(alarm: &Value) -> CloudwatchAlarm<R> {
    let text = |field: &str| alarm[field].as_str().unwrap_or_default().to_owned();
    let arns = |field: &str| -> Vec<String> {
        alarm[field].as_array().into_iter().flatten().filter_map(|each| each.as_str().map(str::to_owned)).collect()
    };
    let (alarmed, calmed) = (arns("AlarmActions"), arns("OKActions"));
    // What somebody has switched off, or tells of one turn alone, tells nobody as far as the plan goes.
    let tells = if alarm["ActionsEnabled"] == false || alarmed != calmed { Vec::new() } else { alarmed };
    // One that compares otherwise, or goes off when some of its periods are too high, counts none as far as the plan goes.
    let periods = &alarm["EvaluationPeriods"];
    let some = &alarm["DatapointsToAlarm"];
    let is_ours = alarm["ComparisonOperator"] == COMPARES && (some.is_null() || some == periods);
    let periods = periods.as_u64().and_then(|each| u32::try_from(each).ok()).filter(|_| is_ours);
    CloudwatchAlarm {
        name: text("AlarmName"),
        description: text("AlarmDescription"),
        watches: Watched::of(alarm),
        threshold: alarm["Threshold"].as_f64().unwrap_or_default(),
        periods: periods.unwrap_or_default(),
        missing: text("TreatMissingData"),
        tells,
        tags: Tags::new(),
        region: PhantomData,
    }
}

/// Asks CloudWatch in a region.
pub(super) async fn ask<R: Region>(
    cloud: &Cloud,
    operation: &str,
    object: &str,
    body: Value,
) -> Result<Value, CloudError> {
    cloud.ask(CLOUDWATCH, R::name(cloud), operation, object, body).await
}

/// Those of the names that there are, in any order.
pub(super) async fn read<R: Region>(
    cloud: &Cloud,
    names: &[&str],
) -> Result<Vec<Live<CloudwatchAlarm<R>>>, CloudError> {
    let page = |names: &[&str]| {
        let body = json!({ "AlarmNames": names, "AlarmTypes": ["MetricAlarm"], "MaxRecords": A_PAGE });
        let object = names.join(" ");
        async move { ask::<R>(cloud, "DescribeAlarms", &object, body).await }
    };
    let pages = all_of(names.chunks(A_PAGE).map(page).collect()).await?;
    let alarms = pages.iter().flat_map(|page| page["MetricAlarms"].as_array()).flatten().map(described::<R>);
    let with_tags = |mut alarm: CloudwatchAlarm<R>| async move {
        let body = json!({ "ResourceARN": arn_of::<R>(cloud, &alarm.name) });
        match ask::<R>(cloud, "ListTagsForResource", &alarm.name, body).await {
            Ok(told) => {
                alarm.tags = CLOUDWATCH.told_tags(&told["Tags"]);
                Ok(Some(alarm.into_live()))
            }
            Err(error) if MISSING.contains(&error.code.as_str()) => Ok(None),
            Err(error) => Err(error),
        }
    };
    Ok(all_of(alarms.map(with_tags).collect()).await?.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::region::Home;

    #[test]
    fn an_alarm_that_somebody_made_go_off_otherwise_is_not_as_it_was_wanted() {
        let alarm = json!({
            "AlarmName": "a", "ComparisonOperator": COMPARES, "EvaluationPeriods": 3, "ActionsEnabled": true,
            "AlarmActions": ["arn:t"], "OKActions": ["arn:t"],
        });
        let with = |field: &str, value: Value| {
            let mut alarm = alarm.clone();
            alarm[field] = value;
            described::<Home>(&alarm)
        };
        let ours = described::<Home>(&alarm);
        assert_eq!((ours.periods, ours.tells.len()), (3, 1));
        assert_eq!(with("DatapointsToAlarm", json!(3)), ours);
        for (field, value) in [
            ("DatapointsToAlarm", json!(1)),
            ("ComparisonOperator", json!("LessThanThreshold")),
            ("ActionsEnabled", json!(false)),
            ("OKActions", json!([])),
        ] {
            assert_ne!(with(field, value), ours, "{field}");
        }
    }
}
