import { assert, suite } from '#test/suite';
import { FakeController } from '../../test/fakes/controller.ts';
import { createClient, createViewerClient, OrielError } from '../index.ts';

const test = suite('viewer client');

type Described = Record<string, Record<string, { security?: Record<string, string[]>[] }>>;

type Client = Record<string, (...args: unknown[]) => unknown>;

/** What they are given; the others are given a session and options. */
const ARGUMENTS: Record<string, unknown[]> = {
  ...{ providers: [], iceServers: [], listSessions: [], getHost: [], events: [], startSession: [{}] },
  ...{ issueViewer: ['s-a', 'view'], revokeViewer: ['s-a', 'p-a'], sendBye: ['s-a', 'o'] },
  ...{ sendOffer: ['s-a', {}], sendCandidates: ['s-a', {}], waitForAnswer: ['s-a', 'o'], waitForCandidates: ['s-a', 'o'] },
};

/** What a call asks for, as the description names it: `POST /api/x/{id}`. Each is refused. */
async function toOperation(name: string): Promise<string> {
  let asked = '';
  const fetch = async (url: string | URL | Request, init: RequestInit = {}) => {
    asked = `${init.method ?? 'GET'} ${String(url).replace(/\?.*/, '').replace('/s-a', '/{id}').replace('/p-a', '/{peer}')}`;
    return new Response('{}', { status: 400 });
  };
  const client = createClient({ token: 't', fetch: fetch as typeof globalThis.fetch }) as unknown as Client;
  const called = client[name]!(...(ARGUMENTS[name] ?? ['s-a'])) as Promise<unknown> | AsyncGenerator;
  await ('next' in called ? called.next() : called).catch(() => undefined);
  return asked;
}

test('every call is an operation of the description; the viewer’s client has those that a viewer’s token is good for, and no others', async () => {
  await using fake = new FakeController();
  const paths = (await (await fake.app()).inject({ url: '/api/openapi.json' })).json<{ paths: Described }>().paths;
  const ofViewers = createViewerClient({ token: 't' });
  for (const name of Object.keys(createClient({ token: 't' }))) {
    const [method, path] = (await toOperation(name)).split(' ') as [string, string];
    const operation = paths[path]?.[method.toLowerCase()];
    assert.ok(operation, `${name} asks for ${method} ${path}`);
    const isForViewers = operation.security!.some((one) => 'viewer' in one);
    assert.is(name in ofViewers, isForViewers, `${name}: ${method} ${path}`);
  }
});

test('an API key is not taken in a page, whoever gives it', () => {
  for (const token of ['oriel_key_abc', () => 'oriel_key_abc']) {
    let thrown: unknown;
    try {
      createViewerClient({ token });
    } catch (error) {
      thrown = error;
    }
    assert.instance(thrown, OrielError);
    assert.is((thrown as OrielError).code, 'api_key_in_page');
  }
  createViewerClient({ token: 'eyJ.a.b' });
  createClient({ token: 'oriel_key_abc' });
});

test.run();
