import { request, type ClientRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import type { OpenSlot, Probe, Probed, SlotCounts, State } from './control-protocol.ts';

/** The egress process did not do what it was asked. */
export class EgressFailed extends Error {
  override readonly name = 'EgressFailed';
  readonly code = 'egress_failed';
}

const ANSWER_MS = 5_000;

/** The process's control socket, seen from the controller. Each call throws EgressFailed. */
export function createControlClient(socketPath: string) {
  return {
    /** Undefined when no process listens there (or one that is just ending). */
    async state(): Promise<State | undefined> {
      try {
        return JSON.parse((await call(socketPath, 'GET', '/state')).body) as State;
      } catch (error) {
        if (
          ['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE'].includes(
            ((error as Error).cause as NodeJS.ErrnoException | undefined)?.code ?? '',
          )
        )
          return undefined;
        throw error;
      }
    },
    async open(slot: OpenSlot): Promise<void> {
      await call(socketPath, 'PUT', `/slots/${slot.index}`, slot);
    },
    /** What went through it; undefined when it was not open. */
    async close(index: number): Promise<SlotCounts | undefined> {
      const { status, body } = await call(socketPath, 'DELETE', `/slots/${index}`, undefined, [404]);
      return status === 404 ? undefined : (JSON.parse(body) as SlotCounts);
    },
    async probe(body: Probe): Promise<Probed> {
      return JSON.parse((await call(socketPath, 'POST', '/probes', body, [], body.timeoutMs + ANSWER_MS)).body) as Probed;
    },
    async stop(): Promise<void> {
      await call(socketPath, 'POST', '/stop');
    },
    /** Resolves when the process is gone. Watching alone (`ref` false) does not keep the controller running. */
    gone({ ref }: { ref: boolean }): Promise<void> {
      const { promise, resolve } = Promise.withResolvers<void>();
      const life = send(socketPath, 'GET', '/life');
      life.on('error', () => resolve()).on('close', () => resolve());
      if (!ref) life.on('socket', (socket) => socket.unref());
      return promise;
    },
  };
}

async function call(socketPath: string, method: string, path: string, body?: unknown, expected: number[] = [], limitMs = ANSWER_MS) {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>();
  const fail = (cause: Error) => reject(new EgressFailed(`egress process: ${method} ${path}: ${cause.message}`, { cause }));
  const sent = send(socketPath, method, path, body).setTimeout(limitMs, () => sent.destroy(new Error(`no answer within ${limitMs} ms`)));
  sent.on('error', fail).on('response', (response) => {
    text(response).then((answer) => resolve({ status: response.statusCode ?? 0, body: answer }), fail);
  });
  const answer = await promise;
  if (answer.status < 300 || expected.includes(answer.status)) return answer;
  throw new EgressFailed(`egress process: ${method} ${path}: ${answer.status} ${answer.body}`);
}

function send(socketPath: string, method: string, path: string, body?: unknown): ClientRequest {
  const sent = request({ socketPath, method, path, agent: false, headers: { 'content-type': 'application/json' } });
  sent.end(body === undefined ? undefined : JSON.stringify(body));
  return sent;
}
