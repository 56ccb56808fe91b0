import { join, relative, resolve } from 'node:path';
import { App } from 'cdktf';
import { readSettings, SettingsInvalid } from './settings/settings.ts';
import { makeStacks } from './stacks/stacks.ts';

/* `cdktf synth` runs this: the stacks of one environment. ORIEL_INFRA_SETTINGS names its file. */

const REPOSITORY = resolve(import.meta.dirname, '..');

try {
  const path = process.env.ORIEL_INFRA_SETTINGS;
  if (!path) throw new SettingsInvalid('ORIEL_INFRA_SETTINGS', ['it is to name a file of settings, as infra/environments/example.json']);
  const settings = readSettings(path);
  const app = new App({ outdir: join(import.meta.dirname, 'cdktf.out') });
  makeStacks(app, relative(REPOSITORY, resolve(path)), settings);
  app.synth();
} catch (error) {
  if (!(error instanceof SettingsInvalid)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
