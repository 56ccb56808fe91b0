import '../src/element.ts';
import type { OrielTokenDetail } from '../src/element.ts';
import { keepToken, takeToken } from './token.ts';

/* /desktop?session=s-…&provider=…#token=…: one desktop, as large as the window. */

const session = new URLSearchParams(location.search).get('session') ?? '';
const desktop = document.createElement('oriel-desktop');
desktop.setAttribute('session', session);
desktop.setAttribute('token', takeToken(session) ?? '');
// For a reload.
desktop.addEventListener('oriel-token', (event) => keepToken(session, (event as CustomEvent<OrielTokenDetail>).detail.token));
document.body.append(desktop);
// The page is the desktop: what is typed goes there without a click first.
desktop.focus();
