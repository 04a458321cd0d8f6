//! The routes of a front door, and what can be wrong with them.

use deployer_engine::address::DeclarationAddress;
use deployer_engine::diagnostic::did_you_mean;
use deployer_engine::kind::{Expand, Expansion};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::duration::Period;
use crate::kinds::function::{Auth, Function};
use crate::kinds::site::Site;

/// The path that takes everything that no other route takes.
const EVERYTHING: &str = "/*";
/// Longest path of a route. Source: CreateDistribution, `PathPattern`.
const MAX_PATH: usize = 255;
/// The longest time an edge keeps anything, in seconds: a year.
const MAX_CACHE_SECONDS: u64 = 31_536_000;

/// Which paths go where.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// The paths: `"/api/*"`, `"/healthz"`. `*` stands for any text, `/` too, `?` for one character. `"/*"` is everything else.
    pub path: String,
    /// Where they go: `"function.crew-api"` (one with a `url`) or `"site.web"`.
    pub to: DeclarationAddress,
    /// How long an edge may keep the answers of a function, for everybody: `"15m"`; an answer may ask for less. The function
    /// then gets GET and HEAD alone, without cookies and headers of the caller. Default: not at all.
    pub cache: Option<Period>,
    /// The page of a site that is served for paths without a `.` in their last part: `"index.html"`, whose scripts then show
    /// what the path asks for. For `"/*"` alone. Default: none.
    pub spa: Option<String>,
}

impl Route {
    /// Whether it takes everything that no other route takes.
    pub(super) fn is_default(&self) -> bool {
        self.path == EVERYTHING
    }
}

/// Faults that no schema finds.
pub(super) fn check(routes: &[Route], cx: &Expand<'_>, out: &mut Expansion) {
    for (index, route) in routes.iter().enumerate() {
        let at = index.to_string();
        check_path(route, &at, cx, out);
        check_target(route, &at, cx, out);
        check_options(route, &at, cx, out);
        if let Some(first) = routes[..index].iter().find(|earlier| covers(&earlier.path, &route.path)) {
            let message = format!(
                "no request gets here: `{}` before it takes all of `{}`",
                first.path.escape_debug(),
                route.path.escape_debug()
            );
            out.fault(
                cx,
                &["route", &at, "path"],
                "unreachable",
                message,
                "put the route with the narrower path first",
            );
        }
    }
    if !routes.iter().any(Route::is_default) {
        out.fault(
            cx,
            &["route"],
            "missing-route",
            "no route says where all other paths go",
            "end with `{ path = \"/*\", to = \"site.…\" }`",
        );
    }
}

fn check_path(route: &Route, at: &str, cx: &Expand<'_>, out: &mut Expansion) {
    let plain = |each: char| each.is_ascii_alphanumeric() || "_-.*$/~\"'@:+?&".contains(each);
    if !route.path.starts_with('/') || route.path.len() > MAX_PATH || !route.path.chars().all(plain) {
        let hint = format!(
            "at most {MAX_PATH} letters, digits and `_-.$/~\"'@:+&`, with `*` and `?` as wildcards, such as `/api/*`"
        );
        out.fault(
            cx,
            &["route", at, "path"],
            "bad-path",
            format!("`{}` is no path of a route: it begins with `/`", route.path.escape_debug()),
            hint,
        );
    }
}

fn check_target(route: &Route, at: &str, cx: &Expand<'_>, out: &mut Expansion) {
    let path = ["route", at, "to"];
    if let Some(function) = cx.stack.get::<Function>(&route.to) {
        let (code, message) = match &function.url {
            None => ("no-url", format!("{} has no endpoint that the cdn could call", route.to)),
            Some(each) if each.auth == Auth::Iam => ("closed-url", format!("{} lets no cdn through", route.to)),
            Some(_) => return,
        };
        out.fault(cx, &path, code, message, format!("give {} `url = {{ auth = \"cdn\" }}`", route.to));
    } else if cx.stack.get::<Site>(&route.to).is_none() {
        let functions = cx.stack.all::<Function>().map(|(address, _)| address.to_string());
        let known: Vec<String> =
            functions.chain(cx.stack.all::<Site>().map(|(address, _)| address.to_string())).collect();
        let hint = did_you_mean(&route.to.to_string(), known.iter().map(String::as_str))
            .unwrap_or_else(|| "a route leads to a function or a site of the stack".to_owned());
        out.fault(cx, &path, "unknown-reference", format!("there is no function and no site `{}`", route.to), hint);
    }
}

