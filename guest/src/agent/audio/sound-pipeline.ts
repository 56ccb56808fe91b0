/** The agent's own door to the sound server, which programs of the desktop cannot reach: see the service `sound` of the image. */
const SERVER = 'unix:/run/oriel/sound/agent/native';
/** What the desktop plays, as the server's sink has mixed it. */
const DEVICE = 'desktop.monitor';
/** Length of a packet, ms: what browsers expect, and what is lost with one. */
export const PACKET_MS = 20;
const BIT_RATE = 96_000;

/**
 * What the desktop plays, as Opus, in gst-launch's words. `dtx`: of silence a packet of a byte or two; in-band FEC: a lost packet is heard from
 * the next one. Times of pulsesrc are µs: pieces of one packet, four of which are the most that waits.
 */
export function toSoundPipeline(): string {
  return [
    `pulsesrc server=${SERVER} device=${DEVICE} client-name=oriel latency-time=${PACKET_MS * 1000} buffer-time=${PACKET_MS * 4000}`,
    'capsfilter caps=audio/x-raw,format=S16LE,rate=48000,channels=2',
    `opusenc bitrate=${BIT_RATE} frame-size=${PACKET_MS} audio-type=generic dtx=true inband-fec=true packet-loss-percentage=5`,
    'appsink name=sink sync=false max-buffers=50 drop=true emit-signals=false',
  ].join(' ! ');
}
