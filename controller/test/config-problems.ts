import { assert } from '#test/suite';
import { ConfigInvalid, toConfig } from '../src/config.ts';

/** What is said to be wrong in an environment; nothing when nothing is. */
export function problemsOf(env: Record<string, string>): string[] {
  try {
    toConfig(env);
    return [];
  } catch (error) {
    assert.instance(error, ConfigInvalid);
    return (error as ConfigInvalid).problems;
  }
}
