import { parseArgs } from 'node:util';
import { chalk } from 'zx';
import { toConfig, type Config } from '../controller/src/config.ts';
import { toExitCode, toFailed, type Finding } from './doctor/finding.ts';
import { HOST_LOOKS } from './doctor/host.ts';
import { LEFT_OVER_LOOKS } from './doctor/left-over.ts';

const USAGE = `usage: doctor.ts [--json]   what this host has and lacks for desktops, what is left over on it, and what to do

exit code  0  nothing is broken
           1  something is: its line says what to do
           2  not all could be looked at (look as root), or the arguments or the environment are wrong
`;

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 2;
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { json: { type: 'boolean' }, help: { type: 'boolean' } } });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const findings = await look(toConfig(process.env));
  if (values.json) console.log(JSON.stringify(findings, null, 2));
  else for (const finding of findings) console.log(toLine(finding));
  return toExitCode(findings);
}

async function look(config: Config): Promise<Finding[]> {
  const isRoot = process.getuid?.() === 0;
  const findings: Finding[] = [];
  for (const [what, see] of Object.entries({ ...HOST_LOOKS, ...LEFT_OVER_LOOKS }))
    findings.push({ what, ...(await see(config).catch((error: Error) => toFailed(error, isRoot))) });
  return findings;
}

function toLine({ what, state, text, todo }: Finding): string {
  const marks = { ok: chalk.green('ok     '), note: chalk.yellow('note   '), broken: chalk.red('BROKEN '), unknown: chalk.grey('unknown') };
  return `${marks[state]} ${what}: ${text}${todo === undefined ? '' : `\n        → ${todo}`}`;
}
