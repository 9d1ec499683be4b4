import { readFileSync } from 'node:fs'
import type { Decode, DriftSignal } from '@raison/events'
import { StreamError, type RawRecord } from '@raison/stream-runtime'
import type { Logger } from 'pino'
import type { WebhookSettings } from './config.ts'
import { decodeOrRefuse } from './window-stage.ts'

const answerWithinMs = 10_000
/** Of the answers from 400 on, those after which the same call may succeed. */
const mayLaterSucceed = (status: number): boolean => status === 408 || status === 429 || status >= 500

/**
 * Posts a signal as JSON. Throws PROCESSOR_RETRY where the same call may succeed later; an answer that refuses the call for good
 * is said in the log, and the next signal comes.
 */
export async function callWebhook(
  { value }: RawRecord,
  { url, authorizationFile }: WebhookSettings,
  decode: Decode<DriftSignal>,
  log: Logger,
): Promise<void> {
  const signal = await decodeOrRefuse(decode, value)
  if ('code' in signal)
    return log.warn({ code: signal.code }, 'a drift signal cannot be decoded, the webhook is not called')
  // Read for every call: it may be exchanged while the service runs.
  const authorization = authorizationFile && readAuthorization(authorizationFile, log)
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(authorization && { authorization }) },
    body: JSON.stringify(signal),
    // Whoever is sent the signals is named in the settings: another place is an answer that refuses.
    redirect: 'manual',
    signal: AbortSignal.timeout(answerWithinMs),
  }).catch((cause: Error) => {
    log.warn({ alarmId: signal.alarmId, reason: reasonOf(cause) }, 'the webhook cannot be reached')
    throw new StreamError('PROCESSOR_RETRY', 'the webhook cannot be reached', { cause })
  })
  await response.body?.cancel().catch(() => undefined)
  const about = { alarmId: signal.alarmId, state: signal.state, status: response.status }
  if (mayLaterSucceed(response.status)) {
    log.warn(about, 'the webhook does not take the call')
    throw new StreamError('PROCESSOR_RETRY', `the webhook answers ${response.status}`)
  }
  if (response.ok) log.info(about, 'webhook called')
  else log.error(about, 'the webhook refuses the call, which is not made again')
}

/** What has failed beneath, which fetch itself calls a TypeError. Messages may quote what was sent. */
function reasonOf({ name, cause }: Error): string {
  if (!(cause instanceof Error)) return name
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.name
}

function readAuthorization(file: string, log: Logger): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (cause) {
    const reason = `webhook.authorizationFile: ${(cause as Error).message}`
    log.warn({ reason }, 'the webhook is not called')
    throw new StreamError('PROCESSOR_RETRY', reason, { cause })
  }
}
