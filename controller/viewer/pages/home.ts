import { createClient, OrielError } from '../../client/index.ts';
import { STRINGS } from '../src/strings.ts';
import { keepToken, takeToken } from './token.ts';
import { toViewerAddress } from './viewer-address.ts';

/* The home page: with the start-up token one starts a desktop and goes there. */

const HOME = 'home';
const form = document.querySelector('form')!;
const button = form.querySelector('button')!;
const alert = form.querySelector('[role=alert]')!;
const field = (name: string) => form.elements.namedItem(name) as HTMLInputElement;

for (const element of document.querySelectorAll<HTMLElement>('[data-text]')) {
  element.textContent = STRINGS.home[element.dataset.text as keyof typeof STRINGS.home];
}
field('token').value = takeToken(HOME) ?? '';

form.addEventListener('submit', (event) => {
  event.preventDefault();
  void start();
});

async function start(): Promise<void> {
  const token = field('token').value.trim();
  [button.disabled, button.textContent, alert.textContent] = [true, STRINGS.home.starting, ''];
  try {
    const { viewer } = await createClient({ token }).startSession({ userId: field('userId').value.trim(), provider: 'desktop' });
    keepToken(HOME, token);
    location.assign(toViewerAddress(viewer, location.href));
  } catch (error) {
    alert.textContent = toSentence(error);
    [button.disabled, button.textContent] = [false, STRINGS.home.start];
  }
}

function toSentence(error: unknown): string {
  if (!(error instanceof OrielError)) return String(error);
  if (error.status === 401) return STRINGS.home.wrongToken;
  return [error.message, ...error.fields.map(({ path, message }) => `${path} ${message}`)].join('; ');
}
