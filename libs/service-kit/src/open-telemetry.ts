import type { RequestListener } from 'node:http'
import { envDetector } from '@opentelemetry/resources'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto'
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import { AggregationTemporality, InstrumentType, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { NodeSDK } from '@opentelemetry/sdk-node'

export interface Telemetry {
  /** Answers with every metric as it stands, in the text format of Prometheus. */
  readonly answerMetrics: RequestListener
  /** Spans go somewhere. */
  readonly traces: boolean
  /** Sends what has not been sent yet. */
  close(): Promise<void>
}

/**
 * OpenTelemetry by its own variables: where OTEL_EXPORTER_OTLP_ENDPOINT (or that of a signal) is set, metrics and traces are
 * sent there; where not, none is sent. Prometheus is served in any case.
 */
export function openTelemetry(serviceName: string, env: NodeJS.ProcessEnv): Telemetry {
  const [metrics, traces] = [isSent('METRICS', env), isSent('TRACES', env)]
  // Unless said, the SDK would send to a collector on this machine that nobody has.
  if (!traces) env['OTEL_TRACES_EXPORTER'] = 'none'
  env['OTEL_LOGS_EXPORTER'] ??= 'none'
  const prometheus = new ForgettingPrometheus({ preventServerStart: true, withoutScopeInfo: true })
  const periodic = (): PeriodicExportingMetricReader =>
    new PeriodicExportingMetricReader({ exporter: new ForgettingOtlp() })
  const sdk = new NodeSDK({
    serviceName: env['OTEL_SERVICE_NAME'] ?? serviceName,
    metricReaders: [prometheus, ...(metrics ? [periodic()] : [])],
    instrumentations: [],
    // The others tell everybody the command line and who runs it.
    resourceDetectors: [envDetector],
  })
  sdk.start()
  // What one reader collects the SDK keeps for the other until that one collects, too; and perhaps nobody scrapes.
  const unread = metrics ? setInterval(() => void prometheus.collect(), unreadMs).unref() : undefined
  return {
    answerMetrics: (request, response) => prometheus.getMetricsRequestHandler(request, response),
    traces,
    close: () => {
      clearInterval(unread)
      return sdk.shutdown()
    },
  }
}

const unreadMs = 300_000

/**
 * A cumulative reader goes on reporting what a gauge no longer observes: alarms that are over, partitions that another instance has
 * (opentelemetry-js issue 4096). One of deltas forgets, and a gauge is the same in both. With two readers, what has ended since one of
 * them read is told by it once more.
 */
const forgetting = (type: InstrumentType, usual: AggregationTemporality): AggregationTemporality =>
  type === InstrumentType.OBSERVABLE_GAUGE ? AggregationTemporality.DELTA : usual

class ForgettingPrometheus extends PrometheusExporter {
  override selectAggregationTemporality(type: InstrumentType): AggregationTemporality {
    return forgetting(type, super.selectAggregationTemporality(type))
  }
}

class ForgettingOtlp extends OTLPMetricExporter {
  override selectAggregationTemporality(type: InstrumentType): AggregationTemporality {
    return forgetting(type, super.selectAggregationTemporality(type))
  }
}

function isSent(signal: 'METRICS' | 'TRACES', env: NodeJS.ProcessEnv): boolean {
  const endpoint = env[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`] ?? env['OTEL_EXPORTER_OTLP_ENDPOINT']
  return env['OTEL_SDK_DISABLED'] !== 'true' && env[`OTEL_${signal}_EXPORTER`] !== 'none' && Boolean(endpoint)
}
