//! `sso-server doctor` beside a service whose metadata is not refreshed, or waits for an approval (SPEC 14).

use serde_json::{Value, json};
use sso_core::ambient::SystemClock;
use sso_core::time::Clock as _;
use sso_tests::{
    HostAnswer, IdentityProvider, IdpMetadata, MetadataHost, SeededRandom, ServerProcess,
};

/// What doctor says of metadata: for each finding severity, code and sentence.
fn told(service: &ServerProcess) -> Vec<[String; 3]> {
    let said = service.command("doctor --json");
    let report: Value = serde_json::from_slice(&said.stdout).expect("JSON");
    let findings = report["findings"].as_array().expect("a list").iter();
    let text = |finding: &Value, name: &str| finding[name].as_str().expect("text").to_owned();
    let all = findings.map(|one| ["severity", "code", "what"].map(|name| text(one, name)));
    all.filter(|[_, code, _]| code.starts_with("metadata")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_becomes_of_metadata_is_told() {
    let idp = |seed| IdentityProvider::new(SystemClock.now(), &SeededRandom::new(seed));
    let (one, other) = (idp(1), idp(2));
    let host = MetadataHost::start(IdpMetadata::of(&[&one]).document()).await;
    let networks = [("SSO_OUTGOING_NETWORKS", MetadataHost::NETWORK)];
    let service = ServerProcess::start_with(None, &networks).await;
    let org = json!({"name": "acme", "domains": ["acme.example"]});
    service.admin().create("orgs", org).await;
    let command = |line: &str| service.command(&format!("org connection {line}")).status.success();
    assert!(command(&format!("import acme --url {}", host.url())));
    assert_eq!(told(&service), [[""; 3]; 0]);

    host.says(HostAnswer::Status(500));
    assert!(!command("refresh acme"));
    let findings = told(&service);
    let [[severity, code, what]] = findings.as_slice() else { panic!("{findings:?}") };
    assert_eq!((&**severity, &**code), ("warning", "metadata_refresh_failing"));
    assert!(what.contains("(answer_not_ok): The host answered 500"), "{what}");

    host.has(IdpMetadata::of(&[&other]).document());
    assert!(command("refresh acme"));
    let findings = told(&service);
    let [[severity, code, what]] = findings.as_slice() else { panic!("{findings:?}") };
    assert_eq!((&**severity, &**code), ("error", "metadata_approval_waiting"));
    assert!(what.contains("idp_certificates: ["), "{what}");

    assert!(command("reject acme"));
    let findings = told(&service);
    assert_eq!((findings.len(), &*findings[0][1]), (1, "metadata_change_rejected"));
    host.has(IdpMetadata::of(&[&one]).document());
    assert!(command("refresh acme"));
    assert_eq!(told(&service), [[""; 3]; 0]);
}
