import { STRINGS } from './strings.ts';

/** The parts of the element's shadow tree that are filled and moved. */
export type Shell = {
  stage: HTMLElement;
  /** Takes the mouse for WebRTC. */
  surface: HTMLElement;
  /** Takes the keyboard for WebRTC: input methods work on a text field only. */
  keys: HTMLTextAreaElement;
  still: HTMLCanvasElement;
  video: HTMLVideoElement;
  /** noVNC's own place. */
  vnc: HTMLElement;
  veil: HTMLElement;
  /** What screen readers are told: not the seconds. */
  said: HTMLElement;
  state: HTMLElement;
  switchButton: HTMLButtonElement;
  minimiseButton: HTMLButtonElement;
};

/** Nothing but what is typed. */
const AS_TYPED = { autocomplete: 'off', autocapitalize: 'off', autocorrect: 'off', spellcheck: 'false' };

export function buildShell(root: ShadowRoot): Shell {
  const still = build('canvas');
  const video = build('video', { 'aria-label': STRINGS.video });
  Object.assign(video, { autoplay: true, muted: true, playsInline: true, disablePictureInPicture: true, disableRemotePlayback: true });
  const keys = build('textarea', { class: 'keys', 'aria-label': STRINGS.surface, inputmode: 'none', rows: '1', ...AS_TYPED });
  const surface = build('div', { class: 'surface' }, still, video, keys);
  const vnc = build('div', { class: 'vnc' });
  const veil = build('div', { class: 'veil' });
  const said = build('p', { class: 'unseen', role: 'status' });
  const stage = build('div', { class: 'stage' }, surface, vnc, veil, said);
  const state = build('span', { class: 'state' });
  const switchButton = build('button', { type: 'button', hidden: '' });
  const minimiseButton = build('button', { type: 'button' }, STRINGS.minimise);
  const bar = build('div', { class: 'bar', role: 'toolbar', 'aria-label': STRINGS.toolbar }, state, switchButton, minimiseButton);
  root.replaceChildren(build('div', { class: 'frame' }, stage, bar));
  return { stage, surface, keys, still, video, vnc, veil, said, state, switchButton, minimiseButton };
}

export function build<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));
  element.append(...children);
  return element;
}

/** Sets a text only when it changed: what screen readers and selections hold stays. */
export function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
