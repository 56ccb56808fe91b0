export type Settings = {
  /** Where the controller is, for this back end and for the page alike. */
  orielUrl: string;
  /** Scopes: start, read, control, credentials. */
  apiKey: string;
  port: number;
};

/** The environment, checked once; all that is wrong is told together. Throws. */
export function toSettings(env: NodeJS.ProcessEnv): Settings {
  const { ORIEL_URL = 'http://127.0.0.1:7080', ORIEL_API_KEY = '', EXAMPLE_PORT = '7090' } = env;
  const port = Number(EXAMPLE_PORT);
  const url = URL.parse(ORIEL_URL);
  const wrong = [
    !/^https?:$/.test(url?.protocol ?? '') && `ORIEL_URL is where the controller is (http://127.0.0.1:7080), not ${ORIEL_URL}`,
    !/^\S{20,}$/.test(ORIEL_API_KEY) &&
      'ORIEL_API_KEY is a key of the controller: just key create example --scopes start,read,control,credentials',
    !(Number.isInteger(port) && port >= 0 && port < 65_536) && `EXAMPLE_PORT is a port, not ${EXAMPLE_PORT}`,
  ].filter((words) => words !== false);
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
  return { orielUrl: url!.origin, apiKey: ORIEL_API_KEY, port };
}
