//! Namespace names.

/// SAML 2.0 protocol messages.
pub const SAMLP: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
/// SAML 2.0 assertions.
pub const SAML: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
/// SAML 1.1 protocol messages.
pub const SAMLP1: &str = "urn:oasis:names:tc:SAML:1.0:protocol";
/// SAML 1.1 assertions.
pub const SAML1: &str = "urn:oasis:names:tc:SAML:1.0:assertion";
/// SAML 2.0 metadata.
pub const MD: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
/// What SAML 2.0 metadata shows to people (SAML Metadata UI 2.1).
pub const MDUI: &str = "urn:oasis:names:tc:SAML:metadata:ui";
/// XML Signature.
pub const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
/// XML Signature 1.1.
pub const DS11: &str = "http://www.w3.org/2009/xmldsig11#";
/// Exclusive canonicalization; the namespace of `InclusiveNamespaces` too.
pub const EXC_C14N: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
/// XML Encryption.
pub const XENC: &str = "http://www.w3.org/2001/04/xmlenc#";
/// XML Encryption 1.1.
pub const XENC11: &str = "http://www.w3.org/2009/xmlenc11#";
/// WS-Trust of February 2005.
pub const WST: &str = "http://schemas.xmlsoap.org/ws/2005/02/trust";
/// WS-Trust 1.3.
pub const WST13: &str = "http://docs.oasis-open.org/ws-sx/ws-trust/200512";
/// SOAP 1.1 envelopes.
pub const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";
/// PAOS, SOAP the other way round (Liberty ID-WSF).
pub const PAOS: &str = "urn:liberty:paos:2003-08";
/// Enhanced clients (SAML Profiles 4.2).
pub const ECP: &str = "urn:oasis:names:tc:SAML:2.0:profiles:SSO:ecp";
/// WS-Federation 1.2, and its metadata.
pub const FED: &str = "http://docs.oasis-open.org/wsfed/federation/200706";
/// WS-Addressing 1.0.
pub const WSA: &str = "http://www.w3.org/2005/08/addressing";
/// XML Schema.
pub const XS: &str = "http://www.w3.org/2001/XMLSchema";
/// XML Schema instances (`xsi:type`, `xsi:nil`).
pub const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
/// The namespace of `xml:id`, `xml:lang` and the like, always bound to the prefix `xml`.
pub const XML: &str = "http://www.w3.org/XML/1998/namespace";
/// The namespace of namespace declarations, which nothing else may be in.
pub const XMLNS: &str = "http://www.w3.org/2000/xmlns/";
/// WS-Security utilities (`wsu:Id`).
pub const WSU: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
