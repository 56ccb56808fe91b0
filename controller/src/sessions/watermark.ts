import type { Session } from '#contract/session';

/** The text for this session: `{user}` and `{session}` are its own, whatever else is in braces stays. */
export function toWatermark(template: string, { userId, sessionId }: Pick<Session, 'userId' | 'sessionId'>): string {
  return template.replace(/\{(user|session)\}/g, (_, name: string) => (name === 'user' ? userId : sessionId));
}
