//! What the edge does with a request before anything else sees it.

use deployer_engine::kind::{Expand, Expansion};
use deployer_engine::value::literal;

use super::{Cdn, MAX_SHORT_NAME, Route};
use crate::kinds::function::Function;
use crate::naming::{part_name, tags};
use crate::resources::cloudfront_function::CloudfrontFunction;

/// The header that tells functions the caller's address. Whatever a caller sends in it is overwritten.
pub const CLIENT_ADDRESS_HEADER: &str = "x-client-address";
/// The part that tells functions the caller's address.
const ADDRESS: &str = "viewer.address";
/// The part that serves one page for many paths.
const SPA: &str = "viewer.spa";

/// Which of ours runs for a route: CloudFront allows one for each moment of a request.
pub(super) fn part_for(route: &Route, cx: &Expand<'_>) -> Option<&'static str> {
    if route.spa.is_some() {
        return Some(SPA);
    }
    cx.stack.get::<Function>(&route.to).map(|_| ADDRESS)
}

/// The functions that the routes need.
pub(super) fn expand(cdn: &Cdn, cx: &Expand<'_>, out: &mut Expansion) {
    let uses = |part: &str| cdn.route.iter().find(|route| part_for(route, cx) == Some(part));
    if uses(ADDRESS).is_some() {
        add(ADDRESS, "address", &address_code(), cx, out);
    }
    if let Some(page) = uses(SPA).and_then(|route| route.spa.as_ref()) {
        add(SPA, "spa", &spa_code(page), cx, out);
    }
}

fn add(part: &str, suffix: &str, code: &str, cx: &Expand<'_>, out: &mut Expansion) {
    let function = CloudfrontFunction {
        name: part_name(cx, part, suffix, MAX_SHORT_NAME),
        code: literal(code),
        runtime: "cloudfront-js-2.0".to_owned(),
        tags: tags(cx.environment(), &cx.address.part(part)),
    };
    out.resource(cx, part, &function);
}

fn address_code() -> String {
    format!(
        "function handler(event) {{
  var request = event.request;
  request.headers['{CLIENT_ADDRESS_HEADER}'] = {{ value: event.viewer.ip }};
  return request;
}}
"
    )
}

/// The page's name is made of letters, digits and `-_./`: see the checks of routes.
fn spa_code(page: &str) -> String {
    format!(
        "function handler(event) {{
  var request = event.request;
  var last = request.uri.slice(request.uri.lastIndexOf('/') + 1);
  if (last.indexOf('.') < 0) request.uri = '/{page}';
  return request;
}}
"
    )
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    /// What the script makes of an event, as `node` runs it.
    fn run(code: &str, event: &str) -> String {
        let script = format!("{code}process.stdout.write(JSON.stringify(handler({event})))");
        let output = Command::new("node").args(["-e", &script]).output().expect("the site needs node, so it is here");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    #[test]
    fn a_forged_address_is_overwritten() {
        let event = r#"{"viewer":{"ip":"203.0.113.7"},"request":{"uri":"/api","headers":{"x-client-address":{"value":"10.0.0.1"}}}}"#;
        assert_eq!(
            run(&address_code(), event),
            r#"{"uri":"/api","headers":{"x-client-address":{"value":"203.0.113.7"}}}"#
        );
    }

    #[test]
    fn paths_of_the_application_get_its_page_and_files_stay_files() {
        for (asked, served) in [
            ("/", "/index.html"),
            ("/sails/42", "/index.html"),
            ("/a.b/c", "/index.html"),
            ("/assets/app.js", "/assets/app.js"),
            ("/.well-known/x", "/index.html"),
        ] {
            let event = format!(r#"{{"request":{{"uri":"{asked}"}}}}"#);
            assert_eq!(run(&spa_code("index.html"), &event), format!(r#"{{"uri":"{served}"}}"#), "{asked}");
        }
    }
}
