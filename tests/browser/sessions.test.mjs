// Sessions in Chromium, on host names that share no site (SPEC 5.2, 5.4; DESIGN 6; ATTACKS WEB-01): the
// service is at localhost, the identity provider (npm samlp) and the attacker's page at 127.0.0.1, each on a
// port of its own.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launch, screenshot } from './chromium.mjs';
import { startSamlp } from './samlp.mjs';
import { admin, freePort, start } from './service.mjs';

let service;
let api;
let idp;
let idpOrigin;
let attacker;
let attackerOrigin;
// What the attacker's page has a browser post, and where to.
let trap = { action: '', fields: {} };

before(async () => {
  service = await start(['serve'], { port: await freePort(), ready: /the service is running/ });
  api = admin(service);
  ({ idp, idpOrigin } = await startSamlp());
  attacker = createServer((_, res) => {
    const fields = Object.entries(trap.fields).map(
      ([name, value]) => `<input type="hidden" name="${name}" value="${value}">`,
    );
    res.setHeader('Content-Type', 'text/html');
    res.end(`<form method="post" action="${trap.action}">${fields.join('')}</form>
<script>document.forms[0].submit()</script>`);
  });
  attacker.listen(0, '127.0.0.1');
  await once(attacker, 'listening');
  attackerOrigin = `http://127.0.0.1:${attacker.address().port}`;

  await api('POST', 'orgs', { name: 'acme', display_name: 'Acme Inc.', domains: ['acme.example'] });
  const { id } = await api('POST', 'orgs/acme/service-certificates', { alias: 'a', valid_days: 365 });
  await api('POST', `orgs/acme/service-certificates/${id}/activate`);
  const metadata = await (await fetch(`${idpOrigin}/metadata`)).text();
  await api('POST', 'orgs/acme/sso/metadata', metadata, 'application/samlmetadata+xml');
  await api('PATCH', 'orgs/acme/sso', { sign_authn_requests: true, auto_create: true });
  const ours = await (await fetch(`${service.origin}/saml/acme/metadata`)).text();
  await fetch(`${idpOrigin}/control/service-provider`, { method: 'PUT', body: ours });
  await person('ann', 'Ann', 'Miller');
  await person('mallory', 'Mallory', 'Stone');
});

after(async () => {
  attacker?.close();
  idp?.stdin.end();
  if (service) assert.equal(await service.stop(), 0);
});

function person(name, firstname, lastname) {
  const email = `${name}@acme.example`;
  return fetch(`${idpOrigin}/control/people/${name}`, {
    method: 'PUT',
    body: JSON.stringify({ name_id: email, attributes: { uid: email, email, firstname, lastname } }),
  });
}

// Signs in at the identity provider, and from there at the service.
async function signIn(page, name) {
  await page.goto(`${idpOrigin}/sign-in?person=${name}`);
  await page.goto(`${service.origin}/sso/acme/login`);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.waitForURL(`${service.origin}/welcome`);
}

async function whoIs(context) {
  const session = await context.request.get(`${service.origin}/session`);
  return session.ok() ? (await session.json()).account.email : null;
}

// What the identity provider has a browser post, taken by the attacker for their own person.
async function ownAnswer(url) {
  const form = await (
    await fetch(url, { headers: { Cookie: 'person=mallory' }, redirect: 'manual' })
  ).text();
  const fields = {};
  for (const [, name, value] of form.matchAll(/name="(\w+)" value="([^"]*)"/g)) fields[name] = value;
  assert.ok(fields.SAMLResponse, form);
  return { action: `${service.origin}/saml/acme/acs`, fields };
}

async function ownLogin() {
  const left = await fetch(`${service.origin}/sso/acme/login`, { redirect: 'manual' });
  return ownAnswer(left.headers.get('location'));
}

async function springTrap(page) {
  await page.goto(attackerOrigin);
  await page.waitForURL((url) => url.origin === service.origin);
}

test('an attacker’s own response and request state sign nobody in', async (t) => {
  for (const signedIn of [false, true]) {
    const { page, context } = await launch(t);
    if (signedIn) await signIn(page, 'ann');
    // With a login of the victim's own under way, too.
    await page.goto(`${service.origin}/sso/acme/login`);
    trap = await ownLogin();
    await springTrap(page);
    await page.waitForSelector('.refused');
    assert.match(await page.textContent('main'), /browser_mismatch/);
    assert.equal(await whoIs(context), signedIn ? 'ann@acme.example' : null);
  }
});

