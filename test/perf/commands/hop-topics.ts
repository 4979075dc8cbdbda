/** Topics that only the bench uses. */
export const HOP_TOPICS = ['bench.hop.commands', 'bench.hop.replies'] as const;
