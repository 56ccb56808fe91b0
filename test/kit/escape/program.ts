/** One try of a program on the desktop, which has no rights. What it came to is `reached`, or what was met instead. */
export type Probe =
  /** Plain sockets: whatever the proxy variables say, these go straight. A UDP probe has reached when an answer comes back. */
  | { kind: 'tcp'; host: string; port: number }
  | { kind: 'udp'; host: string; port: number; fromPort?: number; mark?: string | undefined }
  /** Ports one by one; reached when one is open. */
  | { kind: 'scan'; host: string; from: number; to: number }
  /** By the proxy: a tunnel, from which anything comes back; or a page, which says that it is from inside. */
  | { kind: 'connect'; target: string }
  | { kind: 'get'; url: string; times?: number }
  /** A request to the guest endpoint as the agent would make it, with the kernel line's token if `secret` is `line`. */
  | { kind: 'endpoint'; request: string; body?: object; secret?: string }
  /** A WebSocket to the desktop's VNC: what a program, or (with Origin) a page would send. */
  | { kind: 'websocket'; headers?: Record<string, string>; secret?: string }
  /** Reached when it ends with 0. */
  | { kind: 'command'; command: string };

export interface Program {
  probes: readonly Probe[];
  /** How long a probe waits for something to come back, ms. */
  silenceMs: number;
  /** First of the source ports of requests to the guest endpoint. */
  fromPort: number;
  /** Port of a WebSocket server that asks for nothing; WebSocket probes go there instead. */
  careless?: number;
}

/** A program for the clone's Node: tries all at once and prints a JSON array of what each met. */
export function toProgram(program: Program): string {
  return `const { probes, silenceMs, fromPort, careless } = ${JSON.stringify(program)};\n${PROGRAM}`;
}

const PROGRAM = String.raw`
import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';

const GATEWAY = '192.168.100.1', ENDPOINT = 10000, PROXY = 10001, WEBSOCKIFY = 6080;

/** The word by which a machine was told who it is: any program of the desktop can read it. */
function readLine() {
  for (const path of ['/proc/1/cmdline', '/proc/cmdline', '/run/oriel/config.json']) {
    try {
      const text = readFileSync(path, 'utf8');
      const word = /oriel\.config=([\w-]+)/.exec(text)?.[1];
      const { token } = JSON.parse(word ? Buffer.from(word, 'base64url').toString('utf8') : text);
      if (token) return token;
    } catch {}
  }
  return 'the line could not be read';
}
const toSecret = (secret) => (secret === 'line' ? readLine() : secret);

const TRIES = {
  tcp: ({ host, port }, done) => void connect({ host, port }).on('connect', () => done('reached')).on('error', ({ code }) => done(code)),
  udp({ host, port, fromPort = 0, mark }, done) {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4').on('message', () => done('reached')).on('error', ({ code }) => done(code));
    const send = () => socket.send('escape' + mark, port, host, (error) => error && done(error.code));
    socket.bind(fromPort, () => { for (const part of [0, 0.25, 0.5]) setTimeout(send, part * silenceMs); });
  },
  async scan({ host, from, to }, done) {
    const open = [];
    const tries = Array.from({ length: to - from + 1 }, (_, n) => new Promise((resolve) => {
      const socket = connect({ host, port: from + n }).on('connect', () => { open.push(from + n); socket.destroy(); resolve(); }).on('error', resolve);
      setTimeout(() => { socket.destroy(); resolve(); }, silenceMs * 0.9);
    }));
    await Promise.all(tries);
    done(open.length > 0 ? 'reached' : 'refused');
  },
  connect({ target }, done) {
    let seen = '';
    const socket = connect(PROXY, GATEWAY, () => socket.write('CONNECT ' + target + ' HTTP/1.1\r\nHost: ' + target + '\r\n\r\n'));
    socket.setEncoding('latin1').on('error', ({ code }) => done(code)).on('close', () => done(seen.startsWith('HTTP/1.1 200') ? 'reached' : seen.split('\r\n')[0]));
    socket.on('data', (text) => {
      const isOpen = seen.startsWith('HTTP/1.1 200');
      seen += text;
      const [head, ...rest] = seen.split('\r\n\r\n');
      if (!isOpen && /^HTTP\/1.1 200/.test(head)) socket.write('GET /connected HTTP/1.0\r\n\r\n');
      if (/^HTTP\/1.1 200/.test(head) && rest.join('').length > 0) done(/^outside/m.test(seen) ? 'outside' : 'reached');
      else if (!/^HTTP\/1.1 200/.test(head)) done(head.split('\r\n')[0]);
    });
  },
  async get({ url, times = 1 }, done) {
    const met = [];
    for (let n = 0; n < times; n++) {
      let next = url;
      for (let hops = 0; next && hops < 3; hops++) {
        const { text, location } = await fetchByProxy(next);
        met.push(text);
        next = location;
      }
    }
    done(met.some((text) => /^inside/m.test(text)) ? 'reached' : met.join(', ').slice(0, 200));
  },
  endpoint({ request: line, body, secret, at }, done) {
    const [method, path] = line.split(' ');
    const token = toSecret(secret);
    const headers = { 'content-type': 'application/json', ...(token && { authorization: 'Bearer ' + token }) };
    request({ host: GATEWAY, port: ENDPOINT, localPort: fromPort + at, method, path, headers, agent: false }, (response) => {
      response.resume();
      done(response.statusCode < 300 ? 'reached' : String(response.statusCode));
    }).on('error', ({ code }) => done(code)).end(body && JSON.stringify(body));
  },
  websocket({ headers = {}, secret }, done) {
    const token = toSecret(secret);
    const asked = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'b3JpZWwtb3JpZWwtb3JpZQ==' };
    request({ host: '127.0.0.1', port: careless ?? WEBSOCKIFY, path: '/websockify', agent: false, headers: { ...asked, ...headers, ...(token && { authorization: 'Bearer ' + token }) } })
      .on('upgrade', () => done('reached')).on('response', ({ statusCode }) => done(String(statusCode))).on('error', ({ code }) => done(code)).end();
  },
  command: ({ command }, done) => void execFile('sh', ['-c', command], (error) => done(error ? 'exit ' + error.code : 'reached')),
};

function fetchByProxy(url) {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(PROXY, GATEWAY, () => socket.write('GET ' + url + ' HTTP/1.1\r\nHost: ' + new URL(url).host + '\r\nConnection: close\r\n\r\n'));
    socket.setEncoding('latin1').on('data', (more) => (text += more)).on('error', ({ code }) => (text += code));
    socket.on('close', () => {
      const [head, ...rest] = text.split('\r\n\r\n');
      resolve({ text: rest.join('') || head, location: /^location: (.*)$/im.exec(head)?.[1] });
    });
  });
}

let at = 0;
const tries = probes.map((probe) => new Promise((resolve) => {
  setTimeout(resolve, silenceMs, 'silence');
  const told = probe.kind === 'endpoint' ? { ...probe, at: at++ } : probe;
  Promise.resolve(TRIES[probe.kind](told, resolve)).catch((error) => resolve(error.message));
}));
console.log(JSON.stringify(await Promise.all(tries)));
process.exit();
`;

/** A program for the clone's Node: a WebSocket server that asks for nothing, on loopback and elsewhere. */
export function toCarelessWebsocket(port: number): string {
  return String.raw`
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
createServer().on('upgrade', ({ headers }, socket) => {
  const accept = createHash('sha1').update(headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest('base64');
  socket.on('error', () => {}).write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ' + accept + '\r\n\r\n');
}).listen(${port}, '0.0.0.0');
`;
}
