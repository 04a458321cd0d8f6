use super::*;

/// The faults of the embedded portfolio with one file changed.
fn with(file: &str, change: impl Fn(&str) -> String) -> Vec<String> {
    let mut files = Files::embedded();
    let text = files.0.get_mut(file).expect("a file of the portfolio");
    let changed = change(text);
    assert_ne!(*text, changed, "the change changes nothing");
    *text = changed;
    Portfolio::read(&files).faults.iter().map(Fault::to_string).collect()
}

/// The line of the first place of a text.
fn line_of(file: &str, needle: &str) -> usize {
    let text = &Files::embedded().0[file];
    let at = text.find(needle).expect("it is there");
    1 + text[..at].matches('\n').count()
}

#[test]
fn the_embedded_portfolio_is_sound() {
    let portfolio = Portfolio::read(&Files::embedded());
    assert_eq!(portfolio.faults, []);
    let count = |kind| portfolio.lists.entities.iter().filter(|entity| entity.kind == kind).count();
    assert_eq!(count(EntityKind::Company), 4);
    assert_eq!(count(EntityKind::SideOperation), 3);
    let contacts = portfolio.figures["contacts"].known.as_ref().expect("known");
    assert_eq!(contacts.value, Range::exact(3676.0));
    assert_eq!(portfolio.figures["cash"].known, None);
}

#[test]
fn every_reference_of_every_list_is_checked() {
    let mut portfolio = Portfolio::read(&Files::embedded());
    portfolio.lists.channels.clear();
    let lists = Lists { channels: Vec::new(), ..portfolio.lists };
    let source = check::Source { file: "x.toml", text: "" };
    let mut faults = Vec::new();
    check::Keys::default().check(&source, &lists, &mut faults);
    for to in ["figure", "entity", "KPI", "step", "account", "channel"] {
        let told = format!("there is no {to} ");
        assert!(faults.iter().any(|fault| fault.message.starts_with(&told)), "{to}");
    }
}

#[test]
fn a_folder_is_read_like_the_embedded_files() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("portfolio");
    assert_eq!(Files::in_folder(&folder).expect("readable"), Files::embedded());
    let (path, _) = Files::in_folder(std::path::Path::new("/nowhere")).expect_err("not there");
    assert_eq!(path, std::path::Path::new("/nowhere/group.toml"));
}

#[test]
fn the_schema_in_the_folder_is_that_of_the_code() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/portfolio/schema.json");
    let written = std::fs::read_to_string(path).expect("the schema");
    let made = format!("{}\n", serde_json::to_string_pretty(&schema()).expect("JSON"));
    assert!(written == made, "write it anew: cargo run -p report-mailer --example portfolio-schema > {path}");
}

#[test]
fn every_file_names_its_schema() {
    for (file, text) in Files::embedded().0 {
        assert!(text.starts_with("#:schema schema.json\n"), "{file}");
    }
}

#[test]
fn an_unknown_key_is_told_with_its_line() {
    let faults = with("group.toml", |text| text.replacen("tells =", "says =", 1));
    let line = line_of("group.toml", "tells =");
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].starts_with(&format!("group.toml:{line}: ")), "{faults:?}");
    assert!(faults[0].contains("says"), "{faults:?}");
}

#[test]
fn broken_toml_is_told_with_its_line() {
    let faults = with("group.toml", |text| format!("{text}\n[[risk]]\nid =\n"));
    let lines = Files::embedded().0["group.toml"].matches('\n').count();
    assert!(faults[0].starts_with(&format!("group.toml:{}: ", lines + 3)), "{faults:?}");
}

#[test]
fn references_to_nothing_and_double_ids_are_told_all_at_once() {
    let faults = with("group.toml", |text| {
        let text = text.replacen("entity = \"jada\"", "entity = \"jade\"", 1);
        let text = text.replace("figure = \"contacts\"", "figure = \"people\"");
        text.replace("id = \"crew-site\"", "id = \"crew-application\"")
    });
    let jada = line_of("group.toml", "entity = \"jada\"");
    let people = line_of("group.toml", "figure = \"contacts\"");
    let twice = line_of("group.toml", "id = \"crew-site\"");
    for told in [
        format!("group.toml:{twice}: the id `crew-application` is there twice"),
        format!("group.toml:{jada}: there is no entity `jade`"),
        format!("group.toml:{people}: there is no figure `people`"),
    ] {
        assert!(faults.contains(&told), "{told}: {faults:?}");
    }
    assert_eq!(faults.len(), 3, "{faults:?}");
}

#[test]
fn a_figure_is_exactly_one_of_a_value_a_span_or_missing() {
    let figure = |lines: &str| {
        let head = "[figure.x]\nentity = \"group\"\nlabel = \"X\"\nunit = \"usd\"\n";
        with("finance.toml", |text| format!("{text}\n{head}{lines}\n")).len()
    };
    let from = "source = \"a\"\nas_of = 2026-11-21\n";
    assert_eq!(figure("missing = true"), 0);
    assert_eq!(figure(&format!("value = 5\n{from}")), 0);
    assert_eq!(figure(&format!("low = 5\nhigh = 6.5\n{from}")), 0);
    for wrong in [
        "",
        "value = 5",
        "missing = false",
        &format!("missing = true\n{from}"),
        &format!("value = 5\nlow = 1\nhigh = 2\n{from}"),
        &format!("low = 5\n{from}"),
        &format!("low = 6\nhigh = 5\n{from}"),
        &format!("value = inf\n{from}"),
        "value = 5\nsource = \"a\"\nas_of = 2026-11-21T00:00:00Z",
    ] {
        assert_eq!(figure(wrong), 1, "{wrong}");
    }
}

#[test]
fn a_figure_is_in_one_file_only() {
    let line = 2 + Files::embedded().0["rental.toml"].matches('\n').count();
    let figure = "[figure.burn]\nentity = \"group\"\nlabel = \"X\"\nunit = \"usd\"\nmissing = true\n";
    let faults = with("rental.toml", |text| format!("{text}\n{figure}"));
    assert_eq!(faults, [format!("rental.toml:{line}: the figure `burn` is in another file already")]);
}

#[test]
fn numbers_are_there_once() {
    let faults = with("finance.toml", |text| text.replacen("number = 1010", "number = 1000", 1));
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].ends_with("the number 1000 is there twice"), "{faults:?}");
}

#[test]
fn a_missing_file_is_its_own_fault_and_nobody_elses() {
    let mut files = Files::embedded();
    files.0.remove("group.toml");
    let faults = Portfolio::read(&files).faults;
    assert_eq!(faults.iter().map(Fault::to_string).collect::<Vec<_>>(), ["group.toml:1: the file is not there"]);
}
