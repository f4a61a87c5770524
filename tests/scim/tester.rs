//! PyPI's scim2-tester judges a running service on each engine: all its checks pass.

use crate::scene::{Scene, engines};
use std::path::Path;
use std::process::{Command, Output};

/// Runs all checks, the same random values each time.
fn run(base: &str, token: &str) -> Output {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let program = root.join("target/scim2-tester/bin/python");
    assert!(
        program.exists(),
        "PyPI's packages are not installed: make target/scim2-tester as ./test does"
    );
    Command::new(program)
        .arg(root.join("tests/peers/scim2-tester/check.py"))
        .args([base, token])
        .output()
        .expect("the tester runs")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_check_of_scim2_tester_passes() {
    for engine in engines() {
        let scene = Scene::on(engine).await;
        let (base, token) = (scene.server.url("/scim/v2/corp"), scene.token.clone());
        let output = tokio::task::spawn_blocking(move || run(&base, &token)).await.expect("it ran");
        let said = String::from_utf8_lossy(&output.stdout);
        let failed = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}\n{failed}");
        let passed = said.lines().filter(|line| line.starts_with("SUCCESS ")).count();
        assert!(passed > 100, "{passed} checks passed:\n{said}");
        println!("{passed} checks");
    }
}
