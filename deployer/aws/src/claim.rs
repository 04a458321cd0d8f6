//! Ownership as a text, for what has a comment and no tags.

use deployer_engine::address::Address;
use deployer_engine::resolve::Environment;

use crate::naming::{ADDRESS_TAG, ENVIRONMENT_TAG, STACK_TAG, Tags, shorten};

/// What a comment of ours begins with.
const MARK: &str = "deployer ";
/// The longest comment that every type takes. Source: CreateCachePolicy, CreateResponseHeadersPolicy, `Comment`.
const MAX_CHARS: usize = 128;

/// The three tags that mark a resource as ours, as a comment can hold them: a very long address is cut there.
pub fn tags(environment: &Environment, address: &Address) -> Tags {
    let room = MAX_CHARS - MARK.len() - environment.stack.len() - environment.name.len() - "/ ".len();
    let ours = [
        (STACK_TAG, environment.stack.clone()),
        (ENVIRONMENT_TAG, environment.name.clone()),
        (ADDRESS_TAG, shorten(address.to_string(), room)),
    ];
    ours.map(|(key, value)| (key.to_owned(), value)).into()
}

/// The comment that tells these tags: `deployer crew/prod cdn.main/headers`.
pub fn text(tags: &Tags) -> String {
    let tag = |key: &str| tags.get(key).map(String::as_str).unwrap_or_default();
    format!("{MARK}{}/{} {}", tag(STACK_TAG), tag(ENVIRONMENT_TAG), tag(ADDRESS_TAG))
}

/// The tags that a comment tells; none when it is not ours.
pub fn told(comment: &str) -> Tags {
    let parts = comment.strip_prefix(MARK).and_then(|rest| rest.split_once(' '));
    let Some(((stack, environment), address)) =
        parts.and_then(|(scope, address)| Some((scope.split_once('/')?, address)))
    else {
        return Tags::new();
    };
    let ours = [(STACK_TAG, stack), (ENVIRONMENT_TAG, environment), (ADDRESS_TAG, address)];
    ours.map(|(key, value)| (key.to_owned(), value.to_owned())).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(stack: &str, name: &str) -> Environment {
        Environment {
            stack: stack.into(),
            name: name.into(),
            account: "111122223333".into(),
            region: "us-west-2".into(),
            local: false,
            protect: false,
            state: None,
            tags: [("owner".to_owned(), "platform".to_owned())].into(),
        }
    }

    #[test]
    fn a_comment_tells_whose_an_object_is_however_long_the_names_are() {
        let long = format!("cdn.{}/access.lambda", "m".repeat(64));
        for (stack, name, address) in
            [("crew", "prod", "cdn.main/headers"), (&*"s".repeat(32), &*"e".repeat(32), &*long)]
        {
            let tags = tags(&environment(stack, name), &address.parse().unwrap());
            let text = text(&tags);
            assert!(text.len() <= MAX_CHARS, "{text}");
            assert_eq!(told(&text), tags);
            assert_eq!((tags[STACK_TAG].as_str(), tags[ENVIRONMENT_TAG].as_str()), (stack, name));
        }
    }

    #[test]
    fn another_comment_tells_nothing() {
        for comment in ["", "deployer ", "deployer crew", "deployer crew/prod", "made by hand", "deployers crew/prod a"]
        {
            assert_eq!(told(comment), Tags::new(), "{comment}");
        }
    }
}
