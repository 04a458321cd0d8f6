//! Stacks and what they made.

use std::collections::BTreeMap;

use super::html::{Page, cell, code, escape, link, table};
use super::{FUNCTION, ResourceView, StackView, TABLE};
use crate::mail::Mail;

/// How much mail the first page shows.
const NEWEST_MAIL: usize = 5;

/// Everything at a glance.
pub fn overview(stacks: &[StackView], mails: &[Mail]) -> Page {
    let row = |stack: &StackView| {
        let count = |type_name: &str| stack.resources.iter().filter(|each| each.type_name == type_name).count();
        let address = address(stack).map(web_link);
        vec![
            link(&["stacks", &stack.name], &stack.name),
            cell(&stack.environment),
            stack.resources.len().to_string(),
            count(FUNCTION).to_string(),
            count(TABLE).to_string(),
            address.unwrap_or_default(),
        ]
    };
    let rows: Vec<_> = stacks.iter().map(row).collect();
    let nothing = "No stack is up here yet: deployer up --all -e local";
    let head = ["Stack", "Environment", "Resources", "Functions", "Tables", "Address"];
    let newest: Vec<_> = mails.iter().rev().take(NEWEST_MAIL).map(super::mails::row("/mail")).collect();
    let mail = table("The newest mail", &["Sent", "To", "Subject"], &newest, "Nothing has been mailed yet.");
    Page::new("/", "Stacks", format!("{}<h2>The newest mail</h2>{mail}", table("Stacks", &head, &rows, nothing)))
}

/// One stack, declaration by declaration.
pub fn one(stacks: &[StackView], name: &str) -> Option<Page> {
    let stack = stacks.iter().find(|each| each.name == name)?;
    let values: Vec<_> = stack.outputs.iter().map(|(name, value)| vec![cell(name), shown(value)]).collect();
    let mut declarations: BTreeMap<&str, Vec<&ResourceView>> = BTreeMap::new();
    for resource in &stack.resources {
        let declaration = resource.address.split('/').next().unwrap_or(&resource.address);
        declarations.entry(declaration).or_default().push(resource);
    }
    let rows: Vec<_> = declarations
        .into_iter()
        .flat_map(|(declaration, resources)| {
            let row = move |(at, resource): (usize, &ResourceView)| {
                let first = if at == 0 { code(declaration) } else { String::new() };
                let part = resource.address.split_once('/').map_or("", |(_, part)| part);
                vec![first, cell(part), cell(&resource.type_name.replace('_', " ")), id(resource)]
            };
            resources.into_iter().enumerate().map(row).collect::<Vec<_>>()
        })
        .collect();
    let body = format!(
        "<p class=\"quiet\">{} · {}</p><h2>Named values</h2>{}<h2>Resources</h2>{}",
        escape(&stack.environment),
        escape(&stack.region),
        table("Named values", &["Name", "Value"], &values, "It tells none."),
        table("Resources", &["Declaration", "Part", "Type", "Id"], &rows, "It has none."),
    );
    Some(Page::new("/", name, body))
}

fn id(resource: &ResourceView) -> String {
    match resource.type_name.as_str() {
        TABLE => link(&["tables", &resource.id], &resource.id),
        FUNCTION => link(&["functions", &resource.id], &resource.id),
        _ => code(&resource.id),
    }
}

/// Where people look at it: the output `url`, as `deployer open` has it, else the first that is an address.
fn address(stack: &StackView) -> Option<&str> {
    let addresses = stack.outputs.iter().filter(|(_, value)| is_address(value));
    addresses.min_by_key(|(name, _)| name != "url").map(|(_, value)| value.as_str())
}

fn is_address(value: &str) -> bool {
    value.starts_with("http://") || value.starts_with("https://")
}

fn shown(value: &str) -> String {
    if is_address(value) { web_link(value) } else { code(value) }
}

fn web_link(address: &str) -> String {
    format!("<a href=\"{0}\" rel=\"noreferrer\">{0}</a>", escape(address))
}
