import { useCallback, useEffect, useMemo, useReducer, useRef, type RefCallback } from 'react';
import { newOrielError, type OrielErrorCode } from './error.ts';
import { CHOOSING, toFailure, toNextState, type Begun, type SignInState } from './sign-in-state.ts';
import type { Session } from './types.ts';
import { createViewerClient } from './viewer-client.ts';

export type { Begun, SignInFailure, SignInFailureKind, SignInState } from './sign-in-state.ts';

export type SignInOptions = {
  /** Where the controller is. */
  baseUrl: string;
  /**
   * Asks the product's own back end, which has the API key, to start a session for the user who is logged in there. Rejects with an
   * OrielError (`toOrielError` of the back end's reply) where the controller has refused.
   */
  begin: (provider: string) => Promise<Begun>;
};

/** Attributes of `<oriel-desktop>`. Its module is loaded by the page: `<script type="module" src="…/assets/oriel-desktop.js">`. */
export type DesktopProps = { 'base-url': string; session: string; token: string; ref: RefCallback<HTMLElement> };

export type SignIn = {
  state: SignInState;
  /** For `<oriel-desktop {...desktop} />`, as long as there is something to show. */
  desktop: DesktopProps | undefined;
  start: (provider: string) => void;
  /** Ends it: the machine is thrown away, the state is `failed` with `closed`. */
  close: () => void;
  /** Begins the tool's login again. Rejects with OrielError. */
  restartLogin: () => Promise<void>;
  /** Back to the choice. */
  reset: () => void;
};

declare module 'react' {
  // eslint-disable-next-line @typescript-eslint/no-namespace
  namespace JSX {
    interface IntrinsicElements {
      'oriel-desktop': DetailedHTMLProps<HTMLAttributes<HTMLElement>, HTMLElement> & Partial<Omit<DesktopProps, 'ref'>>;
    }
  }
}

/** One sign-in in a page: choose, start, use the desktop, done. What the session does is heard from the element, which follows it anyway. */
export function useSignIn({ baseUrl, begin }: SignInOptions): SignIn {
  const [state, dispatch] = useReducer(toNextState, CHOOSING);
  /** Which start is the page's own, and the token that is good now: tokens are short and the element renews its own. */
  const current = useRef<{ begun?: Begun; token?: string }>({});
  useEffect(() => () => void (current.current = {}), []);

  const end = useCallback(
    ({ sessionId, viewer }: Begun, token = viewer.token) =>
      void createViewerClient({ baseUrl, token })
        .stop(sessionId)
        .catch(() => undefined),
    [baseUrl],
  );

  const start = useCallback(
    (provider: string) => {
      const mine: (typeof current)['current'] = (current.current = {});
      dispatch({ type: 'start', provider });
      begin(provider).then(
        (begun) => {
          // The page has gone on meanwhile: nobody would look at it.
          if (current.current !== mine) return end(begun);
          Object.assign(mine, { begun, token: begun.viewer.token });
          dispatch({ type: 'begun', begun });
        },
        (error: unknown) => current.current === mine && dispatch({ type: 'failed', failure: toFailure(error) }),
      );
    },
    [begin, end],
  );

  const leave = useCallback(() => {
    const { begun, token } = current.current;
    current.current = {};
    if (begun) end(begun, token);
  }, [end]);

  const close = useCallback(() => {
    leave();
    dispatch({ type: 'failed', failure: { kind: 'closed', code: 'stopped_by_request', message: 'It was closed' } });
  }, [leave]);

  const reset = useCallback(() => {
    current.current = {};
    dispatch({ type: 'reset' });
  }, []);

  const restartLogin = useCallback(async () => {
    const { begun, token = '' } = current.current;
    if (begun) await createViewerClient({ baseUrl, token }).restartLogin(begun.sessionId);
  }, [baseUrl]);

  const ref = useCallback((element: HTMLElement | null) => {
    const listening = new AbortController();
    const on = <T>(name: string, hear: (detail: T) => void) =>
      element?.addEventListener(name, (event) => hear((event as CustomEvent<T>).detail), { signal: listening.signal });
    on<Session>('oriel-session', (session) => dispatch({ type: 'session', session }));
    on<{ token: string }>('oriel-token', ({ token }) => void (current.current.token = token));
    on<ErrorDetail>('oriel-error', ({ status, code, message, isFinal }) => {
      if (isFinal) dispatch({ type: 'failed', failure: toFailure(newOrielError(status, code, message)) });
    });
    return () => listening.abort();
  }, []);

  const begun = state.phase === 'starting' || state.phase === 'live' ? state.begun : undefined;
  const desktop = useMemo(
    () => begun && { 'base-url': baseUrl, session: begun.sessionId, token: begun.viewer.token, ref },
    [begun, baseUrl, ref],
  );
  return { state, desktop, start, close, restartLogin, reset };
}

type ErrorDetail = { status: number; code: OrielErrorCode; message: string; isFinal: boolean };
