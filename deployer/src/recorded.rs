//! What the local console knows of the project's stacks: what their states record.

use std::path::PathBuf;
use std::sync::Arc;

use deployer_engine::resolve::environment;
use deployer_engine::state::{Standing, State};
use deployer_local::{ResourceView, StackView, Stacks};

use crate::arguments::{Globals, Output};
use crate::project::Project;
use crate::reach::state_store;
use crate::render::Reporter;

/// Tells the stacks of a folder that are up in a local environment, as they are recorded when it is asked.
pub fn stacks(folder: PathBuf, globals: &Globals) -> Stacks {
    let globals = Globals { output: Output::Quiet, json: false, ..globals.clone() };
    Arc::new(move || {
        let (folder, globals) = (folder.clone(), globals.clone());
        Box::pin(async move { read(folder, &globals).await })
    })
}

/// What cannot be read is not told: whoever uses the stack file sees why.
async fn read(folder: PathBuf, globals: &Globals) -> Vec<StackView> {
    let (project, report) = (Project { folder }, Reporter::new(globals));
    let mut views = Vec::new();
    for file in project.stacks().unwrap_or_default() {
        for (key, _) in &file.environments {
            let Ok(place) = environment(&file, &key.name) else { continue };
            if !place.local {
                continue;
            }
            let Ok(store) = state_store(&project, &place, globals, false, &report).await else { continue };
            if let Ok(loaded) = store.load().await {
                views.extend(Some(view(&loaded.state)).filter(|view| !view.resources.is_empty()));
            }
        }
    }
    views
}

fn view(state: &State) -> StackView {
    let current = state.records.iter().filter(|each| each.standing == Standing::Current);
    let resource = |record: &deployer_engine::state::Record| ResourceView {
        address: record.address.to_string(),
        type_name: record.type_name.clone(),
        id: record.id.clone(),
    };
    StackView {
        name: state.scope.stack.clone(),
        environment: state.scope.environment.clone(),
        region: state.scope.region.clone(),
        outputs: state.outputs.clone().into_iter().collect(),
        resources: current.map(resource).collect(),
    }
}
