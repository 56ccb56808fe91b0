import type { ControlEvent, Person } from '#contract/input';
import { STRINGS } from '../strings.ts';

const WORDS = STRINGS.people;

export type PeopleEvent = Extract<ControlEvent, { t: 'people' }>;
/** What of it is to be said aloud. */
export type Said = { text: string; isNews: boolean };

export const toName = ({ id, name }: Person): string => name ?? WORDS.viewer(id);

const you = (event: PeopleEvent | undefined) => event?.people.find(({ isYou }) => isYou);
const holder = (event: PeopleEvent | undefined) => event?.people.find(({ hasControl }) => hasControl);

/** What has become of control, for this viewer; undefined when nothing has, or where nobody takes turns. */
export function toSaid(before: PeopleEvent | undefined, now: PeopleEvent): Said | undefined {
  if (now.policy !== 'one' || before?.policy !== 'one') return undefined;
  const [me, was] = [you(now), you(before)];
  if (me?.hasControl && !was?.hasControl) return { text: WORDS.gained, isNews: true };
  const wish =
    me?.hasControl && now.people.find(({ id, isAsking }) => isAsking && !before.people.some((one) => one.id === id && one.isAsking));
  if (wish) return { text: WORDS.wished(toName(wish)), isNews: true };
  const other = holder(now);
  if (was?.hasControl && !me?.hasControl && other) return { text: WORDS.lost(toName(other)), isNews: true };
  if (was?.isAsking && !me?.isAsking && !me?.hasControl) return { text: WORDS.refused, isNews: true };
  if (me?.isAsking && !was?.isAsking) return { text: WORDS.asked, isNews: false };
  return undefined;
}
