import { assert, suite } from '#test/suite';
import type { ImageAge } from '../../src/machines/image-age.ts';
import { createMetrics } from '../../src/sessions/metrics.ts';
import type { Store } from '../../src/store/store.ts';

const test = suite('metrics');

const store = { sessions: { countByStatus: () => ({ vm_created: 2 }) } } as unknown as Pick<Store, 'sessions'>;
const valueOf = (text: string, line: string) => Number(new RegExp(`^${line} (\\S+)$`, 'm').exec(text)?.[1]);

test("the image's age is counted from its security updates, and goes with the image", async () => {
  let image: ImageAge | undefined = { id: 'a'.repeat(64), epoch: Math.floor(Date.now() / 1000) - 1000 };
  const metrics = createMetrics(store, async () => image);
  const first = (await metrics.render()).text;
  const age = valueOf(first, 'oriel_image_age_seconds\\{image="aaaaaaaaaaaa"\\}');
  assert.ok(age >= 1000 && age < 1060, String(age));
  assert.is(valueOf(first, 'oriel_image_security_epoch_seconds\\{image="aaaaaaaaaaaa"\\}'), image.epoch);
  image = { id: 'b'.repeat(64), epoch: 5 };
  const second = (await metrics.render()).text;
  assert.not.match(second, 'aaaaaaaaaaaa');
  assert.is(valueOf(second, 'oriel_image_security_epoch_seconds\\{image="bbbbbbbbbbbb"\\}'), 5);
});

test('without an image there is no age, and the rest is there', async () => {
  const { text } = await createMetrics(store, async () => undefined).render();
  assert.not.match(text, /^oriel_image_age_seconds/m);
  assert.is(valueOf(text, 'oriel_sessions\\{status="vm_created"\\}'), 2);
});

test('starts that were refused are counted by what the host lacked', async () => {
  const metrics = createMetrics(store, async () => undefined);
  for (const lack of ['memory', 'cpu', 'memory']) metrics.refused(lack);
  const { text } = await metrics.render();
  assert.is(valueOf(text, 'oriel_admission_refusals_total\\{of="memory"\\}'), 2);
  assert.is(valueOf(text, 'oriel_admission_refusals_total\\{of="cpu"\\}'), 1);
});

test('what the VMMs counted is there under its own name, and is not counted twice', async () => {
  const metrics = createMetrics(
    store,
    async () => undefined,
    () => ({ 'seccomp.num_faults': 1, 'net.rx_bytes_count': 7 }),
  );
  await metrics.render();
  const { text } = await metrics.render();
  assert.is(valueOf(text, 'oriel_vmm_total\\{name="net.rx_bytes_count"\\}'), 7);
  assert.is(valueOf(text, 'oriel_vmm_total\\{name="seccomp.num_faults"\\}'), 1);
});

test('the pool: machines by state, claims, misses, and failures by reason', async () => {
  const metrics = createMetrics(
    store,
    async () => undefined,
    () => ({}),
    () => ({ booting: 1, ready: 2 }),
  );
  metrics.warm?.claimed();
  metrics.warm?.missed();
  metrics.warm?.missed();
  metrics.warm?.failed('machine_exited');
  const { text } = await metrics.render();
  assert.is(valueOf(text, 'oriel_warm_machines\\{state="ready"\\}'), 2);
  assert.is(valueOf(text, 'oriel_warm_machines\\{state="booting"\\}'), 1);
  assert.equal([valueOf(text, 'oriel_warm_claims_total'), valueOf(text, 'oriel_warm_misses_total')], [1, 2]);
  assert.is(valueOf(text, 'oriel_warm_failures_total\\{code="machine_exited"\\}'), 1);
});

test.run();
