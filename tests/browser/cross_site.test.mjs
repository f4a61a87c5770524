// A post from another site, in Chromium (DESIGN 6): the identity provider (npm samlp) is at 127.0.0.1,
// the service at localhost, so that the browser holds the Lax login cookie back from the post, and
// brings it when our own page posts the same again. The two share no site, as in real life.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, screenshot } from './chromium.mjs';
import { startSamlp } from './samlp.mjs';
import { admin, freePort, start } from './service.mjs';

let service;
let api;
let idp;
let idpOrigin;

before(async () => {
  service = await start(['serve'], { port: await freePort(), ready: /the service is running/ });
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
  await fetch(`${idpOrigin}/control/people/ann`, {
    method: 'PUT',
    body: JSON.stringify({
      name_id: 'ann@acme.example',
      attributes: {
        uid: 'ann@acme.example',
        email: 'ann@acme.example',
        firstname: 'Ann',
        lastname: 'Miller',
      },
    }),
  });
});

after(async () => {
  idp?.stdin.end();
  if (service) assert.equal(await service.stop(), 0);
});

test('a post from another site signs in, by way of our own page', async (t) => {
  const { page } = await launch(t);
  const posts = [];
  page.on('request', (request) => {
    if (request.url() === `${service.origin}/saml/acme/acs`) posts.push(request);
  });
  await page.goto(`${idpOrigin}/sign-in?person=ann`);
  await page.goto(`${service.origin}/sso/acme/login`);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.waitForURL(`${service.origin}/welcome`);
  assert.equal(await page.textContent('h1'), 'Ann Miller');
  await screenshot(page, 'cross-site-welcome');

  assert.equal(posts.length, 2, 'the identity provider posts, then our page does');
  const cookies = await Promise.all(posts.map(async (post) => (await post.allHeaders()).cookie ?? ''));
  assert.doesNotMatch(cookies[0], /sso_login/);
  assert.match(cookies[1], /sso_login/);
});
