import type { ClipboardPolicy } from './clipboard-policy.ts';
import type { ControlPolicy } from './control-policy.ts';
import type { ViewerRole } from './viewer-role.ts';

/*
 * Data channels, all opened by the browser (werift cannot open a partially reliable one itself). JSON text, one message each.
 *
 *   label    ordered  retransmits   browser → guest                guest → browser
 *   move     no       0             PointerMove                    –
 *   input    yes      all           InputEvent                     –
 *   control  yes      all           ControlRequest                 ControlEvent
 *
 * Coordinates are desktop pixels. A message that fits no shape is dropped and counted, never thrown.
 */

/** X keysym; Unicode beyond Latin-1 is 0x01000000 + code point, as in X.org's keysymdef.h. */
export type Keysym = number;

export type PointerMove = { t: 'move'; x: number; y: number; /** Rises by one; older moves are dropped. */ n: number };

export type InputEvent =
  /** Buttons as in X: 1 left, 2 middle, 3 right, 8 back, 9 forward. The pointer is moved there first; without a place it stays where it is. */
  | { t: 'button'; button: 1 | 2 | 3 | 8 | 9; down: boolean; x?: number; y?: number }
  /** Whole wheel clicks, down and right positive. */
  | { t: 'wheel'; dx: number; dy: number; x?: number; y?: number }
  /** The motion of a pointer that is locked, which has no place, in desktop pixels, at most NUDGE_MAX either way. */
  | { t: 'nudge'; dx: number; dy: number }
  | { t: 'key'; keysym: Keysym; down: boolean }
  /**
   * Plain text for the desktop's clipboard, at most PASTE_PIECE characters in a message and PASTE_MAX in all; `more` in all but the last. What
   * comes after it is done when the clipboard has it.
   */
  | { t: 'paste'; text: string; more: boolean }
  /** Lets go of every key and button that this viewer holds (blur, hidden page). The guest does it by itself when a channel closes. */
  | { t: 'release' };

/** More than a hand can make in a frame. */
export const NUDGE_MAX = 4096;
export const PASTE_PIECE = 150;
export const PASTE_MAX = 2 ** 20;
/** Most bytes of a picture that the desktop has copied. */
export const COPIED_IMAGE_MAX = 4 * 2 ** 20;

export type ControlRequest =
  /** Answered by `pong` with the same `at` (the browser's clock, ms). */
  | { t: 'ping'; at: number }
  | { t: 'keyframe' }
  /** Whether this viewer listens, once its offer has had an audio section: it does from then on, until it says otherwise. */
  | { t: 'sound'; on: boolean }
  /** The size that this viewer would show the desktop in: its own, in device pixels. Only of one who was told that the desktop is `resizable`. */
  | { t: 'size'; width: number; height: number }
  /** What the others are to call this viewer: 1 to NAME_MAX characters. */
  | { t: 'name'; name: string }
  /** Of viewers who may use the desktop, where they do it one at a time: asks for it, or has no more need of it. */
  | { t: 'turn'; do: 'ask' | 'release' }
  /** Of the one who has it: gives it to this person, or not. */
  | { t: 'turn'; do: 'give' | 'refuse'; to: number };

export const NAME_MAX = 40;

/** Who looks at the desktop. */
export interface Person {
  id: number;
  name?: string;
  role: ViewerRole;
  isYou: boolean;
  /** The desktop takes this one's mouse and keyboard. */
  hasControl: boolean;
  isAsking: boolean;
}

export type ControlEvent =
  | { t: 'pong'; at: number }
  /**
   * Desktop size, in pixels: sent at first and whenever it changes. `resizable`: this viewer may ask for another by `size`. `nudges`: and may
   * lock its pointer, as this guest knows what a `nudge` is.
   */
  | { t: 'display'; width: number; height: number; resizable?: boolean; nudges?: boolean }
  /** Cursor shape: PNG as base64, hot spot in pixels. Sent when it changes. */
  | { t: 'cursor'; png: string; width: number; height: number; hotX: number; hotY: number }
  /**
   * What a program of the desktop has copied, in pieces: plain text, or a PNG as base64. `more` in all but the last; a piece with `first` begins
   * anew. To viewers that may use the desktop only, where the policy lets it out.
   */
  | { t: 'copied'; kind: 'text' | 'png'; data: string; first: boolean; more: boolean }
  /** Who looks at the desktop, in the order in which they came: sent at first and whenever it changes. */
  | { t: 'people'; policy: ControlPolicy; people: Person[] }
  /** Which way this viewer's clipboard may go, and whether it may listen (missing: it may not): sent at first. */
  | { t: 'policy'; clipboard: ClipboardPolicy; audio?: boolean }
  /**
   * Encoder's state once a second; `ignored` counts this viewer's messages that fitted no shape or came too late. `linkKbps` is what its
   * link is thought to carry, `queueMs` how long packets wait on the way.
   */
  | {
      t: 'stats';
      fps: number;
      kbps: number;
      encoder: string;
      dropped: number;
      ignored?: number;
      encodeMs?: number;
      linkKbps?: number;
      queueMs?: number;
    };
