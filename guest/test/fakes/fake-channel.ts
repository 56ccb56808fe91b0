import type { RTCDataChannel } from 'werift';

/** As much of a data channel as is used. */
export class FakeChannel {
  readyState = 'open';
  sent: string[] = [];
  closed = false;
  readonly label: string;
  #onMessage = (_: unknown): void => {};
  #onState = (_: string): void => {};
  onMessage = { subscribe: (listener: (data: unknown) => void) => (this.#onMessage = listener) };
  stateChanged = { subscribe: (listener: (state: string) => void) => (this.#onState = listener) };

  constructor(label: string) {
    this.label = label;
  }

  get asChannel(): RTCDataChannel {
    return this as unknown as RTCDataChannel;
  }

  say(message: unknown): void {
    this.#onMessage(typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message));
  }

  change(state: string): void {
    this.readyState = state;
    this.#onState(state);
  }

  send(text: string): void {
    this.sent.push(text);
  }

  close(): void {
    this.closed = true;
  }
}
