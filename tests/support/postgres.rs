//! PostgreSQL, started by the tests themselves: one cluster for the process, on a free loopback port,
//! in a temporary folder. It ends with the process, however that ends.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// A running cluster. A test takes databases from the one of its process, [`PostgresCluster::shared`].
pub struct PostgresCluster {
    programs: PathBuf,
    port: u16,
    databases: AtomicU32,
    /// The shell around the server ends it and removes its folder when this is closed, which also
    /// happens where the process is killed.
    _alive: ChildStdin,
    _shell: Child,
}

/// Makes a cluster, runs it until its input ends, and leaves nothing behind.
const SCRIPT: &str = r#"
set -eu
programs=$1 port=$2
shift 2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap : INT TERM
"$programs/initdb" --pgdata="$folder/data" --username=postgres --auth=trust --encoding=UTF8 \
    --no-locale --no-sync >"$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 1; }
"$programs/postgres" -D "$folder/data" -p "$port" -c listen_addresses=127.0.0.1 \
    -c unix_socket_directories= -c max_connections=200 "$@" >"$folder/log" 2>&1 &
server=$!
for _ in $(seq 300); do
    "$programs/pg_isready" --quiet --host=127.0.0.1 --port="$port" && break
    kill -0 "$server" 2>/dev/null || { cat "$folder/log" >&2; exit 1; }
    sleep 0.1
done
echo ready
read -r _ || true
kill -INT "$server"
wait "$server" || true
"#;

impl PostgresCluster {
    /// The cluster of this process, which the first caller starts.
    ///
    /// # Panics
    /// PostgreSQL is not installed, or does not start: nothing is passed over.
    pub fn shared() -> &'static Self {
        static CLUSTER: OnceLock<PostgresCluster> = OnceLock::new();
        // What the machine loses in a power failure, no test looks for.
        CLUSTER.get_or_init(|| Self::start(&["fsync=off"]))
    }

    /// Starts a cluster with these settings on top of PostgreSQL's own.
    ///
    /// # Panics
    /// As [`PostgresCluster::shared`].
    pub fn start(settings: &[&str]) -> Self {
        let programs = programs();
        let port = TcpListener::bind(("127.0.0.1", 0))
            .and_then(|listener| listener.local_addr())
            .expect("a free port")
            .port();
        let mut shell = as_unprivileged_user()
            .args(["sh", "-c", SCRIPT, "sh"])
            .arg(&programs)
            .arg(port.to_string())
            .args(settings.iter().flat_map(|setting| ["-c", *setting]))
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell starts");
        let alive = shell.stdin.take().expect("its input");
        let mut line = String::new();
        let output = shell.stdout.take().expect("its output");
        BufReader::new(output).read_line(&mut line).expect("its first line");
        assert_eq!(line.trim(), "ready", "PostgreSQL did not start; see above");
        Self { programs, port, databases: AtomicU32::new(0), _alive: alive, _shell: shell }
    }

    /// The URL of a new, empty database.
    pub fn database(&self) -> String {
        let name = format!("sso_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.program("createdb", &[&name]);
        format!("postgres://postgres@127.0.0.1:{}/{name}", self.port)
    }

    /// Runs SQL in a database, apart from the store, and gives what it prints: fields with `|`
    /// between them.
    pub fn run(&self, url: &str, sql: &str) -> String {
        self.program("psql", &["--no-psqlrc", "-v", "ON_ERROR_STOP=1", "-Atc", sql, url])
    }

    /// Everything in a database, as SQL.
    pub fn dump(&self, url: &str) -> String {
        self.program("pg_dump", &[url])
    }

    fn program(&self, name: &str, arguments: &[&str]) -> String {
        let Output { status, stdout, stderr } = Command::new(self.programs.join(name))
            .envs([("PGHOST", "127.0.0.1"), ("PGUSER", "postgres")])
            .env("PGPORT", self.port.to_string())
            .args(arguments)
            .output()
            .expect("a program of PostgreSQL starts");
        assert!(status.success(), "{name} {arguments:?}: {}", String::from_utf8_lossy(&stderr));
        String::from_utf8(stdout).expect("text").trim().to_owned()
    }
}

/// Where the newest installed version has its programs.
fn programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    versions
        .map(|version| version.path().join("bin"))
        .filter(|folder| folder.join("initdb").exists())
        .max_by_key(|folder| version(folder))
        .expect("PostgreSQL is not installed: ./test installs it (Debian: postgresql)")
}

fn version(programs: &Path) -> u32 {
    let name = programs.parent().and_then(Path::file_name).and_then(|name| name.to_str());
    name.and_then(|name| name.parse().ok()).unwrap_or(0)
}

/// initdb refuses root, so root becomes the user that Debian's package made.
fn as_unprivileged_user() -> Command {
    let id = Command::new("id").arg("-u").output().expect("id starts");
    if id.stdout.trim_ascii() == b"0" {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]);
        command
    } else {
        Command::new("env")
    }
}
