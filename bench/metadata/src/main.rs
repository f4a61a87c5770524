//! One pass over an aggregate, `sso-bench-metadata WHAT FOLDER [ENTITY ID]`: how much CPU time it took and how much memory
//! the process grew by. Each pass is a process of its own, and begins with a small document, so that what is
//! counted is the pass alone. `WHAT` is one of
//!
//! - `import`: one entity imported, the aggregate's signature verified against `signer.pem`;
//! - `import-unsigned`: one entity imported, no key pinned;
//! - `index`: all entities listed;
//! - `quick-xml`: a bare pass of quick-xml's `Reader`, every event read and dropped;
//! - `quick-xml-ns`: the same with its `NsReader`.

use quick_xml::events::Event;
use quick_xml::{NsReader, Reader};
use sso_core::dsig::{TrustedKey, TrustedKeys};
use sso_core::metadata::{import_from, index};
use std::error::Error;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use time::macros::datetime;

const SMALL: &str = "<md:EntitiesDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\">\n</md:EntitiesDescriptor>";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let (what, folder) = match arguments.as_slice() {
        [_, what, folder, ..] => (what.as_str(), Path::new(folder)),
        _ => return Err("usage: sso-bench-metadata WHAT FOLDER [ENTITY ID]".into()),
    };
    let entity =
        arguments.get(3).map_or("https://idp9990.members.example/shibboleth", String::as_str);
    let file = || File::open(folder.join("aggregate.xml"));
    let now = datetime!(2026-11-22 0:00 UTC);
    let pinned = match what {
        "import" => {
            let signer = std::fs::read(folder.join("signer.pem"))?;
            TrustedKeys::new(vec![TrustedKey::from_certificate_pem(&signer)?])
        }
        _ => None,
    };

    index(SMALL.as_bytes())?;
    let (before, begun) = (resident("VmRSS")?, cpu_seconds()?);
    let said = match what {
        "import" => {
            import_from(file()?, entity, pinned.as_ref(), now)?.idp.sso.location.to_string()
        }
        "import-unsigned" => import_from(file()?, entity, None, now)?.idp.sso.location.to_string(),
        "index" => format!("{} entities", index(file()?)?.len()),
        "quick-xml" => {
            let mut reader = Reader::from_reader(BufReader::with_capacity(256 * 1024, file()?));
            let (mut buffer, mut events) = (Vec::new(), 0);
            while !matches!(reader.read_event_into(&mut buffer)?, Event::Eof) {
                events += 1;
                buffer.clear();
            }
            format!("{events} events")
        }
        "quick-xml-ns" => {
            let mut reader = NsReader::from_reader(BufReader::with_capacity(256 * 1024, file()?));
            let (mut buffer, mut events) = (Vec::new(), 0);
            while !matches!(reader.read_resolved_event_into(&mut buffer)?.1, Event::Eof) {
                events += 1;
                buffer.clear();
            }
            format!("{events} events")
        }
        _ => {
            return Err(
                "WHAT is one of import, import-unsigned, index, quick-xml, quick-xml-ns".into()
            );
        }
    };
    let seconds = cpu_seconds()? - begun;
    let grown = resident("VmHWM")?.saturating_sub(before);
    println!("{what:16} {seconds:7.3} s  {:6.1} MiB grown  {said}", grown as f64 / 1024.0);
    Ok(())
}

/// How long this thread, which is the only one, was on a processor.
fn cpu_seconds() -> Result<f64, Box<dyn Error>> {
    let figures = std::fs::read_to_string("/proc/self/schedstat")?;
    let nanoseconds: u64 = figures.split_ascii_whitespace().next().ok_or("no figure")?.parse()?;
    Ok(nanoseconds as f64 / 1e9)
}

/// A figure of the process's memory, in KiB.
fn resident(name: &str) -> Result<u64, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with(name)).ok_or("no such figure")?;
    Ok(line.split_ascii_whitespace().nth(1).ok_or("no number")?.parse()?)
}
