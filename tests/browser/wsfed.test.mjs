// WS-Federation in Chromium (SPEC 3): a login through a federation service (npm wsfed), which posts from
// another site, and a clean-up in a frame of its page. On loopback the cookies are `Lax`, so that the frame
// has them where the federation service is at the same host; on https they are not (DESIGN 6).

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launch, root, screenshot } from './chromium.mjs';
import { admin, freePort, start } from './service.mjs';

const CLAIMS = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims';

let service;
let api;
let idp;
let idpOrigin;

before(async () => {
  service = await start(['serve'], { port: await freePort(), ready: /the service is running/ });
  api = admin(service);
  idp = spawn('node', [join(root, 'tests', 'peers', 'wsfed', 'idp.mjs')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = await once(idp.stdout.setEncoding('utf8'), 'data');
  idpOrigin = line.trim().replace('listening ', '');

  await api('POST', 'orgs', { name: 'acme', domains: ['acme.example'] });
  const metadata = await (await fetch(`${idpOrigin}/metadata`)).text();
  await api('POST', 'orgs/acme/sso/metadata', metadata, 'application/samlmetadata+xml');
  await api('PATCH', 'orgs/acme/sso', {
    auto_create: true,
    single_logout: 'saml',
    attribute_map: { preset: 'adfs', map: {} },
  });
  const ours = await (await fetch(`${service.origin}/wsfed/acme/metadata`)).text();
  await fetch(`${idpOrigin}/control/service-provider`, { method: 'PUT', body: ours });
  await fetch(`${idpOrigin}/control/people/ann`, {
    method: 'PUT',
    body: JSON.stringify({
      name_id: 'ann@acme.example',
      attributes: {
        [`${CLAIMS}/emailaddress`]: 'ann@acme.example',
        [`${CLAIMS}/upn`]: 'ann@acme.example',
        [`${CLAIMS}/givenname`]: 'Ann',
        [`${CLAIMS}/surname`]: 'Miller',
      },
    }),
  });
});

after(async () => {
  idp?.stdin.end();
  if (service) assert.equal(await service.stop(), 0);
});

async function signIn(page, origin) {
  await page.goto(`${origin}/sign-in?person=ann`);
  await page.goto(`${service.origin}/sso/acme/login`);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.waitForURL(`${service.origin}/welcome`);
  assert.equal(await page.textContent('h1'), 'Ann Miller');
}

test('a token from another site signs in, by way of our own page', async (t) => {
  const { page } = await launch(t);
  await signIn(page, idpOrigin);
  await screenshot(page, 'wsfed-welcome');
});

test('a clean-up in a frame of the identity provider ends the session', async (t) => {
  const { page } = await launch(t);
  const sameSite = idpOrigin.replace('127.0.0.1', 'localhost');
  const { sso_url: before } = await api('GET', 'orgs/acme/sso');
  await api('PATCH', 'orgs/acme/sso', { sso_url: `${sameSite}/sso`, logout_url: `${sameSite}/sso` });
  await signIn(page, sameSite);
  const realm = encodeURIComponent('urn:federation:localhost:acme');
  await page.goto(`${sameSite}/sso?wa=wsignout1.0&wtrealm=${realm}`);
  const frame = page.frameLocator('iframe');
  await frame.getByRole('heading', { name: 'You are signed out' }).waitFor();
  await page.goto(`${service.origin}/session`);
  assert.match(await page.textContent('body'), /not_signed_in|401|unauthorized/i);
  await api('PATCH', 'orgs/acme/sso', { sso_url: before, logout_url: before });
});
