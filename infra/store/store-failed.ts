/** A store that did not do what it was asked. */
export class StoreFailed extends Error {
  override readonly name = 'StoreFailed';
}
