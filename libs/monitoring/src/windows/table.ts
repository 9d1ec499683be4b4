/** Values by key that outlive a crash: what was set or deleted while a batch was taken is kept exactly when the batch is. */
export interface Table {
  get(key: string): Buffer | undefined
  set(key: string, value: Buffer): void
  delete(key: string): void
  /** In the order of their characters. */
  keys(): string[]
}

export function readJson<T>(table: Table, key: string): T | undefined {
  const value = table.get(key)
  return value && (JSON.parse(value.toString()) as T)
}

export function writeJson(table: Table, key: string, value: unknown): void {
  table.set(key, Buffer.from(JSON.stringify(value)))
}

/** Numbers in keys sort as numbers. */
export function padded(number: number): string {
  return String(number).padStart(16, '0')
}
