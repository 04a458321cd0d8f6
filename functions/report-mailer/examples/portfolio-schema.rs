//! Writes the JSON Schema of portfolio files: `cargo run -p report-mailer --example portfolio-schema`.

fn main() -> Result<(), serde_json::Error> {
    println!("{}", serde_json::to_string_pretty(&report_mailer::portfolio::schema())?);
    Ok(())
}
