//! See [`sso_fuzz::verify`].
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    sso_fuzz::verify(input);
});
