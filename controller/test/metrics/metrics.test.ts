import { spawnSync } from 'node:child_process';
import { fastify } from 'fastify';
import type { Session } from '#contract/session';
import { assert, suite } from '#test/suite';
import type { ImageAge } from '../../src/machines/image-age.ts';
import { createMetrics } from '../../src/metrics/metrics.ts';
import { Refusal } from '../../src/refusal.ts';
import { ALL_SOURCES } from '../fakes/sources.ts';

const test = suite('metrics');

const store = { sessions: { countByStatus: () => ({ vm_created: 2 }) } };
const valueOf = (text: string, line: string) => Number(new RegExp(`^${line} (\\S+)$`, 'm').exec(text)?.[1]);
const SESSION = { createdAt: new Date(Date.now() - 3000).toISOString(), phases: [{ name: 'network' }, { name: 'boot' }] } as Session;

test("the image's age is counted from its security updates, and goes with the image", async () => {
  let image: ImageAge | undefined = { id: 'a'.repeat(64), epoch: Math.floor(Date.now() / 1000) - 1000 };
  const metrics = createMetrics({ store, readImage: async () => image });
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
  const { text } = await createMetrics({ store, readImage: async () => undefined }).render();
  assert.not.match(text, /^oriel_image_age_seconds/m);
  assert.is(valueOf(text, 'oriel_sessions\\{status="vm_created"\\}'), 2);
});

test('what the VMMs counted is there under its own name, and is not counted twice', async () => {
  const metrics = createMetrics({ store, readVmm: () => ({ 'seccomp.num_faults': 1, 'net.rx_bytes_count': 7 }) });
  await metrics.render();
  const { text } = await metrics.render();
  assert.is(valueOf(text, 'oriel_vmm_total\\{name="net.rx_bytes_count"\\}'), 7);
  assert.is(valueOf(text, 'oriel_vmm_total\\{name="seccomp.num_faults"\\}'), 1);
});

