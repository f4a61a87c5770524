//! See [`sso_fuzz::decrypt`].
#![no_main]

#[global_allocator]
static ALLOCATOR: sso_fuzz::Counting = sso_fuzz::Counting;

libfuzzer_sys::fuzz_target!(init: sso_fuzz::collect_seeds("decrypt"), |input: &[u8]| {
    sso_fuzz::decrypt(input);
});
