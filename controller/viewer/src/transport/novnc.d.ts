declare module '@novnc/novnc' {
  /** The part of noVNC's RFB that the viewer uses: https://github.com/novnc/noVNC/blob/v1.7.0/docs/API.md */
  export default class RFB extends EventTarget {
    constructor(target: Element, url: string, options?: { shared?: boolean; wsProtocols?: string[] });
    scaleViewport: boolean;
    showDotCursor: boolean;
    background: string;
    disconnect(): void;
    focus(options?: FocusOptions): void;
  }
}
