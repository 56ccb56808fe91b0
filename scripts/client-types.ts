import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import openapiTS, { astToString, type OpenAPI3 } from 'openapi-typescript';
import { SessionEvent, WebhookBody } from '#contract/event';
import { Host } from '#contract/host';
import { ProviderId, ProviderInfo, ProviderList } from '#contract/provider';
import { ViewerQuality } from '#contract/quality';
import { ApiError, HeartbeatBody, IceServers, Phase, Reason, Session, SessionStarted, StartBody } from '#contract/session';
import { CredentialsReply } from '#contract/sign-in';
import { Answer, Candidate, CandidatesBody, OfferAccepted, OfferBody } from '#contract/signal';
import { Viewer, ViewerBody, ViewerRenewed, Viewers } from '#contract/viewer';
import { FakeController } from '../controller/test/fakes/controller.ts';
import { providers } from '../guest/providers/index.ts';

export const CLIENT_TYPES = join(import.meta.dirname, '../controller/client/api.ts');

const HEAD = '/* Made by `just client-types` from what /api/openapi.json says; a test compares it. Change the routes, not this. */\n\n';

/** Schemas that have a name in the contract keep it: the description has each of them written out wherever it stands. */
const NAMED = {
  ...{ Session, SessionStarted, StartBody, Reason, Phase, HeartbeatBody, ViewerQuality },
  ...{ ProviderId, ProviderInfo, ProviderList, CredentialsReply },
  ...{ Viewer, ViewerBody, ViewerRenewed, Viewers },
  ...{ IceServers, Candidate, OfferBody, OfferAccepted, Answer, CandidatesBody },
  ...{ SessionEvent, WebhookBody, Host, ApiError },
};

/** The types of the client, from the description that the controller's present routes make of themselves. */
export async function toClientTypes(): Promise<string> {
  const nodes = await openapiTS((await describeByName()) as OpenAPI3, { alphabetize: true, silent: true });
  return `${HEAD}${astToString(nodes)}`;
}

/** The description, with the contract's schemas by their names. */
export async function describeByName(): Promise<object> {
  return withNames(withAnyProvider(await describe()));
}

async function describe(): Promise<object> {
  await using fake = new FakeController();
  const app = await fake.app();
  return (await app.inject({ url: '/api/openapi.json' })).json<object>();
}

/** Which providers there are is a host's own business. */
function withAnyProvider(description: object): object {
  const ours = JSON.stringify({ enum: providers.map(({ id }) => id) });
  return JSON.parse(JSON.stringify(description).replaceAll(ours, JSON.stringify(ProviderId))) as object;
}

/** Names in the place of what they stand for, also within each other. Throws for one that stands for nothing. */
function withNames(description: object): object {
  const names = new Map(Object.entries(NAMED).map(([name, schema]) => [toKey(schema), name]));
  const found = new Set<string>();
  const visit = (value: unknown, self?: string): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    const name = names.get(toKey(value));
    if (name !== undefined && name !== self) return (found.add(name), { $ref: `#/components/schemas/${name}` });
    if (Array.isArray(value)) return value.map((one) => visit(one));
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, visit(one)]));
  };
  const named = visit(description) as { components?: object };
  const schemas = Object.fromEntries(Object.entries(NAMED).map(([name, schema]) => [name, visit(schema, name)]));
  const lost = Object.keys(NAMED).filter((name) => !found.has(name));
  if (lost.length > 0) throw new Error(`the description has nothing that is ${lost.join(', ')}: leave the name out`);
  return { ...named, components: { ...named.components, schemas } };
}

/** The same for a schema and for what the description makes of it, which knows no constants and no patterns of names. */
function toKey(schema: unknown): string {
  return JSON.stringify(schema, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    const { const: constant, patternProperties, ...rest } = value as Record<string, unknown>;
    if (constant !== undefined) rest.enum = [constant];
    if (patternProperties) rest.additionalProperties = Object.values(patternProperties)[0];
    return Object.fromEntries(Object.entries(rest).sort(([one], [other]) => one.localeCompare(other)));
  });
}

if (import.meta.main) await writeFile(CLIENT_TYPES, await toClientTypes());
