//! Aggregates in the shape of those that large federations publish: registration and entity attributes,
//! names in several languages, one to three certificates, all the bindings, requested attributes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt::Write as _;

/// A federation to write down.
pub struct Federation<'a> {
    /// How many entities it has; three of ten are identity providers.
    pub entities: usize,
    /// Certificates (X.509, DER), of which each entity uses one to three.
    pub certificates: &'a [Vec<u8>],
}

/// The entity ID of an entity, by its number.
pub fn entity_id(number: usize) -> String {
    format!(
        "https://{}{number}.members.example/shibboleth",
        if is_idp(number) { "idp" } else { "sp" }
    )
}

/// Whether an entity is an identity provider.
pub fn is_idp(number: usize) -> bool {
    number % 10 < 3
}

impl Federation<'_> {
    /// The document, not signed yet; its ID is `_federation`.
    pub fn document(&self) -> String {
        let mut text = String::with_capacity(self.entities * 8 * 1024);
        text.push_str(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<md:EntitiesDescriptor \
             xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" \
             xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" \
             xmlns:idpdisc=\"urn:oasis:names:tc:SAML:profiles:SSO:idp-discovery-protocol\" \
             xmlns:init=\"urn:oasis:names:tc:SAML:profiles:SSO:request-init\" \
             xmlns:mdattr=\"urn:oasis:names:tc:SAML:metadata:attribute\" \
             xmlns:mdrpi=\"urn:oasis:names:tc:SAML:metadata:rpi\" \
             xmlns:mdui=\"urn:oasis:names:tc:SAML:metadata:ui\" \
             xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" \
             xmlns:shibmd=\"urn:mace:shibboleth:metadata:1.0\" \
             xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
             ID=\"_federation\" Name=\"https://federation.example/all\" \
             validUntil=\"2035-01-01T00:00:00Z\" cacheDuration=\"PT6H\">\n",
        );
        text.push_str(
            "<md:Extensions>\n  <mdrpi:PublicationInfo creationInstant=\"2026-11-21T06:00:00Z\" \
             publisher=\"https://federation.example\"/>\n</md:Extensions>\n",
        );
        for number in 0..self.entities {
            self.entity(number, &mut text);
        }
        text.push_str("</md:EntitiesDescriptor>\n");
        text
    }

    fn entity(&self, number: usize, text: &mut String) {
        let id = entity_id(number);
        line(text, format_args!("  <md:EntityDescriptor entityID=\"{id}\">"));
        line(
            text,
            format_args!(
                "    <md:Extensions>\n      <mdrpi:RegistrationInfo registrationAuthority=\"https://nren{}.example\" \
                 registrationInstant=\"2019-04-0{}T09:30:00Z\">\n        <mdrpi:RegistrationPolicy \
                 xml:lang=\"en\">https://nren.example/policy/mrps-{number}.txt</mdrpi:RegistrationPolicy>\n      \
                 </mdrpi:RegistrationInfo>\n      <mdattr:EntityAttributes>",
                number % 70,
                1 + number % 9,
            ),
        );
        for category in 0..2 + number % 3 {
            line(
                text,
                format_args!(
                    "        <saml:Attribute Name=\"http://macedir.org/entity-category\" \
                     NameFormat=\"urn:oasis:names:tc:SAML:2.0:attrname-format:uri\">\n          \
                     <saml:AttributeValue>https://federation.example/category/{category}</saml:AttributeValue>\n        \
                     </saml:Attribute>"
                ),
            );
        }
        text.push_str("      </mdattr:EntityAttributes>\n    </md:Extensions>\n");
        if is_idp(number) {
            self.idp(number, text)
        } else {
            self.sp(number, text)
        }
        text.push_str("    <md:Organization>\n");
        for element in ["OrganizationName", "OrganizationDisplayName"] {
            for (language, word) in [("en", "University"), ("de", "Universität")] {
                line(
                    text,
                    format_args!(
                        "      <md:{element} xml:lang=\"{language}\">{word} &amp; Institute {number}</md:{element}>"
                    ),
                );
            }
        }
        for language in ["en", "de"] {
            line(
                text,
                format_args!(
                    "      <md:OrganizationURL xml:lang=\"{language}\">https://www{number}.example/{language}/</md:OrganizationURL>"
                ),
            );
        }
        text.push_str("    </md:Organization>\n");
        for kind in ["technical", "support", "administrative"] {
            line(
                text,
                format_args!(
                    "    <md:ContactPerson contactType=\"{kind}\">\n      <md:GivenName>Identity</md:GivenName>\n      \
                     <md:SurName>Team {number}</md:SurName>\n      \
                     <md:EmailAddress>mailto:{kind}@www{number}.example</md:EmailAddress>\n    </md:ContactPerson>"
                ),
            );
        }
        text.push_str("  </md:EntityDescriptor>\n");
    }

    fn idp(&self, number: usize, text: &mut String) {
        let host = format!("https://idp{number}.members.example/idp/profile");
        text.push_str(
            "    <md:IDPSSODescriptor protocolSupportEnumeration=\"urn:mace:shibboleth:1.0 \
             urn:oasis:names:tc:SAML:1.1:protocol urn:oasis:names:tc:SAML:2.0:protocol\">\n      <md:Extensions>\n",
        );
        line(
            text,
            format_args!(
                "        <shibmd:Scope regexp=\"false\">idp{number}.members.example</shibmd:Scope>"
            ),
        );
        user_interface(number, text);
        text.push_str("      </md:Extensions>\n");
        self.keys(number, text);
        for (binding, path) in [
            ("urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect", "SAML2/Redirect/SLO"),
            ("urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST", "SAML2/POST/SLO"),
            ("urn:oasis:names:tc:SAML:2.0:bindings:SOAP", "SAML2/SOAP/SLO"),
        ] {
            line(
                text,
                format_args!(
                    "      <md:SingleLogoutService Binding=\"{binding}\" Location=\"{host}/{path}\"/>"
                ),
            );
        }
        formats(text);
        for (binding, path) in [
            ("urn:mace:shibboleth:1.0:profiles:AuthnRequest", "Shibboleth/SSO"),
            ("urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST", "SAML2/POST/SSO"),
            (
                "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST-SimpleSign",
                "SAML2/POST-SimpleSign/SSO",
            ),
            ("urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect", "SAML2/Redirect/SSO"),
            ("urn:oasis:names:tc:SAML:2.0:bindings:SOAP", "SAML2/SOAP/ECP"),
        ] {
            line(
                text,
                format_args!(
                    "      <md:SingleSignOnService Binding=\"{binding}\" Location=\"{host}/{path}\"/>"
                ),
            );
        }
        text.push_str("    </md:IDPSSODescriptor>\n");
        text.push_str(
            "    <md:AttributeAuthorityDescriptor \
             protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">\n",
        );
        self.keys(number, text);
        line(
            text,
            format_args!(
                "      <md:AttributeService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:SOAP\" \
                 Location=\"{host}/SAML2/SOAP/AttributeQuery\"/>\n    </md:AttributeAuthorityDescriptor>"
            ),
        );
    }

    fn sp(&self, number: usize, text: &mut String) {
        let host = format!("https://sp{number}.members.example/Shibboleth.sso");
        text.push_str(
            "    <md:SPSSODescriptor AuthnRequestsSigned=\"true\" \
             protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">\n      <md:Extensions>\n",
        );
        line(
            text,
            format_args!(
                "        <init:RequestInitiator Binding=\"urn:oasis:names:tc:SAML:profiles:SSO:request-init\" \
                 Location=\"{host}/Login\"/>\n        <idpdisc:DiscoveryResponse \
                 Binding=\"urn:oasis:names:tc:SAML:profiles:SSO:idp-discovery-protocol\" Location=\"{host}/Login\" \
                 index=\"1\"/>"
            ),
        );
        user_interface(number, text);
        text.push_str("      </md:Extensions>\n");
        self.keys(number, text);
        formats(text);
        for (index, binding) in
            ["HTTP-POST", "HTTP-POST-SimpleSign", "HTTP-Artifact", "PAOS"].iter().enumerate()
        {
            line(
                text,
                format_args!(
                    "      <md:AssertionConsumerService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:{binding}\" \
                     Location=\"{host}/SAML2/{binding}\" index=\"{}\"/>",
                    index + 1
                ),
            );
        }
        line(
            text,
            format_args!(
                "      <md:AttributeConsumingService index=\"1\">\n        <md:ServiceName xml:lang=\"en\">Service \
                 {number}</md:ServiceName>"
            ),
        );
        for attribute in 0..4 + number % 5 {
            line(
                text,
                format_args!(
                    "        <md:RequestedAttribute FriendlyName=\"attribute{attribute}\" \
                     Name=\"urn:oid:1.3.6.1.4.1.5923.1.1.1.{attribute}\" \
                     NameFormat=\"urn:oasis:names:tc:SAML:2.0:attrname-format:uri\" isRequired=\"true\"/>"
                ),
            );
        }
        text.push_str("      </md:AttributeConsumingService>\n    </md:SPSSODescriptor>\n");
    }

    fn keys(&self, number: usize, text: &mut String) {
        for key in 0..1 + number % 3 {
            let Some(certificate) =
                self.certificates.get((number + key) % self.certificates.len().max(1))
            else {
                return;
            };
            let certificate = lines(certificate);
            let purpose = ["", " use=\"signing\"", " use=\"encryption\""][key];
            line(
                text,
                format_args!(
                    "      <md:KeyDescriptor{purpose}>\n        <ds:KeyInfo>\n          <ds:X509Data>\n            \
                     <ds:X509Certificate>\n{certificate}\n            </ds:X509Certificate>\n          \
                     </ds:X509Data>\n        </ds:KeyInfo>\n      </md:KeyDescriptor>"
                ),
            );
        }
    }
}

