import { context, metrics, propagation, ROOT_CONTEXT, SpanKind, trace, type Link } from '@opentelemetry/api'
import type { CommittedBatch, Run } from '@raison/stream-runtime'
import type { ExplainedNews } from './explained-news.ts'

export interface Instruments {
  committed(batch: CommittedBatch): void
  explained(news: ExplainedNews): void
  /** Lag and counters of the run, read when metrics are. */
  watch(run: Run): void
}

/** Seconds: from a tenth of a millisecond, an exact explanation in a batch, to seconds. */
const explainBuckets = [1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 0.1, 0.2, 0.5, 1, 2]
const batchBuckets = [5e-3, 1e-2, 2e-2, 5e-2, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60]

/** What the explainer counts. Nothing of it holds a value of a feature, an identity or a name of a person. */
export function createInstruments(traces: boolean): Instruments {
  const meter = metrics.getMeter('raison-explainer')
  const decisions = meter.createCounter('raison.decisions', {
    description: 'Decisions done, by outcome and error code',
  })
  const degraded = meter.createCounter('raison.explanations.degraded', {
    description: 'Explanations made by sampling alone, without the surrogate',
  })
  const explaining = meter.createHistogram('raison.explain.duration', {
    unit: 's',
    description: 'Time of an explanation, the mean of those that were made together',
    advice: { explicitBucketBoundaries: explainBuckets },
  })
  const batches = meter.createHistogram('raison.batch.duration', {
    unit: 's',
    description: 'From taking a batch to its commit',
    advice: { explicitBucketBoundaries: batchBuckets },
  })
  const fits = meter.createCounter('raison.fits', { description: 'Fits of surrogates, by result' })
  const artefacts = meter.createCounter('raison.artefacts', {
    description: 'Looks for the artefact of a bundle that is opened, by where it was: memory, file or nowhere',
  })
  const tracer = traces ? trace.getTracer('raison-explainer') : undefined

  return {
    committed(batch) {
      const { topic, partition, records, quarantined, quarantinedByCode, takenAt, committedAt } = batch
      decisions.add(records.length - quarantined, { outcome: 'explained' })
      for (const [code, count] of quarantinedByCode) decisions.add(count, { outcome: 'quarantined', code })
      batches.record((committedAt - takenAt) / 1000)
      const attributes = {
        'messaging.system': 'kafka',
        'messaging.operation.type': 'process',
        'messaging.destination.name': topic,
        'messaging.destination.partition.id': String(partition),
        'messaging.batch.message_count': records.length,
        'raison.quarantined': quarantined,
      }
      const options = { startTime: takenAt, kind: SpanKind.CONSUMER, attributes }
      tracer?.startSpan(`process ${topic}`, { ...options, links: linksOf(batch) }, ROOT_CONTEXT).end(committedAt)
    },
    explained({ methods, fitted, artefact }) {
      for (const { method, count, milliseconds, withoutSurrogate } of methods) {
        for (let k = 0; k < count; k++) explaining.record(milliseconds / 1000, { method })
        if (withoutSurrogate > 0) degraded.add(withoutSurrogate, { method })
      }
      if (artefact !== undefined) artefacts.add(1, { from: artefact })
      if (fitted !== undefined) fits.add(1, { result: fitted })
    },
    watch(run) {
      const lag = meter.createObservableGauge('raison.consumer.lag', {
        description: 'Records after the last committed batch, by partition',
      })
      lag.addCallback((gauge) => {
        for (const { partition, lag: records } of run.health().partitions)
          if (records !== undefined) gauge.observe(records, { partition })
      })
      const ready = meter.createObservableGauge('raison.ready', { description: '1 when ready, else 0' })
      ready.addCallback((gauge) => gauge.observe(run.health().ready ? 1 : 0))
      for (const name of ['transactions', 'retries', 'recoveries'] as const)
        meter.createObservableCounter(`raison.${name}`).addCallback((counter) => counter.observe(run.metrics()[name]))
    },
  }
}

/** Traces of a batch that are linked at most: what a backend takes of a span. */
const mostLinks = 64

/** One link for each sampled trace that the batch's records belong to. */
function linksOf({ records }: CommittedBatch): Link[] {
  const links = new Map<string, Link>()
  for (const { headers } of records) {
    if (links.size === mostLinks) break
    const carrier = { traceparent: headers['traceparent']?.toString(), tracestate: headers['tracestate']?.toString() }
    if (carrier.traceparent === undefined) continue
    const parent = trace.getSpanContext(propagation.extract(context.active(), carrier))
    if (parent !== undefined && (parent.traceFlags & 1) === 1) links.set(parent.traceId, { context: parent })
  }
  return [...links.values()]
}
