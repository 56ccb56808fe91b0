/** Runs what asks for a number. One that cannot be had, as of a database that is locked, must not take all the others with it. */
export async function ifPossible(ask: () => unknown): Promise<void> {
  try {
    await ask();
  } catch {
    // Its lines stay as they were, or are missing: an alert on the thing itself says more.
  }
}
