import { execFileSync } from 'node:child_process';
import { createReadStream, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, suite } from '#test/suite';
import { providers } from '../../../providers/index.ts';
import { readSecret } from '../../../src/agent/config/secrets.ts';
import { followJob } from '../../../src/agent/controller/job.ts';
import { createLog } from '../../../src/agent/log.ts';
import { FakeController, refusal, type Reply } from '../../fakes/fake-controller.ts';

const test = suite('job');
const toJob = (id: string) => ({ provider: providers.find((one) => one.id === id)!, restore: false });

/** Follows a controller that gives these replies; what is kept, and whether the service auth was told. */
async function follow(replies: Reply[], known?: object) {
  const dir = mkdtempSync(join(tmpdir(), 'oriel-job-'));
  const paths = { job: join(dir, 'job.json'), jobPipe: join(dir, 'job') };
  execFileSync('mkfifo', [paths.jobPipe]);
  if (known) writeFileSync(paths.job, JSON.stringify(known));
  const controller = new FakeController();
  controller.answer = () => replies.shift()!;
  const endpoint = await controller.start();
  const stop = new AbortController();
  await followJob({ endpoint, secret: 's', signal: stop.signal, log: createLog(() => {}), paths });
  const kept = await readSecret(paths.job);
  // A reader that comes later has it still: as long as the agent lives.
  const told = kept?.includes('"login":') ? await readLine(paths.jobPipe) : undefined;
  const mode = kept === undefined ? undefined : statSync(paths.job).mode & 0o777;
  stop.abort();
  await controller.stop();
  rmSync(dir, { recursive: true });
  return {
    job: kept === undefined ? undefined : (JSON.parse(kept) as unknown),
    told,
    mode,
    asked: controller.requests.map(({ path }) => path),
  };
}

function readLine(path: string): Promise<string> {
  return new Promise((resolve) => {
    const stream = createReadStream(path, { encoding: 'utf8' });
    stream.once('data', (text) => {
      resolve(String(text));
      stream.destroy();
    });
  });
}

test('the controller is asked until it says what to do; a sign-in is told to the service that does it', async () => {
  const { job, told, mode, asked } = await follow([{ status: 204 }, { status: 503 }, { status: 200, body: toJob('codex') }]);
  assert.equal([job, told, mode], [toJob('codex'), '\n', 0o600]);
  assert.equal(asked, Array(3).fill('/guest/job?wait=25'));
});

test('a plain desktop is kept as what it is, and nobody has to be told', async () => {
  const { job, told } = await follow([{ status: 200, body: toJob('desktop') }]);
  assert.equal([job, told], [toJob('desktop'), undefined]);
});

test('an agent that was restarted does not ask again, and tells the service once more', async () => {
  const { asked, told } = await follow([], toJob('codex'));
  assert.equal([asked, told], [[], '\n']);
});

test('a controller of an earlier release, which knows of no jobs, is asked once', async () => {
  const { job, asked } = await follow([refusal(404, 'not_found')]);
  assert.equal([job, asked.length], [undefined, 1]);
});

test.run();
