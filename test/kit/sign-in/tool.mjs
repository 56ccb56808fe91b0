/*
 * A tool that signs in, as the real ones do: tool.mjs ISSUER FLOW FORMAT [FAULT]
 *
 *   FLOW    loopback | paste | device | refresh: by what is there already, of claude_code
 *   FORMAT  claude_code | codex | gemini_cli: where the credentials are written, and how
 *   FAULT   crash | malformed | huge
 */
import { createHash, randomBytes } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { createServer } from 'node:http';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const [issuer, flow, format, fault] = process.argv.slice(2);
const CLIENT = 'tool';
const SCOPE = 'openid offline_access';
const CALLBACK = 'http://localhost:1456/callback';
const verifier = randomBytes(32).toString('base64url');

if (fault === 'crash') {
  console.error('TypeError: cannot read properties of undefined (token sk-ant-oat01-' + 'x'.repeat(40) + ')');
  process.exit(70);
}

const tokens = await { loopback: byLoopback, paste: byPaste, device: byDevice, refresh: byRefresh }[flow]();
console.log('Signed in.');
write(format, fault === 'malformed' ? {} : tokens);
if (fault !== undefined) await sleep(60_000);

async function byLoopback() {
  const { promise, resolve } = Promise.withResolvers();
  const server = createServer((request, response) => {
    response.end('You can close this page.');
    resolve(new URL(request.url, CALLBACK).searchParams);
  }).listen(1456, '127.0.0.1');
  open(toAuthorize(CALLBACK));
  const answer = await promise;
  server.close();
  if (answer.has('error')) fail(`Sign-in failed: ${answer.get('error')}`);
  return redeem({ grant_type: 'authorization_code', code: answer.get('code'), redirect_uri: CALLBACK, code_verifier: verifier });
}

async function byPaste() {
  const redirect = `${issuer}/code`;
  // Printed only, and not opened: somebody else has to.
  console.log(`Open this page:\n${toAuthorize(redirect)}`);
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  // The test waits until what it pasted stands here.
  process.stdin.on('data', () => setImmediate(() => fetch(`${issuer}/typed/${encodeURIComponent(terminal.line)}`)));
  const code = (await terminal.question('Paste the code: ')).trim();
  terminal.close();
  return redeem({ grant_type: 'authorization_code', code, redirect_uri: redirect, code_verifier: verifier });
}

async function byDevice() {
  const started = await post(`${issuer}/device/auth`, { client_id: CLIENT, scope: SCOPE });
  console.log(`Enter the code ${started.user_code} at`);
  open(started.verification_uri);
  for (;;) {
    await sleep(500);
    const reply = await post(`${issuer}/token`, {
      client_id: CLIENT,
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      device_code: started.device_code,
    });
    if (reply.access_token) return reply;
    if (!['authorization_pending', 'slow_down'].includes(reply.error)) fail(`Sign-in failed: ${reply.error}`);
  }
}

/** The first time it hangs, as tools do now and then: somebody has to begin it again. */
async function byRefresh() {
  const { claudeAiOauth } = JSON.parse(readFileSync(join(homedir(), '.claude/.credentials.json'), 'utf8'));
  if (!existsSync('/tmp/hung')) {
    writeFileSync('/tmp/hung', '');
    console.log('Renewing …');
    await fetch(`${issuer}/shown/hanging`);
    await sleep(600_000);
  }
  return redeem({ grant_type: 'refresh_token', refresh_token: claudeAiOauth.refreshToken });
}

async function redeem(body) {
  const reply = await post(`${issuer}/token`, { client_id: CLIENT, ...body });
  return reply.access_token ? reply : fail(`Sign-in failed: ${reply.error}`);
}

async function post(url, body) {
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(body) });
  return response.json();
}

function toAuthorize(redirect) {
  const query = {
    client_id: CLIENT,
    response_type: 'code',
    scope: SCOPE,
    redirect_uri: redirect,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    state: randomBytes(8).toString('hex'),
  };
  return `${issuer}/auth?${new URLSearchParams(query)}`;
}

/** As tools do: by BROWSER. */
function open(url) {
  console.log(url);
  execFileSync(process.env.BROWSER ?? 'xdg-open', [url], { stdio: 'ignore' });
}

function fail(message) {
  console.error(message);
  process.exit(1);
}

function write(format, { access_token, refresh_token, id_token, expires_in, scope, token_type }) {
  const in_s = Math.floor(Date.now() / 1000) + (expires_in ?? 0);
  const [path, content] = {
    claude_code: [
      '.claude/.credentials.json',
      {
        claudeAiOauth: {
          accessToken: access_token,
          refreshToken: refresh_token,
          expiresAt: in_s * 1000,
          scopes: SCOPE.split(' '),
          subscriptionType: 'max',
        },
      },
    ],
    codex: [
      '.codex/auth.json',
      { OPENAI_API_KEY: null, tokens: { id_token, access_token, refresh_token, account_id: 'a' }, last_refresh: new Date().toISOString() },
    ],
    gemini_cli: ['.gemini/oauth_creds.json', { access_token, refresh_token, scope, token_type, id_token, expiry_date: in_s * 1000 }],
  }[format];
  if (fault === 'huge') content.padding = 'x'.repeat(200_000);
  const text = JSON.stringify(content, null, 2);
  const place = join(homedir(), path);
  mkdirSync(dirname(place), { recursive: true, mode: 0o700 });
  // In two pieces: half a file is no credentials.
  const file = openSync(place, 'w', 0o600);
  writeSync(file, text.slice(0, 40));
  fsyncSync(file);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
  writeSync(file, text.slice(40));
  closeSync(file);
  writeFileSync('/tmp/wrote', 'yes');
}
