//! Other tools that do the same, where this machine has them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use deployer_local::http;
use deployer_local::venv::prepare_in;
use hyper::Request;

use super::files::PARAMETER_COUNT;
use super::measured::Peers;
use super::project::{Project, Step};
use super::table::Table;

/// The AWS CLI and all that it needs, with the hash of each file that may be installed.
const AWS_CLI: &str = include_str!("../../peers/awscli.txt");
/// Its home.
const AWS_CLI_HOME: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.deployer/peers");
/// Where scripts are.
const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/peers");
/// The variable that names a folder of Terraform's providers.
pub const TERRAFORM_PLUGINS: &str = "TERRAFORM_PLUGINS";
/// The bucket that sites are copied to.
const BUCKET: &str = "bench-site";
/// Where it is, and everything else of a tool's.
const REGION: &str = "us-west-2";

/// A tool, and how it does each step.
#[derive(Debug, Default)]
struct Peer {
    name: &'static str,
    /// Before each life: no part of what is measured.
    prepare: Vec<Vec<String>>,
    steps: BTreeMap<Step, Vec<String>>,
    environment: Vec<(String, String)>,
    /// Whether its bucket is there before it begins.
    bucket: bool,
}

/// Those that can make the standard stack. What is missing is told below the table.
pub async fn of_product(project: &Project, table: &mut Table) -> Result<Peers, String> {
    let mut tools = vec![script(project).await?];
    match terraform(project) {
        Ok(terraform) => tools.push(terraform),
        Err(missing) => table.note(missing),
    }
    Ok(measured(project, &tools, table).await)
}

/// Those that can copy a site.
pub async fn of_site(project: &Project, table: &mut Table) -> Result<Peers, String> {
    let aws = aws_cli().await?;
    let site = project.folder().join("site/dist").display().to_string();
    let mut tools = vec![Peer {
        environment: aws_environment(project),
        ..copies("aws s3 sync", &format!("{} s3 sync --only-show-errors {site} s3://{BUCKET}", aws.display()))
    }];
    if on_path("s5cmd") {
        tools.push(Peer {
            environment: aws_environment(project),
            ..copies("s5cmd", &format!("s5cmd --endpoint-url {} sync {site}/ s3://{BUCKET}/", project.aws()))
        });
    }
    if on_path("rclone") {
        let remote = [
            ("TYPE", "s3"),
            ("PROVIDER", "Other"),
            ("ENV_AUTH", "true"),
            ("ENDPOINT", project.aws()),
            ("REGION", REGION),
        ];
        let environment = remote.map(|(name, value)| (format!("RCLONE_CONFIG_HERE_{name}"), value.to_owned()));
        tools.push(Peer {
            environment: [environment.to_vec(), aws_environment(project)].concat(),
            ..copies("rclone", &format!("rclone sync --config= --checksum --fast-list --transfers 64 --checkers 64 --s3-no-check-bucket {site} here:{BUCKET}"))
        });
    }
    Ok(measured(project, &tools, table).await)
}

/// The tools for sites that this machine does not have, in words.
pub fn missing_of_site() -> impl Iterator<Item = String> {
    let missing = ["s5cmd", "rclone"].into_iter().filter(|name| !on_path(name));
    missing.map(|name| format!("{name} is not compared: it is not on the PATH."))
}

/// Those that can put parameters.
pub async fn of_parameters(project: &Project, table: &mut Table) -> Result<Peers, String> {
    let python = aws_cli().await?.with_file_name("python").display().to_string();
    let step = |step: Step| {
        let script = format!("{SCRIPTS}/parameters.py");
        (step, vec![python.clone(), script, step.name().to_owned(), PARAMETER_COUNT.to_string()])
    };
    let tool = Peer {
        name: "boto, 16 threads",
        steps: Step::TWICE.map(step).into(),
        environment: aws_environment(project),
        ..Peer::default()
    };
    Ok(measured(project, &[tool], table).await)
}

/// The AWS CLI in a virtual environment of its own.
async fn aws_cli() -> Result<PathBuf, String> {
    std::fs::create_dir_all(AWS_CLI_HOME).map_err(|error| format!("{AWS_CLI_HOME}: {error}"))?;
    let say = || eprintln!("preparing the AWS CLI (once) …");
    let python = prepare_in(Path::new(AWS_CLI_HOME), AWS_CLI, &say).await.map_err(|error| error.to_string())?;
    Ok(python.with_file_name("aws"))
}

async fn script(project: &Project) -> Result<Peer, String> {
    let run = |step: &str| {
        let enter = format!("cd {} && exec bash {SCRIPTS}/product.sh {step}", project.folder().display());
        ["bash", "-c", &enter].map(str::to_owned).to_vec()
    };
    let mut environment = aws_environment(project);
    environment.push(("AWS".to_owned(), aws_cli().await?.display().to_string()));
    let steps = [Step::First, Step::Unchanged, Step::Changed].map(|step| (step, run(step.name()))).into();
    Ok(Peer { name: "AWS CLI, a script", prepare: vec![run("prepare")], steps, environment, bucket: false })
}

