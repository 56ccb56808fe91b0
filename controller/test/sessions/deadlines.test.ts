import { suite, assert } from '#test/suite';
import { startDeadlines, type Timers } from '../../src/sessions/deadlines.ts';

const test = suite('deadlines');
const LIMITS = { heartbeat: 100, session: 1000, idle: 300 };

/** Time that goes on by hand. */
class FakeTimers implements Timers {
  #now = 0;
  readonly #running = new Set<{ due: number; act: () => void }>();

  start(ms: number, act: () => void) {
    const timer = { due: this.#now + ms, act };
    this.#running.add(timer);
    return {
      again: () => void (this.#running.has(timer) && (timer.due = this.#now + ms)),
      stop: () => void this.#running.delete(timer),
    };
  }

  advance(ms: number): void {
    for (const until = this.#now + ms; this.#now < until;) {
      this.#now += 1;
      for (const timer of [...this.#running].filter(({ due }) => due <= this.#now)) {
        this.#running.delete(timer);
        timer.act();
      }
    }
  }
}

function start(limits = LIMITS) {
  const timers = new FakeTimers();
  const passed: string[] = [];
  const deadlines = startDeadlines(limits, ({ code }) => passed.push(code), { timers });
  /** Looked at all the while. */
  const watch = (ms: number) => {
    for (let left = ms; left > 0; left -= 50) {
      deadlines.heartbeat();
      timers.advance(Math.min(50, left));
    }
  };
  return { timers, passed, deadlines, watch };
}

test('nobody looks: the session ends; somebody does: it goes on to its greatest age', () => {
  const alone = start();
  alone.timers.advance(99);
  assert.equal(alone.passed, []);
  alone.timers.advance(1);
  assert.equal(alone.passed, ['heartbeat_lost']);
  const watched = start();
  watched.watch(999);
  assert.equal(watched.passed, []);
  watched.watch(1);
  assert.equal(watched.passed, ['session_too_old']);
});

test('looked at and not used: it ends after the idle time, counted from the last input', () => {
  const { passed, deadlines, watch } = start();
  deadlines.input();
  watch(250);
  deadlines.input();
  watch(299);
  assert.equal(passed, []);
  watch(1);
  assert.equal(passed, ['session_idle']);
});

test('a guest that never tells of input is never idle, nor is one where that is off', () => {
  const silent = start();
  silent.watch(900);
  assert.equal(silent.passed, []);
  const off = start({ ...LIMITS, idle: 0 });
  off.deadlines.input();
  off.watch(900);
  assert.equal(off.passed, []);
});

test('after the end nothing is started again', () => {
  const { timers, passed, deadlines } = start();
  deadlines.clear();
  deadlines.heartbeat();
  deadlines.input();
  timers.advance(2000);
  assert.equal(passed, []);
});

for (const hours of [1, -1]) {
  test(`the host's clock jumps by ${hours} h: a session ends neither sooner nor later`, async () => {
    const { now } = Date;
    const ended = Promise.withResolvers<string>();
    const began = performance.now();
    const deadlines = startDeadlines({ heartbeat: 120, session: 60_000, idle: 0 }, ({ code }) => ended.resolve(code));
    Date.now = () => now() + hours * 3_600_000;
    try {
      const early = await Promise.race([ended.promise, new Promise((resolve) => setTimeout(() => resolve('none'), 40))]);
      assert.is(early, 'none');
      assert.is(await ended.promise, 'heartbeat_lost');
      assert.ok(performance.now() - began >= 115);
    } finally {
      Date.now = now;
      deadlines.clear();
    }
  });
}

test.run();
