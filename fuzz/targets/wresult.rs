//! See [`sso_fuzz::wresult`].
#![no_main]

#[global_allocator]
static ALLOCATOR: sso_fuzz::Counting = sso_fuzz::Counting;

libfuzzer_sys::fuzz_target!(init: sso_fuzz::collect_seeds("wresult"), |input: &[u8]| {
    sso_fuzz::wresult(input);
});
