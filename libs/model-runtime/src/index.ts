export type { ExactRoute, Model, ModelSource, Space } from './model.ts'
