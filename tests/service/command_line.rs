//! Commands beside a service that runs (SPEC 14), on each engine: what they change counts at the very
//! next request, and they see what the service wrote.

use crate::crowd::{Answer, Crowd};
use serde_json::Value;
use sso_tests::{Person, PostgresCluster, ServerProcess};

#[tokio::test(flavor = "multi_thread")]
async fn counts_at_once_on_sqlite() {
    counts_at_once(Crowd::service(None).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_at_once_on_postgresql() {
    let database = PostgresCluster::shared().database();
    counts_at_once(Crowd::service(Some(database)).await).await;
}

async fn counts_at_once(service: ServerProcess) {
    let crowd = Crowd::at(&[&service]).await;
    let session = signed_in(&crowd).await.expect("a session");

    say(&service, "org connection set corp state=disabled");
    assert_eq!(login(&crowd).await, None, "it cannot even begin");
    assert_eq!(crowd.account(0, &session).await, None, "signed out");
    say(&service, "org connection set corp state=active");
    assert_eq!(crowd.account(0, &session).await, None, "for good");
    let session = signed_in(&crowd).await.expect("a session");

    let ann = json(&service, "user list corp --q an");
    let id = ann["items"][0]["id"].as_str().expect("an account").to_owned();
    let sessions = json(&service, &format!("user sessions corp {id}"));
    assert_eq!(sessions["items"].as_array().map(Vec::len), Some(1));
    say(&service, &format!("user deactivate corp {id}"));
    assert_eq!(crowd.account(0, &session).await, None, "signed out");
    let refused = Answer::Refused(403, "account_inactive".to_owned());
    assert_eq!(login(&crowd).await, Some(refused));
    let number = json(&service, "org logins corp --limit 1")["items"][0]["id"].clone();
    let words = say(&service, &format!("explain {}", number.as_str().expect("a trace")));
    assert!(words.contains("The login was refused: account_inactive"), "{words}");
    say(&service, &format!("user reactivate corp {id}"));
    assert!(signed_in(&crowd).await.is_some());

    let report = String::from_utf8(service.command("doctor").stdout).expect("text");
    assert!(report.ends_with(" in 1 organization.\n"), "{report}");
    assert!(!report.contains("unusable") && !report.contains("corp: "), "{report}");
}

/// What became of a login of Ann; `None` where it could not begin.
async fn login(crowd: &Crowd) -> Option<Answer> {
    let done = crowd.sign_in(|n| (n == 0).then(|| Person::new("ann"))).await;
    done.into_iter().next().map(|login| login.answer)
}

async fn signed_in(crowd: &Crowd) -> Option<String> {
    match login(crowd).await {
        Some(Answer::Session(session)) => Some(session),
        _ => None,
    }
}

fn say(service: &ServerProcess, line: &str) -> String {
    let output = service.command(line);
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

fn json(service: &ServerProcess, line: &str) -> Value {
    serde_json::from_str(&say(service, &format!("{line} --json"))).expect("JSON")
}
