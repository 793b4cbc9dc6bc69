/**
 * Lines in the Elastic Common Schema (`LOG_FORMAT=ecs`). Where our fields go:
 *
 *   err                       error.type, error.message, error.stack_trace, error.code
 *   job_id, vm_name           labels.job_id, labels.vm_name: keywords, made for what is filtered by
 *   correlation_id            labels.correlation_id as `job_tracking.id` spells it, and trace.id
 *   trace_id, span_id         trace.id, span.id: of a request (docs/tracing.md)
 *   request_id, method        http.request.id, http.request.method
 *   http_status               http.response.status_code
 *   everything else           sightline.*: ECS asks for a name of one's own, and some of ours (url, error, code) mean
 *                             something else at its top level
 *
 * trace.id is the correlation id's 32 hex digits, the form of a W3C trace id: what Elastic groups lines by, and what a
 * tracer can take over.
 */

import { ecsFormat } from '@elastic/ecs-pino-format'
import type { LoggerOptions } from 'pino'
import { traceIdOf } from '../model/trace.ts'
import { tellError } from './errors.ts'

const LABELS = ['job_id', 'vm_name', 'correlation_id'] as const

/** pino's options; `service` is `oma` or `vma`. */
export function ecsOptions(service: string): LoggerOptions {
  const ecs = ecsFormat({ serviceName: `sightline-${service}`, apmIntegration: false })
  return {
    ...ecs,
    formatters: { ...ecs.formatters, log: (line) => ecs.formatters?.log?.(ecsFields(line)) ?? ecsFields(line) },
  }
}

function ecsFields(line: Record<string, unknown>): Record<string, unknown> {
  const { err, trace_id: traceId, span_id: spanId, ...own } = line
  const http = httpOf(own)
  const labels: Record<string, unknown> = {}
  for (const name of LABELS) {
    if (own[name] !== undefined) labels[name] = own[name]
    delete own[name]
  }
  const correlation = labels['correlation_id']
  const trace = traceId ?? (typeof correlation === 'string' ? traceIdOf(correlation) : undefined)
  return {
    ...(err === undefined ? {} : { error: errorOf(err) }),
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
    ...(typeof trace === 'string' ? { trace: { id: trace } } : {}),
    ...(spanId === undefined ? {} : { span: { id: spanId } }),
    ...(http === undefined ? {} : { http }),
    ...(Object.keys(own).length === 0 ? {} : { sightline: own }),
  }
}

/** Takes what is of a request out of the line. */
function httpOf(own: Record<string, unknown>): object | undefined {
  const { request_id: id, method, http_status: code } = own
  if (id === undefined) return undefined
  for (const name of ['request_id', 'method', 'http_status']) delete own[name]
  const request = { id, ...(method === undefined ? {} : { method }) }
  return code === undefined ? { request } : { request, response: { status_code: code } }
}

function errorOf(err: unknown): object {
  const { stack, ...told } = tellError(err)
  return { ...told, stack_trace: stack }
}
