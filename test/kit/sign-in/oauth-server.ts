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

/** What was awaited has not come. It may come yet, or when it is tried again. */
export class NotYet extends Error {}

/**
 * An OAuth server on the test's internet (oidc-provider): authorization code with PKCE, by redirect to a loopback port or to a page that shows
 * the code; device code. Each page is one field above and two buttons below, left yes and right no, so that a test can click where they must be.
 */
export class OAuthServer {
  readonly issuer = `http://${INTERNET.serverName}:${PORT}`;
  readonly issued: Issued[] = [];
  /** Names of pages that a browser has painted, in order, and of those of them that were clicked into. */
  readonly shown: string[] = [];
  readonly clicked: string[] = [];
  /** What stands in the terminal where a code is asked for. */
  typed = '';
  /** What a person reads off the terminal, and off the page. */
  userCode = '';
  pastedCode = '';
  /** For so long a device code is good that is asked for from now on. */
  codeSeconds = 120;
  readonly #provider: Provider;
  readonly #server: Server;

  constructor() {
    this.#provider = this.#createProvider();
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

  /** From here on only what is shown, clicked, typed and given out later counts. */
  forget(): void {
    this.shown.length = this.clicked.length = 0;
    this.userCode = this.pastedCode = this.typed = '';
  }

  /** Until a browser shows this page. */
  async waitForPage(name: string, timeoutMs = 30_000): Promise<void> {
    await this.#waitUntil(timeoutMs, () => this.shown.includes(name), `the page ${name}`);
  }

  /** Until this stands in the terminal where a code is asked for. Something else there is an error that no waiting mends. */
  async waitForTyped(text: string, timeoutMs = 30_000): Promise<void> {
    await this.#waitUntil(timeoutMs, () => this.typed === text, `${text} in the terminal`).catch((error: Error) => {
      throw this.typed === '' ? error : new Error(error.message);
    });
  }

  async #waitUntil(timeoutMs: number, isSo: () => boolean, what: string): Promise<void> {
    for (const until = Date.now() + timeoutMs; Date.now() < until; await sleep(50)) if (isSo()) return;
    const seen = `shown were: ${this.shown.join(', ') || 'none'}; clicked: ${this.clicked.join(', ') || 'none'}; typed: ${this.typed || 'nothing'}`;
    throw new NotYet(`${what}: not within ${timeoutMs} ms; ${seen}`);
  }

  #createProvider(): Provider {
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
      ttl: {
        ...{ DeviceCode: () => this.codeSeconds, Session: 600, Grant: 600 },
        ...{ Interaction: 600, IdToken: 600, AccessToken: 600, RefreshToken: 600 },
      },
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
    const told = /^\/(shown|clicked|typed)\/(.*)$/.exec(pathname);
    if (told) {
      const text = decodeURIComponent(told[2]!);
      if (told[1] === 'typed') this.typed = text;
      else this[told[1] as 'shown' | 'clicked'].push(text);
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

/**
 * Runs in each page. Chromium drops clicks into a page that it has not painted yet, and says that it has painted one when it is on the
 * screen; two frames later the page is laid out and takes what it is given.
 */
const TELL = `((name) => {
  addEventListener('pointerdown', () => fetch('/clicked/' + name, { keepalive: true }), true);
  const tell = () => requestAnimationFrame(() => requestAnimationFrame(() => fetch('/shown/' + name)));
  new PerformanceObserver((list, observer) => {
    if (!list.getEntriesByName('first-contentful-paint').length) return;
    observer.disconnect();
    if (document.readyState === 'complete') tell();
    else addEventListener('load', tell);
  }).observe({ type: 'paint', buffered: true });
})`;

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
    <script>${TELL}('${encodeURIComponent(name)}')</script>`;
}
