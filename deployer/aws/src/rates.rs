//! How fast AWS may be asked: below the rates that it documents, so that a run that nothing disturbs is never
//! told to slow down.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use deployer_engine::clock::{Clock, RealClock};
use tokio::sync::OwnedMutexGuard;

/// So many calls a second, and so many at once after a pause.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Rate {
    per_second: f64,
    burst: f64,
}

/// Which calls count together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Share {
    /// All of the service that no line before names.
    Service,
    /// Each operation for itself.
    Operation,
}

/// Operations, or their beginnings with a `*`, which of them count together, and their rate; the first that fits. Each
/// is below what AWS documents, or, where it documents nothing, below what others found.
#[rustfmt::skip]
const RATES: &[(&str, Share, Rate)] = &[
    // Lambda quotas: GetFunction 100 a second, all other calls that control it 15 together. Invoke is another thing.
    ("lambda:GetFunction", Share::Operation, Rate { per_second: 60.0, burst: 20.0 }),
    ("lambda:Invoke",      Share::Operation, Rate { per_second: 100.0, burst: 100.0 }),
    ("lambda:*",            Share::Service,   Rate { per_second: 10.0, burst: 4.0 }),
    // Not documented.
    ("iam:*",               Share::Service,   Rate { per_second: 8.0, burst: 4.0 }),
    ("cloudfront:*",        Share::Service,   Rate { per_second: 8.0, burst: 8.0 }),
    // WAF quotas: any one Create, Put or Update once a second, any one Get or List five times.
    ("wafv2:Get*",          Share::Operation, Rate { per_second: 4.0, burst: 2.0 }),
    ("wafv2:List*",         Share::Operation, Rate { per_second: 4.0, burst: 2.0 }),
    ("wafv2:*",             Share::Operation, Rate { per_second: 0.8, burst: 1.0 }),
    // Systems Manager quotas: 40 a second for GetParameter and GetParameters together; writes 3.
    ("ssm:Get*",            Share::Service,   Rate { per_second: 30.0, burst: 10.0 }),
    ("ssm:Describe*",       Share::Operation, Rate { per_second: 4.0, burst: 2.0 }),
    ("ssm:List*",           Share::Operation, Rate { per_second: 4.0, burst: 2.0 }),
    ("ssm:*",               Share::Operation, Rate { per_second: 2.0, burst: 2.0 }),
    // CloudWatch Logs quotas: 5 a second for most.
    ("logs:*",              Share::Operation, Rate { per_second: 4.0, burst: 2.0 }),
    // CloudWatch quotas: DescribeAlarms 9 a second, PutMetricAlarm 3.
    ("cloudwatch:Describe*", Share::Operation, Rate { per_second: 6.0, burst: 2.0 }),
    ("cloudwatch:List*",    Share::Operation, Rate { per_second: 6.0, burst: 2.0 }),
    ("cloudwatch:*",        Share::Operation, Rate { per_second: 2.0, burst: 2.0 }),
    // KMS quotas: what manages keys 5 a second, each operation for itself.
    ("kms:*",               Share::Operation, Rate { per_second: 4.0, burst: 2.0 }),
    // ACM quotas: what changes certificates 5 a second, and more for what reads them.
    ("acm:*",               Share::Operation, Rate { per_second: 4.0, burst: 2.0 }),
    // Route 53 quotas: five calls a second for the account.
    ("route53:*",           Share::Service,   Rate { per_second: 3.0, burst: 2.0 }),
    // SES quotas: once a second for everything but sending.
    ("ses:*",               Share::Service,   Rate { per_second: 0.8, burst: 1.0 }),
    // SNS quotas: what changes a topic 10 a second; Subscribe 100.
    ("sns:*",               Share::Service,   Rate { per_second: 8.0, burst: 4.0 }),
    ("events:*",            Share::Operation, Rate { per_second: 8.0, burst: 4.0 }),
    ("dynamodb:Describe*",  Share::Service,   Rate { per_second: 40.0, burst: 20.0 }),
    ("dynamodb:*",          Share::Operation, Rate { per_second: 8.0, burst: 4.0 }),
    // S3 counts by prefix, in thousands; its buckets are configured one call at a time.
    ("s3:*",                Share::Service,   Rate { per_second: 1000.0, burst: 100.0 }),
];
/// Of services that the table does not name.
const OTHERWISE: Rate = Rate { per_second: 8.0, burst: 4.0 };

