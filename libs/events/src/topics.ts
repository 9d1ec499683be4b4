/** Topics by the names of the public contract. Subjects are `<topic>-value`. */
export const topicNames = {
  decisions: 'decisions.scored',
  explained: 'decisions.explained',
  quarantined: 'decisions.quarantined',
  windows: 'explanations.windows',
  drift: 'explanations.drift',
} as const

/** Compacted topics in which the drift monitor keeps what it must remember: its own, without a public schema. */
export const stateTopicNames = {
  windowsState: 'explanations.windows.state',
  driftState: 'explanations.drift.state',
} as const

export type TopicKey = keyof typeof topicNames
