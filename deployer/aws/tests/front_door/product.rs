//! A product that is a site behind a front door: planned and applied by the engine, asked for as browsers do.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_cloudfront::types::DistributionConfig;
use deployer_aws::site_manifest::{Manifest, ManifestFile};
use deployer_aws::{Cloud, kinds, resources};
use deployer_engine::apply::{Event, Stop, apply};
use deployer_engine::diagnostic::Source;
use deployer_engine::graph::Graph;
use deployer_engine::journal::fold;
use deployer_engine::kind::{Artifact, Artifacts, Stack, Wanted, expand};
use deployer_engine::plan::{Allow, Planned, plan, recorded_names};
use deployer_engine::refresh::refresh;
use deployer_engine::resolve::{Foreign, resolve};
use deployer_engine::resource::{Cx, Registry};
use deployer_engine::state::{Scope, State};
use deployer_engine::step::Plan;
use deployer_engine::testing::MemoryJournal;
use deployer_testbed::{Emulator, Wire};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::watch;

use crate::world::{ACCOUNT, REGION, Shipped, open};

const STACK: &str = r#"
stack = { name = "door", region = "us-west-2" }
[env.local]
endpoint = "local"
[site.web]
dir = "dist"
[cdn.main]
waf   = "waf.edge"
route = [{ path = "/*", to = "site.web", spa = "index.html" }]
[waf.edge]
"#;

/// The product, its cloud, and what the deployer knows of both.
pub struct Product {
    pub wire: Wire,
    pub cloud: Arc<Cloud>,
    pub state: State,
    /// The stack file.
    pub stack: String,
    registry: Arc<Registry<Cloud>>,
    shipped: Arc<Shipped>,
    artifacts: Artifacts,
    emulator: Emulator,
}

/// What a browser got.
pub struct Answer {
    pub status: u16,
    pub body: String,
    headers: BTreeMap<String, String>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

/// The steps of a plan in a few words.
pub fn performed(plan: &Plan) -> Vec<String> {
    plan.steps.iter().map(|step| format!("{:?} {}", step.action, step.address).to_lowercase()).collect()
}

impl Product {
    pub async fn start() -> Self {
        let emulator = Emulator::start().await;
        let wire = Wire::start(&emulator.endpoint);
        let shipped = Arc::new(Shipped::default());
        let cloud = Arc::new(open(&wire.endpoint, Arc::<Shipped>::clone(&shipped)).await);
        let state = empty();
        let registry = Arc::new(resources::all());
        let (stack, artifacts) = (STACK.to_owned(), Artifacts::new());
        Self { wire, cloud, state, stack, registry, shipped, artifacts, emulator }
    }

    /// Ships these files as the site's next release.
    pub fn release(&mut self, files: &[(&str, &str)]) {
        let entry = |(path, content): &(&str, &str)| {
            self.shipped.ship((*content).to_owned());
            let (kind, cache) = match path.rsplit_once('.').map(|(_, extension)| extension) {
                Some("html") => ("text/html; charset=utf-8", "no-cache"),
                Some("js") => ("text/javascript", "public, max-age=31536000, immutable"),
                _ => ("application/octet-stream", "public, max-age=3600"),
            };
            ManifestFile::new(path, content.as_bytes(), kind, cache)
        };
        let manifest = Manifest::new(files.iter().map(entry).collect()).expect("plain paths");
        let built = self.shipped.ship(manifest.to_bytes());
        let artifact = Artifact { source_sha256: format!("source-of-{built}"), built: Some(built) };
        self.artifacts = Artifacts::from([("site.web".parse().expect("an address"), artifact)]);
    }

    /// Says that the same files come of other sources.
    pub fn other_sources(&mut self) {
        self.artifacts.values_mut().for_each(|artifact| artifact.source_sha256.push_str("-with-a-comment"));
    }

    pub fn bucket(&self) -> &'static str {
        "door-local-web"
    }

    fn wanted(&self) -> Wanted {
        let file = deployer_engine::stack::parse(Source::new("stack.toml", &self.stack)).expect("a stack");
        let resolved = resolve(&file, "local", &|_, _| Foreign::Missing(String::new())).expect("an environment");
        let stack = Stack::read(resolved, &kinds::all()).expect("known kinds");
        expand(&stack, &self.artifacts, &recorded_names(&self.state)).expect("no fault")
    }

    async fn plan_of(&self, wanted: &Wanted) -> Plan {
        let graph = Graph::new(&wanted.desired).expect("no cycle");
        let cx = Cx::new(Arc::clone(&self.cloud));
        let world = refresh(&self.registry, &cx, &wanted.desired, &self.state).await.expect("everything can be read");
        let allow = Allow { delete_data: true, ..Allow::default() };
        match plan(&self.registry, wanted, &graph, &self.state, &world, &allow).expect("a plan") {
            Planned::Plan(plan) => *plan,
            Planned::Rename(names) => panic!("nothing is replaced: {names:?}"),
        }
    }

    pub async fn plan(&self) -> Plan {
        self.plan_of(&self.wanted()).await
    }

    /// Plans and applies, and tells the steps.
    pub async fn up(&mut self) -> Vec<String> {
        let plan = self.plan().await;
        self.apply(&plan).await;
        performed(&plan)
    }

    /// Deletes everything.
    pub async fn down(&mut self) {
        let plan = self.plan_of(&Wanted::default()).await;
        self.apply(&plan).await;
    }

    async fn apply(&mut self, plan: &Plan) {
        assert_eq!(self.errors_of(plan).await, Vec::<String>::new());
    }

