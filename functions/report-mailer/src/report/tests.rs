//! What holds of every report, and what each must contain.

use jiff::civil::{Date, date};

use super::*;
use crate::figure::Range;
use crate::live::{FunctionHealth, GitWeek, Reading, Roles, SailMonth, StackAudit};
use crate::portfolio::{Files, Known};

const TODAY: Date = date(2026, 11, 21);

fn portfolio() -> Portfolio {
    Portfolio::read(&Files::embedded())
}

fn made(portfolio: &Portfolio, live: &Live) -> Vec<Report> {
    all(portfolio, live, TODAY).into_iter().map(|report| report.expect("made")).collect()
}

fn of(id: ReportId) -> Report {
    made(&portfolio(), &Live::default()).into_iter().find(|report| report.id == id).expect("it is there")
}

fn know(portfolio: &mut Portfolio, figure: &str, value: f64) {
    let figure = portfolio.figures.get_mut(figure).expect("a figure");
    figure.known = Some(Known { value: Range::exact(value), source: "books".to_owned(), as_of: date(2026, 10, 31) });
}

/// A portfolio in which every figure is known.
fn all_known() -> Portfolio {
    let mut portfolio = portfolio();
    let missing: Vec<String> =
        portfolio.figures.iter().filter(|(_, figure)| figure.known.is_none()).map(|(id, _)| id.clone()).collect();
    for id in missing {
        know(&mut portfolio, &id, 10.0);
    }
    portfolio
}

/// Sources that all answered.
fn all_read() -> Live {
    fn read<T>(data: T) -> Reading<T> {
        Reading::Read { source: "a source".to_owned(), as_of: TODAY, data }
    }
    let month = |month| SailMonth { month, open: 1, completed: 5, cancelled: 1, guest_places: 30 };
    let week = |week| GitWeek { week, commits: 40, deploys: 9, rollbacks: 1, lead_time_minutes: Some(25.0) };
    let function = FunctionHealth {
        stack: "shipcaptaincrew".to_owned(),
        function: "crew-api".to_owned(),
        days: 7,
        invocations: 1_000,
        errors: 2,
        throttles: 0,
        mean_ms: Some(40.0),
        longest_ms: Some(900.0),
    };
    let stack = StackAudit {
        stack: "shipcaptaincrew".to_owned(),
        env: "prod".to_owned(),
        released: Some(TODAY),
        distributions: Some(Vec::new()),
        secrets: Some(Vec::new()),
        ..StackAudit::default()
    };
    Live {
        sails: read(vec![month(date(2026, 9, 1)), month(date(2026, 10, 1))]),
        roles: read(Roles { slots: 10, filled: 8, captain_slots: 3, captain_filled: 3, captains: 2 }),
        functions: read(vec![function]),
        stacks: read(vec![stack]),
        git: read(vec![week(date(2026, 11, 9)), week(date(2026, 11, 16))]),
        ..Live::default()
    }
}

/// Every sentence of a report.
fn sentences(report: &Report) -> Vec<&Prose> {
    let mut all: Vec<&Prose> = report.summary.iter().collect();
    all.extend(report.decide.iter().flat_map(|decision| [&decision.question, &decision.recommendation]));
    all.extend(report.findings.iter().map(|finding| &finding.text));
    for block in report.sections.iter().flat_map(|section| &section.blocks) {
        match block {
            Block::Paragraph(prose) | Block::Note(prose) => all.push(prose),
            Block::List(points) => all.extend(points),
            Block::Table(_) | Block::Chart(_) => {}
        }
    }
    all
}

fn tables(report: &Report) -> impl Iterator<Item = &Table> {
    report.sections.iter().flat_map(|section| &section.blocks).filter_map(|block| match block {
        Block::Table(table) => Some(table),
        _ => None,
    })
}

#[track_caller]
fn table<'a>(report: &'a Report, caption: &str) -> &'a Table {
    tables(report).find(|table| table.caption == caption).unwrap_or_else(|| panic!("no table {caption}"))
}

fn charts(report: &Report) -> impl Iterator<Item = &Chart> {
    report.sections.iter().flat_map(|section| &section.blocks).filter_map(|block| match block {
        Block::Chart(chart) => Some(chart),
        _ => None,
    })
}

/// The worlds in which every rule must hold: nothing known but what is recorded, everything known.
fn worlds() -> Vec<Report> {
    let mut all = made(&portfolio(), &Live::default());
    all.extend(made(&all_known(), &all_read()));
    all
}

