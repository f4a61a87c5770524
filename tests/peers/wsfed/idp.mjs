// A small federation service on npm `wsfed`, the engine of a real product: a judge that is not ours.
//
//     node tests/peers/wsfed/idp.mjs [PORT]
//
// It prints one line, `listening http://127.0.0.1:PORT`, and ends when its standard input does, so
// that it never outlives the test that started it. Its key is made at each start.
//
// As an identity provider (browser):
//     GET /metadata                  its federation metadata
//     GET /sign-in?person=NAME       begins this browser's session at the provider
//     GET /sso?wa=wsignin1.0         answers with a form that posts a token
//     GET /sso?wa=wsignout1.0        ends this browser's session, with a page that frames a clean-up of
//                                    each relying party that it visited, and leads to wreply
// As a fixture (the test):
//     PUT /control/service-provider  our federation metadata: from it alone come realm and address
//     PUT /control/people/NAME       { name_id, name_id_format, attributes }
//     PUT /control/answers           { token: "saml11" | "saml20", encrypt: bool, …options of wsfed }
//     GET /control/requests          the sign-in and sign-out requests, oldest first
//
// A request is refused (403) unless its realm is ours and its wreply lies beneath our address.
//
// wsfed writes tokens of SAML 1.1. Those of SAML 2.0 are written by `saml`, which it stands on, and
// wrapped here in a collection of WS-Trust 1.3.

import { createServer } from 'node:http';
import { DOMParser } from '@xmldom/xmldom';
import { X509Certificate } from 'node:crypto';
import saml from 'saml';
import wsfed from 'wsfed';
import xpath from 'xpath';
import { makeKeyPair } from '../samlp/key_pair.mjs';

const WST13 = 'http://docs.oasis-open.org/ws-sx/ws-trust/200512';
const SAML11_URI = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims';

const { key, cert } = makeKeyPair('wsfed');
const people = new Map();
const requests = [];
let relyingParty = null;
let answers = {};
let origin;

const server = createServer((req, res) => {
  const url = new URL(req.url, origin);
  // What wsfed expects of its framework.
  req.query = Object.fromEntries(url.searchParams);
  req.protocol = 'http';
  req.originalUrl = req.url;
  req.get = (name) => req.headers[name.toLowerCase()];
  res.set = (name, value) => res.setHeader(name, value);
  res.send = (body) => res.end(body);
  route(req, res, url).catch((error) => {
    res.writeHead(error.status ?? 500, { 'Content-Type': 'text/plain' });
    res.end(`${error.message}\n`);
  });
});

async function route(req, res, url) {
  const [, area, thing, name] = url.pathname.split('/');
  switch (`${req.method} /${area}${thing ? `/${thing}` : ''}`) {
    case 'GET /metadata':
      return wsfed.metadata({ issuer: issuer(), cert, endpointPath: '/sso' })(req, res);
    case 'GET /sign-in':
      setCookie(res, 'person', req.query.person);
      return res.end();
    case 'GET /sso':
      return req.query.wa === 'wsignout1.0' ? signOut(req, res) : signIn(req, res);
    case 'PUT /control/service-provider':
      relyingParty = readRelyingParty(await body(req));
      res.setHeader('Content-Type', 'application/json');
      return res.end(JSON.stringify(relyingParty));
    case 'PUT /control/people':
      people.set(decodeURIComponent(name), JSON.parse(await body(req)));
      return res.end();
    case 'PUT /control/answers':
      answers = JSON.parse(await body(req));
      return res.end();
    case 'GET /control/requests':
      res.setHeader('Content-Type', 'application/json');
      return res.end(JSON.stringify(requests));
    default:
      throw refusal(404, 'no such page');
  }
}

async function signIn(req, res) {
  if (req.query.wa !== 'wsignin1.0') throw refusal(400, `wa is ${req.query.wa}`);
  checked(req);
  const person = people.get(cookie(req, 'person'));
  if (!person) throw refusal(401, 'nobody is signed in here: GET /sign-in?person=NAME');
  const { token, encrypt, ...options } = answers;
  const encryption = encrypt
    ? {
        encryptionCert: relyingParty.certificate,
        encryptionPublicKey: new X509Certificate(relyingParty.certificate).publicKey
          .export({ type: 'spki', format: 'pem' }),
      }
    : {};
  const common = {
    issuer: issuer(),
    key,
    cert,
    signatureAlgorithm: 'rsa-sha256',
    digestAlgorithm: 'sha256',
    lifetimeInSeconds: 3600,
    ...encryption,
    ...options,
  };
  const wresult = token === 'saml20' ? await saml20(common, person, req) : undefined;
  setCookie(res, 'visited', 'yes');
  return new Promise((resolve, reject) => {
    res.on('finish', resolve);
    wsfed.auth({
      ...common,
      getPostURL: (realm, reply, _, done) => done(null, reply),
      getUserFromRequest: () => person,
      profileMapper: claimsOf,
      plain_form: true,
      responseHandler: (_, postUrl, wctx, saml11) => {
        res.setHeader('Content-Type', 'text/html; charset=utf-8');
        res.end(postForm(postUrl, wresult ?? saml11, wctx));
      },
    })(req, res, reject);
  });
}

