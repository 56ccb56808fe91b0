import type { Provider } from '#contract/provider';

/** https://github.com/google-gemini/gemini-cli/blob/main/docs/get-started/authentication.md */
export const geminiCli: Provider = {
  id: 'gemini_cli',
  name: 'Gemini CLI',
  package: '@google/gemini-cli',
  login: {
    command: ['gemini'],
    refresh: ['gemini', '--prompt', 'Say OK.'],
    // "Sign in with Google", and no question about the folder: it goes on to the page at once.
    files: [
      {
        path: '.gemini/settings.json',
        content: JSON.stringify({ security: { auth: { selectedType: 'oauth-personal' }, folderTrust: { enabled: false } } }),
      },
    ],
    urlPattern: 'https://accounts\\.google\\.com/\\S+',
    callbackPorts: [0],
    denied: 'access[_ ]denied|denied|cancelled',
    expired: 'expired|timed out|invalid[_ ]grant',
  },
  credentials: [
    {
      path: '.gemini/oauth_creds.json',
      schema: {
        type: 'object',
        required: ['access_token', 'refresh_token', 'token_type'],
        properties: {
          access_token: { type: 'string', minLength: 16 },
          refresh_token: { type: 'string', minLength: 16 },
          token_type: { type: 'string' },
          expiry_date: { type: 'integer' },
        },
      },
    },
  ],
  hosts: ['accounts.google.com', 'oauth2.googleapis.com', 'codeassist.google.com', 'cloudcode-pa.googleapis.com'],
};
