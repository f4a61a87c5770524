//! The README shows the example word for word.

use std::fs;
use std::path::Path;

#[test]
fn the_readme_shows_the_example() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let example = fs::read_to_string(root.join("crates/sso-core/examples/axum_app.rs")).unwrap();
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let (_, section) = readme.split_once("\n## Embed it\n").expect("the section `Embed it`");
    let (_, rest) = section.split_once("\n```rust\n").expect("its code");
    let (shown, _) = rest.split_once("```\n").expect("the code's end");
    for (number, (line, wanted)) in shown.lines().zip(example.lines()).enumerate() {
        assert_eq!(line, wanted, "line {} of the example in the README", number + 1);
    }
    assert_eq!(shown, example, "the README and the example differ in length");
}
