/** Topics of their own: nobody else hears what goes there. */
export const HOP_TOPICS = ['bench.hop.commands', 'bench.hop.replies'] as const;
