/** A page that holds a desktop needs of the controller: its script, its API, and the WebSocket that stands in where UDP is shut. */
export function toPolicy(orielUrl: string): string {
  return [
    "default-src 'none'",
    `script-src 'self' ${orielUrl}`,
    "style-src 'self'",
    `connect-src 'self' ${orielUrl} ${orielUrl.replace(/^http/, 'ws')}`,
    // Cursor shapes, and the pictures of that WebSocket.
    "img-src 'self' data: blob:",
    "media-src 'self' blob:",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}
