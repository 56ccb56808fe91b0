import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { assert } from '#test/suite';
import { type CaptureFailed, startCapture } from '../../../../src/agent/stream/capture/capture.ts';
import { type Frame, RecordReader } from '../../../../src/agent/stream/capture/records.ts';
import { nativeSuite, silence } from './native-kit.ts';
import { startScreen } from './screen.ts';

nativeSuite('oriel-capture: the program', (test, place) => {
  test('stop ends the frames, start begins with a key frame, numbers go on', async () => {
    await place.capturing(async (seen) => {
      seen.capture.start();
      await silence(seen);
      seen.capture.stop();
      await sleep(100);
      const before = seen.frames.length;
      await place.screen.paint('fill 0 0 300 300 112233');
      await sleep(200);
      assert.is(seen.frames.length, before);
      seen.capture.start();
      await silence(seen);
      assert.ok(seen.frames[before]!.key);
      assert.equal(
        seen.frames.map(({ number }) => number),
        seen.frames.map((_, index) => index + 1),
      );
    });
  });

  test('while it is held no frame is taken; the first one after it shows the screen as it is then', async () => {
    await place.capturing(async (seen) => {
      seen.capture.start();
      await silence(seen);
      seen.capture.hold(true);
      await sleep(50);
      const before = seen.frames.length;
      for (const colour of ['ff0000', '00ff00', '0000ff']) {
        await place.screen.paint(`fill 0 0 1280 720 ${colour}`);
        await sleep(60);
      }
      seen.capture.requestKeyFrame();
      await sleep(100);
      assert.is(seen.frames.length, before);
      seen.capture.hold(false);
      await silence(seen);
      assert.ok(seen.frames[before]!.key);
      assert.ok((await place.compare(seen.frames)) > 35);
    });
  });

  test('a slow link’s rate gives small frames, also of a great change', async () => {
    const bytesAt = async (kbps: number) => {
      let bytes = 0;
      await place.capturing(async (seen) => {
        seen.capture.start();
        await silence(seen);
        const before = seen.frames.length;
        for (let turn = 0; turn < 20; turn++) {
          await place.screen.paint(`swap ${turn % 2}`);
          await sleep(100);
        }
        bytes = seen.frames.slice(before).reduce((sum, { data }) => sum + data.length, 0);
      }, kbps);
      return bytes;
    };
    const [slow, fast] = [await bytesAt(500), await bytesAt(4000)];
    assert.ok(slow < 0.8 * fast, `${slow} bytes at 500 kbit/s, ${fast} at 4,000`);
  });

  test('a reader that sleeps gets one frame and the last picture, not all that it missed', async () => {
    const { writeEnd, wake } = openPipe(place.dir);
    const child = spawn(place.program, [], { env: place.screen.env, stdio: ['pipe', writeEnd, 'inherit'] });
    closeSync(writeEnd);
    // The key frame alone is more than the pipe takes.
    await place.screen.paint('swap 0');
    child.stdin!.write('bitrate 4000\nfps 60\nstart\n');
    for (let turn = 0; turn < 60; turn++) {
      await place.screen.paint(`fill ${turn} 40 60 60 ${(turn * 0x020406).toString(16)}`);
      await sleep(10);
    }
    const wokeUp = Number(process.hrtime.bigint()) / 1e6;
    const frames: Frame[] = [];
    const reader = new RecordReader();
    wake().on('data', (chunk: Buffer) => frames.push(...reader.read(chunk).filter((record) => record.type === 'frame')));
    await silence({ frames });
    child.stdin!.end();
    assert.is(frames.filter(({ at }) => at < wokeUp).length, 1);
    assert.ok((await place.compare(frames)) > 40);
  });

  test('what is no command is told and not obeyed', async () => {
    const lines = [
      'begin',
      'start now',
      'fps',
      'fps 0',
      'fps 61',
      'fps  5',
      'fps 5 ',
      'fps +5',
      'bitrate 1e4',
      'bitrate 99999999999',
      '',
      ' start',
      'x'.repeat(5000),
      'key\0',
      '\x1b[31m',
    ];
    const child = spawn(place.program, [], { env: place.screen.env, stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.end(`${lines.join('\n')}\n`);
    const reader = new RecordReader();
    const records = (await child.stdout.toArray()).flatMap((chunk: Buffer) => reader.read(chunk));
    const refused = records.filter((record) => record.type === 'refused').map(({ message }) => message);
    assert.is(refused.length, lines.length);
    assert.is(refused[0], 'begin: no such command');
    assert.is(refused[4], 'fps 61: not a whole number from 1 to 60');
    assert.ok(refused.every((message) => /^[ -~]*$/.test(message)));
    assert.is(records.filter((record) => record.type === 'frame').length, 0);
  });

  test('the end of its input ends it; words on its command line are refused', async () => {
    const quiet = spawn(place.program, [], { env: place.screen.env, stdio: ['ignore', 'ignore', 'inherit'] });
    assert.equal(await once(quiet, 'exit'), [0, null]);
    const wrong = spawn(place.program, ['--help'], { env: place.screen.env, stdio: ['ignore', 'ignore', 'pipe'] });
    const [words] = await Promise.all([text(wrong.stderr), once(wrong, 'exit')]);
    assert.is(words, 'oriel-capture: --help: it takes no words; commands come on standard input\n');
    assert.is(wrong.exitCode, 2);
  });

  test('without an X server it says so', async () => {
    const failed = await startCapture({ ...options(), env: { DISPLAY: ':4711' } }, never).catch((error: CaptureFailed) => error.end);
    assert.equal(failed, { reason: 'display-closed', message: 'oriel-capture: cannot open display :4711' });
  });

  test('when the X server goes it says so', async () => {
    const screen = await startScreen(place.dir);
    const capture = await startCapture({ ...options(), env: screen.env }, never);
    capture.start();
    await sleep(100);
    await screen.end();
    assert.equal(await capture.ended, { reason: 'display-gone', message: 'oriel-capture: the X server has gone' });
  });

  const never = new AbortController().signal;
  const nothing = () => {};
  const options = () => ({
    program: place.program,
    bitrateKbps: 4000,
    framerate: 60,
    ...{ onFrame: nothing, onCursor: nothing, onDisplay: nothing, onCopied: nothing, onRefused: nothing },
  });
});

/** A pipe that nobody reads before `wake`: Node reads ahead from a child's output, whether or not one listens. */
function openPipe(dir: string): { writeEnd: number; wake(): Socket } {
  const path = join(dir, 'pipe');
  execFileSync('mkfifo', [path]);
  const readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return { writeEnd: openSync(path, constants.O_WRONLY), wake: () => new Socket({ fd: readEnd, writable: false }) };
}
