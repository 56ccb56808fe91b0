import type { ErrorObject } from 'ajv';
import { createAjv } from './ajv.ts';
import { CONFIG_WORD, CONFIG_WORD_MAX_BYTES, GATE_WORD, MachineConfig } from './machine-config.ts';

/** Said for a config word that cannot be written or read; `message` names every wrong field. */
export class MachineConfigInvalid extends Error {
  override readonly name = 'MachineConfigInvalid';
  readonly code = 'machine_config_invalid';
}

/** More of what is wrong helps nobody: a console has an end. */
const SENTENCES_MOST = 20;
const NAME_MOST = 40;

const validate = createAjv().compile<MachineConfig>(MachineConfig);

/** The kernel-line word for a config. Throws MachineConfigInvalid when a field is wrong or the word is too long. */
export function toKernelArg(config: MachineConfig): string {
  check(config);
  const word = `${CONFIG_WORD}=${Buffer.from(JSON.stringify(config)).toString('base64url')}`;
  if (word.length > CONFIG_WORD_MAX_BYTES) {
    throw new MachineConfigInvalid(`config: ${word.length} bytes on the kernel line, at most ${CONFIG_WORD_MAX_BYTES} fit`);
  }
  return word;
}

/** The kernel-line word of a machine that is told its config later. */
export function toGateArg({ width, height }: MachineConfig['display']): string {
  return `${GATE_WORD}=${width}x${height}`;
}

/** A config as a machine at the gate is told it: base64. Throws MachineConfigInvalid when a field is wrong. */
export function toGateConfig(config: MachineConfig): string {
  check(config);
  return Buffer.from(JSON.stringify(config)).toString('base64');
}

/** The config back from the text of a kernel line, or of an argv joined by spaces. Throws MachineConfigInvalid. */
export function fromKernelArgs(line: string): MachineConfig {
  const words = line.split(/\s+/).filter((word) => word.startsWith(`${CONFIG_WORD}=`));
  if (words.length !== 1)
    throw new MachineConfigInvalid(`config: ${words.length} words ${CONFIG_WORD}= on the kernel line, exactly 1 is needed`);
  return check(parse(words[0]!.slice(CONFIG_WORD.length + 1)));
}

/** The config from its decoded JSON text, as init leaves it in /run/oriel/config.json. Throws MachineConfigInvalid. */
export function fromConfigJson(text: string): MachineConfig {
  return check(parseJson(text));
}

function parse(base64url: string): unknown {
  return parseJson(Buffer.from(base64url, 'base64url').toString('utf8'));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new MachineConfigInvalid('config: not JSON (base64url of a JSON object is needed)', { cause });
  }
}

function check(value: unknown): MachineConfig {
  if (validate(value)) return value;
  const sentences = (validate.errors ?? []).map(toSentence);
  const more = sentences.length > SENTENCES_MOST ? `; and ${sentences.length - SENTENCES_MOST} more` : '';
  throw new MachineConfigInvalid(`config: ${sentences.slice(0, SENTENCES_MOST).join('; ')}${more}`);
}

/** Names the field, never its value: a wrong token must not reach a log. */
function toSentence(error: ErrorObject): string {
  const extra = error.params.additionalProperty ?? error.params.missingProperty;
  return `${error.instancePath || '/'} ${error.message}${error.keyword === 'additionalProperties' ? ` (${String(extra).slice(0, NAME_MOST)})` : ''}`;
}