/// Calls that configure a bucket: two at a time are a conflict.
const BUCKET_CONFIGURATION: &[&str] = &["Bucket", "PublicAccessBlock"];

/// A bucket of tokens: each call takes one, and waits for it when there is none.
#[derive(Clone, Copy, Debug)]
struct Tokens {
    left: f64,
    at: Duration,
}

/// The leave to make a call. While it is kept, what excludes the call waits.
#[must_use = "the call is made while it is kept"]
pub(crate) struct Turn(#[expect(dead_code, reason = "it is held, not used")] Option<OwnedMutexGuard<()>>);

/// Who may call when.
pub(crate) struct Rates {
    clock: Arc<dyn Clock>,
    tokens: Mutex<BTreeMap<String, Tokens>>,
    buckets: Mutex<BTreeMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

impl Default for Rates {
    fn default() -> Self {
        Self::by(Arc::new(RealClock::default()))
    }
}

impl Rates {
    fn by(clock: Arc<dyn Clock>) -> Self {
        Self { clock, tokens: Mutex::default(), buckets: Mutex::default() }
    }

    /// Waits until an operation (`service:Operation`) on an object may be asked for.
    pub(crate) async fn turn(&self, operation: &str, object: &str) -> Turn {
        let configured = match is_bucket_configuration(operation) {
            true => Some(self.bucket(object).lock_owned().await),
            false => None,
        };
        let wait = self.take(operation);
        if !wait.is_zero() {
            self.clock.sleep(wait).await;
        }
        Turn(configured)
    }

    fn bucket(&self, name: &str) -> Arc<tokio::sync::Mutex<()>> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(buckets.entry(name.to_owned()).or_default())
    }

    /// Takes a token, in advance when there is none, and tells how long it is until it is there.
    fn take(&self, operation: &str) -> Duration {
        let (counted, rate) = rate_of(operation);
        let now = self.clock.now();
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let tokens = tokens.entry(counted).or_insert(Tokens { left: rate.burst, at: now });
        let grown = now.saturating_sub(tokens.at).as_secs_f64() * rate.per_second;
        *tokens = Tokens { left: (tokens.left + grown).min(rate.burst) - 1.0, at: now };
        Duration::from_secs_f64((-tokens.left).max(0.0) / rate.per_second)
    }
}

/// What an operation counts under, and its rate.
fn rate_of(operation: &str) -> (String, Rate) {
    let found = RATES.iter().find(|(pattern, ..)| fits(pattern, operation));
    match found {
        Some((pattern, Share::Service, rate)) => ((*pattern).to_owned(), *rate),
        Some((_, Share::Operation, rate)) => (operation.to_owned(), *rate),
        None => (operation.split(':').next().unwrap_or_default().to_owned(), OTHERWISE),
    }
}

/// Whether an operation is the one that is named, or begins as a name with a `*` does.
fn fits(pattern: &str, operation: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => operation.starts_with(beginning),
        None => operation == pattern,
    }
}

fn is_bucket_configuration(operation: &str) -> bool {
    let changes = ["s3:Put", "s3:Delete", "s3:Create"].iter().any(|beginning| operation.starts_with(beginning));
    changes && BUCKET_CONFIGURATION.iter().any(|word| operation.contains(word))
}

#[cfg(test)]
mod tests {
    use deployer_engine::testing::{VirtualTime, run};
    use futures::future::join_all;

    use super::*;

    /// What AWS documents: operations, or their beginnings with a `*`, whether each operation counts for itself, calls a second (as many
    /// at once). Sources: the services' quota pages; for Systems Manager's writes, what others met.
    const DOCUMENTED: &[(&str, bool, f64)] = &[
        ("lambda:GetFunction", true, 100.0),
        ("lambda:*", false, 15.0),
        ("iam:*", false, 10.0),
        ("wafv2:Get*", true, 5.0),
        ("wafv2:List*", true, 5.0),
        ("wafv2:*", true, 1.0),
        ("ssm:Get*", false, 40.0),
        ("ssm:*", true, 3.0),
        ("logs:*", true, 5.0),
        ("ses:*", false, 1.0),
        ("events:*", true, 10.0),
        ("cloudwatch:DescribeAlarms", true, 9.0),
        ("cloudwatch:*", true, 3.0),
        ("kms:*", true, 5.0),
        ("route53:*", false, 5.0),
    ];

