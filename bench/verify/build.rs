//! Builds the peer that is written in C, where peers are wanted.

fn main() {
    #[cfg(feature = "peers")]
    {
        let source = "src/subjects/xmlsec1.c";
        println!("cargo:rerun-if-changed={source}");
        let library = pkg_config::probe_library("xmlsec1-openssl").expect("libxmlsec1-dev");
        let mut build = cc::Build::new();
        build.file(source).includes(&library.include_paths).opt_level(3);
        for (name, value) in &library.defines {
            build.define(name, value.as_deref());
        }
        build.compile("peer_xmlsec1");
    }
}
