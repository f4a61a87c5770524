// Single logout in Chromium (SPEC 5.3): from here and from the identity provider (npm samlp), and what the
// page says of each participant where the identity provider answers with an error, in part, or not at all.
// The last three are a stand-in that has a key of its own, which the organization trusts.

import assert from 'node:assert/strict';
import { randomUUID, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { makeKeyPair } from '../peers/samlp/key_pair.mjs';
import { launch, screenshot } from './chromium.mjs';
import { startSamlp } from './samlp.mjs';
import { admin, freePort, start } from './service.mjs';

const STATUS = 'urn:oasis:names:tc:SAML:2.0:status';

let service;
let api;
let idp;
let idpOrigin;
let standIn;
let standInOrigin;
// What the stand-in answers with: a status as XML, or nothing where it is null.
let status;
const { key, cert } = makeKeyPair('stand-in');

before(async () => {
  service = await start(['serve'], { port: await freePort(), ready: /the service is running/ });
  api = admin(service);
  ({ idp, idpOrigin } = await startSamlp());
  standIn = createServer(answerLogout).listen(0, '127.0.0.1');
  await once(standIn, 'listening');
  standInOrigin = `http://127.0.0.1:${standIn.address().port}`;

  await api('POST', 'orgs', { name: 'acme', display_name: 'Acme Inc.', domains: ['acme.example'] });
  const { id } = await api('POST', 'orgs/acme/service-certificates', { alias: 'a', valid_days: 365 });
  await api('POST', `orgs/acme/service-certificates/${id}/activate`);
  const metadata = await (await fetch(`${idpOrigin}/metadata`)).text();
  await api('POST', 'orgs/acme/sso/metadata', metadata, 'application/samlmetadata+xml');
  await api('POST', 'orgs/acme/idp-certificates?alias=stand-in', cert, 'application/x-pem-file');
  await api('PATCH', 'orgs/acme/sso', {
    sign_authn_requests: true,
    auto_create: true,
    single_logout: 'saml',
  });
  const ours = await (await fetch(`${service.origin}/saml/acme/metadata`)).text();
  await fetch(`${idpOrigin}/control/service-provider`, { method: 'PUT', body: ours });
  const email = 'ann@acme.example';
  const attributes = { uid: email, email, firstname: 'Ann', lastname: 'Miller' };
  await fetch(`${idpOrigin}/control/people/ann`, {
    method: 'PUT',
    body: JSON.stringify({ name_id: email, attributes }),
  });
});

after(async () => {
  standIn?.close();
  idp?.stdin.end();
  if (service) assert.equal(await service.stop(), 0);
});

function answerLogout(req, res) {
  if (status === null) return res.writeHead(500).end('out of order');
  const query = new URL(req.url, standInOrigin).searchParams;
  const request = inflateRawSync(Buffer.from(query.get('SAMLRequest'), 'base64')).toString();
  const [, id] = /<[\w:]*LogoutRequest[^>]* ID="([^"]*)"/.exec(request);
  const slo = `${service.origin}/saml/acme/slo`;
  const response = `<samlp:LogoutResponse xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"
    xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_${randomUUID()}" Version="2.0"
    IssueInstant="${new Date().toISOString()}" Destination="${slo}" InResponseTo="${id}"><saml:Issuer>${idpOrigin}/metadata</saml:Issuer><samlp:Status>${status}</samlp:Status></samlp:LogoutResponse>`;
  const answer = new URLSearchParams({
    SAMLResponse: deflateRawSync(response).toString('base64'),
    RelayState: query.get('RelayState'),
    SigAlg: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  });
  const signature = sign('RSA-SHA256', Buffer.from(answer.toString()), key).toString('base64');
  answer.append('Signature', signature);
  return res.writeHead(303, { Location: `${slo}?${answer}` }).end();
}

async function signIn(page) {
  await page.goto(`${idpOrigin}/sign-in?person=ann`);
  await page.goto(`${service.origin}/sso/acme/login`);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.waitForURL(`${service.origin}/welcome`);
}

