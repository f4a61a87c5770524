//! See [`sso_fuzz::c14n`].
#![no_main]

#[global_allocator]
static ALLOCATOR: sso_fuzz::Counting = sso_fuzz::Counting;

libfuzzer_sys::fuzz_target!(init: sso_fuzz::collect_seeds("c14n"), |input: &[u8]| {
    sso_fuzz::c14n(input);
});
