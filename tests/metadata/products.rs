//! Every document of `metadata/` is imported, and what was read is what its product meant.

use sso_core::certs::{SmallestRsa, read_certificates};
use sso_core::connection::{FrontChannelBinding, LegacyCrypto, SloBinding};
use sso_core::metadata::import;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use time::macros::datetime;

struct Product {
    file: &'static str,
    entity_id: &'static str,
    sso_url: &'static str,
    slo: &'static [(SloBinding, &'static str)],
    signing: &'static [&'static str],
    wants_signed_requests: bool,
    proposed: &'static [LegacyCrypto],
    ignored: &'static [&'static str],
}

const PRODUCTS: &[Product] = &[
    Product {
        file: "adfs.xml",
        entity_id: "http://fs.adfs.example/adfs/services/trust",
        sso_url: "https://fs.adfs.example/adfs/ls/",
        slo: &[
            (SloBinding::Redirect, "https://fs.adfs.example/adfs/ls/"),
            (SloBinding::Post, "https://fs.adfs.example/adfs/ls/"),
        ],
        signing: &["dev/idp.crt"],
        wants_signed_requests: false,
        proposed: &[LegacyCrypto::AesCbc],
        ignored: &["RoleDescriptor", "RoleDescriptor", "SPSSODescriptor"],
    },
    Product {
        file: "auth0.xml",
        entity_id: "urn:corp.auth0.example",
        sso_url: "https://corp.auth0.example/samlp/k3Yq8example2WdT0vLzR5",
        slo: &[
            (
                SloBinding::Redirect,
                "https://corp.auth0.example/samlp/k3Yq8example2WdT0vLzR5/logout",
            ),
            (SloBinding::Post, "https://corp.auth0.example/samlp/k3Yq8example2WdT0vLzR5/logout"),
        ],
        signing: &["dev/idp.crt"],
        wants_signed_requests: false,
        proposed: &[],
        ignored: &[],
    },
    Product {
        file: "entra.xml",
        entity_id: "https://sts.entra.example/5d1f6a3e-0c5b-4c63-9a7e-2f4b8f0d1c22/",
        sso_url: "https://login.entra.example/5d1f6a3e-0c5b-4c63-9a7e-2f4b8f0d1c22/saml2",
        slo: &[(
            SloBinding::Redirect,
            "https://login.entra.example/5d1f6a3e-0c5b-4c63-9a7e-2f4b8f0d1c22/saml2",
        )],
        signing: &["rotation/new.crt", "rotation/old.crt"],
        wants_signed_requests: false,
        proposed: &[],
        ignored: &["RoleDescriptor", "RoleDescriptor"],
    },
    Product {
        file: "google.xml",
        entity_id: "https://accounts.google.example/o/saml2?idpid=C02example",
        sso_url: "https://accounts.google.example/o/saml2/idp?idpid=C02example",
        slo: &[],
        signing: &["dev/idp.crt"],
        wants_signed_requests: false,
        proposed: &[],
        ignored: &[],
    },
    Product {
        file: "jumpcloud.xml",
        entity_id: "JumpCloud",
        sso_url: "https://sso.jumpcloud.example/saml2/bridge",
        slo: &[],
        signing: &["dev/idp.crt"],
        wants_signed_requests: false,
        proposed: &[],
        ignored: &[],
    },
    Product {
        file: "keycloak.xml",
        entity_id: "https://keycloak.example/realms/corp",
        sso_url: "https://keycloak.example/realms/corp/protocol/saml",
        slo: &[
            (SloBinding::Redirect, "https://keycloak.example/realms/corp/protocol/saml"),
            (SloBinding::Post, "https://keycloak.example/realms/corp/protocol/saml"),
            (SloBinding::Soap, "https://keycloak.example/realms/corp/protocol/saml"),
        ],
        signing: &["dev/idp.crt"],
        wants_signed_requests: true,
        proposed: &[],
        ignored: &[
            "SingleSignOnService urn:oasis:names:tc:SAML:2.0:bindings:SOAP",
            "SingleSignOnService urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact",
            "SingleLogoutService urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact",
        ],
    },
    Product {
        file: "lemonldap-ng.xml",
        entity_id: "https://auth.lemonldap.example/saml/metadata",
        sso_url: "https://auth.lemonldap.example/saml/singleSignOn",
        slo: &[
            (SloBinding::Redirect, "https://auth.lemonldap.example/saml/singleLogout"),
            (SloBinding::Post, "https://auth.lemonldap.example/saml/singleLogout"),
            (SloBinding::Soap, "https://auth.lemonldap.example/saml/singleLogoutSOAP"),
        ],
        signing: &["dev/idp.crt"],
        wants_signed_requests: true,
        proposed: &[],
        ignored: &["SingleSignOnService urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact"],
    },
    Product {
        file: "miniorange.xml",
        entity_id: "https://login.miniorange.example/moas/312",
        sso_url: "https://login.miniorange.example/moas/idp/samlsso/0a1b2c3d",
        slo: &[
            (SloBinding::Redirect, "https://login.miniorange.example/moas/idp/samllogout/0a1b2c3d"),
            (SloBinding::Post, "https://login.miniorange.example/moas/idp/samllogout/0a1b2c3d"),
        ],
        signing: &["dev/idp.crt"],
        wants_signed_requests: true,
        proposed: &[],
        ignored: &[],
    },
    Product {
        file: "okta.xml",
        entity_id: "http://www.okta.example/exk4r8h2example9p5d7",
        sso_url: "https://corp.okta.example/app/corp_bridge_1/exk4r8h2example9p5d7/sso/saml",
        slo: &[],
        signing: &["dev/idp.crt"],
        wants_signed_requests: false,
        proposed: &[],
        ignored: &[],
    },
    Product {
        file: "onelogin.xml",
        entity_id: "https://app.onelogin.example/saml/metadata/7d0c2f54-3b1e-4a6f-9c88-example00001",
        sso_url: "https://corp.onelogin.example/trust/saml2/http-redirect/sso/7d0c2f54-3b1e-4a6f-9c88-example00001",
        slo: &[(
            SloBinding::Redirect,
            "https://corp.onelogin.example/trust/saml2/http-redirect/slo/1234567",
        )],
        signing: &["dev/idp.crt"],
        wants_signed_requests: false,
        proposed: &[],
        ignored: &["SingleSignOnService urn:oasis:names:tc:SAML:2.0:bindings:SOAP"],
    },
    Product {
        file: "ping.xml",
        entity_id: "https://sso.ping.example",
        sso_url: "https://sso.ping.example/idp/SSO.saml2",
        slo: &[
            (SloBinding::Redirect, "https://sso.ping.example/idp/SLO.saml2"),
            (SloBinding::Post, "https://sso.ping.example/idp/SLO.saml2"),
        ],
        signing: &["dev/idp.crt"],
        wants_signed_requests: false,
        proposed: &[],
        ignored: &[],
    },
    Product {
        file: "shibboleth.xml",
        entity_id: "https://idp.shibboleth.example/idp/shibboleth",
        sso_url: "https://idp.shibboleth.example/idp/profile/SAML2/Redirect/SSO",
        slo: &[
            (SloBinding::Redirect, "https://idp.shibboleth.example/idp/profile/SAML2/Redirect/SLO"),
            (SloBinding::Post, "https://idp.shibboleth.example/idp/profile/SAML2/POST/SLO"),
            (SloBinding::Soap, "https://idp.shibboleth.example/idp/profile/SAML2/SOAP/SLO"),
        ],
        signing: &["rotation/old.crt", "dev/idp.crt"],
        wants_signed_requests: false,
        proposed: &[],
        ignored: &[
            "AttributeAuthorityDescriptor",
            "SingleSignOnService urn:mace:shibboleth:1.0:profiles:AuthnRequest",
            "SingleSignOnService urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST-SimpleSign",
            "SingleLogoutService urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST-SimpleSign",
            "ArtifactResolutionService urn:oasis:names:tc:SAML:1.0:bindings:SOAP-binding",
        ],
    },
    Product {
        file: "simplesamlphp.xml",
        entity_id: "https://idp.simplesamlphp.example/simplesaml/saml2/idp/metadata.php",
        sso_url: "https://idp.simplesamlphp.example/simplesaml/module.php/saml/idp/singleSignOnService",
        slo: &[(
            SloBinding::Redirect,
            "https://idp.simplesamlphp.example/simplesaml/module.php/saml/idp/singleLogout",
        )],
        signing: &["dev/idp.crt"],
        wants_signed_requests: false,
        proposed: &[],
        ignored: &[],
    },
];

