//! From TOML to a portfolio.

use super::check::{Keys, Source, figures};
use super::lists::Lists;
use super::{FILES, Fault, Files, Portfolio};

/// Reads every file, then checks what they say of each other.
pub(super) fn portfolio(files: &Files) -> Portfolio {
    let mut faults = Vec::new();
    let parts: Vec<(Source<'_>, Lists)> = FILES.into_iter().filter_map(|file| part(files, file, &mut faults)).collect();
    let all_read = parts.len() == FILES.len();
    let mut keys = Keys::default();
    for (source, lists) in &parts {
        keys.take(source, lists, &mut faults);
    }
    // What a file that cannot be read would have said is no fault of those that refer to it.
    for (source, lists) in parts.iter().filter(|_| all_read) {
        keys.check(source, lists, &mut faults);
    }
    let mut portfolio = Portfolio::default();
    for (source, mut lists) in parts {
        portfolio.figures.extend(figures(&source, &std::mem::take(&mut lists.figures), &mut faults));
        portfolio.lists.extend(lists);
    }
    portfolio.lists.opportunities.sort_by_key(|opportunity| opportunity.order);
    portfolio.faults = faults;
    portfolio
}

fn part<'a>(files: &'a Files, file: &'static str, faults: &mut Vec<Fault>) -> Option<(Source<'a>, Lists)> {
    let text = files.0.get(file).map(String::as_str);
    let source = Source { file, text: text.unwrap_or_default() };
    if text.is_none() {
        faults.push(source.fault(0, "the file is not there"));
        return None;
    }
    match toml::from_str(source.text) {
        Ok(lists) => Some((source, lists)),
        Err(error) => {
            let at = error.span().map_or(0, |span| span.start);
            faults.push(source.fault(at, error.message()));
            None
        }
    }
}
