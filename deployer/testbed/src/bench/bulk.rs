//! Many of one thing: the files of a site, parameters.

use super::files::{LARGE, PARAMETERS, SITE, SMALL, Size, parameters, site_alone};
use super::measured::{Measured, Peers};
use super::peers::{missing_of_site, of_parameters, of_site};
use super::project::{Machine, Project, Step};
use super::table::{Limit, Table};

/// Measures the sites and the parameters.
pub async fn add(machine: &Machine, table: &mut Table) -> Result<(), String> {
    site(machine, SMALL, 0.5, table).await?;
    site(machine, LARGE, 0.7, table).await?;
    if machine.peers {
        missing_of_site().for_each(|missing| table.note(missing));
    }
    let project = Project::new(machine, PARAMETERS, parameters()).await?;
    let measured = Measured::of(&project, &Step::TWICE).await?;
    let peers = if machine.peers { of_parameters(&project, table).await? } else { Peers::default() };
    for (step, what, most) in [(Step::First, "first", 1000.0), (Step::Unchanged, "no change", 300.0)] {
        let limits = vec![Limit::new(format!("≤ {most} ms"), most)];
        table.add(measured.rows(step, &format!("1,000 parameters, {what}"), limits, &peers));
    }
    Ok(())
}

async fn site(machine: &Machine, size: Size, share: f64, table: &mut Table) -> Result<(), String> {
    let project = Project::new(machine, SITE, site_alone(size)).await?;
    let measured = Measured::of(&project, &Step::TWICE).await?;
    let peers = if machine.peers { of_site(&project, table).await? } else { Peers::default() };
    let first = Limit::new("no slower than the best", peers.best(Step::First));
    let unchanged = Limit::new(format!("≤ {share} × the best"), peers.best(Step::Unchanged).map(|best| best * share));
    for (step, what, limit) in [(Step::First, "first", first), (Step::Unchanged, "unchanged", unchanged)] {
        table.add(measured.rows(step, &format!("site of {} files, {what}", size.files), vec![limit], &peers));
    }
    Ok(())
}
