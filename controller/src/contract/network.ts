/**
 * The guest's side of the network: the same numbers in every clone, so that a snapshot of one can become another.
 * What differs per clone (the host's side) is a function of its slot: see controller/src/net/slot.ts.
 */
export const GUEST_NETWORK = {
  /** The guest's only address, on eth0. */
  address: '192.168.100.2',
  prefixLength: 30,
  netmask: '255.255.255.252',
  /** The router namespace; everything that a guest may reach is behind this address. */
  gateway: '192.168.100.1',
  subnet: '192.168.100.0/24',
  /** TCP at the gateway: the controller's guest endpoint (HTTP). */
  guestEndpointPort: 10000,
  /** TCP at the gateway: the egress proxy (HTTP forward proxy, CONNECT included). */
  egressProxyPort: 10001,
  /** TCP at the guest: websockify (WebSocket to the desktop's VNC). */
  websockifyPort: 6080,
  /** TCP at the guest: the auth agent (HTTP), while a sign-in runs. */
  authPort: 8080,
} as const;

/** What programs in the guest must not send through the proxy. */
export const NO_PROXY = ['localhost', '127.0.0.1', GUEST_NETWORK.subnet] as const;
