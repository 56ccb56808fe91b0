import { join, relative, resolve } from 'node:path';
import { App } from 'cdktf';
import { readSettings, SettingsInvalid } from './settings.ts';
import { HostStack } from './stacks/host-stack.ts';

/* `cdktf synth` runs this: the stacks of one environment. ORIEL_INFRA_SETTINGS names its file. */

const REPOSITORY = resolve(import.meta.dirname, '..');

try {
  const path = process.env.ORIEL_INFRA_SETTINGS;
  if (!path) throw new SettingsInvalid('ORIEL_INFRA_SETTINGS', ['it is to name a file of settings, as infra/environments/example.json']);
  const settings = readSettings(path);
  const app = new App({ outdir: join(import.meta.dirname, 'cdktf.out') });
  for (const [name, host] of Object.entries(settings.hosts)) new HostStack(app, name, relative(REPOSITORY, resolve(path)), host);
  app.synth();
} catch (error) {
  if (!(error instanceof SettingsInvalid)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
