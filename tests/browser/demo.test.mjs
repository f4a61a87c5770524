// The demo as a newcomer sees it, in Chromium: sign in as one of the people, be refused, sign out.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, screenshot } from './chromium.mjs';
import { admin, freePort, start } from './service.mjs';

let demo;
let api;
let open;

before(async () => {
  const [port, idpPort] = [await freePort(), await freePort()];
  demo = await start(['demo', '--idp-listen', `127.0.0.1:${idpPort}`], {
    port,
    ready: /^Open (\S+)$/m,
  });
  [, open] = demo.match;
  api = admin(demo);
});

after(async () => {
  if (!demo) return;
  assert.equal(await demo.stop(), 0, 'Ctrl-C ends the demo well');
  await assert.rejects(fetch(demo.origin), 'nothing listens any more');
});

test('the log marks the identity provider as not for production', () => {
  assert.match(demo.output(), /development identity provider .*never for production/);
});

test('a person signs in and has an account', async (t) => {
  for (const [name, email] of [
    ['Maya Lindqvist', 'maya@demo.example'],
    ['Tomás Okafor', 'tomas@demo.example'],
  ]) {
    const { page, context } = await launch(t);
    await page.goto(open);
    assert.match(await page.textContent('main'), /never for production/);
    await screenshot(page, 'demo-people');

    await page.getByRole('button', { name }).click();
    await page.waitForURL(`${demo.origin}/welcome`);
    assert.equal(await page.textContent('h1'), name);
    await screenshot(page, `demo-welcome-${email.split('@')[0]}`);

    const session = await context.request.get(`${demo.origin}/session`);
    assert.equal((await session.json()).account.email, email);
  }
  const { items } = await api('GET', 'orgs/demo/users');
  assert.deepEqual(
    items.map(({ email, source }) => [email, source]),
    [['maya@demo.example', 'sso'], ['tomas@demo.example', 'sso']],
  );
});

test('a login that lost its cookie is refused with a code and a trace number', async (t) => {
  const { page, context } = await launch(t);
  await page.goto(open);
  await context.clearCookies();
  await page.getByRole('button', { name: 'Maya Lindqvist' }).click();
  await page.waitForSelector('.refused');
  const shown = await page.textContent('main');
  await screenshot(page, 'refusal');

  const { items } = await api('GET', 'orgs/demo/logins?limit=1');
  assert.equal(items[0].outcome, 'rejected');
  assert.equal(items[0].code, 'browser_mismatch');
  assert.ok(shown.includes('browser_mismatch'), shown);
  assert.ok(shown.includes(items[0].id), shown);
  const session = await context.request.get(`${demo.origin}/session`);
  assert.equal(session.status(), 401);
});

test('a person finds the organization, signs in and signs out', async (t) => {
  const { page, context } = await launch(t);
  await page.goto(demo.origin);
  await screenshot(page, 'sign-in');
  await page.getByRole('textbox').fill('nobody@elsewhere.example');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('alert').waitFor();
  await screenshot(page, 'sign-in-unknown');
  await page.getByRole('textbox').fill('maya@demo.example');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('button', { name: 'Maya Lindqvist' }).click();
  await page.waitForURL(`${demo.origin}/welcome`);

  await page.getByRole('link', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'signed out' }).waitFor();
  await screenshot(page, 'signed-out');
  const session = await context.request.get(`${demo.origin}/session`);
  assert.equal(session.status(), 401);
});
