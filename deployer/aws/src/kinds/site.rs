//! `site`: a built front end.

mod cache;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use deployer_engine::address::DeclarationAddress;
use deployer_engine::diagnostic::Location;
use deployer_engine::kind::{Expand, Expansion, Kind, Stack, output};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::bucket::{bucket_name, check_name, private, tls_only};
use super::cdn::Cdn;
use crate::resources::s3_bucket::{self, S3Bucket};
use crate::resources::s3_bucket_policy::S3BucketPolicy;
use crate::resources::site_release::{PUBLIC_FOLDER, SiteRelease};

pub use cache::CacheRule;

/// Days that overwritten files are kept: long enough to go back to any release of a quarter.
const OLD_VERSIONS_DAYS: u32 = 90;

/// A built front end: a private bucket, and a release of its files. Browsers get it through a `cdn`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// The folder of the built files, from the project's folder: `"site/dist"`. All of it becomes public.
    pub dir: String,
    /// The command that installs what `build` and `dev` need, run before them in the folder above `dir`: `"npm ci"`. What a
    /// package manager has installed in `node_modules` is installed again only when it, or the lock file, is another.
    /// Default: nothing is needed.
    pub install: Option<String>,
    /// The command that builds them, run in the folder above `dir` by `up` and `build` when something there changed:
    /// `"npm run build"`. Default: the files are there already.
    pub build: Option<String>,
    /// The command that serves them while somebody works on them, run in the folder above `dir` by `dev` alone:
    /// `"npm run dev"`. It listens on the port of 127.0.0.1 that the variable `PORT` names, and takes all that is not
    /// the site's from the product's own address in `DEPLOYER_URL`. Default: `dev` ships the built files, as `up` does.
    pub dev: Option<String>,
    /// How long browsers and edges may keep files, by pattern: `{ "assets/**" = "immutable", "*.html" = "no-cache" }`.
    /// The longest pattern that matches counts. `"immutable"`: for ever, for names that hold a hash of the content;
    /// `"no-cache"`: never without asking; or a time such as `"10m"`. Default: pages `no-cache`, files in `assets` with a
    /// hash in their name `immutable`, all others `1h`.
    #[serde(default)]
    pub cache: BTreeMap<String, CacheRule>,
}

/// A site that must be built, or read, for a stack.
#[derive(Clone, Debug)]
pub struct SiteBuild {
    /// The declaration.
    pub address: DeclarationAddress,
    /// The folder of the built files, below the project.
    pub dir: String,
    /// The command that installs what the others need, run in the folder above `dir`; absent: nothing is needed.
    pub install: Option<String>,
    /// The command that builds it, run in the folder above `dir`; absent: it is there already.
    pub build: Option<String>,
    /// The command that serves it while somebody works on it, run in the folder above `dir`; absent: there is none.
    pub dev: Option<String>,
    /// Patterns of paths and their `Cache-Control`; the first that matches counts. `*` and `?` stop at `/`, `**` does
    /// not; a pattern without `/` is one of file names, in whatever folder.
    pub cache: Vec<(String, String)>,
    /// `Cache-Control` of all other files.
    pub cache_otherwise: String,
    /// Where the stack file names the folder.
    pub location: Location,
}

/// Every site of the stack, by address.
pub fn site_builds(stack: &Stack) -> Vec<SiteBuild> {
    let build = |(address, site): (&DeclarationAddress, &Site)| SiteBuild {
        address: address.clone(),
        dir: site.dir.clone(),
        install: site.install.clone(),
        build: site.build.clone(),
        dev: site.dev.clone(),
        cache: cache::rules(&site.cache),
        cache_otherwise: cache::OTHERWISE.to_owned(),
        location: stack.declared(address).expect("a kind of the stack is declared in it").locate(&["dir"]),
    };
    stack.all::<Site>().map(build).collect()
}

/// The regional domain of the bucket of the site that `cx` looks from.
pub fn domain(cx: &Expand<'_>) -> String {
    s3_bucket::domain(&cx.environment().region, &bucket_name(cx))
}

