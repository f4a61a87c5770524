"""A small identity provider on PyPI's pysaml2, with xmlsec1 below it: a judge that is not ours.

    target/pysaml2/bin/python tests/peers/pysaml2/idp.py [PORT]

It prints one line, `listening http://127.0.0.1:PORT`, and ends when its standard input does, so that
it never outlives the test that started it. Its key is made at each start.

As an identity provider (browser):
    GET /metadata                  its metadata
    GET /sign-in?person=NAME       begins this browser's session at the provider
    GET /sso, POST /sso            takes an AuthnRequest; answers with a form that posts
    GET /slo, POST /slo            takes a LogoutRequest, which ends the person's sessions here and is
                                   answered by the same binding; or the answer to one of its own
    POST /slo/soap                 the same, from server to server
    POST /sso/soap                 takes an AuthnRequest of an enhanced client; answers with an envelope
    POST /ars                      gives the message of an artifact, once, from server to server
    GET /sign-out?binding=NAME     ends this browser's session here, and asks us to: by `redirect`, by
                                   `post`, or by `soap`, from server to server
As a fixture (the test):
    PUT /control/service-provider  our metadata, which pysaml2 loads; answers what it read
    PUT /control/people/NAME       {name_id, attributes}; pysaml2's names of attributes
    PUT /control/encryption        {certificate, method}: encrypts assertions from now on, to that
                                   certificate of our metadata (base64); null: as they are
    PUT /control/artifacts         artifacts go by `query`, or by `form`
    PUT /control/certificate       answers the certificate that it signs with
    PUT /control/next-key          makes the next one and answers its certificate
    PUT /control/use-next-key      signs with that from now on
    GET /control/requests          the AuthnRequests whose signature held, oldest first
    GET /control/sessions          who is signed in, with the indexes of the sessions

A request is refused (403) unless it is signed by a signing key of our metadata, is for this address,
and names an ACS that is in our metadata; a logout request too, unless it names the person and a session
exactly as the assertion did, and so are answers to its own that are not signed or not a success.
"""

import base64
import html
import json
import logging
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import urllib.request
import uuid
from datetime import datetime, timezone
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from saml2 import (
    BINDING_HTTP_ARTIFACT, BINDING_HTTP_POST, BINDING_HTTP_REDIRECT, BINDING_PAOS, BINDING_SOAP,
)
from saml2.config import IdPConfig
from saml2.metadata import entity_descriptor
from saml2.saml import NAMEID_FORMAT_PERSISTENT, NameID
from saml2.server import Server
from saml2.sigver import verify_redirect_signature
from saml2.xmldsig import DIGEST_SHA256, SIG_RSA_SHA256

BINDINGS = {"redirect": BINDING_HTTP_REDIRECT, "post": BINDING_HTTP_POST, "soap": BINDING_SOAP}
HTML = "text/html; charset=utf-8"
ENVELOPE = ('<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Header>{}'
            "</soap:Header><soap:Body>{}</soap:Body></soap:Envelope>")
ECP_RESPONSE = (
    '<ecp:Response xmlns:ecp="urn:oasis:names:tc:SAML:2.0:profiles:SSO:ecp" soap:mustUnderstand="1" '
    'soap:actor="http://schemas.xmlsoap.org/soap/actor/next" AssertionConsumerServiceURL="{}"/>'
)
ARTIFACT_RESPONSE = (
    '<samlp:ArtifactResponse xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="{id}" '
    'InResponseTo="{request}" Version="2.0" IssueInstant="{now}">'
    '<saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">{issuer}</saml:Issuer>'
    '<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/>'
    "</samlp:Status>{response}</samlp:ArtifactResponse>"
)
PASSWORD = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"


class Pysaml2(Server):
    """pysaml2 writes the content of an envelope anew, with prefixes of its own, before it verifies it: no
    signature of anybody else's holds then. Here it is given what stands in the envelope."""

    @staticmethod
    def unravel(text, binding, msgtype="response"):
        if binding != BINDING_SOAP:
            return Server.unravel(text, binding, msgtype)
        return re.search(r"<(\w+):Body>(.*)</\1:Body>", text, re.DOTALL)[2]


class Refused(Exception):
    """What is answered with 403 and this text."""


