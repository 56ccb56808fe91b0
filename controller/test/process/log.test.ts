import { spawnSync } from 'node:child_process';
import { suite, assert } from '#test/suite';

const test = suite('log');
const LOG = new URL('../../src/process/log.ts', import.meta.url).href;

for (const isTty of [false, true]) {
  test(`secrets do not get into a log, ${isTty ? 'pretty' : 'plain'}; it goes to standard error`, () => {
    const script = `const { createLog } = await import(${JSON.stringify(LOG)});
      const error = Object.assign(new Error('asked with oriel_key_CANARY'), { config: { headers: { authorization: 'CANARY' } } });
      const log = createLog('info', ${isTty});
      log.info({ session: 's-1', token: 'CANARY', guest: { secret: 'CANARY' }, req: { headers: { authorization: 'Bearer CANARY' } } }, 'said');
      log.child({ upstream: 'http://u:CANARY@proxy' }).warn({ err: error, a: { b: { vncSecret: 'CANARY' } }, note: 'http://u:CANARY@proxy' }, 'got Bearer CANARY');
      log.info({ note: 'PLANTED' }, 'said again');`;
    const { stdout, stderr } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script], {
      encoding: 'utf8',
    });
    assert.is(stdout, '');
    assert.match(stderr, /said/);
    assert.match(stderr, /s-1/);
    assert.match(stderr, /PLANTED/, 'what is no secret is found');
    assert.not.match(stderr, /CANARY/);
  });
}

test.run();
