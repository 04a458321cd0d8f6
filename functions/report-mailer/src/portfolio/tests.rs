use super::*;

/// The embedded portfolio with one file changed.
fn with(file: &str, change: impl Fn(&str) -> String) -> Vec<String> {
    let mut files = Files::embedded();
    let text = files.0.get_mut(file).expect("a file of the portfolio");
    *text = change(text);
    Portfolio::read(&files).faults.iter().map(Fault::to_string).collect()
}

/// The line of a text that occurs once.
fn line_of(file: &str, needle: &str) -> usize {
    let text = &Files::embedded().0[file];
    let at = text.find(needle).expect("it is there");
    1 + text[..at].matches('\n').count()
}

#[test]
fn the_embedded_portfolio_is_sound() {
    let portfolio = Portfolio::read(&Files::embedded());
    assert_eq!(portfolio.faults, []);
    let count = |kind| portfolio.entities.iter().filter(|e| e.kind == kind).count();
    assert_eq!(count(EntityKind::Company), 4);
    assert_eq!(count(EntityKind::SideOperation), 3);
    assert_eq!(portfolio.value("contacts"), Some(Range::exact(3676.0)));
    assert_eq!(portfolio.value("cash"), None);
}

#[test]
fn a_folder_is_read_like_the_embedded_files() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("portfolio");
    assert_eq!(Files::in_folder(&folder).expect("readable"), Files::embedded());
    let error = Files::in_folder(std::path::Path::new("/nowhere")).expect_err("not there");
    assert!(error.to_string().contains("/nowhere/entities.toml"), "{error}");
}

#[test]
fn every_key_of_the_files_is_in_the_readme() {
    let readme = include_str!("../../portfolio/README.md");
    for (file, text) in Files::embedded().0 {
        assert!(readme.contains(&file), "{file}");
        let table: toml::Table = text.parse().expect("TOML");
        for entry in table.values().flat_map(|list| list.as_array().expect("a list")) {
            for key in entry.as_table().expect("a table").keys() {
                assert!(readme.contains(&format!("`{key}")), "{file}: {key}");
            }
        }
    }
}

#[test]
fn an_unknown_key_is_told_with_its_line() {
    let faults = with("kpis.toml", |text| text.replacen("tells =", "says =", 1));
    let line = line_of("kpis.toml", "tells =");
    assert_eq!(faults.len(), 1);
    assert!(faults[0].starts_with(&format!("kpis.toml:{line}: ")), "{faults:?}");
    assert!(faults[0].contains("says"), "{faults:?}");
}

#[test]
fn broken_toml_is_told_with_its_line() {
    let faults = with("risks.toml", |text| format!("{text}\n[[risk]\n"));
    let lines = Files::embedded().0["risks.toml"].matches('\n').count();
    assert!(faults[0].starts_with(&format!("risks.toml:{}: ", lines + 2)), "{faults:?}");
}

#[test]
fn references_to_nothing_and_double_ids_are_told_all_at_once() {
    let faults = with("assets.toml", |text| {
        let text = text.replacen("entity = \"jada\"", "entity = \"jade\"", 1);
        let text = text.replace("figure = \"contacts\"", "figure = \"people\"");
        text.replace("id = \"crew-site\"", "id = \"crew-application\"")
    });
    let jada = line_of("assets.toml", "entity = \"jada\"");
    let people = line_of("assets.toml", "figure = \"contacts\"");
    let twice = line_of("assets.toml", "id = \"crew-site\"");
    assert_eq!(
        faults,
        [
            format!("assets.toml:{twice}: the id `crew-application` is there twice"),
            format!("assets.toml:{jada}: there is no entity `jade`"),
            format!("assets.toml:{people}: there is no figure `people`"),
        ]
    );
}

#[test]
fn a_figure_is_exactly_one_of_a_value_a_span_or_missing() {
    let figure = |lines: &str| {
        let head = "[[figure]]\nid = \"x\"\nentity = \"group\"\nlabel = \"X\"\nunit = \"usd\"\n";
        let faults = with("figures.toml", |text| format!("{text}\n{head}{lines}\n"));
        faults.len()
    };
    let from = "source = \"a\"\nas_of = 2026-11-21\n";
    assert_eq!(figure("missing = true"), 0);
    assert_eq!(figure(&format!("value = 5\n{from}")), 0);
    assert_eq!(figure(&format!("low = 5\nhigh = 6\n{from}")), 0);
    for wrong in [
        "",
        "value = 5",
        "missing = false",
        &format!("missing = true\n{from}"),
        &format!("value = 5\nlow = 1\nhigh = 2\n{from}"),
        &format!("low = 5\n{from}"),
        &format!("low = 6\nhigh = 5\n{from}"),
        "value = 5\nsource = \"a\"\nas_of = 2026-11-21T00:00:00Z",
    ] {
        assert_eq!(figure(wrong), 1, "{wrong}");
    }
}

#[test]
fn numbers_are_there_once_and_days_are_within_the_agenda() {
    let faults = with("actions.toml", |text| {
        text.replace("priority = 2\n", "priority = 1\n").replace("due_day = 30", "due_day = 31")
    });
    assert_eq!(faults.len(), 2);
    assert!(faults[0].ends_with("the number 1 is there twice"), "{faults:?}");
    assert!(faults[1].ends_with("`due_day` is not from 1 to 30"), "{faults:?}");
}

#[test]
fn a_missing_file_is_a_fault() {
    let mut files = Files::embedded();
    files.0.remove("risks.toml");
    let faults = Portfolio::read(&files).faults;
    assert_eq!(faults[0].to_string(), "risks.toml:1: the file is not there");
}
