import { pino } from 'pino';

/** What the doctor asks says what it has to say in findings. */
export const SILENT = pino({ level: 'silent' });