async function saml20(common, person, req) {
  const assertion = await promised(saml.Saml20.create, {
    ...common,
    audiences: req.query.wtrealm,
    attributes: person.attributes,
    nameIdentifier: person.name_id,
    nameIdentifierFormat: person.name_id_format,
  });
  return `<t:RequestSecurityTokenResponseCollection xmlns:t="${WST13}"><t:RequestSecurityTokenResponse>`
    + `<t:RequestedSecurityToken>${assertion}</t:RequestedSecurityToken>`
    + '</t:RequestSecurityTokenResponse></t:RequestSecurityTokenResponseCollection>';
}

// As ADFS does it: the relying parties that this browser visited are signed out in frames, and a link
// leads back.
function signOut(req, res) {
  checked(req);
  const { address } = relyingParty;
  const frame = cookie(req, 'visited')
    ? `<iframe src="${escape(`${address}?wa=wsignoutcleanup1.0`)}"></iframe>`
    : '';
  res.setHeader('Set-Cookie', ['person', 'visited'].map((name) => `${name}=; Path=/; Max-Age=0`));
  res.setHeader('Content-Type', 'text/html; charset=utf-8');
  res.end(`<!doctype html><title>wsfed</title><h1>Signed out</h1>${frame}
<a href="${escape(req.query.wreply ?? '')}">Continue</a>`);
}

function checked(req) {
  const { wa, wtrealm, wreply } = req.query;
  if (!relyingParty) throw refusal(403, 'no relying party is registered');
  if (wtrealm !== relyingParty.realm) throw refusal(403, `unknown realm ${wtrealm}`);
  const beneath = wreply === undefined || wreply.split('?')[0] === relyingParty.address;
  if (!beneath) throw refusal(403, `not beneath our address: ${wreply}`);
  requests.push({ ...req.query, wa });
}

function readRelyingParty(metadata) {
  const select = xpath.useNamespaces({
    md: 'urn:oasis:names:tc:SAML:2.0:metadata',
    ds: 'http://www.w3.org/2000/09/xmldsig#',
    fed: 'http://docs.oasis-open.org/wsfed/federation/200706',
    wsa: 'http://www.w3.org/2005/08/addressing',
  });
  const document = new DOMParser().parseFromString(metadata, 'text/xml');
  const address = (path) => select(`string(//fed:${path}/wsa:EndpointReference/wsa:Address)`, document);
  const certificate = select(
    'string(//md:RoleDescriptor/md:KeyDescriptor[@use="encryption"]//ds:X509Certificate)',
    document,
  );
  return {
    realm: address('TargetScopes'),
    address: address('PassiveRequestorEndpoint'),
    certificate: certificate
      && `-----BEGIN CERTIFICATE-----\n${certificate.match(/.{1,64}/g).join('\n')}\n-----END CERTIFICATE-----\n`,
  };
}

function claimsOf(person) {
  return {
    getClaims: () => person.attributes,
    getNameIdentifier: () => ({
      nameIdentifier: person.name_id,
      nameIdentifierFormat: person.name_id_format ?? `${SAML11_URI}/nameidentifier`,
    }),
  };
}

function postForm(action, wresult, wctx) {
  const field = (name, value) =>
    value === undefined ? '' : `<input type="hidden" name="${name}" value="${escape(value)}">`;
  return `<!doctype html><title>wsfed</title><form method="post" action="${escape(action)}">
${field('wa', 'wsignin1.0')}${field('wresult', wresult)}${field('wctx', wctx)}<button>Continue</button></form>`;
}

function escape(text) {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

function setCookie(res, name, value) {
  res.setHeader('Set-Cookie', `${name}=${encodeURIComponent(value)}; Path=/; HttpOnly`);
}

function cookie(req, name) {
  const found = new RegExp(`(?:^|;\\s*)${name}=([^;]*)`).exec(req.headers.cookie ?? '');
  return found ? decodeURIComponent(found[1]) : undefined;
}

function issuer() {
  return `${origin}/adfs/services/trust`;
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
