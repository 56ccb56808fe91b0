import type { Session } from '#contract/session';
import { find, setText } from './dom.ts';
import { STRINGS } from './strings.ts';

/** Asks before a desktop is thrown away. Escape, and the button that has the focus, leave it. */
export function confirmStop({ userId }: Session): Promise<boolean> {
  const dialog = find<HTMLDialogElement>('#confirm');
  setText(find('#confirm-text'), STRINGS.confirm(userId));
  dialog.returnValue = '';
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener('close', () => resolve(dialog.returnValue === 'stop'), { once: true }));
}
