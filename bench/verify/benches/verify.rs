//! Time of one verification, each subject on each input, beside the limit of the same run.

use criterion::{Criterion, criterion_group, criterion_main};
use sso_bench_verify::{Input, SUBJECTS};
use std::path::Path;

fn verify(criterion: &mut Criterion) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/bench/inputs");
    for name in ["okta", "entra", "both", "ecdsa", "large"] {
        let input = Input::read(&folder, name);
        let mut group = criterion.benchmark_group(name);
        for (subject, operation) in SUBJECTS {
            let operation = operation(&input);
            group.bench_function(*subject, |bencher| bencher.iter(&operation));
        }
        group.finish();
    }
}

criterion_group!(benches, verify);
criterion_main!(benches);
