import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { chalk } from 'zx';
import { type Config, toConfig } from '../controller/src/config.ts';
import { chooseDriver, createDrivers, judgeKvm } from '../controller/src/machines/choose-driver.ts';
import type { DriverName, MachineDriver } from '../controller/src/machines/driver.ts';
import { findImage } from '../controller/src/machines/image.ts';
import { readImageAge, toAgeDays } from '../controller/src/machines/image-age.ts';
import { listCloneNetworks } from '../controller/src/net/clone-network.ts';
import { findMediaProblems } from '../controller/src/net/media-problems.ts';
import { DataDirLocked, lockDataDir } from '../controller/src/process/lock.ts';
import { HOST_PACKAGES } from './host-packages.ts';
import { isThere } from './is-there.ts';

/** `broken`: desktops do not start until it is mended. `note`: worth knowing. `unknown`: this user may not look. */
interface Finding {
  what: string;
  state: 'ok' | 'note' | 'broken' | 'unknown';
  /** What was seen, and what to do about it. */
  text: string;
}

type Look = (config: Config) => Promise<Omit<Finding, 'what'>>;

const LOOKS: Record<string, Look> = {
  programs: async () => {
    const missing = HOST_PACKAGES.filter(({ program }) => !isThere(program));
    const needed = missing.filter(({ testsOnly }) => !testsOnly);
    const names = missing.map(({ package: name, why }) => `${name} (${why})`).join(', ');
    if (missing.length === 0) return ok('all are here');
    return { state: needed.length > 0 ? 'broken' : 'note', text: `missing: ${names}; just setup installs them` };
  },
  kvm: async (config) => {
    const { works, why } = await judgeKvm(config);
    return works ? ok(why) : note(`${why}: no virtual machines at full speed`);
  },
  'container driver': (config) => checkDriver('container', config),
  'qemu driver': (config) => checkDriver('qemu', config),
  driver: async (config) => {
    const driver = await chooseDriver(config, SILENT);
    const asked = config.driver === 'auto' ? 'auto chooses' : 'ORIEL_DRIVER asks for';
    const { works, why } = await judgeKvm(config);
    const reason = config.driver === 'auto' ? (works ? ', the strongest that works here' : `: ${why}`) : '';
    const text = `${asked} ${driver.name}${reason}`;
    return driver.isolation === 'virtual-machine' && driver.pace === 1 ? ok(text) : note(`${text}; ${toMeaning(driver)}`);
  },
  image: async ({ imageDir, image: name, imageMaxAgeDays }) => {
    const { id } = await findImage(imageDir, name);
    const age = await readImageAge(imageDir, name);
    if (!age) return note(`${id}: its manifest does not say how old its packages are: just build-image`);
    const days = toAgeDays(age);
    const text = `${id} has the security updates up to ${new Date(age.epoch * 1000).toISOString().slice(0, 10)}, ${days} days ago`;
    return days > imageMaxAgeDays ? note(`${text}: just lock, just build-image`) : ok(text);
  },
  'firewall and forwarding': async ({ instance, publicAddresses }) => {
    const problems = await findMediaProblems(instance, publicAddresses);
    return problems.length === 0 ? ok('nothing is in the way of media') : { state: 'broken', text: problems.join('; ') };
  },
  'left over': async ({ instance, dataDir }) => {
    if (await isRunning(dataDir)) return ok('a controller runs: what there is, is its own');
    const networks = (await listCloneNetworks(instance)).map((slot) => `network of slot ${slot}`);
    const machines = existsSync(join(dataDir, 'machines')) ? readdirSync(join(dataDir, 'machines')).map((id) => `machine ${id}`) : [];
    const left = [...networks, ...machines];
    return left.length === 0 ? ok('nothing') : { state: 'broken', text: `${left.join(', ')}; just down takes them down` };
  },
};

const SILENT = pino({ level: 'silent' });

const { values } = parseArgs({ options: { json: { type: 'boolean' } } });
const config = toConfig(process.env);
const findings: Finding[] = [];
for (const [what, look] of Object.entries(LOOKS)) findings.push({ what, ...(await look(config).catch(toFinding)) });
if (values.json) console.log(JSON.stringify(findings, null, 2));
else for (const { what, state, text } of findings) console.log(`${toMark(state)} ${what}: ${text}`);
process.exitCode = findings.some(({ state }) => state === 'broken') ? 1 : 0;

function ok(text: string) {
  return { state: 'ok' as const, text };
}

function note(text: string) {
  return { state: 'note' as const, text };
}

/** A driver that cannot be used is no fault of a host that another works on: the row `driver` tells that. */
async function checkDriver(name: DriverName, config: Config) {
  const { missing } = await createDrivers(config, SILENT)[name].check();
  return missing.length === 0 ? ok('can be used') : note(`cannot be used: ${missing.join('; ')}`);
}

function toMeaning({ isolation }: Pick<MachineDriver, 'isolation'>): string {
  return isolation === 'shared-kernel' ? "desktops share this host's kernel" : 'processors are emulated, which is slow';
}

/** Without root some things cannot be seen: that is no fault of the host. */
function toFinding(error: Error): Omit<Finding, 'what'> {
  const isForbidden = process.getuid?.() !== 0;
  return { state: isForbidden ? 'unknown' : 'broken', text: `${error.message}${isForbidden ? ' (root sees more)' : ''}` };
}

async function isRunning(dataDir: string): Promise<boolean> {
  if (!existsSync(dataDir)) return false;
  try {
    await (await lockDataDir(dataDir)).release();
    return false;
  } catch (error) {
    if (error instanceof DataDirLocked) return true;
    throw error;
  }
}

function toMark(state: Finding['state']): string {
  const marks = { ok: chalk.green('ok     '), note: chalk.yellow('note   '), broken: chalk.red('BROKEN '), unknown: chalk.grey('unknown') };
  return marks[state];
}
