import { expect } from '@jest/globals';
import {
  decide,
  DEFAULT_POLICY,
  evolve,
  initialState,
  type Command,
  type InvitationEvent,
  type Policy,
  type RefusalCode,
} from '#libs/invitation';

/** Given events, when a command is decided, then these events happen, or the command is refused with a code. */
export function given(...history: InvitationEvent[]) {
  return {
    when(command: Command, policy: Partial<Policy> = {}) {
      const account = history.reduce(evolve, initialState());
      const decision = decide(account, command, { ...DEFAULT_POLICY, ...policy });
      return {
        then(...events: InvitationEvent[]) {
          expect(decision).toStrictEqual({ outcome: 'accepted', events });
        },
        /** Expects that the command is accepted without events, because it was processed before. */
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