    /// Applies a plan, and tells what failed.
    pub async fn errors_of(&mut self, plan: &Plan) -> Vec<String> {
        let mut journal = MemoryJournal::default();
        let (_keep, stop) = watch::channel(Stop::No);
        let cx = Cx::new(Arc::clone(&self.cloud));
        let mut unwatched = |_: Event<'_>| {};
        let applied =
            apply(&self.registry, &cx, plan, 16, &mut journal, stop, &mut unwatched).await.expect("a journal");
        self.state = fold(self.state.clone(), journal.entries);
        self.state.serial += 1;
        applied.failed.iter().map(|each| each.error.to_string()).collect()
    }

    /// Changes the distribution as somebody would, or nothing but its version.
    pub async fn bump(&self, change: impl FnOnce(&mut DistributionConfig)) {
        let (cloudfront, id) = (self.cloud.cloudfront(), self.output("cdn.main/cdn", "id"));
        let found = cloudfront.get_distribution_config().id(&id).send().await.expect("a distribution");
        let mut config = found.distribution_config.expect("a configuration");
        change(&mut config);
        let update = cloudfront.update_distribution().id(&id).set_if_match(found.e_tag).distribution_config(config);
        update.send().await.expect("nobody else changes it");
    }

    /// Loses every record.
    pub fn forget(&mut self) {
        self.state = empty();
    }

    /// The keys that were put over the wire so far, in the order of their answers.
    pub fn put_keys(&self) -> Vec<String> {
        let calls = self.wire.calls().into_iter();
        calls.filter(|call| call.operation == "s3:PutObject").map(|call| call.target).collect()
    }

    /// Puts an object as somebody would, in a later second than the release, and not over the wire.
    pub async fn by_hand(&self, key: &str, content: &'static str, content_type: &str) {
        let written_at = async |key: &str| {
            let head = self.cloud.s3().head_object().bucket(self.bucket()).key(key).send().await.expect("an object");
            head.last_modified.map_or(0, |at| at.secs())
        };
        let released_at = written_at("_deployer/current.json").await;
        loop {
            let put = self.cloud.s3().put_object().bucket(self.bucket()).key(key).content_type(content_type);
            put.cache_control("no-cache").body(content.as_bytes().to_vec().into()).send().await.expect("a bucket");
            if written_at(key).await > released_at {
                return;
            }
        }
    }

    /// The plan sees that the files are not as released, and `up` makes them so.
    pub async fn put_right(&mut self, what: &str) {
        let plan = self.plan().await;
        assert_eq!(performed(&plan)[..1], ["update site.web/release"], "{what}");
        let changes: Vec<_> = plan.steps[0].changes.iter().map(|change| change.path.as_str()).collect();
        assert_eq!(changes, ["intact"], "{what}");
        self.apply(&plan).await;
        assert_eq!(performed(&self.plan().await), Vec::<String>::new(), "{what}");
    }

    /// The paths of each invalidation, the newest first.
    pub async fn forgotten(&self) -> Vec<Vec<String>> {
        let cloudfront = self.cloud.cloudfront();
        let id = self.output("cdn.main/cdn", "id");
        let list = cloudfront.list_invalidations().distribution_id(&id).send().await.expect("a list").invalidation_list;
        let mut all = Vec::new();
        for each in list.and_then(|list| list.items).unwrap_or_default().into_iter().rev() {
            let found =
                cloudfront.get_invalidation().distribution_id(&id).id(each.id).send().await.expect("one of the list");
            let batch = found.invalidation.and_then(|each| each.invalidation_batch);
            all.push(batch.and_then(|batch| batch.paths).and_then(|paths| paths.items).unwrap_or_default());
        }
        all
    }

    /// Makes a recorded object once more, as if nothing were known of it, and tells its id.
    pub async fn made_again(&self, address: &str) -> String {
        let record = self.state.current(&address.parse().expect("an address")).expect("a record");
        let resource = self.registry.get(&record.type_name).expect("a registered type");
        let made = resource.reconcile(Cx::new(Arc::clone(&self.cloud)), record.inputs.clone(), None, None).await;
        made.expect("it meets itself").id
    }

    pub fn output(&self, address: &str, name: &str) -> String {
        let record = self.state.current(&address.parse().expect("an address")).expect("a record");
        record.outputs[name].as_str().expect("text").to_owned()
    }

    /// Asks the front door for a path, as a browser does over TLS.
    pub async fn get(&self, path: &str) -> Answer {
        self.ask(path, "X-Forwarded-Proto: https\r\n").await
    }

    pub async fn get_without_tls(&self, path: &str) -> Answer {
        self.ask(path, "").await
    }

    async fn ask(&self, path: &str, headers: &str) -> Answer {
        let domain = self.output("cdn.main/cdn", "domain");
        let label = domain.split('.').next().expect("a label");
        let address = self.emulator.endpoint.strip_prefix("http://").expect("a plain endpoint");
        let mut stream = TcpStream::connect(address).await.expect("the local AWS listens");
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: {label}.cloudfront.localhost\r\n{headers}Connection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("it reads");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.expect("it answers");
        read_answer(&String::from_utf8_lossy(&answer))
    }
}

fn read_answer(text: &str) -> Answer {
    let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
    let mut lines = head.lines();
    let status =
        lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|status| status.parse().ok()).expect("a status");
    let header =
        |line: &str| line.split_once(':').map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()));
    Answer { status, body: body.to_owned(), headers: lines.filter_map(header).collect() }
}

fn empty() -> State {
    let scope =
        Scope { stack: "door".into(), environment: "local".into(), account: ACCOUNT.into(), region: REGION.into() };
    State::empty(scope, "lineage".into())
}
