export type Settings = {
  /** Where the controller is, for this back end and for the page alike. */
  orielUrl: string;
  /** Scopes: start, read, control, credentials. */
  apiKey: string;
  port: number;
  /** Providers that this product offers, of those that the controller has; undefined: all that one can sign in to. */
  providers: string[] | undefined;
};

/** The environment, checked once; all that is wrong is told together. Throws. */
export function toSettings(env: NodeJS.ProcessEnv): Settings {
  const { EXAMPLE_CONTROLLER = 'http://127.0.0.1:7080', EXAMPLE_API_KEY = '', EXAMPLE_PORT = '7090', EXAMPLE_PROVIDERS } = env;
  const port = Number(EXAMPLE_PORT);
  const url = URL.parse(EXAMPLE_CONTROLLER);
  const wrong = [
    !/^https?:$/.test(url?.protocol ?? '') &&
      `EXAMPLE_CONTROLLER is where the controller is (http://127.0.0.1:7080), not ${EXAMPLE_CONTROLLER}`,
    !/^\S{20,}$/.test(EXAMPLE_API_KEY) &&
      'EXAMPLE_API_KEY is a key of the controller: just key create example --scopes start,read,control,credentials',
    !(Number.isInteger(port) && port >= 0 && port < 65_536) && `EXAMPLE_PORT is a port, not ${EXAMPLE_PORT}`,
  ].filter((words) => words !== false);
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
  return { orielUrl: url!.origin, apiKey: EXAMPLE_API_KEY, port, providers: EXAMPLE_PROVIDERS?.split(',') };
}
