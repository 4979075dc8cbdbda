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

describe('declines restrict the account', () => {
  it('R26, D7: at the very number of different decliners, not before', () => {
    given(sent(1), ignored(2)).when(decline, AT_TWO).then(declined(3));
    given(...declinedBy('dalia', 10), sent(1), ignored(2))
      .when(decline, AT_TWO)
      .then(declined(3), restricted(3));
  });

  it('D7: counting recipients, not declines', () => {
    given(...declinedBy(BILAL, 10), sent(1), ignored(2))
      .when(decline, AT_TWO)
      .then(declined(3));
  });

  it('R26: where the number was lowered since, at the next decline', () => {
    given(...declinedBy('dalia', 10), ...declinedBy('emre', 20), sent(1), ignored(2))
      .when(decline, { restrictAfterDeclines: 1 })
      .then(declined(3), restricted(3));
  });

  it('D7: once; a restricted account is not restricted again', () => {
    given(...declinedBy('dalia', 10), restricted(12), sent(1), ignored(2))
      .when(decline, AT_TWO)
      .then(declined(3));
  });

  it('D7: and again after it was lifted, by as many more', () => {
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

  it('D7: not at all where restriction is off', () => {
    given(sent(1), ignored(2)).when(decline, { restrictAfterDeclines: 0 }).then(declined(3));
  });
});
