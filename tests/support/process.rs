//! The real `sso-server serve` as a process, which a test can kill and start again on its data.

use crate::{Admin, Database, OPERATOR_TOKEN};
use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The master key of every service process, in hex.
pub const MASTER_KEY: &str = "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a";

/// How many characters of its log a test that fails shows.
const LAST_OF_LOG: usize = 20_000;

/// A running service with a data folder of its own. It ends with this value.
pub struct ServerProcess {
    folder: TempDir,
    port: u16,
    settings: Vec<(String, String)>,
    process: Child,
}

impl ServerProcess {
    /// Starts a service on a free port, with an empty data folder, and waits until it is ready.
    /// `database_url`: an empty PostgreSQL database; `None`: SQLite in the data folder.
    ///
    /// # Panics
    /// It does not become ready; its log is in the message.
    pub async fn start(database_url: Option<String>) -> Self {
        Self::start_with(database_url, &[]).await
    }

    /// The same with settings of its own, each the name and the value of an environment variable.
    pub async fn start_with(database_url: Option<String>, settings: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        std::fs::write(folder.path().join("master.hex"), MASTER_KEY).expect("a master key");
        let port = free_port();
        let database_url = database_url.as_deref().map(|url| ("SSO_DATABASE_URL", url));
        let settings = database_url.iter().chain(settings);
        let settings: Vec<_> =
            settings.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let process = spawn(folder.path(), port, &settings);
        let mut service = Self { folder, port, settings, process };
        service.until_ready().await;
        service
    }

    /// Kills the service without warning, as a power failure would, and starts it again on the same
    /// port and the same data.
    pub async fn crash_and_restart(&mut self) {
        self.kill();
        self.restart().await;
    }

    /// Kills the service without warning.
    pub fn kill(&mut self) {
        // Fails only where the process has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    /// Starts the service again after it was killed, on the same port and the same data.
    pub async fn restart(&mut self) {
        self.process = spawn(self.folder.path(), self.port, &self.settings);
        self.until_ready().await;
    }

    /// Runs a command beside the service, on the same installation, its words separated by spaces.
    pub fn command(&self, line: &str) -> Output {
        self.command_with(line, &[])
    }

    /// The same with more in its environment.
    pub fn command_with(&self, line: &str, environment: &[(&str, String)]) -> Output {
        let mut command = installed(self.folder.path(), self.port, &self.settings);
        let environment = environment.iter().map(|(name, value)| (name, value));
        command.args(line.split(' ')).envs(environment).output().expect("the command runs")
    }

    /// Begins a command beside the service, which a test can kill.
    pub fn begin_command(&self, line: &str) -> Child {
        let mut command = installed(self.folder.path(), self.port, &self.settings);
        command.args(line.split(' ')).stdout(Stdio::null()).spawn().expect("the command starts")
    }

    /// The file with its master keys.
    pub fn key_file(&self) -> PathBuf {
        self.folder.path().join("master.hex")
    }

    /// Where it keeps what it stores.
    pub fn database(&self) -> Database {
        let url = self.settings.iter().find(|(name, _)| name == "SSO_DATABASE_URL");
        match url {
            Some((_, url)) => Database::Postgres(url.clone()),
            None => Database::Sqlite(self.folder.path().join("data/sso.db")),
        }
    }

    /// Everything that it has logged, before each restart too.
    pub fn log(&self) -> String {
        std::fs::read_to_string(log_file(self.folder.path())).unwrap_or_default()
    }

    /// The absolute address of a path, under the public URL.
    pub fn url(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.port)
    }

    /// The Admin API, as the operator.
    pub fn admin(&self) -> Admin {
        Admin::new(self.url("/api/v1/"), OPERATOR_TOKEN)
    }

    async fn until_ready(&mut self) {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let answer = reqwest::get(self.url("/readyz")).await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return;
            }
            let ended = self.process.try_wait().expect("the state of the process");
            assert!(
                ended.is_none() && Instant::now() < deadline,
                "the service is not ready (ended: {ended:?}); its log:\n{}",
                self.log()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            let log = self.log();
            let last = log.char_indices().rev().nth(LAST_OF_LOG).map_or(0, |(at, _)| at);
            eprintln!("--- the service's log:\n{}", &log[last..]);
        }
    }
}

fn spawn(folder: &Path, port: u16, settings: &[(String, String)]) -> Child {
    let log = File::options()
        .create(true)
        .append(true)
        .open(log_file(folder))
        .expect("the service's log file");
    installed(folder, port, settings)
        .arg("serve")
        .stdout(log.try_clone().expect("a second handle of the log"))
        .stderr(log)
        .spawn()
        .expect("the service starts")
}

/// The program with the settings of an installation, and none of the machine that the test runs on.
fn installed(folder: &Path, port: u16, settings: &[(String, String)]) -> Command {
    let mut command = Command::new(program("sso-server-under-test"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("SSO_") {
            command.env_remove(name);
        }
    }
    command
        .current_dir(folder)
        .env("SSO_LISTEN", format!("127.0.0.1:{port}"))
        .env("SSO_PUBLIC_URL", format!("http://localhost:{port}"))
        .env("SSO_DATA_DIR", folder.join("data"))
        .env("SSO_MASTER_KEY_FILE", folder.join("master.hex"))
        .env("SSO_ADMIN_TOKEN", OPERATOR_TOKEN)
        .envs(settings.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null());
    command
}

fn log_file(folder: &Path) -> PathBuf {
    folder.join("service.log")
}

/// A program of this package (tests/Cargo.toml), by its name: built from the source that it is a test
/// of, so that cargo has it up to date whenever it runs a test of this package.
pub fn program(name: &str) -> PathBuf {
    // This test is target/debug/deps/NAME.
    let test = std::env::current_exe().expect("the path of this test");
    test.ancestors().nth(2).expect("the target folder").join(name)
}

/// A port of loopback that was free just now.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("its address").port()
}
