import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toConfigDir, type Removal, type Service } from '../deploy/service.ts';
import type { Settings } from '../settings/settings.ts';
import { toTurnPlan, type TurnSettings } from '../settings/turn.ts';
import { toCoturnConfig } from './coturn-config.ts';
import { toCoturnUnit, TURN_FILES } from './unit.ts';
import { planTurnWall } from './wall.ts';

const DROP_IN = '/etc/systemd/system/coturn.service.d/oriel.conf';
const PACKAGES = ['coturn', 'openssl', 'sqlite3'];
const [DIR, RUN] = [toConfigDir('turn'), '/run/oriel-turn'];

/** coturn, as Debian packages it, behind its wall. */
export function toTurnService(entry: TurnSettings, settings: Pick<Settings, 'hosts'>): Service {
  const plan = toTurnPlan(entry, settings);
  const { tls, secret } = entry;
  const { certificate, key } =
    'onHost' in tls ? tls.onHost : { certificate: `${DIR}/${TURN_FILES.certificate}`, key: `${DIR}/${TURN_FILES.key}` };
  return {
    name: 'turn',
    packages: [...PACKAGES, 'nftables'],
    group: 'turnserver',
    files: {
      [TURN_FILES.config]: toCoturnConfig(plan, RUN),
      [TURN_FILES.wall]: planTurnWall(plan),
      [TURN_FILES.prepare]: readFileSync(join(import.meta.dirname, 'prepare.sh'), 'utf8'),
      [TURN_FILES.unit]: toCoturnUnit(plan, { dir: DIR, run: RUN, certificate, key }),
      ...('certificate' in tls && { [TURN_FILES.certificate]: readFileSync(tls.certificate, 'utf8') }),
    },
    secrets: {
      [TURN_FILES.secret]: secret,
      ...('certificate' in tls && { [TURN_FILES.key]: { from: tls.key, ...(tls.version !== undefined && { version: tls.version }) } }),
    },
    copies: { [DROP_IN]: TURN_FILES.unit },
    units: ['coturn.service'],
    check: `nft --check --file ${TURN_FILES.wall}`,
    // One without a certificate that it can use says so, and goes on without TLS.
    ready: `for wait in 1 2 3 4 5 6 7 8 9 10; do ${[plan.ports.plain, plan.ports.tls].map((port) => `ss -Hlnt 'src ${plan.address}:${port}' | grep -q .`).join(' && ')} && break; sleep 1; test $wait != 10; done`,
  };
}

/** nftables stays: a host of desktops may have come to the same machine since, and would lose its walls. */
export const TURN_REMOVAL: Removal = { name: 'turn', packages: PACKAGES, units: ['coturn.service'], copies: [DROP_IN] };
