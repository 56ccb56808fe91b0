import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Provider } from '#contract/provider';
import { providers } from '../../../guest/providers/index.ts';
import type { OAuthServer } from './oauth-server.ts';
import type { TargetServer } from '../target-server.ts';

export interface TestTool {
  id: string;
  flow: 'loopback' | 'paste' | 'device';
  /** Whose files it writes, and by whose schema they are judged. */
  format: 'claude_code' | 'codex' | 'gemini_cli';
  fault?: 'crash' | 'malformed' | 'huge';
  /** In the place of the tool. */
  command?: string[];
  refresh?: string[];
  hosts?: string[];
}

/** Providers that only tests have: the real ones' files and schemas, and a tool of the test that is fetched when it is run. */
export function writeTestProviders(dir: string, tools: readonly TestTool[], oauth: OAuthServer, target: TargetServer): string {
  const list = tools.map(({ id, flow, format, fault = '', command, refresh, hosts = [] }): Provider => {
    const { credentials } = providers.find((provider) => provider.id === format)!;
    const toCommand = (by: string) => {
      const words = `curl -fsS ${target.url}/tool.mjs -o /tmp/tool.mjs && exec node /tmp/tool.mjs ${oauth.issuer} ${by} ${format} ${fault}`;
      return ['sh', '-c', words];
    };
    const login = {
      command: command ?? toCommand(flow),
      refresh: refresh ?? toCommand('refresh'),
      callbackPorts: flow === 'loopback' ? [1456] : [],
      denied: 'access_denied',
      // The server forgets a code when it is too old.
      expired: 'expired_token|invalid_grant',
      ...(flow === 'paste' && { urlPattern: `${oauth.issuer.replaceAll('.', '\\.')}/auth\\?\\S+` }),
    };
    return { id, name: `Test of ${format}`, login, credentials, hosts };
  });
  const path = join(dir, 'providers.json');
  writeFileSync(path, JSON.stringify(list));
  return path;
}
