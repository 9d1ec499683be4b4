/** Topics by the names of the public contract. Subjects are `<topic>-value`. */
export const topicNames = {
  decisions: 'decisions.scored',
  explained: 'decisions.explained',
  quarantined: 'decisions.quarantined',
  importance: 'explanations.importance',
  drift: 'explanations.drift',
} as const

export type TopicKey = keyof typeof topicNames
