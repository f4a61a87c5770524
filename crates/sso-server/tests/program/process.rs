//! The program as a process: `sso-server serve`, which runs, and commands, which end.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;
use tempfile::TempDir;

/// The program in a folder, without any setting of the machine that the test runs on.
pub(crate) fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sso-server"));
    command.current_dir(folder).env_clear();
    command
}

/// `sso-server serve` in a folder, on a free port.
pub(crate) fn serve(folder: &Path) -> Command {
    let mut command = program(folder);
    command.arg("serve").env("SSO_LISTEN", "127.0.0.1:0");
    command
}

pub(crate) fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// A service that runs.
pub(crate) struct Started {
    process: Child,
    pub(crate) first_line: String,
    pub(crate) address: String,
    rest: Option<JoinHandle<String>>,
}

impl Drop for Started {
    /// A test that fails leaves no service behind.
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Started {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut process = command.stderr(Stdio::piped()).spawn().expect("the program runs");
        let mut log = BufReader::new(process.stderr.take().expect("its log"));
        let mut before = String::new();
        let mut first_line = String::new();
        while !first_line.contains("the service is running") {
            before.push_str(&first_line);
            first_line.clear();
            let read = log.read_line(&mut first_line).expect("its log");
            assert!(read > 0, "the service ended at once: {before}");
        }
        let port = first_line.split("127.0.0.1:").nth(1).expect("its address");
        let port: String = port.chars().take_while(char::is_ascii_digit).collect();
        let rest = std::thread::spawn(move || {
            let mut rest = before;
            log.read_to_string(&mut rest).expect("its log");
            rest
        });
        Self { process, first_line, address: format!("127.0.0.1:{port}"), rest: Some(rest) }
    }

    /// Sends a request as it is and reads the whole answer.
    pub(crate) fn ask(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("a connection");
        let request = request.replacen("\r\n", "\r\nconnection: close\r\n", 1);
        stream.write_all(request.as_bytes()).expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    }

    /// Stops it as an operating system does.
    pub(crate) fn stop(self) -> ExitStatus {
        self.stop_and_read().0
    }

    /// Stops it, and reads what it logged.
    pub(crate) fn stop_and_read(mut self) -> (ExitStatus, String) {
        let told = Command::new("kill").arg(self.process.id().to_string()).status();
        assert!(told.expect("kill runs").success());
        let status = self.process.wait().expect("it ends");
        let rest = self.rest.take().expect("it is read once");
        (status, rest.join().expect("its log"))
    }
}