#[test]
fn all_eight_are_made_in_the_order_of_sending() {
    let names: Vec<&str> = made(&portfolio(), &Live::default()).iter().map(|report| report.id.name()).collect();
    let order = ["ceo", "cto", "accounting", "cmo", "cfo", "rental", "yacht-delivery", "client-portfolio"];
    assert_eq!(names, order);
}

#[test]
fn the_same_data_and_day_make_the_same_bytes() {
    let bytes = || serde_json::to_vec(&made(&portfolio(), &all_read())).expect("JSON");
    assert_eq!(bytes(), bytes());
}

#[test]
fn every_name_in_the_texts_is_known() {
    for report in worlds() {
        for prose in sentences(&report) {
            assert!(!prose.text.contains('‹') && !prose.text.contains('{'), "{}: {}", report.title, prose.text);
        }
    }
}

#[test]
fn every_figure_that_is_shown_can_be_traced() {
    for report in worlds() {
        let shown = draft::figures(&report);
        let traced: Vec<&str> = report.appendix.iter().map(|trace| trace.id.as_str()).collect();
        for id in shown {
            assert!(traced.contains(&id.as_str()), "{}: {id}", report.title);
        }
        for trace in &report.appendix {
            let is_sound = trace.figure.value.is_none() || (!trace.source.is_empty() && trace.as_of.is_some());
            let has_inputs = trace.inputs.iter().all(|input| traced.contains(&input.as_str()));
            assert!(is_sound && has_inputs, "{}: {trace:?}", report.title);
        }
    }
}

#[test]
fn what_is_missing_is_named_and_what_becomes_known_is_not() {
    for report in made(&portfolio(), &Live::default()) {
        for trace in report.appendix.iter().filter(|trace| trace.inputs.is_empty() && trace.figure.value.is_none()) {
            let is_of = |gap: &Missing| match gap.kind {
                MissingKind::Source => trace.source.starts_with(&gap.name),
                _ => gap.name == trace.label,
            };
            let named = report.missing.iter().any(is_of);
            assert!(named, "{}: {}", report.title, trace.label);
        }
        assert!(!report.missing.is_empty());
    }
    let portfolio = all_known();
    let recorded: Vec<&str> = portfolio.figures.values().map(|figure| figure.label.as_str()).collect();
    for report in made(&portfolio, &all_read()) {
        let mut gaps = report.missing.iter();
        assert!(!gaps.any(|gap| recorded.contains(&gap.name.as_str())), "{}: {:?}", report.title, report.missing);
    }
}

#[test]
fn a_source_that_failed_is_named_with_its_class_and_the_reports_go_out() {
    let live = Live { git: Reading::Failed { error: "AccessDenied".to_owned() }, ..all_read() };
    let cto = made(&portfolio(), &live).swap_remove(1);
    let gap = cto.missing.iter().find(|gap| gap.name == "Activity in the repository").expect("named");
    assert_eq!((gap.kind, gap.reason.as_deref()), (MissingKind::Source, Some("it could not be read: AccessDenied")));
    assert!(gap.unlocks.contains(&"Releases a week".to_owned()), "{gap:?}");
}

#[test]
fn a_broken_file_fails_the_reports_that_need_it_and_no_other() {
    for (file, failing) in [("rental.toml", 1), ("finance.toml", 2), ("group.toml", 8)] {
        let mut files = Files::embedded();
        files.0.insert(file.to_owned(), "[[rate]]\nid = 1\n".to_owned());
        let reports = all(&Portfolio::read(&files), &Live::default(), TODAY);
        let failed: Vec<&Failed> = reports.iter().filter_map(|report| report.as_ref().err()).collect();
        assert_eq!(failed.len(), failing, "{file}: {failed:?}");
        assert!(failed[0].to_string().contains(&format!("{file}:2: ")), "{}", failed[0]);
    }
}

#[test]
fn the_first_screen_asks_what_only_the_reader_can_decide() {
    for report in worlds() {
        assert!((1..=4).contains(&report.decide.len()), "{}", report.title);
        for decision in &report.decide {
            assert!(decision.question.text.ends_with('?') && !decision.recommendation.text.is_empty());
        }
        assert!(!report.summary.is_empty() && report.findings.len() >= 4 && report.kpis.len() >= 5, "{}", report.title);
    }
}

