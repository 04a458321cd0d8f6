//! What a route becomes: an origin of the distribution, and a behavior.

use deployer_engine::address::DeclarationAddress;
use deployer_engine::kind::{Expand, output};
use deployer_engine::secret::SecretRef;

use super::{Cdn, Route, cache_part, viewer};
use crate::kinds::function::{Auth, Function};
use crate::kinds::site::domain;
use crate::resources::distribution::{Behavior, Origin, Protocol};
use crate::resources::site_release::PUBLIC_FOLDER;

/// AWS's cache policy for files: kept as long as they say, compressed.
const CACHING_OPTIMIZED: &str = "658327ea-f89d-4fab-a63d-7e88639e58f6";
/// AWS's cache policy that keeps nothing.
const CACHING_DISABLED: &str = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";
/// AWS's policy that forwards all that the caller sent but its `Host`, by which a function's URL is known.
const ALL_VIEWER_EXCEPT_HOST: &str = "b689b0a8-53d0-40ab-baf2-68738e2966ac";
/// Every method that CloudFront lets through.
const EVERY_METHOD: [&str; 7] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];
/// Methods that only read.
const READING: [&str; 2] = ["GET", "HEAD"];

/// Whether the distribution signs what it asks of this function: on AWS; the local AWS cannot.
fn is_signed(function: &Function, cx: &Expand<'_>) -> bool {
    !cx.environment().local && function.url.as_ref().is_some_and(|url| url.auth == Auth::Cdn)
}

/// Whether any route leads to a function that asks for a signature.
pub(super) fn signs_for_lambda(cdn: &Cdn, cx: &Expand<'_>) -> bool {
    cdn.route.iter().filter_map(|route| cx.stack.get::<Function>(&route.to)).any(|function| is_signed(function, cx))
}

/// The origins of all routes, sorted by id.
pub(super) fn origins(cdn: &Cdn, cx: &Expand<'_>) -> Vec<Origin> {
    let mut targets: Vec<_> = cdn.route.iter().map(|route| &route.to).collect();
    targets.sort_by_key(|to| to.to_string());
    targets.dedup();
    targets.into_iter().map(|to| origin(to, cx)).collect()
}

fn origin(to: &DeclarationAddress, cx: &Expand<'_>) -> Origin {
    let access = |part: &str| output(&cx.address.part(part), "id");
    let Some(function) = cx.stack.get::<Function>(to) else {
        let path = format!("/{}", PUBLIC_FOLDER.trim_end_matches('/'));
        let domain = domain(&cx.of(to));
        return Origin {
            id: to.to_string(),
            domain,
            path: Some(path),
            protocol: Protocol::S3,
            access_control: Some(access("access.s3")),
            secret: None,
            other_headers: Vec::new(),
        };
    };
    Origin {
        id: to.to_string(),
        domain: output(&to.part("url"), "domain"),
        path: None,
        protocol: Protocol::Https,
        access_control: is_signed(function, cx).then(|| access("access.lambda")),
        secret: header_secret(function, cx),
        other_headers: Vec::new(),
    }
}

/// The secret by which a function knows its front door where nothing is signed.
fn header_secret(function: &Function, cx: &Expand<'_>) -> Option<SecretRef> {
    let url = function.url.as_ref().filter(|url| url.auth == Auth::Cdn && cx.environment().local)?;
    let secret = url.secret.as_ref()?;
    Some(SecretRef { name: format!("${{{secret}.ref}}"), generation: format!("${{{secret}.generation}}") })
}

/// What happens to the requests of a route.
pub(super) fn behavior(route: &Route, cx: &Expand<'_>) -> Behavior {
    let is_function = cx.stack.get::<Function>(&route.to).is_some();
    let (cache_policy, request_policy) = match route.cache {
        _ if !is_function => (CACHING_OPTIMIZED.to_owned(), None),
        // What is kept for everybody must not depend on what one caller sent.
        Some(cache) => (output(&cx.address.part(&cache_part(cache.seconds())), "id"), None),
        None => (CACHING_DISABLED.to_owned(), Some(ALL_VIEWER_EXCEPT_HOST.to_owned())),
    };
    let methods = if is_function && route.cache.is_none() { EVERY_METHOD.as_slice() } else { READING.as_slice() };
    Behavior {
        path: (!route.is_default()).then(|| route.path.clone()),
        to: route.to.to_string(),
        methods: methods.iter().map(|each| (*each).to_owned()).collect(),
        viewer_protocol: "redirect-to-https".to_owned(),
        // A compressed answer of a function has a weaker ETag.
        compress: !is_function,
        cache_policy,
        request_policy,
        headers_policy: Some(output(&cx.address.part("headers"), "id")),
        viewer_function: viewer::part_for(route, cx).map(|part| output(&cx.address.part(part), "arn")),
    }
}
