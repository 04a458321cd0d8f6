//! Values that everybody may read, and those among them that look as if nobody should.

use deployer_engine::diagnostic::Diagnostic;
use deployer_engine::kind::{Expand, Expansion};
use deployer_engine::value::{Piece, pieces};

/// What a secret begins with, how many letters and digits follow at least, and what it is.
const MARKS: [(&str, usize, &str); 11] = [
    ("AKIA", 16, "the id of an AWS access key"),
    ("ASIA", 16, "the id of an AWS access key"),
    ("xoxa-", 10, "a Slack token"),
    ("xoxb-", 10, "a Slack token"),
    ("xoxp-", 10, "a Slack token"),
    ("xoxr-", 10, "a Slack token"),
    ("xoxs-", 10, "a Slack token"),
    ("ghp_", 20, "a GitHub token"),
    ("github_pat_", 20, "a GitHub token"),
    ("sk_live_", 16, "a Stripe key"),
    ("whsec_", 16, "the secret of a webhook"),
];
/// How a key in PEM begins.
const PEM: &str = "-----BEGIN ";
/// What its first line holds when it is not for everybody.
const PRIVATE: &str = "PRIVATE KEY-----";

/// What secret a text looks like, if any: few false alarms rather than every secret.
fn looks_like(text: &str) -> Option<&'static str> {
    if text.contains(PEM) && text.contains(PRIVATE) {
        return Some("a private key");
    }
    let follows =
        |rest: &str| rest.bytes().take_while(|each| each.is_ascii_alphanumeric() || b"-_".contains(each)).count();
    let is_marked = |mark: &str, least: usize| {
        text.match_indices(mark).any(|(at, _)| {
            // Within a longer word it is a coincidence.
            !text[..at].ends_with(|each: char| each.is_ascii_alphanumeric())
                && follows(&text[at + mark.len()..]) >= least
        })
    };
    MARKS.iter().find(|(mark, least, _)| is_marked(mark, *least)).map(|(_, _, what)| *what)
}

/// Warns of a value that looks like a secret: plans, state and everybody who may read the object show it.
/// Without a place, because a place is shown with its line.
pub(super) fn warn(cx: &Expand<'_>, out: &mut Expansion, key: &str, value: &str) {
    let found = pieces(value).into_iter().find_map(|piece| match piece {
        Piece::Text(text) => looks_like(&text),
        Piece::Expression(..) => None,
    });
    if let Some(what) = found {
        let message = format!(
            "`{key}` of {} looks like {what}: plans, the state and everybody who may read the object show it",
            cx.address
        );
        let hint = "declare a `[secret.x]` with `kind = \"external\"` and give its name, `${secret.x.ref}`; then replace the value at its source, because it has been in a file";
        out.faults.push(Diagnostic::warning("secret-in-plain", message).hint(hint));
    }
}

#[cfg(test)]
mod tests {
    use super::looks_like;
    use crate::kinds::testing::wanted;

    #[test]
    fn what_looks_like_a_secret_is_told_from_what_does_not() {
        let id = format!("AKIA{}", "IOSFODNN7EXAMPLE");
        let slack = format!("xoxb-{}", "123456789012-abcdef");
        for secret in [
            id.as_str(),
            &format!("key={id};"),
            &slack,
            &format!("ghp_{}", "a".repeat(36)),
            &format!("sk_live_{}", "a".repeat(24)),
            &format!("-----BEGIN {}PRIVATE KEY-----\nMIIE", "RSA "),
        ] {
            assert!(looks_like(secret).is_some(), "{secret}");
        }
        for plain in [
            "",
            "crew-prod-roles",
            "https://d111111abcdef8.cloudfront.net",
            "AKIA",
            "SLAKIAIOSFODNN7EXAMPLES",
            "xoxb-",
            "/crew/prod/secret/slack",
            "-----BEGIN CERTIFICATE-----",
            "arn:aws:lambda:us-west-2:111122223333:function:crew",
        ] {
            assert_eq!(looks_like(plain), None, "{plain}");
        }
    }

    #[test]
    fn a_secret_in_plain_sight_is_warned_of_and_not_shown_again() {
        let key = format!("AKIA{}", "IOSFODNN7EXAMPLE");
        let text = format!(
            "[function.a]\nbuild = {{ package = \"a\" }}\nenv = {{ BANK_KEY = \"id {key}\", OTHER = \"x\" }}\n[param.bank]\nvalue = [\"one\", \"{key}\"]\n\
             [schedule.s]\nrate = \"1 hour\"\ntarget = \"function.a\"\ninput = {{ key = \"{key}\" }}\n"
        );
        let warnings = wanted(&text, "prod", &[]).unwrap().warnings;
        let told: Vec<_> = warnings.iter().map(|each| each.message.split(" looks").next().unwrap()).collect();
        assert_eq!(told, ["`env.BANK_KEY` of function.a", "`value` of param.bank", "`input` of schedule.s"]);
        assert!(warnings.iter().all(|each| each.location.is_none() && !format!("{each:?}").contains(&key)));
    }
}
