import { isDeepStrictEqual } from 'node:util';
import type { Session, StartBody } from '#contract/session';

/** Whether this call asks for the session that there is. */
export function isSameStart({ userId, provider, restore = false, egress = {} }: Session, body: StartBody): boolean {
  const { allow, deny } = egress;
  const rules = { ...(allow && { allow }), ...(deny && { deny }) };
  const isOfSame = userId === body.userId && provider === body.provider && restore === (body.restore ?? false);
  return isOfSame && isDeepStrictEqual(rules, { ...body.egress });
}