test('what the walls refused is there by class; a wall that cannot be read does not take the rest with it', async () => {
  const { text } = await createMetrics(ALL_SOURCES).render();
  assert.is(valueOf(text, 'oriel_wall_dropped_packets_total\\{class="spoofed"\\}'), 2);
  const { text: without } = await createMetrics({ ...ALL_SOURCES, readWall: () => Promise.reject(new Error('no room')) }).render();
  assert.not.match(without, /^oriel_wall_dropped_packets_total\{/m);
  assert.is(valueOf(without, 'oriel_egress_up'), 1);
});

test('what guests say they refused is added up; a guest whose count begins anew, or that does not tell, takes nothing away', async () => {
  const { guests, render } = createMetrics({ store });
  guests.refused(undefined, { websockify: { origin: 3 } });
  guests.refused({ websockify: { origin: 3 } }, { websockify: { origin: 5, secret: 1 }, auth: { full: 2 } });
  guests.refused({ websockify: { origin: 5, secret: 1 } }, undefined);
  guests.refused({ websockify: { origin: 5 } }, { websockify: { origin: 1 } });
  const { text } = await render();
  const count = (door: string, reason: string) => valueOf(text, `oriel_guest_refusals_total\\{door="${door}",reason="${reason}"\\}`);
  assert.equal([count('websockify', 'origin'), count('websockify', 'secret'), count('auth', 'full'), count('auth', 'path')], [6, 1, 2, 0]);
});

test('a session that fails on its way up is counted by phase and reason, one that fails later is not', async () => {
  const { sessions, render } = createMetrics({ store });
  sessions.moved({ session: SESSION, from: undefined, to: 'pending', reason: undefined });
  sessions.moved({ session: SESSION, from: 'vm_creating', to: 'failed', reason: { code: 'boot_timed_out', message: '' } });
  sessions.moved({ session: { ...SESSION, phases: [] }, from: 'pending', to: 'failed', reason: { code: 'image_unusable', message: '' } });
  sessions.moved({ session: SESSION, from: 'vm_created', to: 'failed', reason: { code: 'machine_exited', message: '' } });
  sessions.moved({ session: SESSION, from: 'vm_creating', to: 'vm_created', reason: undefined });
  const { text } = await render();
  assert.is(valueOf(text, 'oriel_session_bring_ups_total'), 1);
  assert.is(valueOf(text, 'oriel_session_bring_up_failures_total\\{phase="boot",code="boot_timed_out"\\}'), 1);
  assert.is(valueOf(text, 'oriel_session_bring_up_failures_total\\{phase="image",code="image_unusable"\\}'), 1);
  assert.not.match(text, /bring_up_failures_total\{[^}]*machine_exited/);
  assert.is(valueOf(text, 'oriel_session_bring_up_seconds_count'), 1);
  assert.ok(valueOf(text, 'oriel_session_bring_up_seconds_sum') >= 3);
});

test('starts that were refused are counted by what the host lacked', async () => {
  const { sessions, render } = createMetrics({ store });
  for (const lack of ['memory', 'cpu', 'memory']) sessions.refused(lack);
  const { text } = await render();
  assert.is(valueOf(text, 'oriel_admission_refusals_total\\{of="memory"\\}'), 2);
  assert.is(valueOf(text, 'oriel_admission_refusals_total\\{of="cpu"\\}'), 1);
});

test('the pool: machines by state, claims, misses, and failures by reason', async () => {
  const { warm, render } = createMetrics({ store, readWarm: () => ({ booting: 1, ready: 2 }) });
  warm.claimed();
  warm.missed();
  warm.missed();
  warm.failed('machine_exited');
  const { text } = await render();
  assert.is(valueOf(text, 'oriel_warm_machines\\{state="ready"\\}'), 2);
  assert.is(valueOf(text, 'oriel_warm_machines\\{state="booting"\\}'), 1);
  assert.equal([valueOf(text, 'oriel_warm_claims_total'), valueOf(text, 'oriel_warm_misses_total')], [1, 2]);
  assert.is(valueOf(text, 'oriel_warm_failures_total\\{code="machine_exited"\\}'), 1);
});

test('requests are counted by the template of their route, refusals by their code; what waits has no duration', async () => {
  const metrics = createMetrics({ store });
  const app = fastify();
  metrics.http.watch(app);
  app.get('/api/session/:id', async () => ({}));
  app.get('/api/refused/:id', async () => {
    throw new Refusal(404, 'session_not_found', 'there is none');
  });
  for (const path of ['/api/session/one', '/api/session/two', '/api/session/two?wait=1', '/api/refused/x', '/nothing/1', '/nothing/2'])
    await app.inject(path);
  const { text } = await metrics.render();
  assert.is(valueOf(text, 'oriel_http_requests_total\\{method="GET",route="/api/session/:id",status="200"\\}'), 3);
  assert.is(valueOf(text, 'oriel_http_request_duration_seconds_count\\{method="GET",route="/api/session/:id"\\}'), 2);
  assert.is(valueOf(text, 'oriel_http_requests_total\\{method="any",route="unknown",status="404"\\}'), 2);
  assert.is(valueOf(text, 'oriel_http_errors_total\\{route="/api/refused/:id",code="session_not_found"\\}'), 1);
  assert.not.match(text, /session\/(one|two)|nothing/);
});

test('egress is asked once a scrape, and one that is away says so without the rest failing', async () => {
  let asked = 0;
  let isAway = false;
  const readEgress = async () => {
    asked += 1;
    if (isAway) throw new Error('away');
    return { open: 1, slots: 2, connections: 3, bytesUp: 4, bytesDown: 5, refused: { address: 6 } };
  };
  const metrics = createMetrics({ store, readEgress });
  const { text } = await metrics.render();
  assert.is(asked, 1);
  assert.is(valueOf(text, 'oriel_egress_up'), 1);
  assert.is(valueOf(text, 'oriel_egress_bytes_total\\{direction="down"\\}'), 5);
  isAway = true;
  const away = (await metrics.render()).text;
  assert.is(valueOf(away, 'oriel_egress_up'), 0);
  assert.is(valueOf(away, 'oriel_sessions\\{status="vm_created"\\}'), 2);
});

test('a database that cannot be asked takes its own lines with it, not the others', async () => {
  const countByStatus = () => {
    throw new Error('locked');
  };
  const readFreeMib = () => {
    throw new Error('gone');
  };
  const { text } = await createMetrics({ ...ALL_SOURCES, store: { sessions: { countByStatus } }, readFreeMib }).render();
  assert.not.match(text, /^oriel_sessions\{/m);
  assert.is(valueOf(text, 'oriel_slots\\{state="free"\\}'), 2);
});

test('samples of the picture go into histograms without naming a session', async () => {
  const metrics = createMetrics({ store });
  metrics.quality.viewer({ path: 'webrtc', fps: 30, decodeMs: 4, rttMs: 20, lossPercent: 1, jitterMs: 4, answerMs: 50, framesDropped: 2 });
  metrics.quality.viewer({ path: 'vnc' });
  metrics.quality.guest({ encoder: 'capture', fps: 60, kbps: 4000, keyFrames: 3, encodeMs: 5, linkKbps: 4000, queueMs: 40 });
  const { text } = await metrics.render();
  assert.is(valueOf(text, 'oriel_viewer_fps_sum'), 30);
  assert.is(valueOf(text, 'oriel_viewer_fps_count'), 1);
  assert.is(valueOf(text, 'oriel_viewer_reports_total\\{path="vnc"\\}'), 1);
  assert.is(valueOf(text, 'oriel_viewer_round_trip_seconds_sum'), 0.02);
  assert.is(valueOf(text, 'oriel_viewer_packet_loss_ratio_sum'), 0.01);
  assert.is(valueOf(text, 'oriel_viewer_jitter_seconds_sum'), 0.004);
  assert.is(valueOf(text, 'oriel_viewer_answer_seconds_sum'), 0.05);
  assert.is(valueOf(text, 'oriel_guest_encode_bytes_per_second_sum'), 500_000);
  assert.is(valueOf(text, 'oriel_guest_key_frames_total'), 3);
  assert.is(valueOf(text, 'oriel_guest_encode_seconds_sum'), 0.005);
  assert.is(valueOf(text, 'oriel_guest_link_bytes_per_second_sum'), 500_000);
  assert.is(valueOf(text, 'oriel_guest_queue_seconds_sum'), 0.04);
});

const NO_PROMTOOL = 'promtool is not installed';
const isInstalled = spawnSync('promtool', ['--version']).status === 0;

if (isInstalled)
  test('promtool finds nothing to say of what Prometheus is told, and would', async () => {
    const check = (input: string) => spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' });
    const { text } = await createMetrics(ALL_SOURCES).render();
    const ours = text
      .split('\n')
      // Of the library's own, some names are not as promtool has them.
      .filter((line) => /^(# (HELP|TYPE) )?oriel_/.test(line))
      .join('\n');
    const { status, stderr, stdout } = check(`${ours}\n`);
    assert.is(`${stdout}${stderr}`, '');
    assert.is(status, 0);
    assert.match(check('# TYPE oriel_bad counter\noriel_bad 1\n').stderr, /oriel_bad/);
  });
else test.skip('promtool finds nothing to say of what Prometheus is told', NO_PROMTOOL);

test.run();
