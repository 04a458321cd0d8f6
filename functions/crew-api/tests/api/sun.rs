//! The sun's day.

use axum::http::StatusCode;

use super::door::World;

#[tokio::test]
async fn a_day_is_told_in_epoch_seconds_and_in_san_diegos_time() {
    let answer = World::new([]).get("/api/sun?date=2026-06-21").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.json["date"], "2026-06-21");
    assert_eq!(answer.json["time_zone"], "America/Los_Angeles");
    let sunset = &answer.json["sunset"];
    let epoch = sunset["epoch"].as_i64().expect("epoch seconds");
    assert!((epoch - 1_782_097_185).abs() <= 60, "{epoch}");
    let iso: jiff::Timestamp = sunset["iso"].as_str().expect("ISO").parse().expect("a moment");
    assert_eq!(iso.as_second(), epoch);
    assert!(sunset["iso"].as_str().expect("ISO").starts_with("2026-06-21T"));
    assert!(sunset["iso"].as_str().expect("ISO").ends_with("-07:00"));
}

#[tokio::test]
async fn every_event_of_the_day_is_there_in_order() {
    let answer = World::new([]).get("/api/sun?date=2026-12-21").await;
    let events = [
        "astronomical_dawn",
        "nautical_dawn",
        "civil_dawn",
        "sunrise",
        "solar_noon",
        "sunset",
        "civil_dusk",
        "nautical_dusk",
        "astronomical_dusk",
    ];
    let epochs = events.map(|event| answer.json[event]["epoch"].as_i64().expect(event));
    assert!(epochs.is_sorted());
}

#[tokio::test]
async fn without_a_date_it_is_today_in_san_diego() {
    let world = World::new([]);
    // Midnight at the start of the 21st there.
    assert_eq!(world.get("/api/sun").await.json["date"], "2026-11-21");
    world.clock.advance(jiff::SignedDuration::from_secs(-1));
    assert_eq!(world.get("/api/sun").await.json["date"], "2026-11-20");
}

#[tokio::test]
async fn a_bad_date_is_a_problem_that_names_the_field() {
    let world = World::new([]);
    let bad = [
        "today",
        "2026-6-21",
        "2026-02-30",
        "20260621",
        "2026-06-21T00:00:00Z",
        "",
        "1899-12-31",
        "2200-01-01",
        "+02026-06-21",
        "2026-06-2%F0%9F%8C%99",
    ];
    for date in bad {
        let answer = world.get(&format!("/api/sun?date={date}")).await;
        answer.is_problem(400);
        assert_eq!(answer.fields(), ["date"], "{date}");
    }
}
