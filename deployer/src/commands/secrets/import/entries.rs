//! What is in the file, what it is taken for, and who is to read it.

use deployer_aws::kinds::secret::{Secret, SecretKind};
use deployer_engine::address::DeclarationAddress;
use deployer_engine::diagnostic::did_you_mean;
use deployer_engine::kind::Stack;
use deployer_engine::stack::StackFile;
use serde_json::json;

use super::Options;
use super::classify::{Sort, classify, is_prose};
use super::env_file::{Line, parse};
use crate::error::Failure;
use crate::render::Reporter;

/// An entry of the file and what becomes of it.
pub struct Entry {
    /// What it says.
    pub line: Line,
    /// What it is taken for.
    pub sort: Sort,
    /// The declaration that it gets.
    pub address: DeclarationAddress,
    /// Whether it had comments that may hold a value. They go nowhere.
    pub had_values: bool,
}

/// The entries of the file, with what each is taken for.
pub fn entries(options: &Options<'_>) -> Result<Vec<Entry>, Failure> {
    let path = options.file;
    let text = zeroize::Zeroizing::new(std::fs::read_to_string(path).map_err(|error| Failure::file(path, &error))?);
    let lines = parse(&path.display().to_string(), &text)?;
    for name in options.plain.iter().chain(options.secret) {
        if !lines.iter().any(|line| line.name == *name) {
            return Err(Failure::usage(format!("{} has no `{}`", path.display(), name.escape_debug())));
        }
    }
    let entry = |line: Line| {
        let sort = match (options.secret.contains(&line.name), options.plain.contains(&line.name)) {
            (true, _) => Sort::Secret("said so"),
            (false, true) => Sort::Plain,
            (false, false) => classify(&line),
        };
        let kind = if sort == Sort::Plain { "param" } else { "secret" };
        let name = line.name.to_lowercase().replace('_', "-");
        let address = DeclarationAddress::new(kind, &name).map_err(|_| {
            Failure::usage(format!("`{}` cannot name a declaration", line.name.escape_debug()))
                .hint("a name begins with a letter, and has letters, digits and `_`")
        })?;
        Ok(Entry { line, sort, address, had_values: false })
    };
    let entries = lines.into_iter().map(entry).collect::<Result<Vec<_>, Failure>>()?;
    let is_taken = |(at, each): &(usize, &Entry)| entries[..*at].iter().any(|other| other.address == each.address);
    match entries.iter().enumerate().find(is_taken) {
        None => Ok(with_prose_alone(entries)),
        Some((_, Entry { line, address, .. })) => {
            let message = format!("{}: `{}` and another name would both be {address}", path.display(), line.name);
            Err(Failure::usage(message).hint("one value would take the other's place: rename one"))
        }
    }
}

/// The entries without comments that may hold a value: what was put out of use by a `#` is often a secret still, and a stack
/// file is for everybody.
fn with_prose_alone(mut entries: Vec<Entry>) -> Vec<Entry> {
    let secrets = || entries.iter().filter(|each| each.sort != Sort::Plain).map(|each| each.line.value.reveal());
    let may_go = |comment: &&String| is_prose(comment) && !secrets().any(|value| comment.contains(value.as_str()));
    let prose: Vec<Vec<String>> =
        entries.iter().map(|each| each.line.comments.iter().filter(may_go).cloned().collect()).collect();
    for (entry, prose) in entries.iter_mut().zip(prose) {
        entry.had_values = prose.len() < entry.line.comments.len();
        entry.line.comments = prose;
    }
    entries
}

/// Refuses entries that are called like a secret whose values the deployer makes: one that is put over them would be used at
/// once, and what is in use now be refused.
pub fn without_made(entries: &[Entry], stack: &Stack) -> Result<(), Failure> {
    let is_made = |address: &DeclarationAddress| {
        stack.all::<Secret>().any(|(known, secret)| known == address && secret.kind != SecretKind::External)
    };
    match entries.iter().find(|each| is_made(&each.address)) {
        None => Ok(()),
        Some(Entry { line, address, .. }) => {
            Err(Failure::usage(format!("the deployer makes the values of {address} itself"))
                .hint(format!("give `{}` another name, or take it out of the file", line.name)))
        }
    }
}

/// The function of that address, `function.tools` or `tools`, which the file declares.
pub fn reader(word: &str, file: &StackFile) -> Result<DeclarationAddress, Failure> {
    let full = if word.contains('.') { word.to_owned() } else { format!("function.{word}") };
    let known = file.declarations.iter().map(|each| &each.address).filter(|address| address.kind() == "function");
    let found = known.clone().find(|address| address.to_string() == full);
    found.cloned().ok_or_else(|| {
        let known: Vec<String> = known.map(ToString::to_string).collect();
        let hint = did_you_mean(&full, known.iter().map(String::as_str));
        Failure::usage(format!("{} declares no `{}`", file.source.path, full.escape_debug()))
            .hint(hint.unwrap_or_else(|| "`--reader function.NAME` names a function of this stack".to_owned()))
    })
}

/// Names, and what each is taken for; no values.
pub fn tell(entries: &[Entry], report: &Reporter) {
    let widest = entries.iter().map(|each| each.line.name.len()).max().unwrap_or_default();
    for Entry { line, sort, address, .. } in entries {
        let (word, why) = match sort {
            Sort::Secret(why) => ("secret", *why),
            Sort::Plain => ("plain", "neither its name nor its value tells of a secret"),
        };
        let told =
            json!({ "type": "import", "name": line.name, "sort": word, "address": address.to_string(), "why": why });
        report.result(&format!("  {word:6}  {:widest$}  {address}  ({why})", line.name), &told);
    }
    let left: Vec<_> = entries.iter().filter(|each| each.had_values).map(|each| each.line.name.as_str()).collect();
    if !left.is_empty() {
        report.note(&format!("comments above {} stay behind: they may hold values", left.join(", ")));
    }
}

#[cfg(test)]
mod tests {
    use deployer_engine::secret::Secret;

    use super::*;

    #[test]
    fn comments_that_may_hold_a_value_go_nowhere() {
        let entry = |name: &str, sort: Sort, value: &str, comments: &[&str]| Entry {
            line: Line {
                name: name.to_owned(),
                value: Secret::new(value.to_owned()),
                comments: comments.iter().map(|each| (*each).to_owned()).collect(),
            },
            sort,
            address: "param.any".parse().unwrap(),
            had_values: false,
        };
        let entries = with_prose_alone(vec![
            entry("TOKEN", Sort::Secret("said so"), "made-up-token", &["deploys", "TOKEN=former-token"]),
            entry("PLACE", Sort::Plain, "crew", &["where the crew talks", "made-up-token opens it"]),
            entry("STATION", Sort::Plain, "9410170", &["of the tides"]),
        ]);
        let kept: Vec<_> = entries.iter().map(|each| (each.line.comments.join("|"), each.had_values)).collect();
        let told = |comment: &str, had: bool| (comment.to_owned(), had);
        assert_eq!(kept, [told("deploys", true), told("where the crew talks", true), told("of the tides", false)]);
    }
}
