import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Description } from './api-doc/description.ts';
import { renderApi } from './api-doc/render.ts';
import { describeByName } from './client-types.ts';

export const API_DOC = join(import.meta.dirname, '../docs/api.md');

const HEAD = `<!-- Made by \`just api-doc\` from what /api/openapi.json says; a test compares it. Change the routes, not this. -->

# The API

What a controller answers, from its own description (\`GET /api/openapi.json\`, OpenAPI 3.1). For programs in TypeScript there is a client with these
types: \`controller/client\`.

- **Who asks** is told by \`Authorization: Bearer …\`: an API key (\`oriel key create\`), for back ends alone, or a viewer's token, for pages. A key
  sees the sessions of its owner; with \`operate\` those of all.
- **A refusal** has one shape, [ApiError](#apierror), with a stable \`code\` of [these](#codes); a newer controller may have more. 400 names each field that is
  wrong (\`fields\`); unknown fields are refused. 429 and 503 say by \`Retry-After\` when to ask again.
- **Repeating**: every \`GET\` and \`DELETE\` may be repeated; a start may with \`Idempotency-Key\`, which gives the session that it gave first. While a controller
  hands over to the next, connections are refused for a moment, or answered with 503 \`closing\`: ask again.
- **Waiting**: \`wait=25\` answers the moment there is something new; an event stream says nothing for at most 15 seconds, and goes on with
  \`Last-Event-ID\` where it has one.
- Times are ISO 8601 in UTC; \`ms\`, \`Mib\`, \`Seconds\` in a name are its unit.`;

/** docs/api.md, from the description that the controller's present routes make of themselves. */
export async function toApiDoc(): Promise<string> {
  return renderApi((await describeByName()) as Description, HEAD);
}

if (import.meta.main) await writeFile(API_DOC, await toApiDoc());
