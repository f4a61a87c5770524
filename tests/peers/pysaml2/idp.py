"""A small identity provider on PyPI's pysaml2, with xmlsec1 below it: a judge that is not ours.

    target/pysaml2/bin/python tests/peers/pysaml2/idp.py [PORT]

It prints one line, `listening http://127.0.0.1:PORT`, and ends when its standard input does, so that
it never outlives the test that started it. Its key is made at each start.

As an identity provider (browser):
    GET /metadata                  its metadata
    GET /sign-in?person=NAME       begins this browser's session at the provider
    GET /sso, POST /sso            takes an AuthnRequest; answers with a form that posts
As a fixture (the test):
    PUT /control/service-provider  our metadata, which pysaml2 loads; answers what it read
    PUT /control/people/NAME       {name_id, attributes}; pysaml2's names of attributes
    PUT /control/encryption        {certificate, method}: encrypts assertions from now on, to that
                                   certificate of our metadata (base64); null: as they are
    PUT /control/certificate       answers the certificate that it signs with
    PUT /control/next-key          makes the next one and answers its certificate
    PUT /control/use-next-key      signs with that from now on
    GET /control/requests          the AuthnRequests whose signature held, oldest first

A request is refused (403) unless it is signed by a signing key of our metadata, is for this address,
and names an ACS that is in our metadata.
"""

import base64
import html
import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlsplit

from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.config import IdPConfig
from saml2.metadata import entity_descriptor
from saml2.saml import NAMEID_FORMAT_PERSISTENT, NameID
from saml2.server import Server
from saml2.xmldsig import DIGEST_SHA256, SIG_RSA_SHA256

PASSWORD = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"


class Refused(Exception):
    """What is answered with 403 and this text."""


class IdentityProvider:
    """pysaml2's server, and the people whom it knows."""

    def __init__(self, origin, folder):
        self.folder = folder
        key, certificate = self.make_key("current")
        self.sso = f"{origin}/sso"
        self.config = IdPConfig().load({
            "entityid": f"{origin}/metadata",
            "key_file": key,
            "cert_file": certificate,
            "xmlsec_binary": shutil.which("xmlsec1"),
            "metadata": {},
            "service": {"idp": {
                "endpoints": {"single_sign_on_service": [
                    (self.sso, BINDING_HTTP_REDIRECT), (self.sso, BINDING_HTTP_POST),
                ]},
                "want_authn_requests_signed": True,
                "sign_assertion": True,
                "sign_response": True,
                "signing_algorithm": SIG_RSA_SHA256,
                "digest_algorithm": DIGEST_SHA256,
                "policy": {"default": {"lifetime": {"minutes": 5}}},
            }},
        })
        self.server = Server(config=self.config)
        self.people = {}
        self.requests = []
        self.encryption = None
        self.encrypt_statement = self.server.sec.encrypt_assertion
        self.server.sec.encrypt_assertion = self.encrypt

    def make_key(self, name):
        """Makes a key and its certificate; the paths of both."""
        key, certificate = (os.path.join(self.folder, f"{name}.{kind}") for kind in ("key", "pem"))
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-sha256", "-days", "2",
             "-subj", "/CN=pysaml2", "-keyout", key, "-out", certificate],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        return key, certificate

    def certificate(self, name="current"):
        with open(os.path.join(self.folder, f"{name}.pem")) as file:
            return file.read()

    def use_next_key(self):
        """Each signature reads the key's file anew, so that a key in its place signs from now on."""
        lines = self.certificate("next").splitlines()
        for kind in ("key", "pem"):
            here, there = (os.path.join(self.folder, f"{name}.{kind}") for name in ("next", "current"))
            os.replace(here, there)
        self.server.sec.my_cert = "\n".join(line for line in lines if not line.startswith("-"))

    def metadata(self):
        return str(entity_descriptor(self.config))

    def register(self, document):
        if not self.server.reload_metadata({"inline": [document]}):
            raise Refused("pysaml2 does not load the metadata")
        (entity_id,) = self.server.metadata.keys()
        certificates = lambda use: [
            "".join(certificate.split())
            for _, certificate in self.server.metadata.certs(entity_id, "spsso", use)
        ]
        services = self.server.metadata.assertion_consumer_service(entity_id, BINDING_HTTP_POST)
        return {
            "entityId": entity_id,
            "acs": services[0]["location"],
            "certificates": certificates("signing"),
            "encryption": certificates("encryption"),
        }

    def encrypt(self, statement, certificate, template, **given):
        """By the method that the test chose: pysaml2 has no setting for it, and itself takes 3DES."""
        method = self.encryption["method"]
        template.encryption_method.algorithm = method
        key = next((f"aes-{bits}" for bits in ("128", "192", "256") if bits in method), "des-192")
        return self.encrypt_statement(statement, certificate, template, key_type=key, **given)

    def sign_on(self, binding, fields, name):
        relay_state = fields.get("RelayState")
        request = self.server.parse_authn_request(
            fields["SAMLRequest"], binding, relay_state=relay_state,
            sigalg=fields.get("SigAlg"), signature=fields.get("Signature"),
        ).message
        if request.destination != self.sso:
            raise Refused(f"not our address: {request.destination}")
        person = self.people.get(name)
        if person is None:
            raise Refused("nobody is signed in here: GET /sign-in?person=NAME")
        # Raises where the request's ACS is not in the metadata.
        answer = self.server.response_args(request, bindings=[BINDING_HTTP_POST])
        self.requests.append({"id": request.id, "binding": binding, "relay_state": relay_state})
        name_id = NameID(format=NAMEID_FORMAT_PERSISTENT, text=person["name_id"])
        response = self.server.create_authn_response(
            person["attributes"], answer["in_response_to"], answer["destination"],
            answer["sp_entity_id"], name_id=name_id, authn={"class_ref": PASSWORD},
            **({"encrypt_assertion": True, "encrypt_cert_assertion": self.encryption["certificate"]}
               if self.encryption else {}),
        )
        return post_form(answer["destination"], str(response), relay_state)


