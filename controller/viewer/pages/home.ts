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
const choice = form.elements.namedItem('provider') as HTMLSelectElement;

for (const element of document.querySelectorAll<HTMLElement>('[data-text]')) {
  element.textContent = STRINGS.home[element.dataset.text as keyof typeof STRINGS.home];
}
field('token').value = takeToken(HOME) ?? '';
field('token').addEventListener('change', () => void offerProviders());
void offerProviders();

form.addEventListener('submit', (event) => {
  event.preventDefault();
  void start();
});

/** What there is to sign in to is told to who has a token. */
async function offerProviders(): Promise<void> {
  const token = field('token').value.trim();
  if (token === '') return;
  const providers = await createClient({ token })
    .providers()
    .catch(() => []);
  if (providers.length === 0) return;
  const chosen = choice.value;
  choice.replaceChildren(...providers.map(({ id, name }) => new Option(name, id, id === 'desktop', id === chosen)));
}

async function start(): Promise<void> {
  const token = field('token').value.trim();
  [button.disabled, button.textContent, alert.textContent] = [true, STRINGS.home.starting, ''];
  try {
    const { viewer } = await createClient({ token }).startSession({ userId: field('userId').value.trim(), provider: choice.value });
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
