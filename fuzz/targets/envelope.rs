//! See [`sso_fuzz::envelope`].
#![no_main]

#[global_allocator]
static ALLOCATOR: sso_fuzz::Counting = sso_fuzz::Counting;

libfuzzer_sys::fuzz_target!(init: sso_fuzz::collect_seeds("envelope"), |input: &[u8]| {
    sso_fuzz::envelope(input);
});
