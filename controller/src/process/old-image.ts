import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { readImageAge, toAgeDays } from '../machines/image-age.ts';

/** An image goes on working when it gets old, so somebody has to say it. */
export async function warnOfOldImage(
  { imageDir, image: name, imageMaxAgeDays }: Pick<Config, 'imageDir' | 'image' | 'imageMaxAgeDays'>,
  log: Pick<Logger, 'warn'>,
): Promise<void> {
  const image = await readImageAge(imageDir, name);
  const days = image ? toAgeDays(image) : 0;
  if (days > imageMaxAgeDays) log.warn({ image: image!.id, days }, 'the image lacks the security updates of these days');
}