class IdentityProvider:
    """pysaml2's server, and the people whom it knows."""

    def __init__(self, origin, folder):
        self.folder = folder
        key, certificate = self.make_key("current")
        self.sso, self.slo, self.ars = f"{origin}/sso", f"{origin}/slo", f"{origin}/ars"
        self.config = IdPConfig().load({
            "entityid": f"{origin}/metadata",
            "key_file": key,
            "cert_file": certificate,
            "xmlsec_binary": shutil.which("xmlsec1"),
            "metadata": {},
            "service": {"idp": {
                "endpoints": {
                    "single_sign_on_service": [
                        (self.sso, BINDING_HTTP_REDIRECT), (self.sso, BINDING_HTTP_POST),
                        (f"{self.sso}/soap", BINDING_SOAP),
                    ],
                    "single_logout_service": [
                        (self.slo, BINDING_HTTP_REDIRECT), (self.slo, BINDING_HTTP_POST),
                        (f"{self.slo}/soap", BINDING_SOAP),
                    ],
                    "artifact_resolution_service": [(self.ars, BINDING_SOAP)],
                },
                "want_authn_requests_signed": True,
                "sign_assertion": True,
                "sign_response": True,
                "signing_algorithm": SIG_RSA_SHA256,
                "digest_algorithm": DIGEST_SHA256,
                "policy": {"default": {"lifetime": {"minutes": 5}}},
            }},
        })
        self.server = Pysaml2(config=self.config)
        self.people = {}
        self.requests = []
        self.sessions = {}
        self.encryption = None
        self.artifacts = "query"
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
        # Loaded beside and put in place at once: its reload_metadata knows nobody in the meantime, and
        # refuses who signs in then.
        self.server.metadata.metadata = self.config.load_metadata({"inline": [document]}).metadata
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
        # A client was not told the address, and so the request does not have it.
        if request.destination != (None if binding == BINDING_SOAP else self.sso):
            raise Refused(f"not our address: {request.destination}")
        person = self.people.get(name)
        if person is None:
            raise Refused("nobody is signed in here: GET /sign-in?person=NAME")
        # Raises where the request's ACS is not in the metadata.
        way = request.protocol_binding or BINDING_HTTP_POST
        answer = self.server.response_args(request, bindings=[way])
        self.requests.append({"id": request.id, "binding": binding, "relay_state": relay_state})
        name_id = NameID(
            format=NAMEID_FORMAT_PERSISTENT, text=person["name_id"],
            name_qualifier=self.config.entityid, sp_name_qualifier=answer["sp_entity_id"],
        )
        response = self.server.create_authn_response(
            person["attributes"], answer["in_response_to"], answer["destination"],
            answer["sp_entity_id"], name_id=name_id, authn={"class_ref": PASSWORD},
            **({"encrypt_assertion": True, "encrypt_cert_assertion": self.encryption["certificate"]}
               if self.encryption else {}),
        )
        index = re.search(r'SessionIndex="([^"]+)"', str(response))
        if index:  # it cannot be seen where the assertion is encrypted
            session = {"name_id": name_id, "index": index[1], "sp": answer["sp_entity_id"]}
            self.sessions.setdefault(name, []).append(session)
        where = answer["destination"]
        if way == BINDING_PAOS:
            headers = ECP_RESPONSE.format(html.escape(where))
            return "text/xml", ENVELOPE.format(headers, without_declaration(response)), {}
        if way == BINDING_HTTP_ARTIFACT:
            return self.by_artifact(where, str(response), relay_state)
        return HTML, post_form(where, "SAMLResponse", str(response), relay_state), {}

    def by_artifact(self, where, response, relay_state):
        fields = {"SAMLart": self.server.use_artifact(response, 1), "RelayState": relay_state}
        if self.artifacts == "form":
            return HTML, form(where, fields), {}
        return "text/plain", "", {"Location": f"{where}?{urlencode(fields)}"}

    def resolve(self, envelope):
        """The answer is put together here: pysaml2 writes the message anew, and breaks its signature."""
        text = self.server.unravel(envelope, BINDING_SOAP)
        request = self.server.sec.correctly_signed_message(text, "artifact_resolve", must=True)
        if request.destination != self.ars:
            raise Refused(f"not our address: {request.destination}")
        response = self.server.artifact.pop(request.artifact.text, "")
        now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        answer = ARTIFACT_RESPONSE.format(
            id=f"_{uuid.uuid4().hex}", request=request.id, now=now, issuer=self.config.entityid,
            response=without_declaration(response),
        )
        return "text/xml", ENVELOPE.format("", answer), {}

    def sign_out(self, binding, fields):
        """Somebody asks: ends the person's sessions and answers, as (headers, text, location)."""
        relay_state = fields.get("RelayState")
        request = self.server.parse_logout_request(
            fields["SAMLRequest"], binding, relay_state=relay_state,
            sigalg=fields.get("SigAlg"), signature=fields.get("Signature"),
        ).message
        if not request.destination.startswith(self.slo):
            raise Refused(f"not our address: {request.destination}")
        indexes = {index.text for index in request.session_index}
        for name, sessions in self.sessions.items():
            if any(same_name(session["name_id"], request.name_id) and session["index"] in indexes
                   for session in sessions):
                break
        else:
            raise Refused(f"nobody of that name and session: {request.name_id} {indexes}")
        del self.sessions[name]
        response = self.server.create_logout_response(
            request, bindings=[binding], sign=binding != BINDING_HTTP_REDIRECT
        )
        where = "" if binding == BINDING_SOAP else self.server.response_args(request, [binding])["destination"]
        return self.carried(binding, "SAMLResponse", str(response), where, relay_state)

    def begin_sign_out(self, binding, name):
        """The person signs out here: ends the sessions, and asks the service to."""
        (session, *_) = self.sessions.pop(name)
        (service, *_) = self.server.metadata.single_logout_service(session["sp"], binding, "spsso")
        _, request = self.server.create_logout_request(
            service["location"], session["sp"], name_id=session["name_id"],
            session_indexes=[session["index"]], sign=binding != BINDING_HTTP_REDIRECT,
        )
        kind, text, headers = self.carried(
            binding, "SAMLRequest", str(request), service["location"], "of-the-idp"
        )
        if binding != BINDING_SOAP:
            return kind, text, headers
        post = urllib.request.Request(service["location"], text.encode(), {"Content-Type": kind})
        with urllib.request.urlopen(post) as answer:
            return self.signed_out(binding, {"SAMLResponse": answer.read().decode()})

    def signed_out(self, binding, fields):
        """The service answers to a logout that began here."""
        if fields.get("RelayState") != (None if binding == BINDING_SOAP else "of-the-idp"):
            raise Refused(f"not our RelayState: {fields.get('RelayState')}")
        if binding == BINDING_HTTP_REDIRECT and not verify_redirect_signature(
            fields, self.server.sec.sec_backend, self.certificate_of_service()
        ):
            raise Refused("the query is not signed")
        answer = self.server.parse_logout_request_response(fields["SAMLResponse"], binding)
        if binding != BINDING_HTTP_REDIRECT and answer.not_signed:
            raise Refused("the answer is not signed")
        if not answer.status_ok():
            raise Refused("the answer is not a success")
        return "text/plain", "signed out everywhere", {}

    def certificate_of_service(self):
        (entity_id,) = self.server.metadata.keys()
        ((_, certificate), *_) = self.server.metadata.certs(entity_id, "spsso", "signing")
        return certificate

    def carried(self, binding, parameter, message, where, relay_state):
        """A message on its way, as (content type, text, headers)."""
        if binding == BINDING_HTTP_POST:
            return HTML, post_form(where, parameter, message, relay_state), {}
        sent = self.server.apply_binding(
            binding, message, where, relay_state=relay_state,
            response=parameter == "SAMLResponse", sign=binding == BINDING_HTTP_REDIRECT,
        )
        headers = {name.title(): value for name, value in sent["headers"]}
        return headers.pop("Content-Type", "text/plain"), str(sent.get("data", "")), headers