/// Terraform, or what of it is missing here.
fn terraform(project: &Project) -> Result<Peer, String> {
    let plugins = std::env::var(TERRAFORM_PLUGINS).unwrap_or_default();
    if !on_path("terraform") {
        return Err("Terraform is not compared: it is not on the PATH.".to_owned());
    }
    if !Path::new(&plugins).join("registry.terraform.io/hashicorp/aws").is_dir() {
        return Err(format!(
            "Terraform is not compared: {TERRAFORM_PLUGINS} names no folder with its AWS provider (hashicorp/aws)."
        ));
    }
    let folder = project.folder().join("terraform");
    let run = |arguments: &str| {
        let all = format!("terraform -chdir={} {arguments}", folder.display());
        all.split(' ').map(str::to_owned).collect::<Vec<_>>()
    };
    let with =
        |verb: &str, code: &str| run(&format!("{verb} -input=false -var=endpoint={} -var=code={code}", project.aws()));
    let apply = |code| with("apply -auto-approve", code);
    let begin = format!("rm -rf {0} && mkdir {0} && cp {SCRIPTS}/main.tf {0}/", folder.display());
    Ok(Peer {
        name: "Terraform",
        prepare: vec![
            ["bash", "-c", &begin].map(str::to_owned).to_vec(),
            run(&format!("init -input=false -plugin-dir={plugins}")),
        ],
        steps: [
            (Step::First, apply("api")),
            (Step::Unchanged, apply("api")),
            (Step::Planned, with("plan", "changed")),
            (Step::Changed, apply("changed")),
            (Step::Down, with("destroy -auto-approve", "changed")),
        ]
        .into(),
        // A configuration of this machine's would name other providers.
        environment: [aws_environment(project), vec![("TF_CLI_CONFIG_FILE".to_owned(), "/dev/null".to_owned())]]
            .concat(),
        bucket: false,
    })
}

/// A tool that copies a folder into a bucket by one command.
fn copies(name: &'static str, command: &str) -> Peer {
    let command: Vec<String> = command.split(' ').map(str::to_owned).collect();
    Peer { name, steps: Step::TWICE.map(|step| (step, command.clone())).into(), bucket: true, ..Peer::default() }
}

fn aws_environment(project: &Project) -> Vec<(String, String)> {
    [("AWS_ENDPOINT_URL", project.aws()), ("AWS_DEFAULT_REGION", REGION), ("AWS_REGION", REGION)]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
}

/// Runs every tool through its steps, as often as there are rounds. One that fails is told below the table.
async fn measured(project: &Project, tools: &[Peer], table: &mut Table) -> Peers {
    let mut peers = Peers::default();
    for tool in tools {
        match rounds(project, tool).await {
            Ok(times) => peers.add(tool.name, times),
            Err(error) => {
                eprintln!("{error}");
                table.note(format!("{} is not compared: {}.", tool.name, error.lines().next().unwrap_or_default()));
            }
        }
    }
    peers
}

async fn rounds(project: &Project, tool: &Peer) -> Result<BTreeMap<Step, Vec<Duration>>, String> {
    let mut times: BTreeMap<Step, Vec<Duration>> = BTreeMap::new();
    for round in 1..=project.machine.rounds {
        eprintln!("{}: round {round} …", tool.name);
        for (step, took) in life(project, tool).await? {
            times.entry(step).or_default().push(took);
        }
    }
    Ok(times)
}

async fn life(project: &Project, tool: &Peer) -> Result<Vec<(Step, Duration)>, String> {
    project.forget().await?;
    for words in &tool.prepare {
        project.run(words, &tool.environment).await?;
    }
    if tool.bucket {
        make_bucket(project.aws()).await?;
    }
    let mut life = Vec::new();
    for (step, words) in &tool.steps {
        if matches!(step, Step::Planned | Step::Changed) {
            project.change()?;
        }
        life.push((*step, project.run(words, &tool.environment).await?.wall));
    }
    Ok(life)
}

/// A bucket that is there before tools are measured that would not make it.
async fn make_bucket(endpoint: &str) -> Result<(), String> {
    let place = format!(
        "<CreateBucketConfiguration><LocationConstraint>{REGION}</LocationConstraint></CreateBucketConfiguration>"
    );
    let request = Request::put(format!("{endpoint}/{BUCKET}")).body(http::whole(place));
    let request = request.map_err(|error| error.to_string())?;
    let answer = http::client().request(request).await.map_err(|error| error.to_string())?;
    if answer.status().is_success() { Ok(()) } else { Err(format!("{BUCKET}: {}", answer.status())) }
}

/// Whether a program of that name can be started.
fn on_path(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(name).is_file())
}
