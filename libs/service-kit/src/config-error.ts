type ConfigErrorCode = 'CONFIG_INVALID'

/** The configuration cannot be used; the message names the setting and how to set it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly code: ConfigErrorCode = 'CONFIG_INVALID'
}
