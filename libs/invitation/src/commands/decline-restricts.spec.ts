import { describe, it } from '@jest/globals';
import { given } from '../../../../test/support/given.js';
import {
  act,
  BILAL,
  declined,
  declinedBy,
  ignored,
  lifted,
  restricted,
  sent,
} from '../../../../test/support/story.js';

const decline = act('DeclineInvitation', 3);
const AT_TWO = { restrictAfterDeclines: 2 };

describe('declineInvitation with a restriction policy', () => {
  it('restricts at the configured number of different decliners, and not before (R26, D7)', () => {
    given(sent(1), ignored(2)).when(decline, AT_TWO).then(declined(3));
    given(...declinedBy('dalia', 10), sent(1), ignored(2))
      .when(decline, AT_TWO)
      .then(declined(3), restricted(3));
  });

  it('counts recipients, not declines (D7)', () => {
    given(...declinedBy(BILAL, 10), sent(1), ignored(2))
      .when(decline, AT_TWO)
      .then(declined(3));
  });

  it('restricts at the next decline after the number was lowered (R26)', () => {
    given(...declinedBy('dalia', 10), ...declinedBy('emre', 20), sent(1), ignored(2))
      .when(decline, { restrictAfterDeclines: 1 })
      .then(declined(3), restricted(3));
  });

  it('does not restrict an account that is restricted already (D7)', () => {
    given(...declinedBy('dalia', 10), restricted(12), sent(1), ignored(2))
      .when(decline, AT_TWO)
      .then(declined(3));
  });

  it('restricts again after a lift and the same number of further decliners (D7)', () => {
    given(
      ...declinedBy('dalia', 10),
      restricted(12),
      lifted(13),
      ...declinedBy('emre', 20),
      sent(1),
      ignored(2),
    )
      .when(decline, AT_TWO)
      .then(declined(3), restricted(3));
  });

  it('never restricts where restriction is off (D7)', () => {
    given(sent(1), ignored(2)).when(decline, { restrictAfterDeclines: 0 }).then(declined(3));
  });
});
