//! What each key does.

use std::fmt::Write as _;

use deployer_aws::scheduled::Clock;
use jiff::Timestamp;
use tokio::sync::watch;

use super::servers::Addresses;
use super::terminal::Terminal;
use super::{Product, Running, local_aws};
use crate::browser;
use crate::error::Failure;
use crate::project::Project;
use crate::render::Reporter;

/// What a key asks for.
#[derive(Debug, PartialEq)]
enum Wish {
    /// Let a schedule fire now: its place among all of the product.
    Fire(usize),
    /// Open the site in a browser.
    Site,
    /// Open the local console in a browser.
    Console,
    /// Tell the keys once more.
    Help,
    /// End.
    Quit,
}

/// Does what the keys ask for, until one asks for the end. Without a terminal it waits for ever.
pub async fn heeded(mut product: watch::Receiver<Product>, served: &Addresses, project: &Project, report: &Reporter) {
    let Some(mut terminal) = Terminal::open() else { return std::future::pending().await };
    // They do nothing before there is something to do it with.
    let _ = product.wait_for(|product| !product.is_empty()).await;
    report.note(&help(&product.borrow()));
    while let Some(key) = terminal.key().await {
        let product = product.borrow().clone();
        match wish(key, clocks(&product).len()) {
            Some(Wish::Fire(place)) => fire(&product, place, report).await,
            Some(Wish::Site) => {
                let here = served.borrow().values().next().cloned();
                let front = || product.iter().find_map(|each| each.outputs.get("url").cloned());
                open(here.or_else(front), "the product tells no output `url`", report);
            }
            Some(Wish::Console) => {
                let console = local_aws(project).await.map(|local| local.console_url());
                open(console, "the local AWS of this folder does not run", report);
            }
            Some(Wish::Help) => report.note(&help(&product)),
            Some(Wish::Quit) => return,
            None => {}
        }
    }
    // The terminal is gone: the system says so with a signal.
    std::future::pending::<()>().await;
}

async fn fire(product: &Product, place: usize, report: &Reporter) {
    let all = clocks(product);
    let Some((running, clock)) = all.get(place) else { return };
    report.note(&format!("{} fires", clock.address));
    match clock.pull(&running.cloud, &Timestamp::now().to_string()).await {
        Ok(answer) => {
            let how = answer.error.map(|error| format!(" with an error ({error})")).unwrap_or_default();
            let payload = String::from_utf8_lossy(&answer.payload);
            report.note(&format!("{} was answered{how}: {}", clock.address, payload.trim()));
        }
        Err(error) => report.failure(&Failure::from(error)),
    }
}

fn open(url: Option<String>, missing: &str, report: &Reporter) {
    match url.as_deref().map(|url| (url, browser::open(url))) {
        Some((url, Ok(()))) => report.note(&format!("opening {url}")),
        Some((url, Err(error))) => report.note(&format!("no browser can be opened ({error}): {url}")),
        None => report.note(missing),
    }
}

/// What a key means, where there are so many schedules; nothing for most.
fn wish(key: char, clocks: usize) -> Option<Wish> {
    match key {
        '1'..='9' => {
            let place = usize::try_from(key.to_digit(10)?).ok()? - 1;
            (place < clocks).then_some(Wish::Fire(place))
        }
        'o' => Some(Wish::Site),
        'c' => Some(Wish::Console),
        'h' | '?' => Some(Wish::Help),
        // Ctrl-D ends what reads from a terminal.
        'q' | '\u{4}' => Some(Wish::Quit),
        _ => None,
    }
}

/// Every schedule of the product with its stack, in the order of the keys.
fn clocks(product: &Product) -> Vec<(&Running, &Clock)> {
    product.iter().flat_map(|running| running.clocks.iter().map(move |clock| (running, clock))).collect()
}

/// The keys, on one line.
fn help(product: &Product) -> String {
    let mut text = "keys:".to_owned();
    for (at, (_, clock)) in clocks(product).iter().enumerate().take(9) {
        let _ = write!(text, "  {} fires {}", at + 1, clock.address);
    }
    text.push_str("  o opens the site  c the console  h these keys  q ends");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digit_fires_only_a_schedule_that_there_is() {
        assert_eq!(wish('1', 1), Some(Wish::Fire(0)));
        assert_eq!(wish('9', 9), Some(Wish::Fire(8)));
        for (key, clocks) in [('2', 1), ('1', 0), ('0', 9)] {
            assert_eq!(wish(key, clocks), None, "{key} of {clocks}");
        }
    }

    #[test]
    fn every_key_that_the_help_tells_does_something() {
        let help = help(&Vec::new());
        let told = help.split("  ").skip(1).filter_map(|part| part.chars().next());
        assert_eq!(
            told.filter_map(|key| wish(key, 0)).collect::<Vec<_>>(),
            [Wish::Site, Wish::Console, Wish::Help, Wish::Quit]
        );
    }
}
