/** One server-sent event. */
export interface ServerEvent {
  name: string;
  data: string;
  id: string | undefined;
}

/**
 * Takes a stream of server-sent events apart (https://html.spec.whatwg.org/multipage/server-sent-events.html), as far as ours go: the
 * browser's own EventSource cannot send the key.
 */
export class EventLines {
  #rest = '';

  /** Events that are whole by now. */
  take(text: string): ServerEvent[] {
    const blocks = (this.#rest + text).split('\n\n');
    this.#rest = blocks.pop() ?? '';
    return blocks.flatMap((block) => toEvent(block) ?? []);
  }
}

function toEvent(block: string): ServerEvent | undefined {
  const fields = new Map(block.split('\n').flatMap((line) => toField(line)));
  const data = fields.get('data');
  return data === undefined ? undefined : { name: fields.get('event') ?? 'message', data, id: fields.get('id') };
}

/** Comments, which keep a stream open, are none. */
function toField(line: string): [[string, string]] | [] {
  const colon = line.indexOf(':');
  return colon > 0 ? [[line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')]] : [];
}
