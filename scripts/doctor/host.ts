import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { existsSync } from 'node:fs';
import { INOTIFY_LIMIT, readInotifyLimit, toInotifyNeed } from '../../controller/src/host/inotify.ts';
import { chooseDriver, createDrivers, judgeKvm } from '../../controller/src/machines/choose-driver.ts';
import type { DriverName, MachineDriver } from '../../controller/src/machines/driver.ts';
import { findImage } from '../../controller/src/machines/image.ts';
import { readImageAge, toAgeDays } from '../../controller/src/machines/image-age.ts';
import { findMediaProblems } from '../../controller/src/net/media-problems.ts';
import { NEEDED_MIB } from '../../controller/src/sessions/room.ts';
import { HOST_PACKAGES } from '../host-packages.ts';
import { isThere } from '../is-there.ts';
import { broken, note, ok, type Look, type Seen } from './finding.ts';
import { SILENT } from './silent.ts';

/** What this host has and lacks. */
export const HOST_LOOKS: Record<string, Look> = {
  programs: async () => {
    const missing = HOST_PACKAGES.filter(({ program }) => !isThere(program));
    const needed = missing.filter(({ testsOnly }) => !testsOnly);
    const names = missing.map(({ package: name, why }) => `${name} (${why})`).join(', ');
    if (missing.length === 0) return ok('all are here');
    return (needed.length > 0 ? broken : note)(`missing: ${names}`, 'just setup installs them');
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
    if (!age) return note(`${id}: its manifest does not say how old its packages are`, 'just build-image makes one that does');
    const days = toAgeDays(age);
    const text = `${id} has the security updates up to ${new Date(age.epoch * 1000).toISOString().slice(0, 10)}, ${days} days ago`;
    return days > imageMaxAgeDays ? note(text, 'just lock, then just build-image') : ok(text);
  },
  disk: async ({ dataDir }) => {
    const { bavail, bsize } = statfsSync(toExisting(dataDir));
    const freeMib = Math.floor((bavail * bsize) / 2 ** 20);
    const text = `${freeMib} MiB are free for ${dataDir}`;
    return freeMib < NEEDED_MIB ? broken(`${text}: no session starts with less than ${NEEDED_MIB}`, 'make room there') : ok(text);
  },
  inotify: async ({ maxSessions }) => {
    const [limit, needed] = [await readInotifyLimit(), toInotifyNeed(maxSessions)];
    const text = `${INOTIFY_LIMIT} is ${limit}, ${maxSessions} container desktops need ${needed}`;
    return limit >= needed
      ? ok(text)
      : note(text, 'the controller raises it at its start, where it may; sysctl fs.inotify.max_user_instances does so');
  },
  'firewall and forwarding': async ({ instance, publicAddresses }) => {
    const problems = await findMediaProblems(instance, publicAddresses);
    return problems.length === 0 ? ok('nothing is in the way of media') : broken(problems.join('; '), 'let these pass what they name');
  },
};

/** A driver that cannot be used is no fault of a host that another works on: the row `driver` tells that. */
async function checkDriver(name: DriverName, config: Parameters<Look>[0]): Promise<Seen> {
  const { missing } = await createDrivers(config, SILENT)[name].check();
  return missing.length === 0 ? ok('can be used') : note(`cannot be used: ${missing.join('; ')}`);
}

function toMeaning({ isolation }: Pick<MachineDriver, 'isolation'>): string {
  return isolation === 'shared-kernel' ? "desktops share this host's kernel" : 'processors are emulated, which is slow';
}

/** The directory is made at the first start: until then its parent tells. */
function toExisting(path: string): string {
  return existsSync(path) ? path : toExisting(dirname(path));
}