fn check_options(route: &Route, at: &str, cx: &Expand<'_>, out: &mut Expansion) {
    let is_site = cx.stack.get::<Site>(&route.to).is_some();
    if let Some(page) = &route.spa {
        if !is_site || !route.is_default() {
            out.fault(
                cx,
                &["route", at, "spa"],
                "not-allowed",
                "only the route `/*` to a site has a page for all paths",
                "errors of functions would become pages",
            );
        }
        let is_plain = page.split('/').all(|part| !matches!(part, "" | "." | ".."))
            && page.chars().all(|each| each.is_ascii_alphanumeric() || "-_./".contains(each));
        if !is_plain || !page.contains('.') {
            out.fault(
                cx,
                &["route", at, "spa"],
                "bad-path",
                format!("`{}` is no page of a site", page.escape_debug()),
                "name the file, such as `index.html`",
            );
        }
    }
    if let Some(cache) = route.cache {
        if is_site {
            out.fault(
                cx,
                &["route", at, "cache"],
                "not-allowed",
                "how long the files of a site are kept is said by the site",
                format!("set `cache` of {}", route.to),
            );
        }
        if cache.seconds() > MAX_CACHE_SECONDS {
            out.fault(
                cx,
                &["route", at, "cache"],
                "too-long",
                format!("an edge keeps answers for 365d at most, and {cache} is longer"),
                "a shorter time",
            );
        }
    }
}

/// The route that takes a path: the first that matches.
pub fn target<'a>(routes: &'a [Route], path: &str) -> Option<&'a Route> {
    routes.iter().find(|route| covers(&route.path, path))
}

/// Whether every path that `narrow` takes is taken by `wide` too.
fn covers(wide: &str, narrow: &str) -> bool {
    let (wide, narrow): (Vec<char>, Vec<char>) = (wide.chars().collect(), narrow.chars().collect());
    // reached[at]: the part of `wide` so far covers the first `at` characters of `narrow`.
    let mut reached = vec![false; narrow.len() + 1];
    reached[0] = true;
    for each in wide {
        let mut next = vec![false; narrow.len() + 1];
        match each {
            '*' => {
                let mut any = false;
                for (at, was) in reached.iter().enumerate() {
                    any |= was;
                    next[at] = any;
                }
            }
            _ => {
                for (at, other) in narrow.iter().enumerate() {
                    next[at + 1] = reached[at] && (each == *other || each == '?' && *other != '*');
                }
            }
        }
        reached = next;
    }
    reached[narrow.len()]
}

#[cfg(test)]
mod tests {
    use super::covers;

    #[test]
    fn a_wider_path_covers_a_narrower_one_and_never_the_reverse() {
        for (wide, narrow) in [
            ("/*", "/api/*"),
            ("/api/*", "/api/auth/*"),
            ("/api/*", "/api/"),
            ("/a?c", "/abc"),
            ("/*.js", "/x/*.js"),
            ("/api*", "/api/v1*"),
            ("/*/b", "/*/a/b"),
        ] {
            assert!(covers(wide, narrow), "{wide} {narrow}");
        }
        for (wide, narrow) in [
            ("/api/*", "/*"),
            ("/api/*", "/api"),
            ("/abc", "/a?c"),
            ("/a?c", "/a*c"),
            ("/.well-known/*", "/healthz"),
            ("/*.js", "/x*"),
        ] {
            assert!(!covers(wide, narrow), "{wide} {narrow}");
        }
        assert!(covers("/healthz", "/healthz"));
    }
}
