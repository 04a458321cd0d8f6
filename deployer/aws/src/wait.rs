//! Waiting for what AWS does in its own time, without fixed sleeps.

use std::future::Future;
use std::time::Duration;

use deployer_engine::resource::{CloudError, Cx, ErrorClass};

/// The code of a wait that took too long.
pub const TOO_LONG: &str = "waited-too-long";
/// Between the first look and the second.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// The longest pause between two looks.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// By how much each pause is longer than the one before.
const GROWTH: f64 = 1.6;

/// Looks until `look` finds what it waits for (`Some`), first at once, then after pauses that grow.
///
/// `what` says what is waited for, such as `the table to become active`. After `limit` the answer
/// is a final error of the code [`TOO_LONG`]: who waits has chosen how long. An error of `look` ends it, and so does
/// a stop of the run.
pub async fn until<C, T, F>(
    cx: &Cx<C>,
    what: &str,
    limit: Duration,
    mut look: impl FnMut() -> F,
) -> Result<T, CloudError>
where
    F: Future<Output = Result<Option<T>, CloudError>>,
{
    let mut waited = Duration::ZERO;
    let mut pause = FIRST_PAUSE;
    loop {
        if let Some(found) = look().await? {
            return Ok(found);
        }
        if waited >= limit {
            let object = cx.address.as_ref().map(ToString::to_string).unwrap_or_default();
            let message = format!("waited {} s for {what}", limit.as_secs());
            return Err(CloudError {
                hint: Some("run again in a while: what is done stays done".to_owned()),
                ..CloudError::new(ErrorClass::Refused, "", &object, TOO_LONG, message)
            });
        }
        cx.say(format!("waiting for {what}"));
        cx.pause(pause).await?;
        waited += pause;
        pause = pause.mul_f64(GROWTH).min(LONGEST_PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::sync::Arc;

    use deployer_engine::clock::Clock as _;
    use deployer_engine::stop::Stop;
    use deployer_engine::testing::{VirtualTime, run};
    use tokio::sync::watch;

    use super::*;

    fn cx() -> Cx<()> {
        Cx::with_clock(Arc::new(()), Arc::new(VirtualTime))
    }

    #[test]
    fn what_is_there_already_is_found_without_a_pause() {
        let found = run(until(&cx(), "nothing", Duration::from_secs(1), || async { Ok(Some(7)) }));
        assert_eq!((found, VirtualTime.now()), (Ok(7), Duration::ZERO));
    }

    #[test]
    fn pauses_begin_short_and_grow_to_two_seconds() {
        let looks = Cell::new(Vec::new());
        let cx = cx();
        let found = run(until(&cx, "the twelfth look", Duration::from_secs(60), || async {
            let mut seen = looks.take();
            seen.push(VirtualTime.now());
            let count = seen.len();
            looks.set(seen);
            Ok((count == 12).then_some(()))
        }));
        assert_eq!(found, Ok(()));
        let seen = looks.take();
        assert!(seen[1] <= Duration::from_millis(100), "{seen:?}");
        let longest = seen.windows(2).map(|pair| pair[1] - pair[0]).max();
        assert_eq!(longest, Some(LONGEST_PAUSE), "{seen:?}");
    }

    #[test]
    fn what_never_comes_is_given_up_and_says_what_it_was() {
        let never = || async { Ok(None::<()>) };
        let error = run(until(&cx(), "the table", Duration::from_secs(30), never)).unwrap_err();
        assert_eq!((error.class, error.code.as_str()), (ErrorClass::Refused, TOO_LONG));
        assert_eq!(error.message, "waited 30 s for the table");
    }

    #[test]
    fn a_stop_ends_the_wait() {
        let (bell, stop) = watch::channel(Stop::No);
        let cx = cx().until(stop);
        let ring = async {
            VirtualTime.sleep(Duration::from_secs(5)).await;
            bell.send_replace(Stop::Soon);
        };
        let never = || async { Ok(None::<()>) };
        let (found, ()) = run(async { futures::join!(until(&cx, "the table", Duration::from_secs(900), never), ring) });
        assert_eq!(found.unwrap_err().class, ErrorClass::Stopped);
        assert_eq!(VirtualTime.now(), Duration::from_secs(5));
    }
}
