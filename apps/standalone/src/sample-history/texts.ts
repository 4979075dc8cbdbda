/** What members write. Nobody's words: an analysis must not depend on them. */
export const MESSAGES = [
  'Hello! We met at the streaming meetup; shall we connect?',
  'I enjoyed your talk on event sourcing.',
  'We worked on the same floor for two years.',
  'Your team is looking for somebody like me, I think.',
  'I have an opening that may interest you.',
  'أهلاً، سعدت بلقائك في المؤتمر.',
];
export const REPLIES = [
  'Remind me, where did we meet?',
  'What is this about?',
  'Thank you. I am not looking for a change at present.',
  'هل يمكنك أن تخبرني بالمزيد؟',
];
export const REASONS = ['talked to the member', 'declines came from one campaign', 'first offence'];
