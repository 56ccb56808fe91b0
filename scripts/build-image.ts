import { buildImage } from './image/build.ts';

/*
 * The image and the guest kernel; `--no-kernel` leaves the kernel out, which the container driver does not need, `--frozen` fails in CI, too,
 * when a locked package is gone.
 */
process.exitCode = (await buildImage(process.argv.slice(2), process.env)).exitCode;
