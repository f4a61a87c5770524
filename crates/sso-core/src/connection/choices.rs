//! The choices that a connection's settings have (SPEC 2).

use serde::{Deserialize, Serialize};

macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant,)+ }
    };
}

choice! {
    /// The protocol that a connection speaks.
    Protocol {
        /// SAML 2.0.
        #[default] Saml2,
        /// WS-Federation, passive profile.
        Wsfed,
    }
}

impl Protocol {
    /// Its name in the settings, and in the traces of its logins.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Saml2 => "saml2",
            Self::Wsfed => "wsfed",
        }
    }
}

choice! {
    /// A binding through the browser.
    FrontChannelBinding {
        /// HTTP Redirect.
        #[default] Redirect,
        /// HTTP POST.
        Post,
    }
}
choice! {
    /// How responses come.
    ResponseBinding {
        /// HTTP POST.
        #[default] Post,
        /// HTTP Artifact: the browser brings a reference to the response, which is asked for from server to
        /// server.
        Artifact,
    }
}

choice! {
    /// Who begins logins.
    SsoProfile {
        /// The service: an AuthnRequest goes to the IdP.
        #[default] Sp,
        /// The IdP, which takes no AuthnRequests.
        Idp,
    }
}
choice! {
    /// What becomes of unsolicited responses (SPEC 5.2).
    IdpInitiated {
        /// Refused.
        #[default] Off,
        /// The assertion is thrown away and an SP-initiated login begins.
        Restart,
        /// Verified like any other, within a short age.
        Accept,
    }
}
choice! {
    /// The NameID format asked for.
    NameIdFormat {
        /// None is asked for, any is taken.
        #[default] Unspecified,
        /// `…:emailAddress`.
        Email,
        /// `…:X509SubjectName`.
        X509Subject,
        /// `…:entity`.
        Entity,
        /// `…:persistent`.
        Persistent,
        /// `…:transient`.
        Transient,
    }
}
choice! {
    /// How a logout ends.
    SingleLogout {
        /// The session ends here.
        #[default] Off,
        /// The session ends here, then the browser goes to `logout_url`.
        RedirectOnly,
        /// By messages: SAML's, or WS-Federation's `wsignout1.0`.
        Saml,
    }
}
choice! {
    /// The binding of logout messages.
    SloBinding {
        /// HTTP Redirect.
        #[default] Redirect,
        /// HTTP POST.
        Post,
        /// SOAP over the back channel.
        Soap,
    }
}
choice! {
    /// What identifies an account (SPEC 9).
    AccountKey {
        /// The profile field `uid`.
        #[default] Uid,
        /// The profile field `ssoid`.
        Ssoid,
        /// The NameID with issuer, format and qualifiers.
        NameId,
    }
}
choice! {
    /// Whether a second engine must agree (SPEC 4.7).
    Verification {
        /// Ours alone.
        #[default] Strict,
        /// Ours and samael with libxmlsec1.
        Dual,
    }
}

impl Verification {
    /// Whether this build has the second engine (the feature `second-opinion`). Where it has not,
    /// [`Verification::Dual`] is refused as a setting and refuses every login.
    pub const HAS_SECOND_ENGINE: bool = cfg!(feature = "second-opinion");
}

choice! {
    /// What an update does to a field whose attribute is absent.
    OnMissing {
        /// Nothing.
        #[default] Keep,
        /// Empties it.
        Clear,
        /// Refuses the login.
        Refuse,
    }
}
choice! {
    /// Whether people can sign in through a connection.
    ConnectionState {
        /// They can.
        #[default] Active,
        /// They can, and in no other way.
        Enforced,
        /// They cannot.
        Disabled,
    }
}

choice! {
    /// Which messages of logins are kept, sealed, beside their traces (SPEC 13).
    KeepMessages {
        /// None.
        Off,
        /// Those of refused logins and of test logins.
        #[default] Refused,
        /// All of them.
        All,
    }
}

/// An old algorithm that is refused unless granted to a connection (SPEC 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum LegacyCrypto {
    /// SHA-1 in a signature or a digest.
    #[serde(rename = "sha1")]
    Sha1,
    /// RSA keys of 1024 to 2047 bits.
    #[serde(rename = "rsa1024")]
    Rsa1024,
    /// AES-CBC where no verified signature covers the ciphertext.
    #[serde(rename = "aes_cbc")]
    AesCbc,
    /// Triple DES.
    #[serde(rename = "3des")]
    TripleDes,
    /// RSA PKCS#1 v1.5 key transport.
    #[serde(rename = "rsa1_5")]
    Rsa15,
}

impl LegacyCrypto {
    /// Every one of them.
    pub const ALL: [Self; 5] =
        [Self::Sha1, Self::Rsa1024, Self::AesCbc, Self::TripleDes, Self::Rsa15];

    /// Its name in the settings.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sha1 => "sha1",
            Self::Rsa1024 => "rsa1024",
            Self::AesCbc => "aes_cbc",
            Self::TripleDes => "3des",
            Self::Rsa15 => "rsa1_5",
        }
    }
}

impl NameIdFormat {
    /// The URI of the format (SAML Core 8.3), or `None` for `unspecified`, which asks for nothing.
    pub fn uri(self) -> Option<&'static str> {
        Some(match self {
            Self::Unspecified => return None,
            Self::Email => "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
            Self::X509Subject => "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName",
            Self::Entity => "urn:oasis:names:tc:SAML:2.0:nameid-format:entity",
            Self::Persistent => "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
            Self::Transient => "urn:oasis:names:tc:SAML:2.0:nameid-format:transient",
        })
    }
}
