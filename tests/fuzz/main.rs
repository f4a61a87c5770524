//! The fuzz targets' bodies on stable: every input that was kept, everything that fuzzing begins with, and
//! many changes of genuine messages. Which ones is fixed, so that a failure is one tomorrow as well.

use sso_tests::shared;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

/// Counts what the targets allocate, which they hold to a bound.
#[global_allocator]
static ALLOCATOR: sso_fuzz::Counting = sso_fuzz::Counting;

/// Runs a target on an input; gives whether it was taken.
fn taken((name, body): sso_fuzz::Target, input: &[u8]) -> bool {
    catch_unwind(|| body(input)).unwrap_or_else(|_| panic!("{name}: {}", input.escape_ascii()))
}

fn target(wanted: &str) -> sso_fuzz::Target {
    *sso_fuzz::TARGETS.iter().find(|(name, _)| *name == wanted).expect("a target")
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[test]
fn kept_inputs_and_findings_hold() {
    for target in sso_fuzz::TARGETS {
        for kind in ["corpus", "findings"] {
            let Ok(kept) = fs::read_dir(repository().join("fuzz").join(kind).join(target.0)) else {
                assert_eq!(kind, "findings", "{} has no corpus", target.0);
                continue;
            };
            let inputs: Vec<_> = kept.map(|it| fs::read(it.unwrap().path()).unwrap()).collect();
            assert!(!inputs.is_empty());
            let held = inputs.iter().filter(|input| taken(*target, input)).count();
            assert!(held > 0 || kind == "findings", "{} takes nothing that was kept", target.0);
        }
    }
}

#[test]
fn seeds_hold() {
    let ours = ["tests/corpus", "tests/attacks/captured", "metadata"];
    let mut folders: Vec<_> = ours.iter().map(|it| repository().join(it)).collect();
    folders.extend(["vectors", "captures"].into_iter().filter_map(shared));
    for target in sso_fuzz::TARGETS {
        let seeds = sso_fuzz::seeds(target.0, &folders);
        let held = seeds.iter().filter(|seed| taken(*target, seed)).count();
        assert!(held > 0, "{} takes none of {} seeds", target.0, seeds.len());
    }
}

/// xorshift64*: enough to choose places.
struct Choices(u64);

impl Choices {
    fn byte(&mut self) -> u8 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D).to_be_bytes()[0]
    }

    /// A script of one to three changes.
    fn script(&mut self) -> Vec<u8> {
        let changes = usize::from(self.byte() % 3) + 1;
        (0..changes * 6).map(|_| self.byte()).collect()
    }
}

#[test]
fn changed_messages_hold() {
    let mut choices = Choices(20_261_121);
    for (name, genuine, inputs) in [
        ("verify", 5, 4_000),
        ("decrypt", 4, 400),
        ("wresult", 7, 2_000),
        ("envelope", 10, 2_000),
        ("redirect", 1, 600),
        ("metadata", 2, 400),
        ("aggregate", 4, 400),
    ] {
        let target = target(name);
        let mut held = 0;
        for number in 0..inputs {
            let first = u8::try_from(number % genuine).unwrap();
            let input = [vec![first], choices.script()].concat();
            held += usize::from(taken(target, &input));
        }
        // Some change what no signature covers, or nothing. Were there none, this would show nothing.
        assert!((inputs / 200..inputs).contains(&held), "{name}: {held} of {inputs} held");
    }
}

#[test]
fn changed_documents_hold() {
    let response = fs::read(repository().join("bench/verify/inputs/response.xml")).unwrap();
    let mut choices = Choices(20_261_122);
    for name in ["reader", "c14n"] {
        let inputs = (0..1_000).map(|_| sso_fuzz::edited(&response, &choices.script()));
        let held = inputs.filter(|input| taken(target(name), input)).count();
        assert!((200..1_000).contains(&held), "{name}: {held} held");
    }
}