fn user_interface(number: usize, text: &mut String) {
    text.push_str("        <mdui:UIInfo>\n");
    for (language, word) in [("en", "University"), ("de", "Universität"), ("el", "Πανεπιστήμιο")]
    {
        line(
            text,
            format_args!(
                "          <mdui:DisplayName xml:lang=\"{language}\">{word} {number}</mdui:DisplayName>\n          \
                 <mdui:Description xml:lang=\"{language}\">{word} {number} &amp; its institutes, for members of \
                 &quot;the federation&quot;</mdui:Description>\n          <mdui:InformationURL \
                 xml:lang=\"{language}\">https://www{number}.example/{language}/about</mdui:InformationURL>"
            ),
        );
    }
    line(
        text,
        format_args!(
            "          <mdui:Logo height=\"16\" width=\"16\">https://www{number}.example/favicon.ico</mdui:Logo>\n        \
             </mdui:UIInfo>"
        ),
    );
}

fn formats(text: &mut String) {
    for format in ["persistent", "transient"] {
        line(
            text,
            format_args!(
                "      <md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:{format}</md:NameIDFormat>"
            ),
        );
    }
}

/// Base64 as certificates are printed, 64 characters in a line.
fn lines(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines =
        text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

fn line(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = text.write_fmt(arguments);
    text.push('\n');
}
