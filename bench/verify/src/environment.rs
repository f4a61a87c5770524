//! What the figures of a run hold for: the day, the machine, the compiler, the versions of what is compared.

use std::fs;
use std::process::Command;

/// A line of Markdown for each.
pub(crate) fn print() {
    println!("- {}, {}", said("date", &["-u", "+%-d %B %Y"]), processor());
    println!("- {}, {}", said("rustc", &["--version"]), openssl::version::version());
    println!("- {}", said("valgrind", &["--version"]));
    #[cfg(feature = "peers")]
    {
        let (xmlsec, libxml) = crate::subjects::xmlsec1::versions();
        println!("- samael {}, xml-sec {}", locked("samael"), locked("xml-sec"));
        println!("- xmlsec1 {xmlsec}, libxml2 {libxml}");
    }
}

/// What a program prints.
fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let text = output.map_or_else(|_| Vec::new(), |output| output.stdout);
    String::from_utf8_lossy(&text).trim().to_owned()
}

fn processor() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let lines = info.lines().filter_map(|line| line.split_once(':'));
    let mut names = lines.filter(|(name, _)| name.trim() == "model name").map(|(_, it)| it.trim());
    let name = names.next().unwrap_or("an unnamed processor").to_owned();
    format!("{name}, {} cores", 1 + names.count())
}

/// The version of a crate in the lock file.
#[cfg(feature = "peers")]
fn locked(name: &str) -> &'static str {
    let entry = format!("name = \"{name}\"\nversion = \"");
    let lock = include_str!("../../Cargo.lock");
    let version = lock.split_once(&entry).and_then(|(_, rest)| rest.split_once('"'));
    version.map_or("", |(version, _)| version)
}
