import { RequestError } from 'proxy-chain';
import { suite, assert } from '#test/suite';
import { Refused } from '../../src/egress/refused.ts';
import { resolveTarget, type Surroundings } from '../../src/egress/target.ts';

const test = suite('egress: target');
const NAMES: Record<string, string[]> = {
  'public.example': ['203.0.113.10', '2606:4700::1111'],
  'inside.example': ['10.1.2.3'],
  'rebinding.example': ['127.0.0.1', '203.0.113.10'],
  'host.example': ['203.0.113.1'],
  'empty.example': [],
};
let asked: string[] = [];
const surroundings: Surroundings = {
  async resolve(hostname) {
    asked.push(hostname);
    const addresses = NAMES[hostname];
    if (!addresses) throw Object.assign(new Error('not found'), { code: hostname === 'broken.example' ? 'EAI_AGAIN' : 'ENOTFOUND' });
    return addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  },
  ownAddresses: () => new Set(['203.0.113.1']),
};

test('a name is resolved once, to addresses that are connected to', async () => {
  asked = [];
  assert.equal(await resolveTarget('public.example', surroundings), [
    { address: '203.0.113.10', family: 4 },
    { address: '2606:4700::1111', family: 6 },
  ]);
  assert.equal(asked, ['public.example']);
});

test('of mixed addresses those on the internet are left', async () => {
  assert.equal(await resolveTarget('rebinding.example', surroundings), [{ address: '203.0.113.10', family: 4 }]);
});

test('an address needs no resolver', async () => {
  asked = [];
  assert.equal(await resolveTarget('203.0.113.9', surroundings), [{ address: '203.0.113.9', family: 4 }]);
  assert.equal(await resolveTarget('2606:4700::1111', surroundings), [{ address: '2606:4700::1111', family: 6 }]);
  assert.equal(asked, []);
});

const REFUSED: [host: string, status: number, message: string][] = [
  ['10.1.2.3', 403, '10.1.2.3 cannot be reached from here: the address is private. A desktop reaches the internet only.'],
  [
    'inside.example',
    403,
    'inside.example (10.1.2.3) cannot be reached from here: the address is private. A desktop reaches the internet only.',
  ],
  ['::1', 403, '::1 cannot be reached from here: the address is loopback. A desktop reaches the internet only.'],
  [
    'host.example',
    403,
    "host.example (203.0.113.1) cannot be reached from here: the address is the desktop's own host's. A desktop reaches the internet only.",
  ],
  ['nobody.example', 502, 'nobody.example: there is no host of this name'],
  ['empty.example', 502, 'empty.example: there is no address of this name'],
  ['broken.example', 502, 'broken.example: its address cannot be found (EAI_AGAIN)'],
];

for (const [host, status, message] of REFUSED) {
  test(`${host} is refused with ${status} and a sentence`, async () => {
    const error = await resolveTarget(host, surroundings).catch((reason: unknown) => reason);
    assert.instance(error, RequestError);
    assert.equal([(error as RequestError).statusCode, (error as RequestError).message], [status, message]);
  });
}

for (const host of ['localhost', 'x.localhost', 'db.internal', 'printer.local', 'nas.lan', 'router.home.arpa', 'intranet']) {
  test(`nobody is asked for ${host}: the name is local`, async () => {
    asked = [];
    const error = await resolveTarget(host, surroundings).catch((reason: unknown) => reason);
    assert.instance(error, Refused);
    assert.equal([(error as Refused).kind, (error as Refused).statusCode, asked], ['name', 403, []]);
  });
}

for (const host of ['internal.example', 'local.example', 'notlocalhost']) {
  test(`${host} is a name like others`, async () => {
    asked = [];
    await resolveTarget(host, surroundings).catch(() => undefined);
    assert.equal(asked, [host]);
  });
}

test.run();
