//! An AWS that behaves as the real one does: only so many calls a second, late with what is new, changed by others
//! meanwhile, and with a clock of its own.

use deployer_testbed::{Fault, Manners, Rule};

use crate::world::{Ran, SHOP, World};

const UP: &str = "up -e local -y";

impl World {
    /// Runs a command as it runs on AWS: paced, and patient with what is new.
    async fn run_as_on_aws(&self, line: &str) -> Ran {
        crate::world::ran(self.command(line.split_whitespace()).env("DEPLOYER_AS_AWS", "1")).await
    }
}

#[tokio::test]
async fn an_up_that_nothing_disturbs_is_never_told_to_slow_down() {
    let world = World::fleet().await;
    world.wire.behave(Manners { rates: Manners::of_aws().rates, ..Manners::default() });
    for line in [UP, "plan -e local --detailed-exitcode"] {
        world.run_as_on_aws(line).await.exits(0);
    }
    let throttled: Vec<_> = world.wire.calls().into_iter().filter(|call| call.status.is_none()).collect();
    assert_eq!(throttled, []);
}

#[tokio::test]
async fn what_is_late_on_aws_is_waited_for_in_the_same_run() {
    let world = World::fleet().await;
    world.wire.behave(Manners::of_aws());
    world.run_as_on_aws(UP).await.exits(0);
    world.wire.behave(Manners::default());
    world.run("plan -e local --detailed-exitcode").await.exits(0);
}

#[tokio::test]
async fn what_somebody_else_touches_meanwhile_is_read_again_and_changed() {
    let world = World::fleet().await;
    world.run(UP).await.exits(0);
    world.edit("stacks/fleet.toml", "[waf.edge]\n", "[waf.edge]\nmode = \"count\"\n");
    world.edit("stacks/fleet.toml", "[cdn.main]\n", "[cdn.main]\nprice_class = \"200\"\n");
    let touched = ["cloudfront:UpdateDistribution", "wafv2:UpdateWebACL"];
    world.wire.clear();
    touched.iter().for_each(|operation| world.wire.script(Rule::once(operation, Fault::Bump)));
    world.run(UP).await.exits(0);
    for operation in touched {
        let bumped = world.wire.calls().iter().any(|call| call.operation == operation && call.fault.is_some());
        assert!(bumped, "{operation} met nobody");
    }
    world.run("plan -e local --detailed-exitcode").await.exits(0);
}

#[tokio::test]
async fn a_wrong_clock_is_told_in_minutes() {
    let world = World::with(SHOP).await;
    world.wire.behave(Manners { clock_ahead_seconds: 20 * 60, ..Manners::default() });
    let ran = world.run("plan -e local").await.exits(4);
    assert!(ran.says("your clock is 20 minutes behind AWS's"), "{ran}");
}

#[tokio::test]
async fn credentials_that_expire_on_the_way_end_the_run_and_are_called_so() {
    let world = World::with(SHOP).await;
    world.wire.script(Rule::always("*", Fault::Answer(400, "ExpiredTokenException")));
    let ran = world.run(UP).await.exits(4);
    assert!(ran.says("the credentials have expired") && ran.says("what is done stays done"), "{ran}");
    world.wire.clear();
    world.run(UP).await.exits(0);
}

#[tokio::test]
async fn what_is_served_no_more_is_shut_out_when_every_edge_has_followed() {
    let world = World::fleet().await;
    world.run(UP).await.exits(0);
    world.wire.clear();
    world.wire.behave(Manners { late_deployed: 5, ..Manners::default() });
    world.edit("stacks/fleet.toml", ", { path = \"/*\", to = \"site.web\", spa = \"index.html\" }]", "]");
    world.edit("stacks/fleet.toml", "path = \"/api/*\"", "path = \"/*\"");
    world.run(UP).await.exits(0);
    let calls = world.wire.calls();
    let at = |operation: &str| {
        calls.iter().position(|call| call.operation == operation).unwrap_or_else(|| panic!("{operation} is not called"))
    };
    let changed = at("cloudfront:UpdateDistribution");
    for taken in ["s3:PutBucketPolicy", "cloudfront:DeleteOriginAccessControl", "cloudfront:DeleteFunction"] {
        let looks = calls[changed..at(taken)].iter().filter(|call| call.operation == "cloudfront:GetDistribution");
        assert!(looks.count() >= 5, "{taken} comes too early");
    }
}

#[tokio::test]
async fn who_wants_every_edge_to_serve_it_waits_for_that() {
    let world = World::fleet().await;
    world.wire.behave(Manners { late_deployed: 4, ..Manners::default() });
    world.run(UP).await.exits(0);
    let looks = || world.wire.calls().iter().filter(|call| call.operation == "cloudfront:GetDistribution").count();
    let before = looks();
    let ran = world.run(&format!("{UP} --wait edge")).await.exits(0);
    assert!(ran.says("cdn.main/cdn: waiting for every edge to follow"), "{ran}");
    assert!(looks() - before >= 4, "{}", looks() - before);
}
