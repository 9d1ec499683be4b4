import { availableParallelism, cpus, loadavg } from 'node:os'

/** What the figures were measured on. */
export function machine(): string {
  const processor = cpus()[0]?.model.trim() ?? 'unknown processor'
  return `${processor}, ${availableParallelism()} cores, load average ${loadavg()[1]!.toFixed(1)}; Node ${process.versions.node}`
}
