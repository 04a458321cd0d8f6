//! A net as Graphviz reads it.

use std::fmt::Write as _;

use crate::net::Net;

/// The net as a directed graph, those that need others to the left.
pub fn dot(name: &str, net: &Net) -> String {
    let mut text = format!(
        "digraph {} {{\n  rankdir = LR;\n  node [shape = box, style = rounded, fontname = \"sans-serif\"];\n",
        quoted(name)
    );
    for node in net.needs.keys() {
        let _ = writeln!(text, "  {};", quoted(node));
    }
    for (node, needs) in &net.needs {
        for other in needs {
            let _ = writeln!(text, "  {} -> {};", quoted(node), quoted(other));
        }
    }
    text.push_str("}\n");
    text
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
