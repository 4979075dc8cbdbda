/** The columns of the rows in both parts of an inbox. */
export const WAITING_COLUMNS = 'invitation_id, inviter_id, recipient_id, message, sent_at';

/**
 * The invitations in inboxes. Those that were restored are rows of the archive, because the inbox dropped its row when the
 * invitation was ignored (D20). While the projection of the inbox lags behind, it may still have that row, which then counts
 * once. Both parts have an index in the order of the list, so each is limited by itself: a member may have thousands of rows.
 * @param condition on a row
 * @param end an order and a limit, or nothing
 */
export const waitingInvitations = (condition: string, end = ''): string =>
  `(SELECT ${WAITING_COLUMNS} FROM read_models.inbox WHERE ${condition} ${end})
   UNION ALL
   (SELECT ${WAITING_COLUMNS} FROM read_models.archive restored WHERE restored AND ${condition}
     AND NOT EXISTS (SELECT FROM read_models.inbox WHERE inbox.invitation_id = restored.invitation_id) ${end})
   ${end}`;
