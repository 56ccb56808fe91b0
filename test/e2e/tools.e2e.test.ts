import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Provider } from '#contract/provider';
import type { Session, SessionStarted } from '#contract/session';
import type { CredentialsReply } from '#contract/sign-in';
import { Api } from '#test/api';
import { makeInternet } from '#test/internet';
import { Oriel } from '#test/oriel';
import { PACE } from '#test/pace';
import { assert, suite } from '#test/suite';

/*
 * The real tools, in an operator's image (`just build-image --tools`): each starts, says its version, and comes to its sign-in page, which
 * nobody reaches from a test's internet.
 */
const test = suite('tools', { timeoutMs: 120_000 * PACE });
const manifest = join(process.env.ORIEL_IMAGE_DIR ?? '/var/lib/oriel/images', 'latest/manifest.json');
const tools = existsSync(manifest) ? (JSON.parse(readFileSync(manifest, 'utf8')) as { tools?: string[] }).tools : undefined;

const VERSIONS = `mkdir -p ~/.v && printf '{"claude":"%s","codex":"%s","gemini":"%s"}' \
  "$(claude --version)" "$(codex --version 2>/dev/null)" "$(gemini --version)" >~/.v/versions.json`;
const versions: Provider = {
  id: 'versions',
  name: 'Versions',
  login: { command: ['sh', '-c', VERSIONS], callbackPorts: [] },
  credentials: [{ path: '.v/versions.json', schema: { type: 'object' } }],
  hosts: [],
};

if (tools === undefined) {
  test.skip('each tool starts and says its version', 'the image has no tools to sign in to (just build-image --tools)');
  test.skip('each tool comes to its sign-in page', 'the image has no tools to sign in to (just build-image --tools)');
} else {
  let oriel: Oriel;
  let api: Api;

  test.before(async () => {
    makeInternet();
    const env: Record<string, string> = {};
    oriel = new Oriel({ instance: 'oritool', env });
    env.ORIEL_PROVIDERS_FILE = join(oriel.dir, 'providers.json');
    writeFileSync(env.ORIEL_PROVIDERS_FILE, JSON.stringify([versions]));
    const { origin, apiKey, sessionId } = await oriel.start(60_000 * PACE);
    api = new Api(origin, apiKey);
    await api.ask(`DELETE /api/auth/session/${sessionId}`);
  });
  test.after(async () => {
    await oriel?.interrupt();
    oriel?.removeFiles();
  });

  test('each tool starts and says its version', async () => {
    const { sessionId } = await run('versions', 'completed');
    const { body } = await api.ask<CredentialsReply>(`GET /api/auth/session/${sessionId}/credentials`);
    const said = JSON.parse(body.files[0]!.content) as Record<string, string>;
    for (const [name, words] of Object.entries(said)) {
      const locked = tools
        .find((one) => new RegExp(`^@[a-z-]+/${name}(-code|-cli)?@`).test(one))!
        .split('@')
        .at(-1)!;
      assert.match(words, locked.replace(/-linux-x64$/, ''), name);
    }
  });

  for (const [provider, host] of [
    ['claude_code', 'claude.com'],
    ['codex', 'auth.openai.com'],
    ['gemini_cli', 'accounts.google.com'],
  ] as const) {
    test(`${provider} comes to its sign-in page, which cannot be reached`, async () => {
      const { sessionId, reason } = await run(provider, 'failed');
      const { body } = await api.ask<{ lines: string[] }>(`GET /api/auth/session/${sessionId}/console`);
      assert.is(reason?.code, 'page_unreachable', `${reason?.message}\n${body.lines.slice(-20).join('\n')}`);
      assert.match(reason!.message, `${host}:443 cannot be reached through the proxy`);
    });
  }

  async function run(provider: string, status: string, timeoutMs = 60_000 * PACE): Promise<Session> {
    const { body } = await api.ask<SessionStarted>('POST /api/auth/start', { body: { userId: 'ann', provider } });
    for (const until = Date.now() + timeoutMs; ; await sleep(100)) {
      const session = (await api.ask<Session>(`GET /api/auth/session/${body.sessionId}`)).body;
      if (session.status === status) return session;
      assert.ok(Date.now() < until, `${provider} is ${session.status} after ${timeoutMs} ms: ${session.reason?.message}`);
    }
  }
}

test.run();
