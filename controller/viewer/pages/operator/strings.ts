import type { SessionStatus } from '#contract/session';

/** Every text that the operator's page says by itself. */
export const STRINGS = {
  wrongKey: 'This key is not good here: it needs an API key of this controller, not a viewer’s link.',
  live: 'Live',
  away: 'The controller cannot be reached. Trying again…',
  noSessions: 'No session runs. One that is started appears here by itself.',
  noneFound: 'No session is like that.',
  choose: 'Choose a session to see its phases, services, picture and console.',
  stop: 'End session',
  stopping: 'Ending…',
  confirm: (user: string) => `The desktop of ${user} is closed at once and all that is on it is gone.`,
  phases: 'Phases',
  services: 'Services',
  quality: 'Picture',
  console: 'Console',
  facts: 'Session',
  noServices: 'Its machine has not told of any yet.',
  noQuality: 'Nobody has looked at it yet.',
  goneQuality: 'Not kept of a session that is over.',
  noConsole: 'Nothing was written yet.',
  dropped: (count: number) => `… ${count} lines are not kept any more …`,
  status: {
    pending: 'pending',
    vm_creating: 'starting',
    vm_created: 'running',
    authenticating: 'signing in',
    completed: 'completed',
    failed: 'failed',
    expired: 'expired',
    stopped: 'stopped',
  } satisfies Record<SessionStatus, string>,
} as const;
