import type { OutcomeCode } from '#libs/contracts';

/** The HTTP status of each refusal. */
export const REFUSAL_STATUS: Readonly<Record<OutcomeCode, number>> = {
  INVALID_COMMAND: 400,
  ACCOUNT_RESTRICTED: 403,
  LIMIT_REACHED: 403,
  NOT_YOURS: 403,
  NOT_FOUND: 404,
  ALREADY_CONNECTED: 409,
  NOT_OPEN: 409,
  ALREADY_ANSWERED: 409,
  NOT_IGNORED: 409,
  TOO_SOON: 409,
  EMAIL_REQUIRED: 422,
  RECIPIENT_UNAVAILABLE: 422,
};