async function isSignedIn(context) {
  return (await context.request.get(`${service.origin}/session`)).ok();
}

async function sessionsThere() {
  return (await fetch(`${idpOrigin}/control/sessions`)).json();
}

// What the page says of each participant.
async function report(page) {
  await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
  const said = await page.locator('dl > div').allInnerTexts();
  return said.map((text) => text.replace(/\s*\n\s*/g, ': '));
}

test('a person who signs out here is signed out at both, by redirect and by form', async (t) => {
  for (const binding of ['redirect', 'post']) {
    await api('PATCH', 'orgs/acme/sso', { slo_binding: binding, logout_url: `${idpOrigin}/slo` });
    const { page, context } = await launch(t);
    await signIn(page);
    await page.getByRole('link', { name: 'Sign out' }).click();
    assert.deepEqual(await report(page), ['This service: Signed out', 'Acme Inc.: Signed out']);
    await screenshot(page, `signed-out-${binding}`);
    assert.equal(await isSignedIn(context), false);
    assert.deepEqual(await sessionsThere(), {});
    // The back button brings nobody back in.
    await page.goto(`${service.origin}/welcome`);
    assert.equal(await isSignedIn(context), false);
  }
});

test('a person who signs out at the identity provider is signed out here', async (t) => {
  for (const binding of ['redirect', 'post']) {
    await api('PATCH', 'orgs/acme/sso', { slo_binding: binding, logout_url: `${idpOrigin}/slo` });
    const { page, context } = await launch(t);
    await signIn(page);
    await page.goto(`${idpOrigin}/sign-out?binding=${binding}`);
    await page.getByText('signed out everywhere').waitFor();
    assert.equal(await isSignedIn(context), false);
    assert.deepEqual(await sessionsThere(), {});
  }
});

test('whatever the identity provider answers, the page says what is known of each', async (t) => {
  await api('PATCH', 'orgs/acme/sso', {
    slo_binding: 'redirect', logout_url: `${standInOrigin}/slo`,
  });
  const code = (name, inside = '') => `<samlp:StatusCode Value="${STATUS}:${name}">${inside}</samlp:StatusCode>`;
  for (const [answer, said, picture] of [
    [code('Success'), ['This service: Signed out', 'Acme Inc.: Signed out']],
    [
      code('Success', code('PartialLogout')),
      ['This service: Signed out', 'Acme Inc.: Signed out, but not everywhere'],
      'signed-out-in-part',
    ],
    [
      code('Responder'),
      ['This service: Signed out', 'Acme Inc.: Not confirmed', 'Code: status_not_success'],
      'signed-out-not-confirmed',
    ],
  ]) {
    status = answer;
    const { page, context } = await launch(t);
    await signIn(page);
    await page.goto(`${service.origin}/sso/acme/logout`);
    const shown = await report(page);
    assert.deepEqual(shown.slice(0, said.length), said);
    if (picture) await screenshot(page, picture);
    assert.equal(await isSignedIn(context), false);
    // Again, without a session: nobody is asked.
    await page.goto(`${service.origin}/sso/acme/logout`);
    await report(page);
  }
});

test('an identity provider that does not answer keeps nobody signed in', async (t) => {
  status = null;
  const { page, context } = await launch(t);
  await signIn(page);
  await page.goto(`${service.origin}/sso/acme/logout`);
  assert.equal(await page.textContent('body'), 'out of order');
  assert.equal(await isSignedIn(context), false);
});

test('what is no sign-out is refused and changes nothing', async (t) => {
  const { page, context } = await launch(t);
  await signIn(page);
  await page.goto(`${service.origin}/saml/acme/slo?SAMLRequest=AAAA`);
  await page.waitForSelector('.refused');
  await screenshot(page, 'sign-out-refused');
  assert.equal(await isSignedIn(context), true);
  await page.getByRole('link', { name: 'Sign out' }).waitFor();
});
