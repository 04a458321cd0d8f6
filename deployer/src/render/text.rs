//! Text as a terminal may show it: nothing in it may steer the terminal, or a CI system.

/// The text with control and direction-changing characters escaped, and no line that a CI system would obey.
pub fn plain(text: &str) -> String {
    let escaped: String = text
        .chars()
        .flat_map(|each| if harmful(each) { each.escape_unicode().collect::<Vec<_>>() } else { vec![each] })
        .collect();
    let lines = escaped.split('\n').map(|line| if commands(line) { format!(" {line}") } else { line.to_owned() });
    lines.collect::<Vec<_>>().join("\n")
}

/// So many of something: `1 resource`, `2 resources`.
pub fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// A value as one line of JSON; what would steer a terminal is escaped in JSON's own way.
pub fn json(value: &serde_json::Value) -> String {
    let escaped = |each: char| if harmful(each) { format!("\\u{:04x}", u32::from(each)) } else { each.to_string() };
    value.to_string().chars().map(escaped).collect()
}

/// `::set-output` and `##[…]` at the beginning of a line are orders to CI systems.
fn commands(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("::") || line.starts_with("##[")
}

/// Whether a character steers a terminal or turns text around; a new line does not.
pub fn harmful(each: char) -> bool {
    let direction =
        matches!(each, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{061c}');
    (each.is_control() && each != '\n') || direction || matches!(each, '\u{2028}' | '\u{2029}')
}

/// A number of bytes as people say it: `4.1 MB`.
pub fn bytes(count: u64) -> String {
    const UNITS: [(&str, f64); 3] = [("GB", 1e9), ("MB", 1e6), ("kB", 1e3)];
    #[expect(clippy::cast_precision_loss, reason = "shown with two digits")]
    let count = count as f64;
    UNITS
        .iter()
        .find(|(_, size)| count >= *size)
        .map_or_else(|| format!("{count} B"), |(unit, size)| format!("{:.1} {unit}", count / size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_json_steers_nothing_and_means_the_same() {
        let value = serde_json::json!({ "a": "\u{1b}[31m\u{202e}\u{9b}\u{7f}\n::x", "b": "Größe" });
        assert!(!json(&value).contains(harmful));
        assert_eq!(serde_json::from_str::<serde_json::Value>(&json(&value)).expect("JSON"), value);
    }

    #[test]
    fn nothing_steers_the_terminal_or_the_ci() {
        for hostile in ["\u{1b}[31mred", "a\rb", "a\u{202e}b", "\u{7}", "\u{9b}31m", "a\u{2028}b"] {
            assert!(!plain(hostile).chars().any(harmful), "{hostile:?}");
        }
        assert_eq!(plain("a\n::set-output name=x::y\n  ##[error]z"), "a\n ::set-output name=x::y\n   ##[error]z");
        assert!(!plain("::warning::x").starts_with("::"));
        assert_eq!(plain("Größe → 3"), "Größe → 3");
    }
}
