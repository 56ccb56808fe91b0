/** This image cannot stream: it lacks GStreamer, or an element of it. */
export class StreamUnavailable extends Error {
  override readonly name = 'StreamUnavailable';
}

/** The machine's disk is full from the start. */
export class NoRoom extends Error {
  override readonly name = 'NoRoom';
}
