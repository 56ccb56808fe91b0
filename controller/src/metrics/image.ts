import { Gauge, type Registry } from 'prom-client';
import type { ImageAge } from '../machines/image-age.ts';

export type ImageSource = () => Promise<ImageAge | undefined>;

/** Both say the same: the age for an alert, the date for a person. An image that is replaced takes its lines with it. */
export function measureImage(registers: Registry[], readImage: ImageSource): void {
  const gauges: Record<string, [help: string, toValue: (epoch: number) => number]> = {
    oriel_image_age_seconds: ['Time since the security updates that the image has', (epoch) => Date.now() / 1000 - epoch],
    oriel_image_security_epoch_seconds: ['Date of the security updates that the image has, since 1970', (epoch) => epoch],
  };
  for (const [name, [help, toValue]] of Object.entries(gauges)) {
    new Gauge({
      name,
      help,
      labelNames: ['image'],
      registers,
      async collect() {
        const image = await readImage();
        this.reset();
        if (image) this.set({ image: image.id.slice(0, 12) }, toValue(image.epoch));
      },
    });
  }
}
