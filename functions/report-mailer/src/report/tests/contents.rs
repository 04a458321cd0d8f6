//! What each report must contain, computed from the portfolio.

use jiff::civil::date;

use super::*;
use crate::live::{Advisory, Leak};
use crate::render::{LARGEST_HTML_BYTES, Links, render};

fn of(id: ReportId) -> Report {
    made(&portfolio(), &Live::default()).into_iter().find(|report| report.id == id).expect("it is there")
}

#[track_caller]
fn table<'a>(report: &'a Report, caption: &str) -> &'a Table {
    tables(report).find(|table| table.caption == caption).unwrap_or_else(|| panic!("no table {caption}"))
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
    assert_eq!(cto.actions.len(), 10);
    let read = made(&portfolio(), &all_read()).swap_remove(1);
    assert_eq!(table(&read, "Stack by stack").rows.len(), 1);
    assert_eq!(table(&read, "Function by function").rows[0][2].words(), "2");
    // The stack of this world does not speak of its endpoints.
    let audit = table(&read, "What the audit counts over all stacks");
    let counts: Vec<String> = audit.rows.iter().map(|row| row[1].words()).collect();
    assert_eq!(counts[..4], ["0", "0", "0", "missing"]);
    assert_eq!(table(&read, "Stack by stack").rows[0][3].words(), "none");
    let curve = charts(&read).find_map(|chart| match chart {
        Chart::Lines { at, .. } => Some(at.clone()),
        Chart::Bars { .. } => None,
    });
    assert_eq!(curve.expect("a curve"), ["2 Nov", "9 Nov"], "the week that runs is no point of it");
}

#[test]
fn what_is_found_in_hundreds_of_places_is_counted_and_cuts_no_mail_off() {
    let leak = |line| Leak { path: format!("fixtures/{}.json", "deep/".repeat(12)), line, what: "a key".to_owned() };
    let weak = |at: u32| Advisory { id: format!("X-{at}"), package: format!("p{at}"), severity: "notice".to_owned() };
    let audit = |most: u32| Audit {
        leaks: (1..=most).map(leak).collect(),
        advisories: Some((1..=most).map(weak).collect()),
        ..Audit::default()
    };
    let cto = |most| {
        let audit = Reading::Read { source: "an export".to_owned(), as_of: TODAY, data: audit(most) };
        made(&portfolio(), &Live { audit, ..all_read() }).swap_remove(1)
    };
    let found = |report: &Report| table(report, "What was found in files and dependencies").rows.clone();
    assert_eq!(found(&cto(20)).len(), 40);
    let many = cto(500);
    let rows = found(&many);
    assert_eq!((rows.len(), rows[20][0].words().as_str()), (42, "And others: 480"));
    assert_eq!(rows[41][0].words(), "And others: 480");
    let rendered = render(&many, jiff::Timestamp::UNIX_EPOCH, &Links::default()).expect("sound templates");
    assert!(rendered.html.len() <= LARGEST_HTML_BYTES, "{} bytes", rendered.html.len());
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
    let portfolio = portfolio();
    let cfo = of(ReportId::Cfo);
    assert_eq!(table(&cfo, "Burn and runway").rows[0][1].words(), "$7,000–9,000 a month");
    assert_eq!(table(&cfo, "Break-even in charters").rows[0][1].words(), "6 charters a month");
    let tiers: Vec<String> = table(&cfo, "Tiers of capital").rows.iter().map(|row| row[0].words()).collect();
    assert_eq!(tiers, ["Zero-cost", "Low-cost", "Revenue-producing", "Do not deploy", "Not placed"]);
    let rules = table(&cfo, "The three rules on each planned expense");
    assert_eq!(rules.rows.len(), portfolio.lists.spends.len());
    let verdict = |title: &str| {
        let row = rules.rows.iter().find(|row| row[0].words() == title).expect(title);
        row[5].words()
    };
    assert_eq!(verdict("Mail to all contacts"), "deploy");
    assert_eq!(verdict("Commissions of booking sites"), "wait");
    let months: Vec<String> = table(&cfo, "Revenue targets by month").rows.iter().map(|row| row[0].words()).collect();
    assert_eq!(months, ["October 2026", "November 2026", "December 2026"]);
    let read = made(&portfolio, &all_read()).swap_remove(4);
    assert!(charts(&read).any(|chart| matches!(chart, Chart::Lines { lines, .. } if lines.len() == 2)));
    let month = |month, completed| SailMonth { month, open: 2, completed, cancelled: 0, guest_places: 0 };
    let data = vec![month(date(2026, 8, 1), 5), month(date(2026, 10, 1), 4), month(date(2026, 12, 1), 0)];
    let sails = Reading::Read { source: "a table".to_owned(), as_of: TODAY, data };
    let read = made(&portfolio, &Live { sails, ..Live::default() }).swap_remove(4);
    let curve = charts(&read).find_map(|chart| match chart {
        Chart::Lines { at, lines, .. } => Some((at.clone(), lines[0].values.clone())),
        Chart::Bars { .. } => None,
    });
    let (at, values) = curve.expect("a curve");
    assert_eq!(at, ["Aug 2026", "Sep 2026", "Oct 2026"]);
    assert_eq!(values, [Some(5.0), Some(0.0), Some(4.0)], "September is a zero and no gap");
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
    assert!(tables(&clients).all(|table| table.caption != "Client by client"));
}
