//! Addresses that somebody wants a browser sent to, and how to tell that it was not (ATTACKS WEB-02).

use url::Url;

/// What is asked for. None of them may lead anywhere but to [`stays`].
pub const HOSTILE_TARGETS: &[&str] = &[
    // Another host that looks like a path.
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/\\/evil.example",
    "/..//evil.example",
    "%2f%2fevil.example",
    "/%5cevil.example",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    // Characters that a reader passes over.
    " //evil.example",
    "\t//evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\r\n//evil.example",
    "/a\r\nSet-Cookie: x=1",
    "/a\0b",
    "https://sso.example\t.evil.example/",
    "java\tscript:alert(1)",
    // Another host that has ours in it.
    "https://evil.example/",
    "https://evil.example/https://sso.example/",
    "https://evil.example?sso.example",
    "https://evil.example#@sso.example/",
    "https://evil.example\\@sso.example/",
    "https://sso.example\\@evil.example/",
    "https://sso.example@evil.example/",
    "https://sso.example%2f@evil.example/",
    "https://sso.example.evil.example/",
    "https://evilsso.example/",
    "https://corp.example.evil.example/",
    "https://corp.example%00.evil.example/",
    "https://corp.example%2eevil.example/",
    "https://evilcorp.example/",
    "https://sub.corp.example/",
    // The right host with a user, another port, another scheme, a dot at its end.
    "https://user@sso.example/",
    "https://:pw@corp.example/",
    "https://sso.example:8443/",
    "https://corp.example:8443/",
    "https://wiki.example:444/app",
    "http://sso.example/",
    "http://corp.example/",
    "http://wiki.example/app",
    "https://sso.example./",
    "https://corp.example./",
    "https://wiki.example./app",
    // Letters of other alphabets, and their spellings.
    "https://c\u{43e}rp.example/",
    "https://wik\u{456}.example/app",
    "https://xn--crp-tmc.example/",
    "https://evil\u{3002}example/",
    "https://corp\u{3002}example.evil.example/",
    // No address of the web at all.
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "javascript://sso.example/%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "file:///etc/passwd",
    "blob:https://sso.example/x",
    "blob:https://wiki.example/app",
    "filesystem:https://sso.example/x",
    "view-source:https://sso.example/",
    "ws://sso.example/",
    "wss://sso.example/",
    "ftp://sso.example/",
    "intent://evil.example#Intent;scheme=https;end",
    "mailto:me@evil.example",
    "about:blank",
    // Out of the application, or beside it.
    "https://wiki.example/",
    "https://wiki.example/apple",
    "https://wiki.example/app/../admin",
    "https://wiki.example/app/%2e%2e/admin",
    "https://wiki.example/app/..%2fadmin",
    "https://wiki.example/app/..%5cadmin",
    "https://wiki.example/app\\..\\admin",
    // Numbers for names.
    "https://2130706433/",
    "https://0x7f.1/",
    "https://[::ffff:127.0.0.1]/",
];

/// Whether an address is on the allow-list of the organization `corp` at `https://sso.example`, where an
/// application is registered at `https://wiki.example/app`. Written anew, without our own code.
pub fn stays(address: &str) -> bool {
    let Ok(url) = Url::parse(address) else { return address == "/welcome" };
    let path = url.path().to_ascii_lowercase();
    let in_app = path == "/app" || path.starts_with("/app/");
    let is_plain = !path.contains("%2e") && !path.contains("%2f") && !path.contains("%5c");
    let nobody = url.username().is_empty() && url.password().is_none();
    url.scheme() == "https"
        && nobody
        && url.port().is_none()
        && !address.contains(['\r', '\n', '\t', '\\'])
        && match url.host_str() {
            Some("sso.example" | "corp.example") => true,
            Some("wiki.example") => in_app && is_plain,
            _ => false,
        }
}
