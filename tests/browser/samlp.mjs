// The identity provider of the browser tests: npm samlp, in a process of its own.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { root } from './chromium.mjs';

// Starts it on a free port. Whoever starts it ends the process.
export async function startSamlp() {
  const idp = spawn('node', [join(root, 'tests', 'peers', 'samlp', 'idp.mjs')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = await once(idp.stdout.setEncoding('utf8'), 'data');
  return { idp, idpOrigin: line.trim().replace('listening ', '') };
}