#[test]
fn tables_are_rectangular_and_charts_have_something_to_show() {
    for report in worlds() {
        for table in tables(&report) {
            let columns = table.columns.len();
            let mut rows = table.rows.iter().chain(&table.total);
            assert!(
                rows.all(|row| row.len() == columns) && !table.rows.is_empty(),
                "{}: {}",
                report.title,
                table.caption
            );
            assert!(columns <= 6, "{} is too wide for a mail", table.caption);
        }
        for chart in charts(&report) {
            let points = match chart {
                Chart::Bars { bars, .. } => bars.len(),
                Chart::Lines { at, lines, .. } => {
                    assert!(lines.iter().all(|line| line.values.len() == at.len()), "{}", chart.title());
                    at.len()
                }
            };
            assert!(points >= 2 && chart.highest() > 0.0, "{}", chart.title());
        }
    }
}

#[test]
fn a_report_of_nothing_is_still_a_report() {
    let mut empty = portfolio();
    for figure in empty.figures.values_mut() {
        figure.known = None;
    }
    for report in made(&empty, &Live::default()) {
        assert!(!report.decide.is_empty() && !report.sections.is_empty(), "{}", report.title);
    }
}

#[test]
fn the_ceo_sees_assets_revenue_shortfalls_kpis_risk_pipeline_and_agenda() {
    let portfolio = portfolio();
    let lists = &portfolio.lists;
    let ceo = of(ReportId::Ceo);
    assert_eq!(table(&ceo, "What the entities have").rows.len(), lists.assets.len());
    assert_eq!(table(&ceo, "What each entity earns in a month").rows.len(), 7);
    assert_eq!(table(&ceo, "Critical shortfalls with evidence").rows.len(), lists.shortfalls.len());
    assert_eq!(table(&ceo, "What is asked for").rows.len(), lists.kpis.len());
    assert_eq!(table(&ceo, "Who owns what, and who alone can do what").rows.len(), lists.risks.len());
    assert_eq!(table(&ceo, "Where new revenue can come from").rows.len(), lists.opportunities.len());
    let findings: Vec<&str> = ceo.findings.iter().map(|finding| finding.text.text.as_str()).collect();
    assert!(findings.iter().any(|text| text.contains("8 critical shortfalls")), "{findings:?}");
    assert!(findings.iter().any(|text| text.contains("9 missing KPIs")), "{findings:?}");
    assert!(
        !ceo.actions.is_empty()
            && ceo.actions.iter().all(|action| action.due.is_some_and(|due| due <= date(2026, 12, 21)))
    );
}

#[test]
fn the_cto_sees_the_audit_costs_gaps_maturity_and_ten_actions() {
    let cto = of(ReportId::Cto);
    assert_eq!(table(&cto, "What the audit counts over all stacks").rows.len(), 8);
    let costs = table(&cto, "Infrastructure line by line").total.as_ref().expect("a total");
    assert_eq!((costs[1].words().as_str(), costs[2].words().as_str()), ("$50–84 a month", "$25 a month"));
    assert_eq!(table(&cto, "Where people stumble").rows.len(), portfolio().lists.ux_gaps.len());
    assert_eq!(table(&cto, "How software is shipped").rows.len(), portfolio().lists.practices.len());
    assert!(cto.actions.len() >= 10, "{}", cto.actions.len());
    let read = made(&portfolio(), &all_read()).swap_remove(1);
    assert_eq!(table(&read, "Stack by stack").rows.len(), 1);
    assert_eq!(table(&read, "Function by function").rows[0][2].words(), "2");
    // The stack of this world does not speak of its endpoints.
    let audit = table(&read, "What the audit counts over all stacks");
    let counts: Vec<String> = audit.rows.iter().map(|row| row[1].words()).collect();
    assert_eq!(counts[..4], ["0", "0", "0", "missing"]);
}

#[test]
fn the_accountant_sees_accounts_expenses_recognition_balance_and_milestones() {
    let accounting = of(ReportId::Accounting);
    let portfolio = portfolio();
    assert_eq!(
        table(&accounting, "The chart of accounts of the holding company").rows.len(),
        portfolio.lists.accounts.len()
    );
    let trial = table(&accounting, "A month in the books: trial totals").total.as_ref().expect("totals");
    assert_eq!((trial[1].words().as_str(), trial[2].words().as_str()), ("$7,000–9,000", "$7,000–9,000"));
    let expenses = table(&accounting, "Expenses of a month by category and entity");
    let last = expenses.rows.last().expect("a row");
    // 7,000 − 50 and 9,000 − 84
    assert_eq!((last[0].words().as_str(), last[3].words().as_str()), ("Not broken down", "$6,950–8,916 a month"));
    assert_eq!(table(&accounting, "When revenue counts").rows.len(), portfolio.lists.recognitions.len());
    let milestones = table(&accounting, "Milestones on a time line");
    assert_eq!(milestones.rows.len(), 4);
    assert_eq!(milestones.rows[3][1].words(), "31 Mar 2027");
}

