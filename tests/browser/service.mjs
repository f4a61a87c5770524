// The service as a newcomer starts it: by ./run, on free ports, with an empty data folder.

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './chromium.mjs';

// Starts `./run ARGS...` and waits until its output matches `ready`. ./run builds first. `publicUrl`: where
// browsers reach it, if that is not its own address.
export async function start(args, { port, ready, publicUrl }) {
  const origin = `http://localhost:${port}`;
  const data = mkdtempSync(join(tmpdir(), 'sso-'));
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('SSO_')),
  );
  const child = spawn(join(root, 'run'), args, {
    cwd: data,
    env: { ...env, SSO_LISTEN: `127.0.0.1:${port}`, SSO_PUBLIC_URL: publicUrl ?? origin, SSO_DATA_DIR: data },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise((resolve) => child.on('exit', (code) => resolve(code)));
  let output = '';
  const match = new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
        const found = ready.exec(output);
        if (found) resolve(found);
      });
    }
    ended.then((code) => reject(new Error(`./run ended with ${code}:\n${output}`)));
  });
  // Ctrl-C, and the exit code that it led to.
  const stop = async () => {
    child.kill('SIGINT');
    const code = await ended;
    rmSync(data, { recursive: true });
    return code;
  };
  try {
    return { match: await match, origin, data, output: () => output, stop };
  } catch (error) {
    rmSync(data, { recursive: true });
    throw error;
  }
}

// The Admin API as the operator, whose token the service wrote to its data folder.
export function admin({ origin, data }) {
  const token = readFileSync(join(data, 'admin-token'), 'utf8').trim();
  return async (method, path, body, type = 'application/json') => {
    const answer = await fetch(`${origin}/api/v1/${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}`, ...(body ? { 'Content-Type': type } : {}) },
      body: body && typeof body !== 'string' ? JSON.stringify(body) : body,
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return JSON.parse(text);
  };
}

export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