#[test]
fn every_product_is_imported_as_it_means_itself() {
    for product in PRODUCTS {
        let document = fs::read(root("metadata").join(product.file)).expect(product.file);
        let imported = import(&document, None, datetime!(2026-12-01 0:00 UTC));
        let imported = imported.unwrap_or_else(|error| panic!("{}: {error}", product.file));

        assert_eq!(imported.entity_id, product.entity_id);
        assert_eq!(imported.sso.location.as_str(), product.sso_url);
        assert_eq!(imported.sso.binding, FrontChannelBinding::Redirect, "{}", product.file);
        let slo = imported.slo.iter().map(|(binding, slo)| (*binding, slo.location.as_str()));
        assert_eq!(slo.collect::<Vec<_>>(), product.slo, "{}", product.file);
        let signing: Vec<_> = product.signing.iter().map(|file| certificate(file)).collect();
        assert_eq!(imported.signing_keys, signing, "{}", product.file);
        assert_eq!(imported.want_authn_requests_signed, product.wants_signed_requests);
        let role = String::from_utf8_lossy(&document);
        let role = role.split("IDPSSODescriptor").nth(1).expect("a role");
        assert_eq!(imported.name_id_formats, texts(role, "NameIDFormat"), "{}", product.file);
        let encryption = imported.encryption_keys.iter().collect::<BTreeSet<_>>().len();
        let wanted = role.matches("use=\"encryption\"").count();
        assert_eq!(encryption, wanted, "{}", product.file);
        let proposed: BTreeSet<_> = product.proposed.iter().copied().collect();
        assert_eq!(imported.proposed_legacy_crypto, proposed, "{}", product.file);
        assert_eq!(imported.ignored, product.ignored, "{}", product.file);
        assert_eq!(imported.refused, [""; 0], "{}", product.file);
    }
}

