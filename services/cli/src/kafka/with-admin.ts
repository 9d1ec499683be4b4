import type { Admin, Kafka } from 'kafkajs'

/** An administrator's connection for the length of an action. */
export async function withAdmin<T>(kafka: Kafka, action: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafka.admin()
  try {
    await admin.connect()
    return await action(admin)
  } finally {
    await admin.disconnect()
  }
}
