//! What `./test` runs: whether a login, every rule on, costs no more than its share of the least that it could
//! cost, and a refusal no more than it may. All of it is counted by callgrind on committed inputs, so that the
//! answer does not depend on how busy the machine is.

use crate::input::committed;
use crate::logins;
use crate::refusals;
use crate::subjects::{LIMIT, OURS};

/// The most that a login may cost, over the limit.
const MOST: [(&str, f64); 4] =
    [("response", 1.5), ("groups", 1.7), ("enc_gcm", 1.15), ("enc_cbc", 1.15)];

/// How far the causes of a failed decryption may differ: a hundredth (ATTACKS ENC-08).
const UNEVEN: f64 = 0.01;

/// Whether everything costs what it may. What does not is said.
pub(crate) fn holds() -> bool {
    let refusals = refusals::GROUPS.iter().map(|(group, _)| refusals_hold(group));
    refusals.fold(logins_hold(), |so_far, holds| so_far & holds)
}

fn logins_hold() -> bool {
    let counts = logins::instructions(&committed(), &MOST.map(|(input, _)| input));
    let mut holds = true;
    for (input, most) in MOST {
        let each = |subject: &str| counts[&(input.to_owned(), subject.to_owned())];
        let ratio = each(OURS) / each(LIMIT);
        println!("gate: {input}: {ratio:.2} times the limit, at most {most}");
        holds &= ratio <= most;
    }
    holds
}

fn refusals_hold(group: &str) -> bool {
    let cases = refusals::instructions(group).cases;
    let dear = cases.iter().filter(|case| case.each > case.most);
    let dear = dear.map(|case| format!("{}: at most {:.0}", case.cause, case.most));
    // They stand beside one another, for each number of keys.
    let failures = cases.windows(2).filter(|pair| pair.iter().all(|it| it.code == "decryption"));
    let uneven = failures.filter(|pair| (pair[0].each / pair[1].each - 1.0).abs() > UNEVEN);
    let uneven = uneven.map(|pair| format!("{} and {} differ", pair[0].cause, pair[1].cause));
    let faults: Vec<_> = dear.chain(uneven).collect();
    println!("gate: {group}: {} of {} refusals cost too much", faults.len(), cases.len());
    faults.iter().for_each(|fault| println!("  {fault}"));
    faults.is_empty()
}
