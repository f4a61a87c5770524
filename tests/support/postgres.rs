//! PostgreSQL, started by the tests themselves: one cluster for the process, on a free loopback port,
//! in a temporary folder. It ends with the process, however that ends.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// A running cluster. A test takes databases from the one of its process, [`PostgresCluster::shared`].
pub struct PostgresCluster {
    programs: PathBuf,
    port: u16,
    databases: AtomicU32,
    /// Orders for the shell around the server. It ends the server and removes its folder when this is
    /// closed, which also happens where the process is killed.
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
    _shell: Child,
}

/// Makes a cluster, runs it until its input ends, and leaves nothing behind. `crash` stops it as a
/// power failure would, `start` starts it again.
const SCRIPT: &str = r#"
set -eu
programs=$1 port=$2
shift 2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap : INT TERM
"$programs/initdb" --pgdata="$folder/data" --username=postgres --auth=trust --encoding=UTF8 \
    --no-locale --no-sync >"$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 1; }
start() {
    "$programs/postgres" -D "$folder/data" -p "$port" -c listen_addresses=127.0.0.1 \
        -c unix_socket_directories= -c max_connections=200 "$@" >>"$folder/log" 2>&1 &
    server=$!
    for _ in $(seq 300); do
        "$programs/pg_isready" --quiet --host=127.0.0.1 --port="$port" && break
        kill -0 "$server" 2>/dev/null || { cat "$folder/log" >&2; exit 1; }
        sleep 0.1
    done
}
start "$@"
echo done
while read -r order; do
    case $order in
    crash)
        kill -QUIT "$server"
        wait "$server" || true
        ;;
    start) start "$@" ;;
    esac
    echo done
done
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
        let orders = shell.stdin.take().expect("its input");
        let answers = BufReader::new(shell.stdout.take().expect("its output"));
        let databases = AtomicU32::new(0);
        let mut cluster = Self { programs, port, databases, orders, answers, _shell: shell };
        cluster.until_done();
        cluster
    }

    /// Stops it at once, without a word to who is connected, as a power failure would.
    pub fn crash(&mut self) {
        self.order("crash");
    }

    /// Starts it again on the same port and the same data, and waits until it answers.
    pub fn start_again(&mut self) {
        self.order("start");
    }

    fn order(&mut self, order: &str) {
        writeln!(self.orders, "{order}").expect("the shell listens");
        self.until_done();
    }

    fn until_done(&mut self) {
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("an answer of the shell");
        assert_eq!(line.trim(), "done", "PostgreSQL did not start; see above");
    }

    /// The URL of a new, empty database.
    pub fn database(&self) -> String {
        let name = format!("sso_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.program("createdb", &[&name]);
        format!("postgres://postgres@127.0.0.1:{}/{name}", self.port)
    }

    fn program(&self, name: &str, arguments: &[&str]) {
        let server = [("PGHOST", "127.0.0.1"), ("PGUSER", "postgres")];
        let port = self.port.to_string();
        output(
            Command::new(self.programs.join(name)).envs(server).env("PGPORT", port).args(arguments),
        );
    }
}

/// Runs SQL in the database of a URL, and gives what it prints: fields with `|` between them.
pub(crate) fn run(url: &str, sql: &str) -> String {
    let psql = programs().join("psql");
    output(Command::new(psql).args(["--no-psqlrc", "-v", "ON_ERROR_STOP=1", "-Atc", sql, url]))
}

/// Everything in the database of a URL, as SQL.
pub(crate) fn dump(url: &str) -> String {
    output(Command::new(programs().join("pg_dump")).arg(url))
}

/// What a program of PostgreSQL prints.
fn output(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = command.output().expect("a program of PostgreSQL");
    assert!(status.success(), "{command:?}: {}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).expect("text").trim().to_owned()
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
