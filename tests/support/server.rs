//! A whole server inside the test's process: a clock that the test sets, seeded randomness, a port
//! of its own.

use crate::{SeededRandom, SetClock};
use reqwest::{Client, Method, RequestBuilder, redirect};
use sso_server::Service;
use sso_server::config::{
    AdminToken, Config, Database, LogFormat, Networks, PublicUrl, TrustedProxies,
};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use tokio::net::TcpListener;

/// The operator's token of every test server.
pub const OPERATOR_TOKEN: &str = "the-operator-of-the-tests";

/// Where the clock of every test server begins.
pub const BEGINNING: OffsetDateTime = datetime!(2026-01-02 03:04:05 UTC);

/// Which store a test server runs on.
#[derive(Debug, Clone)]
pub enum Engine {
    /// SQLite in the server's data folder.
    Sqlite,
    /// PostgreSQL at this URL.
    Postgres(String),
}

/// A running server and what it was started with. Its data folder goes with it.
pub struct TestServer {
    config: Config,
    service: Service,
    clock: Arc<SetClock>,
    random: Arc<SeededRandom>,
    data: TempDir,
}

impl TestServer {
    /// Starts a server on SQLite, reached at `http://localhost:PORT`.
    pub async fn start() -> Self {
        Self::start_on(Engine::Sqlite).await
    }

    /// Starts a server on a store, reached at `http://localhost:PORT`.
    pub async fn start_on(engine: Engine) -> Self {
        Self::start_at(engine, None).await
    }

    /// Starts a server whose public URL is another one than where it listens, as behind a proxy.
    pub async fn start_behind(public_url: &str) -> Self {
        Self::start_at(Engine::Sqlite, Some(public_url)).await
    }

    /// Starts a server on a store, with a public URL of its own if one is given.
    pub async fn start_at(engine: Engine, public_url: Option<&str>) -> Self {
        Self::start_with(engine, public_url, |_| ()).await
    }

    /// Starts a server with settings of its own.
    pub async fn start_with(
        engine: Engine,
        public_url: Option<&str>,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let data = tempfile::tempdir().expect("a folder for the server's data");
        let listener = listen(0).await;
        let listen = listener.local_addr().expect("the listener's address");
        let own = format!("http://localhost:{}", listen.port());
        let mut config = Config {
            listen,
            public_url: PublicUrl::read(public_url.unwrap_or(&own)).expect("a public URL"),
            data_dir: data.path().to_owned(),
            database: match engine {
                Engine::Sqlite => Database::Sqlite(data.path().join("sso.db")),
                Engine::Postgres(url) => Database::Postgres(url),
            },
            master_key_file: None,
            admin_token: Some(AdminToken::given(OPERATOR_TOKEN).expect("a token")),
            cookie_domain: None,
            trusted_proxies: TrustedProxies::default(),
            outgoing_networks: Networks::default(),
            webhook: None,
            traces_kept: Duration::days(30),
            messages_kept: Duration::days(7),
            message_bytes: 256 << 20,
            log: "info".to_owned(),
            log_format: LogFormat::Text,
        };
        change(&mut config);
        let clock = Arc::new(SetClock::at(BEGINNING));
        let random = Arc::new(SeededRandom::new(0));
        let service = Service::start(&config, listener, clock.clone(), random.clone())
            .await
            .expect("the server starts");
        Self { config, service, clock, random, data }
    }

    /// Stops the server and starts it again: same settings, data folder and port, while clock and
    /// randomness go on.
    pub async fn restart(self) -> Self {
        let Self { config, service, clock, random, data } = self;
        service.stop().await;
        let listener = listen(config.listen.port()).await;
        let service = Service::start(&config, listener, clock.clone(), random.clone())
            .await
            .expect("the server starts again");
        Self { config, service, clock, random, data }
    }

    /// Does a job of the service now, by its name.
    pub async fn run_job(&self, name: &str) {
        self.service.run_job(name).await.expect("the job is done");
    }

    /// Stops the server.
    pub async fn stop(self) {
        self.service.stop().await;
    }

    /// The server's clock.
    pub fn clock(&self) -> &SetClock {
        &self.clock
    }

    /// Where the server keeps what it stores.
    pub fn database(&self) -> crate::Database {
        match &self.config.database {
            Database::Sqlite(file) => crate::Database::Sqlite(file.clone()),
            Database::Postgres(url) => crate::Database::Postgres(url.clone()),
        }
    }

    /// The server's data folder.
    pub fn data_dir(&self) -> &Path {
        self.data.path()
    }

    /// Where the server says that it is, without a path.
    pub fn public_url(&self) -> &PublicUrl {
        &self.config.public_url
    }

    /// The address of a path, which begins with `/`, as the test reaches it.
    pub fn url(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.service.address().port())
    }

    /// A request of the operator to a path under `/api/v1`, for example `orgs/demo`.
    pub fn api(&self, method: Method, path: &str) -> RequestBuilder {
        self.api_as(OPERATOR_TOKEN, method, path)
    }

    /// The same of whoever has a token.
    pub fn api_as(&self, token: &str, method: Method, path: &str) -> RequestBuilder {
        Client::new().request(method, self.url(&format!("/api/v1/{path}"))).bearer_auth(token)
    }
}

/// A browser for one person: it keeps cookies, and leaves redirects to the test.
pub fn browser() -> Client {
    Client::builder()
        .cookie_store(true)
        .redirect(redirect::Policy::none())
        .build()
        .expect("an HTTP client")
}

async fn listen(port: u16) -> TcpListener {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    TcpListener::bind(address).await.expect("a free port on loopback")
}
