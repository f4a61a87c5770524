//! A secret, and every spelling in which it could have got out.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use openssl::pkey::{PKey, Private};

/// Something that nobody may find.
#[derive(Debug, Clone)]
pub(crate) struct Needle {
    /// What it is.
    pub(crate) name: String,
    spellings: Vec<Text>,
}

impl Needle {
    /// A text, for example a token.
    pub(crate) fn text(name: &str, text: &str) -> Self {
        Self::bytes(name, text.as_bytes())
    }

    /// Bytes: as they are, in hex, in base64, and as Rust shows a list of numbers.
    pub(crate) fn bytes(name: &str, bytes: &[u8]) -> Self {
        assert!(bytes.len() >= 8, "{name} is too short to be looked for");
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let numbers: Vec<_> = bytes.iter().map(u8::to_string).collect();
        let mut spellings = vec![Text::new(bytes)];
        for text in [
            hex.to_uppercase(),
            hex,
            STANDARD.encode(bytes),
            URL_SAFE_NO_PAD.encode(bytes),
            numbers.join(", "),
        ] {
            spellings.push(Text::new(text.as_bytes()));
        }
        Self { name: name.to_owned(), spellings }
    }

    /// A private key: PKCS #8, each line of its PEM, and the numbers that are secret of RSA.
    pub(crate) fn private_key(name: &str, key: &PKey<Private>) -> Vec<Self> {
        let der = key.private_key_to_pkcs8().expect("PKCS #8");
        let pem = key.private_key_to_pem_pkcs8().expect("PEM");
        let pem = String::from_utf8(pem).expect("text");
        let mut needles = vec![Self::bytes(&format!("{name}, PKCS #8"), &der)];
        // What comes first is the same in every key, then the public numbers.
        for line in pem.lines().skip(9).filter(|line| line.len() == 64) {
            let spellings = vec![Text::new(line.as_bytes())];
            needles.push(Self { name: format!("{name}, PEM"), spellings });
        }
        if let Ok(rsa) = key.rsa() {
            let numbers = [("d", Some(rsa.d())), ("p", rsa.p()), ("q", rsa.q())];
            for (letter, number) in numbers {
                let number = number.expect("a number of RSA").to_vec();
                needles.push(Self::bytes(&format!("{name}, {letter}"), &number));
            }
        }
        needles
    }

    /// A text that has it in the middle, for each of its spellings.
    pub(crate) fn planted(&self) -> impl Iterator<Item = Text> {
        self.spellings.iter().map(|spelling| Text(format!("before <{}> after", spelling.0)))
    }
}

/// Bytes, each as a character, since the standard library searches texts quickly.
#[derive(Debug, Clone)]
pub(crate) struct Text(String);

impl Text {
    pub(crate) fn new(bytes: &[u8]) -> Self {
        Self(bytes.iter().map(|byte| char::from(*byte)).collect())
    }

    pub(crate) fn has(&self, part: &str) -> bool {
        self.0.contains(part)
    }

    /// Whether it has a secret in any spelling.
    pub(crate) fn gives_away(&self, needle: &Needle) -> bool {
        needle.spellings.iter().any(|spelling| self.has(&spelling.0))
    }

    /// Its beginning, for a message.
    pub(crate) fn excerpt(&self) -> &str {
        let end = self.0.char_indices().nth(1_000).map_or(self.0.len(), |(at, _)| at);
        &self.0[..end]
    }
}
