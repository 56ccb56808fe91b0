/*
 * Runs on the desktop: a stream of silence, in which once a second there is 10 ms of a loud tone. Prints when each is handed to the player, ms of
 * the clock that the host has, too. The player wants its sound 20 ms before it is due, and gets it 20 ms earlier than that.
 */
import { spawn } from 'node:child_process';

const PIECE_MS = 10;
const LEAD_PIECES = 2;
const PIECES_PER_CLICK = 100;
const RATE = 48_000;
const FRAMES = (RATE * PIECE_MS) / 1000;

const silence = Buffer.alloc(FRAMES * 4);
const click = Buffer.alloc(FRAMES * 4);
for (let frame = 0; frame < FRAMES; frame++) {
  const level = Math.round(16_000 * Math.sin((2 * Math.PI * 1000 * frame) / RATE));
  click.writeInt16LE(level, frame * 4);
  click.writeInt16LE(level, frame * 4 + 2);
}

const words = ['--raw', '--playback', `--rate=${RATE}`, '--channels=2', '--format=s16le', '--latency-msec=20'];
const player = spawn('pacat', words, { stdio: ['pipe', 'inherit', 'inherit'] });
player.on('exit', (code) => process.exit(code ?? 1));

const start = performance.now();
let written = 0;
setInterval(() => {
  const due = (performance.now() - start) / PIECE_MS + LEAD_PIECES;
  for (; written < due; written++) {
    const isClick = written % PIECES_PER_CLICK === PIECES_PER_CLICK - 1;
    player.stdin.write(isClick ? click : silence);
    if (isClick) console.log(performance.timeOrigin + performance.now());
  }
}, 2);
