import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import type { z } from 'zod'
import { ConfigError } from './config-error.ts'

export interface ConfigRules<T> {
  readonly shape: z.ZodType<T>
  /** Where the environment says it: variable → path in the file. */
  readonly variables: Readonly<Record<string, string>>
  /** Paths whose values are numbers, and such whose values are lists with commas between them. */
  readonly numbers: readonly string[]
  readonly lists: readonly string[]
}

export type Env = Readonly<Record<string, string | undefined>>

/** The configuration of RAISON_CONFIG (YAML or JSON, optional), with what the environment says on top of it. Throws ConfigError. */
export function readConfigBy<T>(rules: ConfigRules<T>, env: Env): T {
  const written = !env['RAISON_CONFIG'] ? {} : readYaml(env['RAISON_CONFIG'])
  const result = rules.shape.safeParse(withEnvironment(written, rules, env))
  if (result.success) return result.data
  const problems = result.error.issues.map(({ path, message }) => toProblem(path.join('.'), message, rules))
  throw new ConfigError(problems.join('\n'))
}

function withEnvironment(written: object, rules: ConfigRules<unknown>, env: Env): object {
  const config = structuredClone(written)
  for (const [variable, path] of Object.entries(rules.variables)) {
    const value = env[variable]
    if (value !== undefined && value !== '') setAt(config, path.split('.'), typed(path, value, rules))
  }
  return config
}

function typed(path: string, value: string, { numbers, lists }: ConfigRules<unknown>): unknown {
  if (lists.includes(path)) return value.split(',').map((one) => one.trim())
  return numbers.includes(path) ? Number(value) : value
}

function setAt(target: object, [first, ...rest]: string[], value: unknown): void {
  const node = target as Record<string, unknown>
  if (rest.length === 0) node[first!] = value
  else {
    if (typeof node[first!] !== 'object' || node[first!] === null) node[first!] = {}
    setAt(node[first!] as object, rest, value)
  }
}

function readYaml(path: string): object {
  try {
    const content: unknown = parse(readFileSync(path, 'utf8'))
    if (typeof content === 'object' && content !== null && !Array.isArray(content)) return content
  } catch (cause) {
    throw new ConfigError(`RAISON_CONFIG: ${path} cannot be read: ${(cause as Error).message}`, { cause })
  }
  throw new ConfigError(`RAISON_CONFIG: ${path} is not a mapping of settings`)
}

function toProblem(path: string, message: string, { variables }: ConfigRules<unknown>): string {
  // An item of a list is set with its list.
  const setting = path.replace(/(\.\d+)+$/, '')
  const variable = Object.keys(variables).find((name) => variables[name] === setting)
  return `${path === '' ? 'configuration' : path}: ${message}${variable === undefined ? '' : ` (set ${variable}, or ${setting} in the file of RAISON_CONFIG)`}`
}
