// Behind https, as in production, in Chromium (DESIGN 6): the service is at https://localhost, the identity
// provider (npm samlp) at http://127.0.0.1. The login cookie comes with the identity provider's post, and that
// of the session does not, so that no page of ours posts again: what shows here is what loopback hides.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { createServer } from 'node:https';
import { after, before, test } from 'node:test';
import { makeKeyPair } from '../peers/samlp/key_pair.mjs';
import { launch } from './chromium.mjs';
import { startSamlp } from './samlp.mjs';
import { admin, freePort, start } from './service.mjs';

let service;
let api;
let proxy;
let origin;
let idp;
let idpOrigin;

before(async () => {
  const port = await freePort();
  proxy = createServer(makeKeyPair('localhost'), (req, res) => {
    const { method, url, headers } = req;
    const passed = request({ host: '127.0.0.1', port, method, path: url, headers }, (answer) => {
      res.writeHead(answer.statusCode, answer.rawHeaders);
      answer.pipe(res);
    });
    passed.on('error', () => res.destroy());
    req.pipe(passed);
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  origin = `https://localhost:${proxy.address().port}`;
  service = await start(['serve'], { port, ready: /the service is running/, publicUrl: origin });
  api = admin(service);
  ({ idp, idpOrigin } = await startSamlp());

  await api('POST', 'orgs', { name: 'acme', domains: ['acme.example'] });
  const { id } = await api('POST', 'orgs/acme/service-certificates', { alias: 'a', valid_days: 365 });
  await api('POST', `orgs/acme/service-certificates/${id}/activate`);
  const metadata = await (await fetch(`${idpOrigin}/metadata`)).text();
  await api('POST', 'orgs/acme/sso/metadata', metadata, 'application/samlmetadata+xml');
  await api('PATCH', 'orgs/acme/sso', { sign_authn_requests: true, auto_create: true });
  const ours = await (await fetch(`${service.origin}/saml/acme/metadata`)).text();
  await fetch(`${idpOrigin}/control/service-provider`, { method: 'PUT', body: ours });
  for (const [name, firstname] of [['ann', 'Ann'], ['bob', 'Bob']]) {
    const email = `${name}@acme.example`;
    const attributes = { uid: email, email, firstname, lastname: 'Miller' };
    await fetch(`${idpOrigin}/control/people/${name}`, {
      method: 'PUT',
      body: JSON.stringify({ name_id: email, attributes }),
    });
  }
});

after(async () => {
  idp?.stdin.end();
  proxy?.closeAllConnections();
  proxy?.close();
  if (service) assert.equal(await service.stop(), 0);
});

// A browser in which a person is signed in at the identity provider.
async function person(t, name) {
  const { page, context } = await launch(t, { ignoreHTTPSErrors: true });
  await page.goto(`${idpOrigin}/sign-in?person=${name}`);
  return { page, context };
}

// How many sessions the person has who is signed in, in whichever browser.
async function sessions(context) {
  const listed = await context.request.get(`${origin}/sessions`);
  return listed.ok() ? (await listed.json()).items.length : 0;
}

test('a login comes back in one post, by the cookie that other sites send', async (t) => {
  const { page, context } = await person(t, 'ann');
  const posts = [];
  page.on('request', (sent) => sent.method() === 'POST' && posts.push(new URL(sent.url()).pathname));
  await page.goto(`${origin}/sso/acme/login`);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.waitForURL(`${origin}/welcome`);
  assert.deepEqual(posts, ['/saml/acme/acs']);
  const cookies = await context.cookies(origin);
  const shown = cookies.map(({ name, sameSite, secure, httpOnly }) => [name, sameSite, secure, httpOnly]);
  assert.deepEqual(shown.sort(), [
    ['__Host-sso_login', 'None', true, true],
    ['__Host-sso_session', 'Lax', true, true],
  ]);
});

test('tabs that sign in at once, and the back button, leave one session', async (t) => {
  const { page, context } = await person(t, 'bob');
  const tabs = [page, await context.newPage(), await context.newPage()];
  for (const tab of tabs) await tab.goto(`${origin}/sso/acme/login`);
  await Promise.all(tabs.map(async (tab) => {
    await tab.getByRole('button', { name: 'Continue' }).click();
    await tab.waitForURL(`${origin}/welcome`);
  }));
  for (const tab of tabs) {
    await tab.reload();
    assert.equal(await tab.textContent('h1'), 'Bob Miller', 'every tab goes on');
  }
  assert.equal(await sessions(context), 1);

  // Back to the identity provider's form, which is posted again: the answer was used, and nothing changes.
  for (let back = 0; back < 5 && new URL(page.url()).origin !== idpOrigin; back += 1) {
    await page.goBack({ waitUntil: 'commit' }).catch(() => {});
  }
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.waitForSelector('.refused');
  assert.match(await page.textContent('main'), /replayed|request_already_used/);
  assert.equal(await sessions(context), 1);
});

test('an attacker’s answer is refused in the browser of somebody else', async (t) => {
  const { page, context } = await person(t, 'bob');
  await page.goto(`${origin}/sso/acme/login`);
  // The attacker's own login, and its answer, as a form that the victim's browser is to post.
  const attacker = await person(t, 'ann');
  await attacker.page.goto(`${origin}/sso/acme/login`);
  const form = await attacker.page.locator('form').evaluate((found) => found.outerHTML);
  await page.goto(`${idpOrigin}/nowhere`);
  await page.setContent(form);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.waitForSelector('.refused');
  assert.match(await page.textContent('main'), /browser_mismatch/);
  assert.equal(await sessions(context), 0);
});
