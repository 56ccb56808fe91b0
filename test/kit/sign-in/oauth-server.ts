import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import Provider from 'oidc-provider';
import { INTERNET } from '../internet.ts';

const PORT = 8090;
/** Where the tool of the test awaits a redirect. */
export const CALLBACK = 'http://localhost:1456/callback';

/** Tokens as they were given out: what a credential file must have in it. */
export interface Issued {
  access_token: string;
  refresh_token: string;
  id_token: string;
}

/**
 * An OAuth server on the test's internet (oidc-provider): authorization code with PKCE, by redirect to a loopback port or to a page that shows
 * the code; device code. Each page is one field above and two buttons below, left yes and right no, so that a test can click where they must be.
 */
export class OAuthServer {
  readonly issuer = `http://${INTERNET.serverName}:${PORT}`;
  readonly issued: Issued[] = [];
  /** Names of pages that a browser has shown, in order. */
  readonly shown: string[] = [];
  /** What a person reads off the terminal, and off the page. */
  userCode = '';
  pastedCode = '';
  readonly #provider: Provider;
  readonly #server: Server;

  /** `codeSeconds`: for so long a device code is good. */
  constructor({ codeSeconds = 120 } = {}) {
    this.#provider = this.#createProvider(codeSeconds);
    const callback = this.#provider.callback();
    this.#server = createServer((request, response) => {
      if (!this.#serve(request, response)) callback(request, response);
    });
  }

  async start(): Promise<void> {
    this.#server.listen(PORT, INTERNET.serverAddress);
    await once(this.#server, 'listening');
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  /** From here on only what is shown later counts. */
  forget(): void {
    this.shown.length = 0;
  }

  /** Until a browser shows this page. */
  async waitForPage(name: string, timeoutMs = 30_000): Promise<void> {
    for (const until = Date.now() + timeoutMs; Date.now() < until; await sleep(50)) if (this.shown.includes(name)) return;
    throw new Error(`the page ${name} was not shown within ${timeoutMs} ms; shown were: ${this.shown.join(', ') || 'none'}`);
  }

  #createProvider(codeSeconds: number): Provider {
    const provider: Provider = new Provider(this.issuer, {
      clients: [
        {
          client_id: 'tool',
          application_type: 'web',
          token_endpoint_auth_method: 'none',
          response_types: ['code'],
          grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
          redirect_uris: [CALLBACK, `${this.issuer}/code`],
        },
      ],
      cookies: { keys: ['of a test'] },
      findAccount: (_: unknown, accountId: string) => ({ accountId, claims: () => ({ sub: accountId }) }),
      issueRefreshToken: () => true,
      loadExistingGrant: async (ctx: { oidc: { client: { clientId: string }; session: { accountId: string } } }) => {
        const grant = new provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
        grant.addOIDCScope('openid offline_access');
        await grant.save();
        return grant;
      },
      interactions: { url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
      ttl: { DeviceCode: codeSeconds, Session: 600, Grant: 600, Interaction: 600, IdToken: 600, AccessToken: 600, RefreshToken: 600 },
      features: {
        devInteractions: { enabled: false },
        deviceFlow: {
          enabled: true,
          charset: 'digits',
          mask: '****-****',
          userCodeInputSource: (ctx: Context, form: string) => void (ctx.body = toPage('code', form, 'op.deviceInputForm')),
          userCodeConfirmSource: (ctx: Context, form: string) => void (ctx.body = toPage('confirm', form, 'op.deviceConfirmForm', 'abort')),
          successSource: (ctx: Context) => void (ctx.body = toPage('success')),
        },
      },
      renderError: (ctx: Context, out: object) => void (ctx.body = toPage(`error ${JSON.stringify(out)}`)),
    });
    provider.on('grant.success', ({ body }) => void this.issued.push(body as unknown as Issued));
    provider.on('device_authorization.success', ({ body }) => void (this.userCode = String(body.user_code)));
    return provider;
  }

  /** Our own pages. False for what is the library's. */
  #serve(request: IncomingMessage, response: ServerResponse): boolean {
    const { pathname, searchParams } = new URL(request.url ?? '/', this.issuer);
    const html = (text: string) => void response.setHeader('content-type', 'text/html; charset=utf-8').end(text);
    if (pathname.startsWith('/shown/')) {
      this.shown.push(decodeURIComponent(pathname.slice('/shown/'.length)));
      response.writeHead(204).end();
    } else if (pathname === '/code') {
      this.pastedCode = searchParams.get('code') ?? '';
      html(toPage('pasted', `<p>${this.pastedCode}</p>`));
    } else if (pathname.startsWith('/interaction/') && request.method === 'GET') {
      const form = '<form id="login" method="post"><input name="login" type="text" autocomplete="off"></form>';
      html(toPage('login', form, 'login', 'no'));
    } else if (pathname.startsWith('/interaction/')) void this.#finish(request, response);
    else return false;
    return true;
  }

  async #finish(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const form = new URLSearchParams(text);
    const result = form.has('no')
      ? { error: 'access_denied', error_description: 'the person said no' }
      : { login: { accountId: form.get('login') || 'nobody' } };
    await this.#provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  }
}

interface Context {
  body: string;
}

function toPage(name: string, form = '', formId?: string, no?: string): string {
  const yes = formId ? `<button form="${formId}" type="submit">Yes</button>` : '';
  const other = formId && no ? `<button class="no" form="${formId}" type="submit" name="${no}" value="yes">No</button>` : '';
  return `<!DOCTYPE html><meta charset="utf-8"><title>${name.replace(/[<&]/g, '')}</title>
    <style>
      html, body { margin: 0 }
      input:not([type=hidden]), p { position: fixed; top: 0; left: 0; width: 100%; height: 35vh; font-size: 40px; box-sizing: border-box }
      button { position: fixed; bottom: 0; left: 0; width: 50%; height: 50vh; font-size: 40px }
      .no { left: 50% }
    </style>
    <h1>${name.replace(/[<&]/g, '')}</h1>${form}${yes}${other}
    <script>addEventListener('load', () => fetch('/shown/${encodeURIComponent(name)}'))</script>`;
}
