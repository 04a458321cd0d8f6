//! What AWS takes is what AWS publishes.

use std::process::Command;

#[tokio::test]
async fn the_table_of_limits_is_what_the_service_models_say() {
    let python = deployer_testbed::python().await;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/limits.py");
    let ended = Command::new(python).args([script, "--check"]).output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
}