#[test]
fn the_table_has_every_document() {
    let mut files: Vec<_> = fs::read_dir(root("metadata"))
        .expect("the folder")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
        .filter(|name| name.ends_with(".xml"))
        .collect();
    files.sort();
    assert_eq!(files, PRODUCTS.iter().map(|product| product.file).collect::<Vec<_>>());
}

#[test]
fn each_development_key_belongs_to_its_certificate_and_says_that_it_is_public() {
    for pair in ["dev/idp", "dev/sp", "rotation/old", "rotation/new"] {
        let key = fs::read_to_string(root("certs").join(format!("{pair}.key"))).expect(pair);
        assert!(key.starts_with("Everybody has this key."), "{pair}");
        let key = openssl::pkey::PKey::private_key_from_pem(key.as_bytes()).expect(pair);
        let certificate = certificate(&format!("{pair}.crt"));
        let certificate = openssl::x509::X509::from_der(&certificate).expect(pair);
        assert!(certificate.public_key().expect(pair).public_eq(&key), "{pair}");
    }
}

/// The texts of the elements of that name.
fn texts(document: &str, name: &str) -> Vec<String> {
    let tag = format!("{name}>");
    let ends = document.split(tag.as_str()).skip(1).step_by(2);
    ends.map(|text| text.split('<').next().unwrap_or_default().trim().to_owned()).collect()
}

fn certificate(file: &str) -> Vec<u8> {
    let bytes = fs::read(root("certs").join(file)).expect(file);
    read_certificates(&bytes, SmallestRsa::Bits2048).expect(file).swap_remove(0)
}

fn root(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder)
}
