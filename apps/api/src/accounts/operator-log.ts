import type { Logger } from '#libs/platform';

/** One action of an operator: who did what to which account, and why. */
interface OperatorAction {
  readonly action: 'lift-restriction' | 'read-restriction';
  readonly operatorId: string;
  readonly accountId: string;
  readonly requestId: string;
  readonly commandId?: string;
  /**
   * The operator's own words. They contain no member's text, but may contain an e-mail address, which is not logged.
   */
  readonly reason?: string;
  /**
   * The code of a refusal, `unknown` while there is no outcome, `not handed over` when the command must be sent
   * again.
   */
  readonly outcome?: string;
}

const EMAIL_ADDRESS = /\S+@\S+/g;

/**
 * Logs an operator's action. Operators act on other people's accounts, so every action leaves a line, whatever the
 * log level; only `silent` turns it off.
 */
export function logOperatorAction(logger: Logger, action: OperatorAction): void {
  const level = logger.level === 'silent' ? 'silent' : 'info';
  const { reason } = action;
  const operator =
    reason === undefined ? action : { ...action, reason: reason.replaceAll(EMAIL_ADDRESS, '(address)') };
  logger.child({}, { level }).info({ operator }, 'operator action');
}
