import type { SignInFailureKind } from '../../../controller/client/react.ts';

type Words = { title: string; text: string; again: string };

const AGAIN = 'Try again';

/** What a person is told of each failure, and what to do about it. */
export const FAILURES: Record<SignInFailureKind, Words> = {
  no_address: {
    title: 'No internet address is free right now',
    text: 'Everybody signs in from an address of their own, and all of them are in use. One may be free again in a few minutes.',
    again: AGAIN,
  },
  no_capacity: {
    title: 'All desktops are in use right now',
    text: 'There is no room for one more at the moment. Try again in a minute, or close a sign-in that you have open elsewhere.',
    again: AGAIN,
  },
  timed_out: {
    title: 'The sign-in took too long',
    text: 'The desktop was closed because its time was over. Nothing was kept.',
    again: AGAIN,
  },
  closed: { title: 'The sign-in was closed', text: 'The desktop is gone, and nothing was kept.', again: 'Start again' },
  left: {
    title: 'You left before the sign-in was done',
    text: 'No page showed the desktop any more, so it was closed. Keep this page open until you are signed in.',
    again: 'Start again',
  },
  denied: {
    title: 'Access was denied',
    text: 'You, or the provider, said no to the sign-in. Nothing was kept.',
    again: AGAIN,
  },
  code_expired: { title: 'The code had expired', text: 'It was used too late. A new sign-in gets a new code.', again: AGAIN },
  cancelled: {
    title: 'The sign-in was cancelled',
    text: 'The tool was closed on the desktop before it was signed in.',
    again: 'Start again',
  },
  tool_missing: {
    title: 'This tool is not installed here',
    text: 'The desktops of this server do not have it. Choose another one, or ask whoever runs the server to add it.',
    again: AGAIN,
  },
  tool_crashed: {
    title: 'The tool stopped working',
    text: 'It ended with an error before it was signed in. The details have its last words.',
    again: AGAIN,
  },
  page_unreachable: {
    title: 'The provider’s page cannot be reached',
    text: 'The desktop has no way to the sign-in page at the moment.',
    again: AGAIN,
  },
  credentials_malformed: {
    title: 'The sign-in gave something unexpected',
    text: 'The tool has written what is not known here, perhaps because it has a new version. Nothing was kept.',
    again: AGAIN,
  },
  nothing_to_restore: { title: 'There is no earlier sign-in', text: 'There is nothing to renew: sign in anew.', again: 'Sign in' },
  refused: { title: 'You have no access to this desktop', text: 'Your access has ended or was taken back. Reload the page.', again: AGAIN },
  unreachable: { title: 'The server cannot be reached', text: 'Check your connection. Nothing was kept.', again: AGAIN },
  desktop_failed: { title: 'The desktop stopped working', text: 'It was our fault, not yours. Nothing was kept.', again: AGAIN },
};

export const toSize = (bytes: number): string => (bytes < 1000 ? `${bytes} bytes` : `${(bytes / 1000).toFixed(1)} kB`);