    /// How late a call may reach AWS: calls that set out apart may arrive together.
    const LATEST: Duration = Duration::from_millis(120);

    /// An AWS that counts, and says who was too fast.
    fn throttled(mut arrived: Vec<(Duration, &str)>) -> Vec<String> {
        arrived.sort();
        let mut tokens: BTreeMap<&str, (f64, Duration)> = BTreeMap::new();
        let mut throttled = Vec::new();
        for (now, operation) in arrived {
            let Some((beginning, alone, rate)) = DOCUMENTED.iter().find(|each| fits(each.0, operation)) else {
                continue;
            };
            let (left, at) = tokens.entry(if *alone { operation } else { beginning }).or_insert((*rate, now));
            *left = (*left + (now - *at).as_secs_f64() * rate).min(*rate) - 1.0;
            *at = now;
            if *left < 0.0 {
                *left += 1.0;
                throttled.push(format!("{operation} at {now:?}"));
            }
        }
        throttled
    }

    /// Sixty of each operation, all wanted at once; each is on its way for a time of its own.
    fn asked(paced: bool) -> Vec<(Duration, &'static str)> {
        const OPERATIONS: &[&str] = &[
            "lambda:CreateFunction",
            "lambda:GetFunction",
            "lambda:GetFunctionConfiguration",
            "lambda:GetFunctionUrlConfig",
            "lambda:PublishVersion",
            "iam:CreateRole",
            "wafv2:CreateWebACL",
            "wafv2:GetWebACL",
            "ssm:PutParameter",
            "ssm:AddTagsToResource",
            "ssm:GetParameters",
            "logs:CreateLogGroup",
            "ses:CreateEmailIdentity",
            "events:PutRule",
            "cloudwatch:DescribeAlarms",
            "cloudwatch:PutMetricAlarm",
            "kms:CreateKey",
            "route53:ChangeResourceRecordSets",
        ];
        run(async {
            let rates = Rates::by(Arc::new(VirtualTime));
            let one = async |number: usize, operation: &'static str| {
                if paced {
                    let _turn = rates.turn(operation, "x").await;
                }
                let late = LATEST.mul_f64((number * 37 % 101) as f64 / 100.0);
                (VirtualTime.now() + late, operation)
            };
            let every = (0..60).flat_map(|number| OPERATIONS.iter().map(move |operation| (number, *operation)));
            join_all(every.map(|(number, operation)| one(number, operation))).await
        })
    }

    #[test]
    fn what_is_asked_at_our_pace_is_never_throttled_at_the_documented_rates() {
        assert_eq!(throttled(asked(true)), Vec::<String>::new());
        assert!(throttled(asked(false)).len() > 300, "the counting AWS throttles who does not pace himself");
    }

    #[test]
    fn a_pause_lets_a_few_calls_go_at_once() {
        run(async {
            let rates = Rates::by(Arc::new(VirtualTime));
            for _ in 0..4 {
                let _turn = rates.turn("iam:CreateRole", "x").await;
            }
            assert_eq!(VirtualTime.now(), Duration::ZERO);
            let _turn = rates.turn("iam:CreateRole", "x").await;
            assert_eq!(VirtualTime.now(), Duration::from_millis(125));
        });
    }

    #[test]
    fn a_bucket_is_configured_one_call_at_a_time_and_another_beside_it() {
        run(async {
            let rates = Rates::by(Arc::new(VirtualTime));
            let call = async |operation: &str, bucket: &str| {
                let _turn = rates.turn(operation, bucket).await;
                VirtualTime.sleep(Duration::from_secs(1)).await;
                VirtualTime.now().as_secs()
            };
            let ended = futures::join!(
                call("s3:PutBucketVersioning", "a"),
                call("s3:PutPublicAccessBlock", "a"),
                call("s3:PutBucketVersioning", "b"),
                call("s3:PutObject", "a"),
            );
            assert_eq!(ended, (1, 2, 1, 1));
        });
    }
}
