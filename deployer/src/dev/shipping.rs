//! Which stacks are shipped again after a change, and doing it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use deployer_aws::kinds::site::SiteBuild;
use deployer_engine::kind::Artifacts;
use deployer_engine::resolve::stack_dependencies;
use deployer_engine::stack::StackFile;

use super::{Product, Running};
use crate::applying::ended;
use crate::arguments::{Globals, Selection, Wait};
use crate::artifacts::{Requests, Watched};
use crate::bringing_up::{Wish, bring_up};
use crate::context::Context;
use crate::error::{Exit, Failure};
use crate::project::Project;
use crate::reach::Others;
use crate::render::{Reporter, seconds};
use crate::signals::Signals;

/// How often is looked for changes.
const LOOK_EVERY: Duration = Duration::from_millis(150);

/// What a stack was shipped from.
#[derive(PartialEq)]
struct Made {
    text: String,
    artifacts: Artifacts,
}

/// Ships what has changed.
pub struct Shipping<'a> {
    project: &'a Project,
    /// What the command line says; the environment is the local one, and nobody is asked.
    globals: &'a Globals,
    report: &'a Reporter,
    signals: &'a Signals,
    stack_files: Watched,
    /// The stacks as they could be read last.
    read: Vec<StackFile>,
    /// What each stack is made of.
    sources: BTreeMap<String, Watched>,
    made: BTreeMap<String, Made>,
    running: BTreeMap<String, Running>,
    /// Whether something went wrong the last time.
    failing: bool,
}

impl<'a> Shipping<'a> {
    /// Nothing is shipped yet.
    pub fn new(project: &'a Project, globals: &'a Globals, report: &'a Reporter, signals: &'a Signals) -> Self {
        Self {
            project,
            globals,
            report,
            signals,
            stack_files: Watched::default(),
            read: Vec::new(),
            sources: BTreeMap::new(),
            made: BTreeMap::new(),
            running: BTreeMap::new(),
            failing: false,
        }
    }

    /// Waits until something has changed and then nothing more, for whoever saves many files is given the time.
    /// When the first change was seen.
    pub async fn changed(&mut self) -> Instant {
        let mut since = None;
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            match (self.look(), since) {
                (true, None) => since = Some(Instant::now()),
                (false, Some(since)) => return since,
                (true, Some(_)) | (false, None) => {}
            }
        }
    }

    fn look(&mut self) -> bool {
        // Each is looked at, since a look forgets what it has seen.
        self.sources.values_mut().fold(self.stack_files.look(), |changed, each| each.look() | changed)
    }

    /// Ships every stack whose file or sources are not those that it was shipped from, and those that use what it tells
    /// anew. What goes wrong is told, and tried again after the next change. `since`: when the change was seen.
    pub async fn ship(&mut self, since: Instant) -> Product {
        // Whatever is saved from here on is a change: it is looked at before it is read.
        let paths = self.project.stack_paths().unwrap_or_default();
        self.stack_files = Watched::new(paths).and([self.project.stack_folder()]);
        let failed_before = std::mem::replace(&mut self.failing, false);
        let (mut shipped, mut told_anew) = (false, BTreeSet::new());
        let files = self.files();
        for file in &files {
            let uses = stack_dependencies(file).into_iter().any(|each| told_anew.contains(&each));
            let before = self.running.get(&file.name).map(|each| each.outputs.clone());
            match self.ship_one(file, uses).await {
                Ok(Some(running)) => {
                    shipped = true;
                    if before.is_some_and(|before| before != running.outputs) {
                        told_anew.insert(file.name.clone());
                    }
                    self.report.note(&format!("{} is up after {}", file.name, seconds(since.elapsed())));
                    self.running.insert(file.name.clone(), running);
                }
                Ok(None) => {}
                Err(_) if self.signals.are_heard() => break,
                Err(failure) => self.fails(&failure),
            }
        }
        if shipped || self.failing || failed_before {
            let how = if self.failing { "mend it and save: it is tried again" } else { "all is up" };
            self.report.note(&format!("{how}; watching for changes, Ctrl-C ends it"));
        }
        files.iter().filter_map(|file| self.running.get(&file.name).cloned()).collect()
    }

    /// The stack files, as they are now or as far as they could be read; those that are gone run no more for us.
    fn files(&mut self) -> Vec<StackFile> {
        match self.project.select(self.globals.stack.as_deref(), self.globals.stack.is_none()) {
            Ok(files) => {
                self.running.retain(|name, _| files.iter().any(|file| file.name == *name));
                self.read = files.clone();
                files
            }
            Err(failure) => {
                self.fails(&failure);
                self.read.clone()
            }
        }
    }

    fn fails(&mut self, failure: &Failure) {
        self.failing = true;
        self.report.failure(failure);
    }

    /// Ships a stack unless it is up as it is; `anyway`: also then.
    async fn ship_one(&mut self, file: &StackFile, anyway: bool) -> Result<Option<Running>, Failure> {
        let others = Others::read(self.project, file, self.globals, &[], true, self.report).await?;
        let context = Context::open(self.project, file, self.globals, &others, self.report)?;
        // A site with a server of its own is seen there as it is: its last release is enough behind it.
        let (served, sites) = context.requests.sites.iter().cloned().partition::<Vec<_>, _>(|site| site.dev.is_some());
        let requests = Requests { sites, ..context.requests.clone() };
        self.sources.insert(file.name.clone(), context.artifacts.watched(&requests));
        let mut artifacts = context.artifacts.inspect(&requests)?;
        // Whether it is built already says nothing of what it is made of.
        artifacts.values_mut().for_each(|artifact| artifact.built = None);
        let made = Made { text: file.source.text.to_string(), artifacts };
        if self.made.get(&file.name) == Some(&made) && !anyway {
            return Ok(None);
        }
        self.made.remove(&file.name);
        let running = self.bring_up(&context, &served).await?;
        self.made.insert(file.name.clone(), made);
        Ok(Some(running))
    }

    async fn bring_up(&self, context: &Context, served: &[SiteBuild]) -> Result<Running, Failure> {
        let Self { globals, report, signals, .. } = self;
        let cloud = context.cloud(globals, true, report).await?;
        let state = context.load(globals, report).await?.state;
        let is_up = |site: &&SiteBuild| state.current(&site.address.part("release")).is_some();
        let exclude = served.iter().filter(is_up).map(|site| site.address.to_string()).collect();
        let selection = Selection { exclude, ..Selection::default() };
        let wish = Wish { selection: &selection, delete_data: true, wait: Wait::Ready, looked_at: None };
        let brought = Box::pin(bring_up(context, &cloud, globals, &wish, report, signals)).await?;
        let exit = brought.map_or(Ok(Exit::Done), |brought| ended(&brought.plan, &brought.applied, signals))?;
        if exit != Exit::Done {
            return Err(Failure::new(exit, "partly-up", format!("{} is up only in part", context.scope.stack)));
        }
        let state = context.load(globals, report).await?.state;
        Ok(Running::of(context, &state, &cloud))
    }
}