def same_name(ours, theirs):
    parts = ("text", "format", "name_qualifier", "sp_name_qualifier")
    return all(getattr(ours, part) == getattr(theirs, part) for part in parts)


def without_declaration(message):
    return re.sub(r"^<\?xml.*?\?>", "", str(message))


def post_form(action, parameter, message, relay_state):
    fields = {parameter: base64.b64encode(message.encode()).decode()}
    if relay_state is not None:
        fields["RelayState"] = relay_state
    return form(action, fields)


def form(action, fields):
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
            self.send_response(303 if "Location" in headers else 200)
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
                return self.provider.sign_on(BINDING_HTTP_REDIRECT, query, self.person())
            case ["POST", "sso"]:
                fields = dict(parse_qsl(body))
                return self.provider.sign_on(BINDING_HTTP_POST, fields, self.person())
            case ["POST", "sso", "soap"]:
                return self.provider.sign_on(BINDING_SOAP, {"SAMLRequest": body}, self.person())
            case ["POST", "ars"]:
                return self.provider.resolve(body)
            case ["GET", "slo"] if "SAMLRequest" in query:
                return self.provider.sign_out(BINDING_HTTP_REDIRECT, query)
            case ["GET", "slo"]:
                return self.provider.signed_out(BINDING_HTTP_REDIRECT, query)
            case ["POST", "slo"]:
                fields = dict(parse_qsl(body))
                act = self.provider.sign_out if "SAMLRequest" in fields else self.provider.signed_out
                return act(BINDING_HTTP_POST, fields)
            case ["POST", "slo", "soap"]:
                return self.provider.sign_out(BINDING_SOAP, {"SAMLRequest": body})
            case ["GET", "sign-out"]:
                return self.provider.begin_sign_out(BINDINGS[query["binding"]], self.person())
            case ["PUT", "control", "service-provider"]:
                return "application/json", json.dumps(self.provider.register(body)), {}
            case ["PUT", "control", "people", name]:
                self.provider.people[unquote(name)] = json.loads(body)
                return "text/plain", "", {}
            case ["PUT", "control", "encryption"]:
                self.provider.encryption = json.loads(body)
                return "text/plain", "", {}
            case ["PUT", "control", "artifacts"]:
                self.provider.artifacts = body
                return "text/plain", "", {}
            case ["PUT", "control", "certificate"]:
                return "application/x-pem-file", self.provider.certificate(), {}
            case ["PUT", "control", "next-key"]:
                self.provider.make_key("next")
                return "application/x-pem-file", self.provider.certificate("next"), {}
            case ["PUT", "control", "use-next-key"]:
                self.provider.use_next_key()
                return "text/plain", "", {}
            case ["GET", "control", "sessions"]:
                sessions = {name: [session["index"] for session in sessions]
                            for name, sessions in self.provider.sessions.items()}
                return "application/json", json.dumps(sessions), {}
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
