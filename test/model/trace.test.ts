import fc from 'fast-check'
import t from 'tap'
import { correlationId } from '../../src/actors/correlation.ts'
import { parseTraceparent, safeRequestId, safeTracestate, traceIdOf, traceparent } from '../../src/model/trace.ts'

const hex = (digits: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: digits, maxLength: digits })
const notZero = (digits: number): fc.Arbitrary<string> => hex(digits).filter((text) => /[^0]/.test(text))
const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)
const PARENT = fc.record({ traceId: notZero(32), spanId: notZero(16), flags: hex(2) })

t.test('[TRACE-1] what is a traceparent is read back as it was written', async () => {
  fc.assert(fc.property(PARENT, (parent) => isSame(parseTraceparent(traceparent(parent)), parent)))
})

t.test('[TRACE-1] a later version is read as far as it is known; version ff is none', async (t) => {
  const laterVersion = hex(2).filter((version) => version !== '00' && version !== 'ff')
  const tail = fc.constantFrom('', '-', '-what-is-new', '-x=1')
  fc.assert(
    fc.property(PARENT, laterVersion, tail, (parent, version, more) =>
      isSame(parseTraceparent(`${version}${traceparent(parent).slice(2)}${more}`), parent),
    ),
  )
  const good = `-${'1'.repeat(32)}-${'2'.repeat(16)}-01`
  t.equal(parseTraceparent(`ff${good}`), undefined)
  t.equal(parseTraceparent(`00${good}-more`), undefined, '00 has no more fields')
  t.equal(parseTraceparent(`01${good}more`), undefined, 'more begins with a dash')
  t.equal(parseTraceparent(`01${good}-${'x'.repeat(300)}`), undefined, 'bounded')
})

t.test('[TRACE-1] anything else is ignored, one wrong character is enough', async (t) => {
  fc.assert(fc.property(fc.string({ maxLength: 80 }), (text) => parseTraceparent(text) === undefined))
  const wrong = fc.record({
    parent: PARENT,
    at: fc.nat(54),
    by: fc.constantFrom('g', 'A', 'F', ' ', '\n', '\r', '_', '\u00e9', '\u0000'),
  })
  fc.assert(
    fc.property(wrong, ({ parent, at, by }) => {
      const text = traceparent(parent)
      return parseTraceparent(text.slice(0, at) + by + text.slice(at + 1)) === undefined
    }),
  )
  t.equal(parseTraceparent(`00-${'0'.repeat(32)}-${'2'.repeat(16)}-01`), undefined, 'a trace of zeros')
  t.equal(parseTraceparent(`00-${'1'.repeat(32)}-${'0'.repeat(16)}-01`), undefined, 'a span of zeros')
})

t.test('[TRACE-1] tracestate goes on as it came, or not at all; never longer, never a header of its own', async (t) => {
  t.equal(safeTracestate('rojo=00f067aa0ba902b7,congo=t61rcWkgMzE'), 'rojo=00f067aa0ba902b7,congo=t61rcWkgMzE')
  t.equal(safeTracestate(' fw529a3039@dt=FfAAAA , es=s:1 '), 'fw529a3039@dt=FfAAAA,es=s:1')
  const bad = ['', ',', 'noequals', 'UPPER=1', 'a=b\r\nx: y', `a=${'x'.repeat(513)}`, 'a=', 'a=b=c']
  for (const text of bad) t.equal(safeTracestate(text), '', JSON.stringify(text))
  t.equal(safeTracestate(Array.from({ length: 33 }, (_, i) => `k${i}=1`).join(',')), '', '33 members')
  fc.assert(
    fc.property(fc.string({ maxLength: 600, unit: 'binary' }), (text) =>
      /^[\x20-\x7e]{0,512}$/.test(safeTracestate(text)),
    ),
  )
})

t.test('[TRACE-1] a request id goes into header and log as it is, or not at all', async (t) => {
  for (const text of ['7f3a', 'req-1:2/3', '0190b5c2-4d7e-7c3a-9d57-6a0c2f6f1b10', 'a.b@c+d=e~f_g'])
    t.equal(safeRequestId(text), text)
  for (const text of ['', ' ', 'a b', 'x'.repeat(129), 'a\r\nSet-Cookie: b', '<script>', 'é', '"', '\\', '{}'])
    t.equal(safeRequestId(text), '', JSON.stringify(text))
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => /^[\w.:@+/=~-]{0,128}$/.test(safeRequestId(text))))
})

t.test('[TRACE-2] the trace of every job is one that a tracer takes', async () => {
  fc.assert(
    fc.property(fc.string(), (jobId) => {
      const traceId = traceIdOf(correlationId(jobId))
      return parseTraceparent(`00-${traceId}-00f067aa0ba902b7-00`)?.traceId === traceId
    }),
  )
})
