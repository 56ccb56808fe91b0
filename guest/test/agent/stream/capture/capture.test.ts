import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, suite } from '#test/suite';
import { type CaptureFailed, startCapture } from '../../../../src/agent/stream/capture/capture.ts';

const test = suite('capture');
const dir = mkdtempSync(join(tmpdir(), 'oriel-capture-'));
test.after(() => rmSync(dir, { recursive: true }));

const DISPLAY = `printf 'OL\\001\\0\\0\\0\\0\\0''\\0\\0\\0\\0\\0\\0\\0\\0''\\0\\005\\320\\002\\0\\0\\0\\0''\\0\\0\\0\\0\\0\\0\\0\\0'`;

/** Starts a shell script in the program's place; what it hears goes to `heard`. */
async function start(script: string, signal = new AbortController().signal) {
  const program = join(dir, `program-${Math.random()}`);
  writeFileSync(program, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const told: string[] = [];
  const tell = (text: string) => void told.push(text);
  const capture = await startCapture(
    {
      program,
      env: { PATH: process.env.PATH, HEARD: join(dir, 'heard') },
      bitrateKbps: 4000,
      framerate: 60,
      onCopied: () => tell('copied'),
      onDisplay: ({ width, height }) => tell(`display ${width}x${height}`),
      onFrame: ({ data }) => tell(`frame ${data}`),
      onCursor: ({ serial }) => tell(`cursor ${serial}`),
      onRefused: tell,
    },
    signal,
  );
  return { capture, told };
}

async function failure(script: string, signal?: AbortSignal): Promise<CaptureFailed> {
  try {
    await start(script, signal);
  } catch (error) {
    return error as CaptureFailed;
  }
  throw new Error('it started');
}

test('it is there once the screen is known, and says its settings first', async () => {
  const stop = new AbortController();
  const { capture, told } = await start(`${DISPLAY}; exec cat >"$HEARD"`, stop.signal);
  assert.equal(told, ['display 1280x720']);
  capture.start();
  capture.requestKeyFrame();
  capture.setBitrate(1e9);
  capture.setFramerate(0.2);
  capture.stop();
  stop.abort();
  assert.equal(await capture.ended, { reason: 'stopped', message: 'stopped' });
  assert.is(readFileSync(join(dir, 'heard'), 'utf8'), 'bitrate 4000\nfps 60\nstart\nkey\nbitrate 50000\nfps 1\nstop\n');
  capture.start();
});

test('a program that ends before it knows the screen has failed, with its own words', async () => {
  const { end } = await failure('echo oriel-capture: cannot open display :7 >&2; exit 10');
  assert.equal(end, { reason: 'display-closed', message: 'oriel-capture: cannot open display :7' });
});

test('one that ends later tells why', async () => {
  const { capture } = await start(`${DISPLAY}; read -r line; echo gone >&2; exit 12`);
  assert.equal(await capture.ended, { reason: 'display-gone', message: 'gone' });
});

test('one that is not there is told as such', async () => {
  const options = { program: join(dir, 'none'), env: {}, bitrateKbps: 1, framerate: 1 };
  const nothing = () => {};
  const handlers = { onDisplay: nothing, onFrame: nothing, onCursor: nothing, onCopied: nothing, onRefused: nothing };
  try {
    await startCapture({ ...options, ...handlers }, new AbortController().signal);
    assert.unreachable();
  } catch (error) {
    assert.is((error as CaptureFailed).end.reason, 'not-started');
  }
});

test('one that does not end when asked is killed', async () => {
  const stop = new AbortController();
  const { capture } = await start(`${DISPLAY}; exec sleep 60`, stop.signal);
  stop.abort();
  assert.is((await capture.ended).reason, 'stopped');
});

test('a signal that is over already starts nothing that stays', async () => {
  assert.is((await failure('exec sleep 60', AbortSignal.abort())).end.reason, 'stopped');
});

test('one that talks nonsense is ended', async () => {
  const { end } = await failure('echo this is not a record, whatever else it may be; exec sleep 60');
  assert.is(end.reason, 'broken-records');
});

test.run();
