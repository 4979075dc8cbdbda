import type { Logger } from '#libs/platform';

/** Who did what to which account, and why. */
export interface OperatorAction {
  readonly action: 'lift-restriction' | 'read-restriction';
  readonly operatorId: string;
  readonly accountId: string;
  readonly requestId: string;
  readonly commandId?: string;
  /** In the operator's own words: no member's text, but an address may be among them, which is not logged. */
  readonly reason?: string;
  /** A refusal's code, `unknown` while there is no outcome, `not handed over` when it must be tried again. */
  readonly outcome?: string;
}

const ADDRESS = /\S+@\S+/g;

/** Operators act on what is not theirs: each action leaves a line, however little else is to be logged. */
export function logOperator(logger: Logger, action: OperatorAction): void {
  const level = logger.level === 'silent' ? 'silent' : 'info';
  const { reason } = action;
  const operator =
    reason === undefined ? action : { ...action, reason: reason.replaceAll(ADDRESS, '(address)') };
  logger.child({}, { level }).info({ operator }, 'an operator acted');
}
