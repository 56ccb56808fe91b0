import type { Provider } from '#contract/provider';
import { claudeCode } from './claude-code.ts';
import { codex } from './codex.ts';
import { desktop } from './desktop.ts';
import { geminiCli } from './gemini-cli.ts';

/** In the order in which they are offered. One more is one more file, and its line in the test. */
export const providers: readonly Provider[] = [claudeCode, codex, geminiCli, desktop];