def post_form(action, response, relay_state):
    fields = {"SAMLResponse": base64.b64encode(response.encode()).decode()}
    if relay_state is not None:
        fields["RelayState"] = relay_state
    inputs = "".join(
        f'<input type="hidden" name="{name}" value="{html.escape(value)}">'
        for name, value in fields.items()
    )
    return (f'<!doctype html><title>pysaml2</title><form method="post" action="{html.escape(action)}">'
            f"{inputs}<button>Continue</button></form>")


class Handler(BaseHTTPRequestHandler):
    provider = None

    def do_GET(self):
        self.answer(b"")

    def do_POST(self):
        self.answer(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    do_PUT = do_POST

    def answer(self, body):
        try:
            kind, text, headers = self.route(body.decode())
            self.send_response(200)
        except Exception as error:  # pysaml2 says no with exceptions of many kinds
            kind, text, headers = "text/plain", f"{type(error).__name__}: {error}\n", {}
            self.send_response(403)
        content = text.encode()
        for header, value in {**headers, "Content-Type": kind, "Content-Length": len(content)}.items():
            self.send_header(header, str(value))
        self.end_headers()
        self.wfile.write(content)

    def route(self, body):
        url = urlsplit(self.path)
        query = dict(parse_qsl(url.query, keep_blank_values=True))
        match [self.command, *url.path.strip("/").split("/")]:
            case ["GET", "metadata"]:
                return "application/samlmetadata+xml", self.provider.metadata(), {}
            case ["GET", "sign-in"]:
                return "text/plain", "", {"Set-Cookie": f"person={query['person']}; Path=/; HttpOnly"}
            case ["GET", "sso"]:
                page = self.provider.sign_on(BINDING_HTTP_REDIRECT, query, self.person())
                return "text/html; charset=utf-8", page, {}
            case ["POST", "sso"]:
                page = self.provider.sign_on(BINDING_HTTP_POST, dict(parse_qsl(body)), self.person())
                return "text/html; charset=utf-8", page, {}
            case ["PUT", "control", "service-provider"]:
                return "application/json", json.dumps(self.provider.register(body)), {}
            case ["PUT", "control", "people", name]:
                self.provider.people[unquote(name)] = json.loads(body)
                return "text/plain", "", {}
            case ["PUT", "control", "encryption"]:
                self.provider.encryption = json.loads(body)
                return "text/plain", "", {}
            case ["PUT", "control", "certificate"]:
                return "application/x-pem-file", self.provider.certificate(), {}
            case ["PUT", "control", "next-key"]:
                self.provider.make_key("next")
                return "application/x-pem-file", self.provider.certificate("next"), {}
            case ["PUT", "control", "use-next-key"]:
                self.provider.use_next_key()
                return "text/plain", "", {}
            case ["GET", "control", "requests"]:
                return "application/json", json.dumps(self.provider.requests), {}
        raise Refused(f"no such page: {self.command} {url.path}")

    def person(self):
        cookie = SimpleCookie(self.headers.get("Cookie", "")).get("person")
        return cookie.value if cookie else None

    def log_message(self, *_):
        """Says nothing of each request."""


def main():
    logging.disable()  # what it refuses, and why, is in its answer
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    origin = f"http://127.0.0.1:{server.server_port}"
    with tempfile.TemporaryDirectory(prefix="peer-key-") as folder:
        Handler.provider = IdentityProvider(origin, folder)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(f"listening {origin}", flush=True)
        sys.stdin.read()


main()
