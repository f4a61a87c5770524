// A small identity provider on npm `samlp`, the engine of a real product: a judge that is not ours.
//
//     node tests/peers/samlp/idp.mjs [PORT]
//
// It prints one line, `listening http://127.0.0.1:PORT`, and ends when its standard input does, so
// that it never outlives the test that started it. Its key is made at each start.
//
// As an identity provider (browser):
//     GET /metadata                  its metadata
//     GET /sign-in?person=NAME       begins this browser's session at the provider
//     GET /sso, POST /sso            takes an AuthnRequest; answers with a form that posts
//     GET /portal?target=URL         begins a login unasked: a form that posts a response to no request
//     GET /slo, POST /slo            takes a LogoutRequest, which ends the person's session here and is
//                                    answered by the same binding; or the answer to one of its own
//     GET /sign-out?binding=NAME     ends this browser's session here, and asks the service to: by
//                                    `redirect` or by `post`
// As a fixture (the test):
//     PUT /control/service-provider  our metadata: from it alone come entity ID, ACS and certificates
//     PUT /control/people/NAME       { name_id, name_id_format, attributes }
//     PUT /control/answers           options of samlp's getSamlResponse, for example signResponse
//     PUT /control/key               signs with a new key from now on, which alone its metadata has
//     GET /control/requests          the AuthnRequests whose signature held, oldest first
//     GET /control/sessions          who is signed in, with the indexes of the sessions
//
// A request is refused (403) unless it is signed by a signing key of our metadata, it names
// our entity ID, and it names no other ACS than our metadata does.

import { createServer } from 'node:http';
import samlp from 'samlp';
import SessionParticipants from 'samlp/lib/sessionParticipants/index.js';
import { makeKeyPair } from './key_pair.mjs';
import { readServiceProvider } from './service_provider.mjs';

let { key, cert } = makeKeyPair('samlp');
const people = new Map();
const requests = [];
// What each person is signed in to, and what samlp keeps of a logout that goes on, by person.
const sessions = new Map();
const logouts = new Map();
const BINDINGS = {
  redirect: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect',
  post: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST',
};
let serviceProvider = null;
let answers = {};
let answered = 0;
let origin;

const server = createServer((req, res) => {
  const url = new URL(req.url, origin);
  // What samlp expects of its framework.
  req.query = Object.fromEntries(url.searchParams);
  req.protocol = 'http';
  res.set = (name, value) => res.setHeader(name, value);
  res.send = (body) => res.end(body === 200 ? 'signed out everywhere' : body);
  res.redirect = (to) => res.writeHead(303, { Location: to }).end();
  route(req, res, url).catch((error) => {
    res.writeHead(error.status ?? 500, { 'Content-Type': 'text/plain' });
    res.end(`${error.message}\n`);
  });
});

async function route(req, res, url) {
  const [, area, thing, name] = url.pathname.split('/');
  switch (`${req.method} /${area}${thing ? `/${thing}` : ''}`) {
    case 'GET /metadata':
      return samlp.metadata({
        issuer: issuer(),
        cert,
        redirectEndpointPath: '/sso',
        postEndpointPath: '/sso',
        logoutEndpointPaths: { redirect: '/slo', post: '/slo' },
      })(req, res);
    case 'GET /sign-in':
      res.setHeader('Set-Cookie', `person=${encodeURIComponent(req.query.person)}; Path=/; HttpOnly`);
      return res.end();
    case 'GET /sso':
      return signOn(req, res, req.query);
    case 'POST /sso':
      req.body = Object.fromEntries(new URLSearchParams(await body(req)));
      return signOn(req, res, req.body);
    case 'GET /portal':
      if (!serviceProvider) throw refusal(403, 'no service provider is registered');
      return answer(req, res, personOf(req), undefined, req.query.target);
    case 'GET /slo':
      return signOut(req, res, 'redirect');
    case 'POST /slo':
      req.query = {};
      req.body = Object.fromEntries(new URLSearchParams(await body(req)));
      return signOut(req, res, 'post');
    case 'GET /sign-out': {
      const { binding } = req.query;
      req.query = {};
      return signOut(req, res, binding);
    }
    case 'PUT /control/service-provider':
      serviceProvider = readServiceProvider(await body(req));
      res.setHeader('Content-Type', 'application/json');
      return res.end(JSON.stringify(serviceProvider));
    case 'PUT /control/people':
      people.set(decodeURIComponent(name), JSON.parse(await body(req)));
      return res.end();
    case 'PUT /control/key':
      ({ key, cert } = makeKeyPair('samlp'));
      return res.end();
    case 'PUT /control/answers':
      answers = JSON.parse(await body(req));
      return res.end();
    case 'GET /control/sessions': {
      res.setHeader('Content-Type', 'application/json');
      const indexes = [...sessions].map(([person, all]) => [person, all.map((s) => s.sessionIndex)]);
      return res.end(JSON.stringify(Object.fromEntries(indexes.filter(([, all]) => all.length))));
    }
    case 'GET /control/requests':
      res.setHeader('Content-Type', 'application/json');
      return res.end(JSON.stringify(requests));
    default:
      throw refusal(404, 'no such page');
  }
}