#[test]
fn the_cmo_sees_the_matrix_the_blast_the_sites_and_ninety_days() {
    let cmo = of(ReportId::Cmo);
    let matrix = table(&cmo, "Channels and companies");
    assert_eq!((matrix.rows.len(), matrix.columns.len()), (portfolio().lists.channels.len(), 5));
    assert_eq!(table(&cmo, "Channels and side operations").columns.len(), 4);
    let blast = table(&cmo, "Backwards: what each case asks of the list");
    let revenue: Vec<String> = blast.rows[0].iter().map(Cell::words).collect();
    assert_eq!(revenue, ["Revenue", "$10,000", "$30,000", "$50,000"]);
    let sites: Vec<String> = table(&cmo, "Booking sites by points").rows.iter().map(|row| row[0].words()).collect();
    assert_eq!(sites, ["1. Sailo", "2. GetMyBoat", "3. Viator", "4. GetYourGuide"]);
    assert!(!table(&cmo, "Local search for QuickDumpNow").rows.is_empty());
    let days: Vec<String> = table(&cmo, "Milestones on a time line").rows.iter().map(|row| row[2].words()).collect();
    assert_eq!(days, ["due in 30 days", "due in 60 days", "due in 90 days"]);
}

#[test]
fn the_cfo_sees_burn_tiers_break_even_targets_and_the_three_rules() {
    let cfo = of(ReportId::Cfo);
    assert_eq!(table(&cfo, "Burn and runway").rows[0][1].words(), "$7,000–9,000 a month");
    assert_eq!(table(&cfo, "Break-even in charters").rows[0][1].words(), "6 charters a month");
    let tiers: Vec<String> = table(&cfo, "Tiers of capital").rows.iter().map(|row| row[0].words()).collect();
    assert_eq!(tiers, ["Zero-cost", "Low-cost", "Revenue-producing", "Do not deploy", "Not placed"]);
    let rules = table(&cfo, "The three rules on each planned expense");
    assert_eq!(rules.rows.len(), portfolio().lists.spends.len());
    let verdict = |title: &str| {
        let row = rules.rows.iter().find(|row| row[0].words() == title).expect(title);
        row[5].words()
    };
    assert_eq!(verdict("Mail to all contacts"), "deploy");
    assert_eq!(verdict("New brand and logo"), "do not deploy");
    assert_eq!(verdict("Paid advertising"), "wait");
    let months: Vec<String> = table(&cfo, "Revenue targets by month").rows.iter().map(|row| row[0].words()).collect();
    assert_eq!(months, ["October 2026", "November 2026", "December 2026"]);
    let read = made(&portfolio(), &all_read()).swap_remove(4);
    assert!(charts(&read).any(|chart| matches!(chart, Chart::Lines { lines, .. } if lines.len() == 2)));
}

#[test]
fn the_side_operations_see_their_models() {
    let rental = of(ReportId::Rental);
    assert_eq!(table(&rental, "Rate card").rows.len(), 3);
    assert_eq!(table(&rental, "Occupancy of the next month").rows[2][2].words(), "$1,550 a month");
    assert!(rental.missing.iter().any(|gap| gap.name.starts_with("The maintenance backlog")));
    let delivery = of(ReportId::YachtDelivery);
    assert_eq!(table(&delivery, "Unpaid days beside ten paid ones").rows[5][1].words(), "$50");
    assert_eq!(table(&delivery, "Month by month").rows.len(), 12);
    assert!(delivery.missing.iter().any(|gap| gap.name.starts_with("Deliveries")));
    let clients = of(ReportId::ClientPortfolio);
    assert_eq!(table(&clients, "What terms of payment lock up").rows[2][1].words(), "$1,000");
    assert_eq!(table(&clients, "From no invoices to an invoicing system").rows.len(), 7);
    let known = made(&all_known(), &Live::default());
    // 10 hours × $10 − $10 invoiced
    assert_eq!(table(&known[7], "From hours to money").rows[4][1].words(), "$90 a month");
}
