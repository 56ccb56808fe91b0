/**
 * Version of the words that controller, guest agent and viewer exchange. A guest tells its own in `hello`;
 * a controller serves guests of this version and the one before. Raise it when a message changes its meaning.
 */
export const PROTOCOL_VERSION = 1;