/// Who may reach the objects: nobody without TLS, and the distributions that serve the site its public
/// files alone. They may list the bucket so that what is missing is missing, and not forbidden.
pub fn bucket_policy(bucket: &str, distributions: &[String], local: bool) -> Value {
    let arn = s3_bucket::arn(bucket);
    let mut statements = vec![tls_only(bucket, local)];
    let source = match distributions {
        [] => return json!({ "Version": "2012-10-17", "Statement": statements }),
        [one] => json!(one),
        several => json!(several),
    };
    for (sid, action, resource) in [
        ("ServeFiles", "s3:GetObject", format!("{arn}/{PUBLIC_FOLDER}*")),
        ("TellMissing", "s3:ListBucket", arn.clone()),
    ] {
        statements.push(json!({
            "Sid": sid,
            "Effect": "Allow",
            "Principal": { "Service": "cloudfront.amazonaws.com" },
            "Action": action,
            "Resource": resource,
            "Condition": { "StringEquals": { "AWS:SourceArn": source } },
        }));
    }
    json!({ "Version": "2012-10-17", "Statement": statements })
}

impl Site {
    fn check(&self, cx: &Expand<'_>, out: &mut Expansion) {
        let is_plain = !self.dir.is_empty()
            && self.dir.trim_end_matches('/').split('/').all(|part| !matches!(part, "" | "." | ".."));
        if !is_plain || self.dir.contains('\\') {
            out.fault(
                cx,
                &["dir"],
                "bad-folder",
                "`dir` is a folder below the project",
                "write a path from the project's folder, such as `site/dist`",
            );
        }
        for (key, command, message, hint) in [
            (
                "install",
                &self.install,
                "an empty command installs nothing",
                "leave `install` out when the other commands need nothing",
            ),
            (
                "build",
                &self.build,
                "an empty command builds nothing",
                "leave `build` out when the files are there already",
            ),
            (
                "dev",
                &self.dev,
                "an empty command serves nothing",
                "leave `dev` out, and `deployer dev` ships what is built",
            ),
        ] {
            if command.as_ref().is_some_and(|command| command.trim().is_empty()) {
                out.fault(cx, &[key], "bad-value", message, hint);
            }
        }
        if self.install.is_some() && self.build.is_none() && self.dev.is_none() {
            out.fault(
                cx,
                &["install"],
                "bad-value",
                "what is installed is for `build` and `dev`, and there is neither",
                "leave `install` out, or say what builds the site",
            );
        }
        for pattern in self.cache.keys() {
            if let Err(why) = cache::check(pattern) {
                out.fault(
                    cx,
                    &["cache", pattern],
                    "bad-pattern",
                    format!("`{}` is no pattern of paths: {why}", pattern.escape_debug()),
                    "such as `assets/**` or `*.html`",
                );
            }
        }
        check_name(cx, out);
    }

    fn release(cx: &Expand<'_>) -> SiteRelease {
        // What is not built yet is known to nothing in the plan: no resource mints it.
        let unbuilt = |name: &str| output(&cx.address.part("artifact"), name);
        let artifact = cx.artifacts.get(cx.address);
        SiteRelease {
            bucket: bucket_name(cx),
            folder: PUBLIC_FOLDER.to_owned(),
            source_sha256: artifact.map_or_else(|| unbuilt("source"), |each| each.source_sha256.clone()),
            manifest_sha256: artifact.and_then(|each| each.built.clone()).unwrap_or_else(|| unbuilt("manifest")),
            intact: true,
        }
    }
}

impl Kind for Site {
    const KIND: &'static str = "site";
    const ALSO_CALLED: &'static [&'static str] = &["website", "frontend", "static"];

    fn attributes(&self, cx: &Expand<'_>) -> Vec<(&'static str, String)> {
        let bucket = bucket_name(cx);
        vec![("arn", s3_bucket::arn(&bucket)), ("bucket", bucket), ("domain", domain(cx))]
    }

    fn expand(&self, cx: &Expand<'_>, out: &mut Expansion) {
        self.check(cx, out);
        let bucket = cx.address.part(Self::KIND);
        let name = bucket_name(cx);
        let private = S3Bucket { versioning: Some(true), noncurrent_days: Some(OLD_VERSIONS_DAYS), ..private(cx) };
        out.resource(cx, Self::KIND, &private);
        out.resource(cx, "release", &Self::release(cx)).after(bucket.clone()).address();
        let serving = cx.stack.all::<Cdn>().filter(|(_, cdn)| cdn.route.iter().any(|route| route.to == *cx.address));
        let distributions: Vec<_> = serving.map(|(address, _)| output(&address.part(Cdn::KIND), "arn")).collect();
        let policy =
            S3BucketPolicy { policy: bucket_policy(&name, &distributions, cx.environment().local), bucket: name };
        let mut policy = out.resource(cx, "policy", &policy).after(bucket);
        // A distribution that serves it no more forgets it first; then the edges follow, and then it is shut out.
        for (cdn, _) in cx.stack.all::<Cdn>() {
            policy = policy.after(cdn.part(Cdn::KIND));
        }
        policy.address();
    }
}
