//! How mails keep the account's pace.

use super::*;

#[tokio::test]
async fn mails_of_one_run_keep_the_accounts_pace() {
    let world = world(Faults::default());
    let run = Run { pace: Pace::of(Some(1.0)), ..run("request-1") };
    for report in reports() {
        world.delivery.deliver(&run, &report).await;
    }
    let mails = world.outbox.sent().len();
    let waited = world.clock.now().duration_since(run.made).as_secs_f64();
    // Two recipients a mail, four fifths of a recipient a second; the first does not wait.
    assert!((waited - (mails - 1) as f64 * 2.0 / 0.8).abs() < 0.001, "{mails} mails, {waited} s");
}

/// A clock whose waits never end, as for who is cut off meanwhile.
struct Standing(FixedClock);

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn sleep(&self, duration: jiff::SignedDuration) -> BoxFuture<'_, ()> {
        match duration.is_zero() {
            true => Box::pin(async {}),
            false => Box::pin(std::future::pending()),
        }
    }
}

#[tokio::test]
async fn who_is_cut_off_while_it_waits_has_claimed_nothing_and_a_repetition_sends_it() {
    let mut world = world(Faults::default());
    let run = Run { pace: Pace::of(Some(1.0)), ..run("request-1") };
    let patient =
        std::mem::replace(&mut world.delivery.clock, Arc::new(Standing(FixedClock::at("2026-11-21T16:00:00Z"))));
    let reports = reports();
    world.delivery.deliver(&run, &reports[0]).await;
    let cut_off = futures::poll!(Box::pin(world.delivery.deliver(&run, &reports[1])));
    assert!(cut_off.is_pending());
    world.delivery.clock = patient;
    let again = world.delivery.deliver(&run, &reports[1]).await;
    assert_eq!((again.status, world.outbox.sent().len()), (Status::Sent, 2));
}

#[tokio::test]
async fn a_repetition_waits_for_nothing_that_was_sent() {
    let world = world(Faults::default());
    let run = || Run { pace: Pace::of(Some(1.0)), ..run("request-1") };
    let reports = reports();
    let first = run();
    for report in &reports {
        world.delivery.deliver(&first, report).await;
    }
    let (sent, again) = (world.clock.now(), run());
    for report in &reports {
        world.delivery.deliver(&again, report).await;
    }
    assert_eq!(world.clock.now(), sent);
}
