/**
 * The token of this page's address (`#token=…`). It is taken out of the address bar, so that it is in no history, bookmark or
 * screenshot, and kept for this tab, so that a reload works.
 */
export function takeToken(name: string): string | undefined {
  const token = toToken(location.hash);
  if (token === undefined) return sessionStorage.getItem(toKey(name)) ?? undefined;
  history.replaceState(history.state, '', location.pathname + location.search);
  keepToken(name, token);
  return token;
}

export function keepToken(name: string, token: string): void {
  sessionStorage.setItem(toKey(name), token);
}

/** The token in a fragment, if it has one. */
export function toToken(hash: string): string | undefined {
  return new URLSearchParams(hash.replace(/^#/, '')).get('token') || undefined;
}

const toKey = (name: string) => `oriel.token.${name}`;
