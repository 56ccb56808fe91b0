import {
  RTCPeerConnection,
  RTCRtpCodecParameters,
  RTCRtpHeaderExtensionParameters,
  useNACK,
  useOPUS,
  usePLI,
  useREMB,
  useTWCC,
  useVP8,
} from 'werift';

/** Asks the browser to show each frame as it comes: three zero bytes on each packet take 16 to 25 ms off (bench/latency). */
export const PLAYOUT_DELAY_URI = 'http://www.webrtc.org/experiments/rtp-hdrext/playout-delay';

/** Numbers all packets of a connection, so that the viewer can tell when each came. */
export const TRANSPORT_WIDE_CC_URI = 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01';

export interface MediaPorts {
  portMin: number;
  portMax: number;
}

/**
 * A connection as ours are. ICE-lite: the guest can be reached at its candidates and cannot reach anybody itself, so it only answers
 * checks. It also is the one setting with which werift asks no STUN server (an empty `iceServers` still means Google's).
 */
export function createConnection({ portMin, portMax }: MediaPorts): RTCPeerConnection {
  return new RTCPeerConnection({
    iceLite: true,
    iceServers: [],
    iceUseIpv6: false,
    icePortRange: [portMin, portMax],
    bundlePolicy: 'max-bundle',
    codecs: { video: [useVP8({ rtcpFeedback: [useNACK(), usePLI(), useREMB(), useTWCC()] }), useRtx()], audio: [useOPUS()] },
    headerExtensions: {
      video: [PLAYOUT_DELAY_URI, TRANSPORT_WIDE_CC_URI].map((uri) => new RTCRtpHeaderExtensionParameters({ uri })),
      audio: [],
    },
  });
}

/** Of the codec before it. */
const useRtx = () => new RTCRtpCodecParameters({ mimeType: 'video/rtx', clockRate: 90_000 });
