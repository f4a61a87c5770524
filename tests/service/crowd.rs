//! People who sign in at the same time, and what became of each of them.

use serde_json::Value;
use sso_core::ambient::{SystemClock, SystemRandom};
use sso_core::ids::saml_id;
use sso_core::time::Clock as _;
use sso_tests::{Begun, Corp, Person, ServerProcess, cookie};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::task::JoinSet;

/// How many sign in at once.
pub(crate) const AT_ONCE: usize = 16;

/// One person's login, as their browser saw it.
#[derive(Debug, Clone)]
pub(crate) struct Login {
    pub(crate) email: String,
    pub(crate) begun: Begun,
    pub(crate) answer: Answer,
}

/// What the ACS answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// A session, by the pair of its cookie.
    Session(String),
    /// A page with a status and a code.
    Refused(u16, String),
    /// None: the connection broke.
    None,
}

/// A service with `corp` in it, reached at one node or several.
#[derive(Clone)]
pub(crate) struct Crowd {
    corp: Arc<Corp>,
    nodes: Arc<[String]>,
}

impl Crowd {
    /// Sets `corp` up over the first node. The nodes have one database.
    pub(crate) async fn at(nodes: &[&ServerProcess]) -> Self {
        let admin = nodes.first().expect("a node").admin();
        let corp = Arc::new(Corp::set_up(&admin, SystemClock.now()).await);
        Self { corp, nodes: nodes.iter().map(|node| node.url("")).collect() }
    }

    /// A service that says of itself what the identity provider knows of it.
    pub(crate) async fn service(database_url: Option<String>) -> ServerProcess {
        let settings = [("SSO_PUBLIC_URL", Corp::PUBLIC_URL), ("SSO_LOG", "warn")];
        ServerProcess::start_with(database_url, &settings).await
    }

    /// Has logins carried out, [`AT_ONCE`] at once. `person` says whose the n-th is, and ends it with
    /// `None`. It ends too where the service does not answer any more. What comes is what was begun.
    pub(crate) async fn sign_in(
        &self,
        person: impl Fn(usize) -> Option<Person> + Clone + Send + 'static,
    ) -> Vec<Login> {
        let next = Arc::new(AtomicUsize::new(0));
        let mut workers = JoinSet::new();
        for worker in 0..AT_ONCE {
            let (crowd, next, person) = (self.clone(), Arc::clone(&next), person.clone());
            workers.spawn(async move {
                let mut logins = Vec::new();
                while let Some(person) = person(next.fetch_add(1, Ordering::Relaxed)) {
                    match crowd.login(worker + logins.len(), &person).await {
                        Ok(login) => logins.push(login),
                        Err(error) if error.is_status() => {}
                        Err(_) => break,
                    }
                    if logins.last().is_some_and(|login| login.answer == Answer::None) {
                        break;
                    }
                }
                logins
            });
        }
        workers.join_all().await.concat()
    }

    async fn login(&self, n: usize, person: &Person) -> reqwest::Result<Login> {
        let (id, now) = (saml_id(&SystemRandom), SystemClock.now());
        let begun = self.corp.begin(self.node(n), "", person, &id, now).await?;
        // It is begun at one node and finished at another.
        let answer = self.post(n + 1, &begun).await;
        Ok(Login { email: person.email(), begun, answer })
    }

    /// Posts the answer of the identity provider, for the first time or again.
    pub(crate) async fn post(&self, n: usize, begun: &Begun) -> Answer {
        let posted = self.corp.post(self.node(n), &begun.cookie, &begun.form).await;
        let Ok(posted) = posted else { return Answer::None };
        let status = posted.status().as_u16();
        if status == 303 {
            return Answer::Session(cookie(posted.headers()));
        }
        let Ok(page) = posted.text().await else { return Answer::None };
        let code = page.split("<dt>Code</dt><dd><code>").nth(1);
        let code = code.and_then(|rest| rest.split('<').next());
        Answer::Refused(status, code.unwrap_or(&page).to_owned())
    }

    /// The account of a session, at a node. `None`: there is no session.
    pub(crate) async fn account(&self, n: usize, session: &str) -> Option<Value> {
        let url = format!("{}/session", self.node(n));
        let answer = self.corp.get(&url, session).await.expect("an answer");
        if answer.status() != 200 {
            return None;
        }
        let who: Value = answer.json().await.expect("JSON");
        Some(who["account"].clone())
    }

    fn node(&self, n: usize) -> &str {
        &self.nodes[n % self.nodes.len()]
    }
}
