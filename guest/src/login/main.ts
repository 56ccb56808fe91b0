import { Login } from './login.ts';
import { toLine, toMessages, type ToLogin } from './protocol.ts';

/* Runs as the desktop's user, with the desktop's environment; orders come by stdin, news go by stdout. It ends with the auth agent. */

const login = new Login({
  home: process.env['HOME']!,
  folder: `${process.env['XDG_RUNTIME_DIR']!}/oriel-login`,
  env: process.env,
  tell: (news) => void process.stdout.write(toLine(news)),
});
let turn = Promise.resolve();
const handle = toMessages<ToLogin>((order) => {
  turn = turn.then(() => login.handle(order)).catch((error: Error) => void process.stderr.write(`login: ${error.message}\n`));
});
process.stdin.setEncoding('utf8').on('data', (text) => handle(String(text)));
process.stdin.on('end', end);
process.stdout.on('error', end);
process.once('SIGTERM', end);

function end(): void {
  login.stop();
  process.exit(0);
}
