import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite, assert } from '#test/suite';
import { Qmp, QmpFailed } from '../../../../src/machines/drivers/qemu/qmp.ts';

const test = suite('qemu: monitor', { timeoutMs: 5_000 });
const GREETING = { QMP: { version: {}, capabilities: [] } };
const SECRET = 'console=ttyS0 oriel.config=c2VjcmV0';

let dir: string;
let path: string;
let server: Server | undefined;
let heard: unknown[];
let sockets: Socket[];

test.beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'oriel-qmp-'));
  path = join(dir, 'qmp.sock');
  heard = [];
  sockets = [];
});

test.afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  server?.close();
  server = undefined;
  await rm(dir, { recursive: true });
});

test('a command gets its reply, whatever happens in between', async () => {
  await serve({ stop: [{ event: 'STOP', data: {} }, { event: 'RESUME' }, { return: { status: 'paused' } }] });
  const qmp = await connect();
  assert.equal(await qmp.execute('stop'), { status: 'paused' });
  assert.equal(await qmp.execute('qom-set', { path: '/machine', property: 'append', value: SECRET }), {});
  assert.equal(heard, [
    { execute: 'qmp_capabilities' },
    { execute: 'stop' },
    { execute: 'qom-set', arguments: { path: '/machine', property: 'append', value: SECRET } },
  ]);
  qmp.close();
});

test('a reply that comes in pieces is one reply', async () => {
  await listen((socket) => {
    socket.write('{"QMP"');
    setTimeout(() => socket.write(': {}}\r\n{"event": "RES'), 20);
    socket.on('data', () => socket.write('UME"}\r\n{"return": {}}\r\n'));
  });
  (await connect()).close();
});

test('one that is greeted again says again what was lost', async () => {
  await listen((socket) => {
    socket.write(`${JSON.stringify(GREETING)}\r\n`);
    socket.once('data', () => {
      socket.write(`${JSON.stringify(GREETING)}\r\n`);
      socket.on('data', () => socket.write('{"return": {}}\r\n'));
    });
  });
  (await connect()).close();
});

test('one that nobody hears is asked anew', async () => {
  let connections = 0;
  await listen((socket) => {
    connections += 1;
    socket.write(`${JSON.stringify(GREETING)}\n`);
    if (connections === 2) socket.on('data', () => socket.write('{"return":{}}\n'));
  });
  const qmp = await connect();
  assert.equal(await qmp.execute('stop'), {});
  assert.is(connections, 2);
  qmp.close();
});

test('a refusal names the command and what QEMU said, and nothing that it was given', async () => {
  await serve({ 'qom-set': [{ error: { class: 'GenericError', desc: `Property 'append' cannot be '${SECRET}' here` } }] });
  const qmp = await connect();
  const error = await failureOf(qmp.execute('qom-set', { path: '/machine', property: 'append', value: SECRET }));
  assert.is(error.message, "qom-set: Property '…' cannot be '…' here");
  assert.not.match(JSON.stringify(error) + error.stack, 'c2VjcmV0');
  qmp.close();
});

const STRANGE: [title: string, said: string, message: string][] = [
  ['no JSON', 'login:\n', 'greeting: QEMU said what is no QMP'],
  ['no object', 'null\n', 'greeting: QEMU said what is no QMP'],
  ['another greeting', '{"SSH": 2}\n', 'greeting: not QEMU'],
  ['a reply that is none', '{"QMP": {}}\n{"id": 4}\n', 'qmp_capabilities: neither a reply nor an event came back'],
  ['a line without an end', 'x'.repeat((1 << 20) + 1), 'greeting: QEMU closed the connection'],
];
for (const [title, said, message] of STRANGE)
  test(`${title} is refused`, async () => {
    await listen((socket) => socket.write(said));
    assert.is((await failureOf(connect())).message, message);
  });

test('a QEMU that goes while it is asked is told as that', async () => {
  await serve({ 'x-exit-preconfig': 'hang up' });
  const qmp = await connect();
  assert.is((await failureOf(qmp.execute('x-exit-preconfig'))).message, 'x-exit-preconfig: QEMU closed the connection');
  assert.is((await failureOf(qmp.execute('stop'))).message, 'stop: QEMU closed the connection', 'and so is what is asked afterwards');
});

test('nobody waits longer than the signal: no socket, no greeting, no reply, given up before', async () => {
  assert.is((await failureOf(connect(100))).message, 'QEMU did not open its socket');
  await serve({ stop: 'say nothing' });
  const qmp = await connect(200);
  assert.is((await failureOf(qmp.execute('stop'))).message, 'stop: QEMU closed the connection');
  server!.close();
  await rm(path, { force: true });
  await listen(() => undefined);
  assert.is((await failureOf(connect(100))).message, 'greeting: QEMU closed the connection');
  assert.is((await failureOf(Qmp.connect(path, AbortSignal.abort()))).message, 'greeting: QEMU closed the connection');
});

test('a socket that comes late is found', async () => {
  const connecting = connect();
  await sleep(50);
  await serve({});
  (await connecting).close();
});

test('what is no socket of its own is not followed: a link, a file', async () => {
  await serve({});
  await symlink(path, join(dir, 'link'));
  await writeFile(join(dir, 'file'), '');
  for (const name of ['link', 'file'])
    assert.match((await failureOf(Qmp.connect(join(dir, name), AbortSignal.timeout(1_000)))).message, `${name} is no socket`);
  (await connect()).close();
});

test('a path that is too long for a socket is connected all the same', async () => {
  await serve({});
  const long = `${dir}/${'./'.repeat(80)}qmp.sock`;
  (await Qmp.connect(long, AbortSignal.timeout(1_000))).close();
});

function connect(limitMs = 2_000): Promise<Qmp> {
  return Qmp.connect(path, AbortSignal.timeout(limitMs));
}

async function failureOf(promise: Promise<unknown>): Promise<Error> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.instance(error, QmpFailed);
  return error as Error;
}

/** A QEMU that greets and answers each command with `{}`, or as it is told. */
function serve(answers: Record<string, object[] | 'hang up' | 'say nothing'>): Promise<void> {
  return listen((socket) => {
    socket.write(`${JSON.stringify(GREETING)}\r\n`);
    socket.on('data', (data) => {
      const command = JSON.parse(String(data)) as { execute: string };
      heard.push(command);
      const answer = answers[command.execute] ?? [{ return: {} }];
      if (answer === 'hang up') socket.end();
      else if (answer !== 'say nothing') for (const line of answer) socket.write(`${JSON.stringify(line)}\r\n`);
    });
  });
}

function listen(onConnection: (socket: Socket) => void): Promise<void> {
  server = createServer((socket) => {
    sockets.push(socket.on('error', () => undefined));
    onConnection(socket);
  });
  return new Promise((resolve) => server!.listen(path, resolve));
}

test.run();
