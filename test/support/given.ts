import { expect } from '@jest/globals';
import {
  decide,
  DEFAULT_POLICY,
  evolve,
  openAccount,
  type Command,
  type InvitationEvent,
  type Policy,
  type RefusalCode,
} from '#libs/invitation';

/** Given what happened, when somebody asks, then this happens, or it is refused with that code. */
export function given(...history: InvitationEvent[]) {
  return {
    when(command: Command, policy: Partial<Policy> = {}) {
      const account = history.reduce(evolve, openAccount());
      const decision = decide(account, command, { ...DEFAULT_POLICY, ...policy });
      return {
        then(...events: InvitationEvent[]) {
          expect(decision).toStrictEqual({ outcome: 'accepted', events });
        },
        /** Accepted, and nothing more happens: it has been carried out before. */
        thenNothing() {
          expect(decision).toStrictEqual({ outcome: 'accepted', events: [] });
        },
        refused(code: RefusalCode) {
          expect(decision).toStrictEqual({ outcome: 'refused', code });
        },
      };
    },
  };
}
