//! `deployer secrets list` and `audit`: how old secrets are, who reads them, and what somebody should do about it.

use deployer_aws::kinds::secret::{DeclaredSecret, SecretKind};
use deployer_aws::rotation::{Stage, Turn, due};
use deployer_aws::secrets::Standing;
use serde_json::{Value, json};

use super::findings::{DAY, findings};
use super::opened::{Found, Opened, open_all};
use super::told::{stage, time};
use crate::arguments::Globals;
use crate::arguments::secrets::Time;
use crate::error::{Exit, Failure};
use crate::project::Project;
use crate::render::Reporter;

/// Shows every secret.
pub async fn list(project: &Project, globals: &Globals, all: bool, report: &Reporter) -> Result<Exit, Failure> {
    for opened in open_all(project, globals, all, &[], report).await? {
        let now = opened.now(Time { at: None })?;
        let rows = found(&opened, globals, report).await?;
        show(&opened, &rows, now, report);
    }
    Ok(Exit::Done)
}

/// Shows every secret and what somebody should do, and says with the exit code whether there is any such thing.
pub async fn audit(
    project: &Project,
    globals: &Globals,
    all: bool,
    at: Time,
    report: &Reporter,
) -> Result<Exit, Failure> {
    let mut any = false;
    for opened in open_all(project, globals, all, &[], report).await? {
        let now = opened.now(at)?;
        let rows = found(&opened, globals, report).await?;
        show(&opened, &rows, now, report);
        for (secret, standing) in &rows {
            for finding in findings(secret, standing.as_ref(), now) {
                any = true;
                let line = json!({ "type": "finding", "address": secret.address.to_string(), "code": finding.code, "what": finding.what });
                report.result(&format!("  ! {}: {}", secret.address, finding.what), &line);
            }
        }
    }
    Ok(if any { Exit::Differences } else { Exit::Done })
}

/// What [`audit`] tells programs of every secret of every stack.
pub async fn audited(project: &Project, globals: &Globals, report: &Reporter) -> Result<Vec<Value>, Failure> {
    let mut lines = Vec::new();
    for opened in open_all(project, globals, true, &[], report).await? {
        let now = opened.now(Time { at: None })?;
        let rows = found(&opened, globals, report).await?;
        lines.extend(rows.iter().map(|(secret, standing)| as_json(&opened, secret, standing.as_ref(), now)));
    }
    Ok(lines)
}

async fn found(opened: &Opened, globals: &Globals, report: &Reporter) -> Result<Vec<Found>, Failure> {
    let state = opened.context.load(globals, report).await?.state;
    opened.find(&opened.wanted(&state)?, &[]).await
}

fn show(opened: &Opened, rows: &[Found], now: u64, report: &Reporter) {
    let scope = &opened.context.scope;
    report.say(&format!("{} · {}", scope.stack, scope.environment));
    let cells: Vec<[String; 7]> = rows.iter().map(|(secret, standing)| cells(secret, standing.as_ref(), now)).collect();
    let heads = ["secret", "kind", "version", "age", "due", "readers", "changed by"].map(str::to_owned);
    let widths: Vec<usize> = (0..heads.len())
        .map(|at| cells.iter().chain([&heads]).map(|row| row[at].chars().count()).max().unwrap_or(0))
        .collect();
    let line = |row: &[String; 7]| {
        let padded: Vec<_> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        format!("  {}", padded.join("  ").trim_end())
    };
    report.say(&line(&heads));
    for ((secret, standing), row) in rows.iter().zip(&cells) {
        report.result(&line(row), &as_json(opened, secret, standing.as_ref(), now));
    }
}

fn kind(secret: &DeclaredSecret) -> &'static str {
    match secret.kind {
        SecretKind::Random => "random",
        SecretKind::External => "external",
        SecretKind::Rs256Ring => "rs256-ring",
    }
}

fn made_at(stage: Stage) -> u64 {
    match stage {
        Stage::Steady { since } | Stage::Published { since } | Stage::Activated { since } => since,
    }
}

fn cells(secret: &DeclaredSecret, standing: Option<&Standing>, now: u64) -> [String; 7] {
    let next = standing.and_then(|standing| due(standing.stage, secret.terms));
    let due = match next {
        None => "never".to_owned(),
        Some((Turn::Publish, at)) if at <= now => format!("overdue {} d", (now - at) / DAY),
        Some((Turn::Publish, at)) => format!("in {} d", (at - now) / DAY),
        Some((turn, at)) if at <= now => format!("{}: now", turn.word()),
        Some((turn, at)) => format!("{}: {}", turn.word(), time(at)),
    };
    let of = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    let readers: Vec<_> = secret.readers.iter().map(ToString::to_string).collect();
    [
        secret.address.to_string(),
        kind(secret).to_owned(),
        of(standing.map(|standing| standing.version.to_string())),
        of(standing.map(|standing| format!("{} d", now.saturating_sub(made_at(standing.stage)) / DAY))),
        match standing {
            Some(_) => due,
            None if secret.optional => "optional".to_owned(),
            None => "missing".to_owned(),
        },
        if readers.is_empty() { "none".to_owned() } else { readers.join(", ") },
        of(standing.and_then(|standing| standing.changed_by.as_deref()).map(principal)),
    ]
}

/// The end of an ARN, by which people know each other: `role/rotate/weekly`.
fn principal(arn: &str) -> String {
    arn.rsplit(':').next().unwrap_or(arn).to_owned()
}

fn as_json(opened: &Opened, secret: &DeclaredSecret, standing: Option<&Standing>, now: u64) -> Value {
    let next = standing.and_then(|standing| due(standing.stage, secret.terms));
    json!({
        "type": "secret",
        "stack": opened.context.scope.stack,
        "environment": opened.context.scope.environment,
        "address": secret.address.to_string(),
        "kind": kind(secret),
        "name": secret.name,
        "version": standing.map(|standing| standing.version),
        "stage": standing.map(|standing| stage(standing.stage)),
        "since": standing.map(|standing| time(made_at(standing.stage))),
        "age_seconds": standing.map(|standing| now.saturating_sub(made_at(standing.stage))),
        "next": next.map(|(turn, at)| json!({ "turn": turn.word(), "at": time(at), "due": at <= now })),
        "readers": secret.readers.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "changed_by": standing.and_then(|standing| standing.changed_by.clone()),
        "findings": findings(secret, standing, now).iter().map(|each| each.code).collect::<Vec<_>>(),
    })
}
