export { checkBundles } from './check-bundles.ts'
export { ConfigError } from './config-error.ts'
export {
  connectionVariables,
  healthShape,
  kafkaShape,
  registryShape,
  toKafkaConfig,
  toRegistryConfig,
  type HealthSettings,
  type KafkaSettings,
  type RegistrySettings,
} from './connections.ts'
export { createLog, type LogLevel } from './create-log.ts'
export { describeError } from './describe-error.ts'
export { openHealth, waitingForRegistry } from './open-health.ts'
export { openTelemetry, type Telemetry } from './open-telemetry.ts'
export { readCluster, readTopics, type Cluster } from './read-cluster.ts'
export { readConfigBy, type Env } from './read-config.ts'
export { runService } from './run-service.ts'
export { readSetting } from './read-secret.ts'
export { softwareVersion } from './software-version.ts'
export { topicsShape, topicVariables, type Topics } from './topics.ts'
export { waitForRegistry } from './wait-for-registry.ts'