test('an unasked response is refused, restarted, or asks before it replaces a person', async (t) => {
  const { page, context } = await launch(t);
  await signIn(page, 'ann');
  trap = await ownAnswer(`${idpOrigin}/portal?target=/welcome`);
  await springTrap(page);
  await page.waitForSelector('.refused');
  assert.match(await page.textContent('main'), /unsolicited_not_allowed/);

  // Restarted: the identity provider asks who this browser's person is, and that is ann.
  await api('PATCH', 'orgs/acme/sso', { idp_initiated: 'restart' });
  await page.goto(attackerOrigin);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.waitForURL(`${service.origin}/welcome`);
  assert.equal(await whoIs(context), 'ann@acme.example');

  await api('PATCH', 'orgs/acme/sso', { idp_initiated: 'accept' });
  await springTrap(page);
  await page.getByRole('heading', { name: 'Somebody else is signed in here' }).waitFor();
  await screenshot(page, 'replace');
  assert.equal(await whoIs(context), 'ann@acme.example', 'nothing has changed');
  await page.getByRole('link', { name: 'Stay signed in as Ann Miller' }).click();
  await page.waitForURL(`${service.origin}/welcome`);
  assert.equal(await page.textContent('h1'), 'Ann Miller');

  // Where the person says so, it does; and the page cannot be used twice.
  await springTrap(page);
  await page.getByRole('button', { name: 'continue as Mallory Stone' }).click();
  await page.waitForURL(`${service.origin}/welcome`);
  assert.equal(await whoIs(context), 'mallory@acme.example');
  await springTrap(page);
  await page.waitForSelector('.refused');
  assert.match(await page.textContent('main'), /replayed/);
  assert.equal(await whoIs(context), 'mallory@acme.example');
  await api('PATCH', 'orgs/acme/sso', { idp_initiated: 'off' });
});

test('a login from the portal survives what browsers do with cookies', async (t) => {
  await api('PATCH', 'orgs/acme/sso', { idp_initiated: 'accept' });
  const { page, context } = await launch(t);
  await page.goto(`${idpOrigin}/sign-in?person=ann`);
  await page.goto(`${idpOrigin}/portal?target=/welcome`);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.waitForURL(`${service.origin}/welcome`);
  assert.equal(await whoIs(context), 'ann@acme.example');
  // Again, as the same person: nobody is asked.
  await page.goto(`${idpOrigin}/portal?target=/welcome`);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.waitForURL(`${service.origin}/welcome`);
  await api('PATCH', 'orgs/acme/sso', { idp_initiated: 'off' });
});

test('the back button and a second tab do no harm', async (t) => {
  const { page, context } = await launch(t);
  await page.goto(`${idpOrigin}/sign-in?person=ann`);
  const second = await context.newPage();
  // Two logins under way in one browser; the one that began first ends last.
  for (const tab of [page, second]) await tab.goto(`${service.origin}/sso/acme/login`);
  for (const tab of [second, page]) {
    await tab.getByRole('button', { name: 'Continue' }).click();
    await tab.waitForURL(`${service.origin}/welcome`);
    assert.equal(await whoIs(context), 'ann@acme.example');
  }
  await second.reload();
  assert.equal(await second.textContent('h1'), 'Ann Miller', 'the other tab goes on');

  // Back to the identity provider's form, which is posted again: the answer was used.
  for (let back = 0; back < 5 && new URL(page.url()).origin !== idpOrigin; back += 1) {
    await page.goBack({ waitUntil: 'commit' }).catch(() => {});
  }
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.waitForSelector('.refused');
  assert.match(await page.textContent('main'), /replayed|request_already_used/);
  assert.equal(await whoIs(context), 'ann@acme.example');
  await page.getByRole('link', { name: 'Try again' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.waitForURL(`${service.origin}/welcome`);
});

test('a person ends a session elsewhere from the page', async (t) => {
  const here = await launch(t);
  const there = await launch(t);
  for (const { page } of [here, there]) await signIn(page, 'ann');
  await here.page.reload();
  await screenshot(here.page, 'welcome-sessions');
  const others = here.page.getByRole('button', { name: 'Sign out everywhere else' });
  assert.equal(await whoIs(there.context), 'ann@acme.example');
  await others.click();
  await here.page.waitForURL(`${service.origin}/welcome`);
  assert.equal(await whoIs(there.context), null);
  assert.equal(await whoIs(here.context), 'ann@acme.example');
  assert.equal(await others.count(), 0);
});

test('a test login shows what came and signs nobody in', async (t) => {
  await api('PATCH', 'orgs/acme/sso/draft', { clock_skew_seconds: 60 });
  const { page, context } = await launch(t);
  await page.goto(`${idpOrigin}/sign-in?person=ann`);
  await page.goto(`${service.origin}/sso/acme/login?test=1`);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('heading', { name: 'It works' }).waitFor();
  await screenshot(page, 'test-login');
  assert.match(await page.textContent('main'), /ann@acme\.example/);
  assert.equal(await whoIs(context), null);
});
