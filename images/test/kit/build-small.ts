import { buildImage } from '../../src/build.ts';
import { BuildError } from '../../src/errors.ts';
import { explainFailure } from '../../src/explain.ts';
import { toProgress } from '../../src/progress.ts';
import { small, smallNeeds, toSmallPaths } from './small-image.ts';

/** Builds the small image below the folder that is named: a process of its own, so that it can be killed. */
const [dir] = process.argv.slice(2);
const paths = toSmallPaths(dir!);
await buildImage({ image: small, needs: smallNeeds, paths, variant: 'lz4', env: {}, progress: toProgress() }).catch((thrown: unknown) => {
  const error = explainFailure(thrown, paths);
  process.stderr.write(`${error instanceof BuildError ? error.message : (error as Error).stack}\n`);
  process.exitCode = 1;
});
