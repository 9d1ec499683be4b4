// Numerics must not know the events: this import is the mistake that lint has to refuse.
import type {} from '@raison/events'
export {}
