import { createWriteStream, openAsBlob } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { AwsClient } from 'aws4fetch';
import { readSecret } from '../deploy/secrets.ts';
import type { S3Settings } from '../settings/image-store.ts';
import { StoreFailed } from './store-failed.ts';
import type { Store } from './store.ts';

const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
/** For half a gigabyte over a slow line. */
const TIMEOUT_MS = 3_600_000;

/** A bucket of whoever speaks S3. A put of an object is whole or not at all: that is S3's own promise. */
export async function toS3Store(settings: S3Settings, env: NodeJS.ProcessEnv): Promise<Store> {
  const { endpoint, bucket, prefix = '', region = 'us-east-1' } = settings;
  const [accessKeyId, secretAccessKey] = await Promise.all(
    (['accessKeyId', 'secretAccessKey'] as const).map(async (name) => (await readSecret(name, settings[name], env)).trim()),
  );
  const client = new AwsClient({ accessKeyId: accessKeyId!, secretAccessKey: secretAccessKey!, region, service: 's3', retries: 3 });

  async function ask(method: string, key: string, sha256: string, body?: Blob): Promise<Response> {
    // The hash is signed, and what comes is held against it there.
    const headers = { 'x-amz-content-sha256': sha256 };
    const url = `${endpoint}/${bucket}/${prefix}${key}`;
    const options = { method, headers, signal: AbortSignal.timeout(TIMEOUT_MS), ...(body && { body }) };
    return client.fetch(url, options).catch((cause: Error) => {
      throw new StoreFailed(`${endpoint} does not answer: ${(cause.cause as Error | undefined)?.message ?? cause.message}`, { cause });
    });
  }

  async function refuse(response: Response, what: string): Promise<never> {
    const code = /<Code>([^<]{1,80})/.exec(await response.text())?.[1] ?? '';
    throw new StoreFailed(`${endpoint} answers ${response.status} ${code} to ${what} in ${bucket}`);
  }

  return {
    async has(key) {
      const response = await ask('HEAD', key, EMPTY);
      if (response.status === 404) return false;
      return response.ok || refuse(response, `whether there is ${key}`);
    },
    async put(key, path, sha256) {
      const response = await ask('PUT', key, sha256, await openAsBlob(path));
      if (!response.ok) await refuse(response, `a new ${key}`);
      await response.arrayBuffer();
    },
    async get(key, path) {
      const response = await ask('GET', key, EMPTY);
      if (!response.ok || !response.body) return refuse(response, `the question for ${key}`);
      await pipeline(response.body, createWriteStream(path));
    },
  };
}
