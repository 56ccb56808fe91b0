import type { Provider } from '#contract/provider';

/** https://developers.openai.com/codex/auth */
export const codex: Provider = {
  id: 'codex',
  name: 'Codex',
  package: '@openai/codex',
  login: {
    command: ['codex', 'login'],
    // `login status` would only look into the file; this asks with what is in it, and renews it where it has to be.
    refresh: ['codex', 'exec', '--skip-git-repo-check', 'Say OK.'],
    // Never into a keyring, where nobody would find them.
    files: [{ path: '.codex/config.toml', content: 'cli_auth_credentials_store = "file"\n' }],
    urlPattern: 'https://auth\\.openai\\.com/\\S+',
    callbackPorts: [1455],
    denied: 'access[_ ]denied|denied',
    expired: 'expired|invalid[_ ]grant',
  },
  credentials: [
    {
      path: '.codex/auth.json',
      schema: {
        type: 'object',
        required: ['tokens'],
        properties: {
          tokens: {
            type: 'object',
            required: ['id_token', 'access_token', 'refresh_token'],
            properties: {
              id_token: { type: 'string', minLength: 16 },
              access_token: { type: 'string', minLength: 16 },
              refresh_token: { type: 'string', minLength: 16 },
            },
          },
          last_refresh: { type: 'string' },
        },
      },
    },
  ],
  hosts: ['auth.openai.com', 'chatgpt.com', 'api.openai.com'],
};
