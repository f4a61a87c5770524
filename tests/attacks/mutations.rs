//! A byte changed, put in or taken out anywhere: the message is refused, or the login is the genuine one
//! in every value.

use crate::bases::bases;
use crate::wresult::answers;
use sso_core::random::Random;
use sso_server::selftest::is_same;
use sso_tests::SeededRandom;

/// The mutations of each message.
const MUTATIONS: usize = 600;

#[test]
fn a_changed_byte_never_makes_another_login() {
    let random = SeededRandom::new(20_261_122);
    let mut accepted = 0;
    let mut refused = 0;
    for base in bases().into_iter().chain(answers().into_iter().map(|(_, base)| base)) {
        let genuine = base.case.verify(&base.message).unwrap();
        for _ in 0..MUTATIONS {
            let mutated = mutated(&base.message, &random);
            match base.case.verify(&mutated) {
                Err(_) => refused += 1,
                Ok(login) => {
                    accepted += 1;
                    let text = String::from_utf8_lossy(&mutated);
                    assert!(is_same(&login, &genuine), "{}: {login:?} of {text}", base.name);
                }
            }
        }
    }
    // Some change what nobody signed. Were there none, this would show nothing.
    assert!(accepted > 0 && accepted < refused, "{accepted} accepted, {refused} refused");
}

fn mutated(message: &[u8], random: &dyn Random) -> Vec<u8> {
    let mut drawn = [0; 6];
    random.fill(&mut drawn);
    let [a, b, c, d, byte, kind] = drawn;
    let at = usize::try_from(u32::from_be_bytes([a, b, c, d])).unwrap() % message.len();
    // As often a character that means something as any byte at all.
    let byte = match byte {
        0..128 => b"<>\"'&; =/!-:_aA0"[usize::from(byte) % 16],
        _ => byte,
    };
    let mut mutated = message.to_vec();
    match kind % 4 {
        0 => mutated[at] = byte,
        1 => mutated[at] ^= 1 << (byte % 8),
        2 => mutated.insert(at, byte),
        _ => drop(mutated.remove(at)),
    }
    mutated
}
