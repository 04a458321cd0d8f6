//! `deployer graph`: who needs whom in a stack, as a picture or for Graphviz.

use clap::{Args, ValueEnum};
use serde_json::json;

use crate::arguments::Globals;
use crate::context::Context;
use crate::error::{Exit, Failure};
use crate::net::Net;
use crate::project::Project;
use crate::render::{Reporter, dot, drawing};

/// What the command line says.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// How it is drawn
    #[arg(long, value_enum, default_value_t = Form::Dot)]
    form: Form,
}

/// How a graph is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For Graphviz.
    Dot,
    /// A picture for browsers and documents, light and dark.
    Svg,
}

/// Runs the command. It reads the stack file and nothing else.
pub fn run(project: &Project, globals: &Globals, options: &Options, report: &Reporter) -> Result<Exit, Failure> {
    let files = project.select(globals.stack.as_deref(), false)?;
    for file in &files {
        let context = Context::open_for_build(project, file, globals, report)?;
        let net = Net::of(&context.stack);
        let text = match options.form {
            Form::Dot => dot::dot(&file.name, &net),
            Form::Svg => drawing::svg(&file.name, &net),
        };
        report.result(text.trim_end(), &json!({ "type": "graph", "stack": file.name, "needs": net.needs }));
    }
    Ok(Exit::Done)
}
