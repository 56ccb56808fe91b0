import { fromConfigJson, fromKernelArgs, MachineConfigInvalid, toGateConfig, toKernelArg } from '#contract/kernel-line';
import { CONFIG_WORD_MAX_BYTES, MachineConfig } from '#contract/machine-config';
import { fc, fuzz } from '#test/fuzz';
import { RAW_BODIES, toFitting, toSpoiled, type Schema } from '#test/fuzz-values';
import { assert, suite } from '#test/suite';

const test = suite('fuzzed kernel line', { timeoutMs: 300_000 });

const schema = MachineConfig as Schema;
const fitting = toFitting(schema) as fc.Arbitrary<MachineConfig>;
const toWord = (text: string) => `oriel.config=${Buffer.from(text).toString('base64url')}`;
/** What a boot loader, a person, or somebody hostile puts beside it. */
const others = fc.array(
  fc.stringMatching(/^[a-z.]{1,10}(=[\x21-\x7e]{0,30})?$/).filter((word) => !word.startsWith('oriel.config=')),
  { maxLength: 5 },
);

test('what is written is read back, whatever is beside it; it is short enough, or refused', async () => {
  await fuzz(fc.tuple(fitting, others, others), 300, ([config, before, after]) => {
    const word = toKernelArg(config);
    assert.ok(word.length <= CONFIG_WORD_MAX_BYTES);
    assert.match(word, /^oriel\.config=[A-Za-z0-9_-]+$/);
    assert.equal(fromKernelArgs([...before, word, ...after].join(' ')), config);
    assert.equal(fromConfigJson(Buffer.from(toGateConfig(config), 'base64').toString('utf8')), config);
  });
});

test('anything else is refused as a config that is wrong, without a word of what was in it', async () => {
  const SECRET = 'planted-canary-4711';
  const texts = fc.oneof(
    toSpoiled(schema, { token: fc.constant(SECRET) }).map((value) => JSON.stringify(value)),
    fc.constantFrom(...RAW_BODIES).filter((text) => text.length < 100_000),
    fc.string(),
  );
  const lines = fc.oneof(
    texts.map(toWord),
    fc.tuple(fitting, texts).map(([config, text]) => `${toKernelArg(config)} ${toWord(text)}`),
    fc.tuple(fitting, fc.nat()).map(([config, place]) => toKernelArg(config).slice(0, place % 200)),
    fc.string({ maxLength: 300 }),
  );
  await fuzz(lines, 500, (line) => {
    const error = toError(() => fromKernelArgs(line));
    assert.instance(error, MachineConfigInvalid);
    assert.ok(error.message.length < 3_000 && !error.message.includes(SECRET), error.message);
  });
});

function toError(act: () => unknown): Error {
  try {
    act();
  } catch (error) {
    return error as Error;
  }
  throw new Error('it was taken');
}

test.run();
