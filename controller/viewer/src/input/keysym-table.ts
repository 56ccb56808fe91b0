/*
 * `KeyboardEvent.key` names (https://www.w3.org/TR/uievents-key/) to X keysyms (X.org's keysymdef.h, XF86keysym.h).
 * A list has one keysym per `KeyboardEvent.location`: standard, left, right, numeric pad. Names with one keysym have it everywhere.
 */
export const NAMED_KEYSYMS: Readonly<Record<string, number | readonly [number, number, number, number]>> = {
  // Modifiers. Meta is the key with the logo: Super in X.
  Shift: [0xffe1, 0xffe1, 0xffe2, 0xffe1],
  Control: [0xffe3, 0xffe3, 0xffe4, 0xffe3],
  Alt: [0xffe9, 0xffe9, 0xffea, 0xffe9],
  AltGraph: 0xfe03,
  Meta: [0xffeb, 0xffeb, 0xffec, 0xffeb],
  OS: [0xffeb, 0xffeb, 0xffec, 0xffeb],
  Super: [0xffeb, 0xffeb, 0xffec, 0xffeb],
  Hyper: [0xffed, 0xffed, 0xffee, 0xffed],

  // Editing and moving; on the numeric pad they are keys of their own.
  Backspace: 0xff08,
  Tab: 0xff09,
  Clear: [0xff0b, 0xff0b, 0xff0b, 0xff9d],
  Enter: [0xff0d, 0xff0d, 0xff0d, 0xff8d],
  Escape: 0xff1b,
  Home: [0xff50, 0xff50, 0xff50, 0xff95],
  ArrowLeft: [0xff51, 0xff51, 0xff51, 0xff96],
  ArrowUp: [0xff52, 0xff52, 0xff52, 0xff97],
  ArrowRight: [0xff53, 0xff53, 0xff53, 0xff98],
  ArrowDown: [0xff54, 0xff54, 0xff54, 0xff99],
  PageUp: [0xff55, 0xff55, 0xff55, 0xff9a],
  PageDown: [0xff56, 0xff56, 0xff56, 0xff9b],
  End: [0xff57, 0xff57, 0xff57, 0xff9c],
  Insert: [0xff63, 0xff63, 0xff63, 0xff9e],
  Delete: [0xffff, 0xffff, 0xffff, 0xff9f],
  Copy: 0x1008ff57,
  Cut: 0x1008ff58,
  Paste: 0x1008ff6d,
  Redo: 0xff66,
  Undo: 0xff65,

  // Commands.
  Accept: 0xff0d,
  Again: 0xff66,
  Cancel: 0xff69,
  ContextMenu: 0xff67,
  Execute: 0xff62,
  Find: 0xff68,
  Help: 0xff6a,
  Pause: 0xff13,
  PrintScreen: 0xff61,
  Select: 0xff60,

  // Input methods.
  AllCandidates: 0xff3d,
  Alphanumeric: 0xff30,
  CodeInput: 0xff37,
  Convert: 0xff23,
  Eisu: 0xff30,
  HangulMode: 0xff31,
  HanjaMode: 0xff34,
  Hankaku: 0xff29,
  Hiragana: 0xff25,
  HiraganaKatakana: 0xff27,
  JunjaMode: 0xff38,
  KanaMode: 0xff2d,
  KanjiMode: 0xff21,
  Katakana: 0xff26,
  ModeChange: 0xff7e,
  NonConvert: 0xff22,
  PreviousCandidate: 0xff3e,
  Romaji: 0xff24,
  SingleCandidate: 0xff3c,
  Zenkaku: 0xff28,
  ZenkakuHankaku: 0xff2a,

  // Media and browser keys.
  AudioVolumeDown: 0x1008ff11,
  AudioVolumeMute: 0x1008ff12,
  AudioVolumeUp: 0x1008ff13,
  MediaPlayPause: 0x1008ff14,
  MediaPlay: 0x1008ff14,
  MediaPause: 0x1008ff31,
  MediaStop: 0x1008ff15,
  MediaTrackPrevious: 0x1008ff16,
  MediaTrackNext: 0x1008ff17,
  BrowserBack: 0x1008ff26,
  BrowserFavorites: 0x1008ff30,
  BrowserForward: 0x1008ff27,
  BrowserHome: 0x1008ff18,
  BrowserRefresh: 0x1008ff29,
  BrowserSearch: 0x1008ff1b,
  BrowserStop: 0x1008ff28,
  LaunchMail: 0x1008ff19,

  // What a lock key does is in `key` already ('A' and not 'a', '7' and not 'Home'): a lock that is on at both ends would do it twice.
  CapsLock: 0,
  NumLock: 0,
  ScrollLock: 0,
};

/** `F1` is 0xffbe; there are 35. */
export const F1_KEYSYM = 0xffbe;
