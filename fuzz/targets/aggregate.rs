//! See [`sso_fuzz::aggregate`].
#![no_main]

#[global_allocator]
static ALLOCATOR: sso_fuzz::Counting = sso_fuzz::Counting;

libfuzzer_sys::fuzz_target!(init: sso_fuzz::collect_seeds("aggregate"), |input: &[u8]| {
    sso_fuzz::aggregate(input);
});
