//! CPU time: of this process with all its threads, and of a PostgreSQL server beside it.

use rustix::time::{ClockId, clock_gettime};
use std::fs;

/// CPU time used so far, in microseconds.
pub struct Usage {
    /// By this process.
    pub process: f64,
    /// By the server and the processes that it started, in ticks of 10 ms.
    pub server: f64,
}

impl Usage {
    pub fn now(server: Option<u32>) -> Self {
        let process = clock_gettime(ClockId::ProcessCPUTime);
        Self {
            process: process.tv_sec as f64 * 1e6 + process.tv_nsec as f64 / 1e3,
            server: server.map_or(0.0, |server| {
                processes().filter(|p| p.id == server || p.parent == server).map(|p| p.micros).sum()
            }),
        }
    }
}

/// The PostgreSQL server that listens on the port of a URL.
pub fn postmaster(url: &str) -> Option<u32> {
    let port = url.rsplit(':').next()?.split('/').next()?;
    processes().map(|process| process.id).find(|id| {
        let line = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
        let words: Vec<_> = line.split(|byte| *byte == 0).collect();
        words.first().is_some_and(|program| program.ends_with(b"/postgres"))
            && words.windows(2).any(|pair| pair[0] == b"-p" && pair[1] == port.as_bytes())
    })
}

struct Process {
    id: u32,
    parent: u32,
    micros: f64,
}

fn processes() -> impl Iterator<Item = Process> {
    fs::read_dir("/proc").expect("/proc").flatten().filter_map(|entry| {
        let id = entry.file_name().to_str()?.parse().ok()?;
        let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
        // After the name, which may hold anything: state, parent, …, user and system time.
        let (_, rest) = stat.rsplit_once(')')?;
        let fields: Vec<_> = rest.split_whitespace().collect();
        let ticks = |i: usize| fields.get(i)?.parse::<f64>().ok();
        let micros = (ticks(11)? + ticks(12)?) * 10_000.0;
        Some(Process { id, parent: fields.get(1)?.parse().ok()?, micros })
    })
}
