import type { Session } from '#contract/session';

/** Server-sent events: one for each version, a comment where there is none, so that proxies keep the stream open. */
export async function* toEventStream(versions: AsyncIterable<Session | undefined>): AsyncGenerator<string> {
  for await (const session of versions) {
    yield session ? `event: session\nid: ${session.updatedAt}\ndata: ${JSON.stringify(session)}\n\n` : ': still here\n\n';
  }
}
