/** Where the viewer of a started session is, its token in the fragment. Throws when it is not a web page. */
export function toViewerAddress({ url, token }: { url: string; token: string }, base: string): string {
  const address = new URL(url, base);
  if (!/^https?:$/.test(address.protocol)) throw new Error(`The viewer's address is no web page: ${address.protocol}`);
  if (!address.hash) address.hash = new URLSearchParams({ token }).toString();
  return address.href;
}
