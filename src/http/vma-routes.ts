/** The VMA service's API (VMA-1 … VMA-4, VMA-10; API reference "VMA Progress API"). */

import {
  describeRegistrationFaults,
  describeUpdateFaults,
  isProgressUpdate,
  isRegistration,
  ProgressUpdateSchema,
  RegistrationSchema,
} from '../model/wire/update.ts'
import { ErrorSchema, SuccessSchema } from '../model/wire/answers.ts'
import { quoted } from '../model/wire/json-text.ts'
import { ProgressDocumentSchema } from '../model/wire/progress-document.ts'
import { VmaHealthSchema } from '../model/wire/service.ts'
import { utcSeconds } from '../model/wire/time.ts'
import type { ProgressIntake } from '../vma/ports.ts'
import { errorAnswer } from './answers.ts'
import type { BodyRule, Clock, HttpAnswer, HttpRequest, Route } from './route.ts'

const MAX_UPDATE_BYTES = 65_536
const JSON_BODY: BodyRule = { maxBytes: MAX_UPDATE_BYTES, contentTypes: ['application/json'] }

/** Of a body. */
const REFUSALS = { 400: ErrorSchema, 408: ErrorSchema, 413: ErrorSchema, 415: ErrorSchema }

export interface VmaRoutesOptions {
  readonly intake: ProgressIntake
  readonly clock: Clock
  /** token: progress is open to bearers only; the health probe stays open. */
  readonly auth: Route['auth']
}

export function vmaRoutes(options: VmaRoutesOptions): readonly Route[] {
  const { intake, clock, auth } = options
  const startedAt = clock.now()
  return [
    {
      method: 'POST',
      path: '/api/v1/progress/{jobId}/update',
      summary: 'Take a progress update',
      auth,
      body: JSON_BODY,
      schemas: { body: ProgressUpdateSchema, answers: { 200: SuccessSchema, ...REFUSALS, 404: ErrorSchema } },
      handler: (request) => update(intake, request, clock.now()),
      refused: (status) => {
        if (status === 413) intake.refused('too_large')
        else if (status !== 401) intake.refused('invalid')
      },
    },
    {
      method: 'PUT',
      path: '/api/v1/progress/{jobId}',
      summary: 'Register a job',
      auth,
      body: JSON_BODY,
      schemas: { body: RegistrationSchema, answers: { 200: SuccessSchema, ...REFUSALS } },
      handler: (request) => register(intake, request, clock.now()),
    },
    {
      method: 'GET',
      path: '/api/v1/progress/{jobId}',
      summary: 'Progress of one job',
      auth,
      schemas: { answers: { 200: ProgressDocumentSchema, 404: ErrorSchema } },
      handler: (request) => read(intake, request, clock.now()),
    },
    {
      method: 'GET',
      path: '/api/v1/health',
      summary: 'Health probe',
      auth: 'none',
      schemas: { answers: { 200: VmaHealthSchema } },
      handler: () => health(intake, startedAt, clock.now()),
    },
  ]
}

function update(intake: ProgressIntake, request: HttpRequest, now: number): HttpAnswer {
  const jobId = request.param('jobId')
  const document = parse(request.body)
  if (!isProgressUpdate(document)) {
    intake.refused('invalid')
    return invalidData(document === NOT_JSON ? 'body must be JSON' : describeUpdateFaults(document), jobId, now)
  }
  switch (intake.update(jobId, document, now)) {
    case 'not_registered':
      return unknownJob(jobId, now)
    case 'too_many_disks':
      return invalidData('disk_id must not name more disks than a VM can have (256)', jobId, now)
    default:
      return success('Progress updated successfully', jobId)
  }
}

function register(intake: ProgressIntake, request: HttpRequest, now: number): HttpAnswer {
  const jobId = request.param('jobId')
  const document = request.body === '' ? {} : parse(request.body)
  if (document === NOT_JSON) return invalidRegistration('body must be JSON', jobId, now)
  if (!isRegistration(document)) return invalidRegistration(describeRegistrationFaults(document), jobId, now)
  intake.register(jobId, document, now)
  return success('Job registered successfully', jobId)
}

function read(intake: ProgressIntake, request: HttpRequest, now: number): HttpAnswer {
  const jobId = request.param('jobId')
  const document = intake.read(jobId, now)
  return document === undefined ? unknownJob(jobId, now) : { status: 200, body: document }
}

function health(intake: ProgressIntake, startedAt: number, now: number): HttpAnswer {
  const uptime = Math.max(0, Math.floor((now - startedAt) / 1_000))
  const body = { status: 'healthy', service: 'vma', jobs: intake.jobs, uptime_seconds: uptime, time: utcSeconds(now) }
  return { status: 200, body }
}

/** Stands for a body that is no JSON: no JSON value is it. */
const NOT_JSON = Symbol('not JSON')

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return NOT_JSON
  }
}

function success(message: string, jobId: string): HttpAnswer {
  return { status: 200, body: `{"status":"success","message":"${message}","job_id":${quoted(jobId)}}` }
}

function invalidData(details: string, jobId: string, now: number): HttpAnswer {
  return errorAnswer(400, 'invalid progress data', now, { details, job_id: jobId })
}

function invalidRegistration(details: string, jobId: string, now: number): HttpAnswer {
  return errorAnswer(400, 'invalid registration', now, { details, job_id: jobId })
}

function unknownJob(jobId: string, now: number): HttpAnswer {
  return errorAnswer(404, 'job not found', now, { job_id: jobId })
}