async function signOn(req, res, fields) {
  const request = await verifiedRequest(req, fields);
  const person = personOf(req);
  requests.push({ ...request, relay_state: fields.RelayState ?? null });
  return answer(req, res, person, request.id, fields.RelayState);
}

function personOf(req) {
  const person = people.get(signedInPerson(req));
  if (!person) throw refusal(401, 'nobody is signed in here: GET /sign-in?person=NAME');
  return person;
}

async function answer(req, res, person, inResponseTo, relayState) {
  answered += 1;
  const sessionIndex = `_session-${answered}`;
  const response = await promised(samlp.getSamlResponse, {
    issuer: issuer(),
    key,
    cert,
    audience: serviceProvider.entityId,
    recipient: serviceProvider.acs,
    destination: serviceProvider.acs,
    inResponseTo,
    sessionIndex,
    authnContextClassRef: 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport',
    signatureAlgorithm: 'rsa-sha256',
    digestAlgorithm: 'sha256',
    lifetimeInSeconds: 300,
    profileMapper: claimsOf,
    ...answers,
  }, person);
  const name = signedInPerson(req);
  sessions.set(name, [...(sessions.get(name) ?? []), {
    serviceProviderId: serviceProvider.entityId,
    serviceProviderLogoutURL: serviceProvider.slo,
    nameId: person.name_id,
    nameIdFormat: person.name_id_format,
    sessionIndex,
    cert: serviceProvider.certificates[0],
  }]);
  res.setHeader('Content-Type', 'text/html; charset=utf-8');
  res.end(postForm(serviceProvider.acs, Buffer.from(response).toString('base64'), relayState));
}

// Everything of a logout is samlp's: whose session a request means, whether it and each answer is signed,
// whom to tell next, and what to answer.
async function signOut(req, res, binding) {
  const person = signedInPerson(req);
  const participants = sessions.get(person) ?? [];
  for (const participant of participants) participant.binding = BINDINGS[binding];
  req.body ??= {};
  req.session = logouts.get(person) ?? {};
  logouts.set(person, req.session);
  await new Promise((resolve, reject) => {
    res.on('close', resolve);
    samlp.logout({
      issuer: issuer(),
      key,
      cert,
      deflate: true,
      protocolBinding: BINDINGS[binding],
      signatureAlgorithm: 'rsa-sha256',
      digestAlgorithm: 'sha256',
      destination: serviceProvider.slo,
      sessionParticipants: new SessionParticipants(participants),
    })(req, res, (error) => reject(refusal(403, `the logout is refused: ${error?.message}`)));
  });
}

// samlp checks a signature where one is there or a certificate is given to it, so it is never asked
// without one. Metadata may publish several keys while they rotate: any of them may have signed.
async function verifiedRequest(req, fields) {
  if (!serviceProvider) throw refusal(403, 'no service provider is registered');
  if (!serviceProvider.certificates.length) throw refusal(403, 'the metadata has no signing certificate');
  const failures = [];
  for (const signingCert of serviceProvider.certificates) {
    const { Signature: signature, SigAlg: sigAlg, RelayState: relayState } = fields;
    const options = { signingCert, signature, sigAlg, relayState };
    let request;
    try {
      request = await promised(samlp.parseRequest, req, options);
    } catch (error) {
      failures.push(error.message);
      continue;
    }
    if (!request) throw refusal(400, 'there is no SAMLRequest');
    if (request.issuer !== serviceProvider.entityId) throw refusal(403, `unknown issuer ${request.issuer}`);
    const acs = request.assertionConsumerServiceURL;
    if (acs && acs !== serviceProvider.acs) throw refusal(403, `not an ACS of our metadata: ${acs}`);
    if (request.destination !== `${origin}/sso`) throw refusal(403, `not our address: ${request.destination}`);
    return request;
  }
  throw refusal(403, `the AuthnRequest is refused: ${failures.join('; ')}`);
}

function claimsOf(person) {
  return {
    getClaims: () => person.attributes,
    getNameIdentifier: () => ({
      nameIdentifier: person.name_id,
      nameIdentifierFormat: person.name_id_format,
    }),
  };
}

function postForm(action, response, relayState) {
  const escape = (text) => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
  const field = (name, value) =>
    value === undefined ? '' : `<input type="hidden" name="${name}" value="${escape(value)}">`;
  return `<!doctype html><title>samlp</title><form method="post" action="${escape(action)}">
${field('SAMLResponse', response)}${field('RelayState', relayState)}<button>Continue</button></form>`;
}

function signedInPerson(req) {
  const cookie = /(?:^|;\s*)person=([^;]*)/.exec(req.headers.cookie ?? '');
  return cookie ? decodeURIComponent(cookie[1]) : undefined;
}

function issuer() {
  return `${origin}/metadata`;
}

function refusal(status, message) {
  return Object.assign(new Error(message), { status });
}

function promised(call, ...args) {
  return new Promise((resolve, reject) => {
    call(...args, (error, value) => (error ? reject(error) : resolve(value)));
  });
}

async function body(req) {
  let text = '';
  for await (const chunk of req.setEncoding('utf8')) text += chunk;
  return text;
}

server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => {
  origin = `http://127.0.0.1:${server.address().port}`;
  console.log(`listening ${origin}`);
});
process.stdin.resume().on('end', () => process.exit(0));
