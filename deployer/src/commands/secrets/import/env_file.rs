//! `.env` files as shells and their many imitators write them.

use deployer_engine::secret::Secret;

use crate::error::{Exit, Failure};

/// An entry.
pub struct Line {
    /// Its name.
    pub name: String,
    /// Its value, without quotes.
    pub value: Secret<String>,
    /// The comments above it, each without its `#`.
    pub comments: Vec<String>,
}

/// Every entry, in the file's order; of several of one name the last, as in a shell. Those without a value are left out.
/// A fault is told by its line alone.
pub fn parse(path: &str, text: &str) -> Result<Vec<Line>, Failure> {
    let fault = |number: usize, what: &str| {
        Failure::new(Exit::Usage, "bad-env-file", format!("{path}:{number}: {what}")).hint("a line is `NAME=value`")
    };
    let mut found: Vec<Line> = Vec::new();
    let mut comments = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        let line = line.trim();
        if let Some(comment) = line.strip_prefix('#') {
            comments.push(comment.trim().to_owned());
            continue;
        }
        if line.is_empty() {
            comments.clear();
            continue;
        }
        let line = line.strip_prefix("export ").map_or(line, str::trim_start);
        let (name, rest) = line.split_once('=').ok_or_else(|| fault(at + 1, "this is no assignment"))?;
        let name = name.trim();
        let fits = |each: u8| each.is_ascii_alphanumeric() || each == b'_';
        if name.is_empty() || !name.bytes().all(fits) {
            return Err(fault(at + 1, "this is no name: letters, digits and `_`"));
        }
        let more = &mut || lines.next().map(|(_, line)| line);
        let value = value(rest.trim_start(), more).map_err(|what| fault(at + 1, what))?;
        let comments = std::mem::take(&mut comments);
        found.retain(|each| each.name != name);
        if !value.reveal().is_empty() {
            found.push(Line { name: name.to_owned(), value, comments });
        }
    }
    Ok(found)
}

/// A value: quoted, maybe over several lines, or up to a comment; or why there is none.
fn value<'a>(text: &'a str, more: &mut dyn FnMut() -> Option<&'a str>) -> Result<Secret<String>, &'static str> {
    const NOT_CLOSED: &str = "this quote is not closed";
    let Some(quote) = text.chars().next().filter(|each| matches!(each, '"' | '\'')) else {
        let end = text.find(" #").unwrap_or(text.len());
        return Ok(Secret::new(text[..end].trim_end().to_owned()));
    };
    // Made as long as it can become: a text that grows leaves copies behind.
    let mut value = String::with_capacity(64 << 10);
    let mut line = &text[1..];
    loop {
        let mut letters = line.chars();
        while let Some(letter) = letters.next() {
            match letter {
                _ if letter == quote => return alone(Secret::new(value), letters.as_str()),
                '\\' if quote == '"' => value.push(match letters.next().ok_or(NOT_CLOSED)? {
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    other => other,
                }),
                other => value.push(other),
            }
        }
        value.push('\n');
        line = more().ok_or(NOT_CLOSED)?;
    }
}

/// The value, unless more of it follows its quote: a shell would put both together.
fn alone(value: Secret<String>, after: &str) -> Result<Secret<String>, &'static str> {
    let after = after.trim_start();
    if after.is_empty() || after.starts_with('#') { Ok(value) } else { Err("there is more after this quote") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<(String, String, String)> {
        let lines = parse("x.env", text).ok().unwrap();
        lines.into_iter().map(|line| (line.name, line.value.reveal().clone(), line.comments.join("|"))).collect()
    }

    #[test]
    fn every_way_to_write_an_entry_is_read() {
        let cases = [
            ("A=1", "1"),
            ("export A=1", "1"),
            ("A = 1 # one", "1"),
            ("A='x # y'", "x # y"),
            ("A=\"x\\ny\\\"z\"", "x\ny\"z"),
            ("A='x\ny'", "x\ny"),
            ("A=https://a.example/#b", "https://a.example/#b"),
            ("A=1\nA=2", "2"),
            ("A=k=v==", "k=v=="),
        ];
        for (text, value) in cases {
            assert_eq!(told(text), [("A".to_owned(), value.to_owned(), String::new())], "{text}");
        }
        let commented = told("# of nobody\n\n# one\n# two\nA=1\nEMPTY=\nB=2\n");
        let texts = |each: [&str; 3]| (each[0].to_owned(), each[1].to_owned(), each[2].to_owned());
        assert_eq!(commented, [texts(["A", "1", "one|two"]), texts(["B", "2", ""])]);
    }

    #[test]
    fn a_fault_is_told_by_its_line_and_not_by_its_text() {
        for (text, line) in [("A=1\nhunter2", 2), ("hunter2 x=1", 1), ("A=\"hunter2", 1), ("A='hunter2'\\''s'", 1)] {
            let failure = parse("x.env", text).err().unwrap().to_string();
            assert!(failure.contains(&format!("x.env:{line}:")) && !failure.contains("hunter2"), "{failure}");
        }
    }
}
