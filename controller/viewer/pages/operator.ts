import { OrielError } from '../../client/index.ts';
import { createOperatorApi } from './operator/api.ts';
import { Board } from './operator/board.ts';
import { find } from './operator/dom.ts';
import { STRINGS } from './operator/strings.ts';
import { keepToken, takeToken } from './token.ts';

/* /operator#token=…: all sessions of this host. The key is typed in or comes in the fragment, and stays in this tab. */

const OPERATOR = 'operator';
const signIn = find('#sign-in');
const form = find<HTMLFormElement>('#sign-in form');
const alert = find('#sign-in [role=alert]');
let board: Board | undefined;

form.addEventListener('submit', (event) => {
  event.preventDefault();
  void open((form.elements.namedItem('key') as HTMLInputElement).value.trim());
});
find('#sign-out').addEventListener('click', () => close(''));

const known = takeToken(OPERATOR);
if (known) void open(known);
else close('');

/** Shows the sessions, if the key is good. */
async function open(key: string): Promise<void> {
  const api = createOperatorApi(key, (why) => close(why));
  try {
    await api.host();
  } catch (error) {
    return close(error instanceof OrielError && [401, 403].includes(error.status) ? STRINGS.wrongKey : toSentence(error));
  }
  keepToken(OPERATOR, key);
  show(true);
  board = new Board(api);
  board.start();
}

function close(why: string): void {
  board?.stop();
  board = undefined;
  keepToken(OPERATOR, '');
  alert.textContent = why;
  show(false);
  (form.elements.namedItem('key') as HTMLInputElement).focus();
}

function show(isOpen: boolean): void {
  signIn.hidden = isOpen;
  find('#operator').hidden = !isOpen;
}

function toSentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
