import type { Provider } from '#contract/provider';

/** https://code.claude.com/docs/en/authentication: on Linux the file below, mode 0600. */
export const claudeCode: Provider = {
  id: 'claude_code',
  name: 'Claude Code',
  package: '@anthropic-ai/claude-code',
  login: {
    command: ['claude', 'auth', 'login'],
    refresh: ['claude', '-p', 'Say OK.'],
    // Asked to, it shows a code to be pasted in the place of the redirect.
    urlPattern: 'https://(?:claude\\.ai|claude\\.com|platform\\.claude\\.com|console\\.anthropic\\.com)/\\S*oauth/authorize\\?\\S+',
    callbackPorts: [0],
    denied: 'access[_ ]denied|denied',
    expired: 'expired|invalid[_ ]grant',
  },
  credentials: [
    {
      path: '.claude/.credentials.json',
      schema: {
        type: 'object',
        required: ['claudeAiOauth'],
        properties: {
          claudeAiOauth: {
            type: 'object',
            required: ['accessToken', 'refreshToken', 'expiresAt'],
            properties: {
              accessToken: { type: 'string', minLength: 16 },
              refreshToken: { type: 'string', minLength: 16 },
              expiresAt: { type: 'integer', minimum: 1 },
              scopes: { type: 'array', items: { type: 'string' } },
            },
          },
        },
      },
    },
  ],
  hosts: ['claude.ai', 'claude.com', 'platform.claude.com', 'console.anthropic.com', 'api.anthropic.com'],
};
