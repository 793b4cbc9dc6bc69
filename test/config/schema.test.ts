import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { SETTINGS, SETTING_KEYS } from '../../config/schema.ts'
import { distance, nearest } from '../../config/suggest.ts'
import { configDocument } from '../../scripts/config-document.ts'
import { ROOT } from '../arch/source-files.ts'

t.test('[CFG-1] every line of the table has a default that parses, and names that nobody else has', async (t) => {
  for (const key of SETTING_KEYS) {
    const { kind, defaultText, env, flag, doc } = SETTINGS[key]
    t.ok('value' in kind.parse(defaultText), `${env} ${defaultText}`)
    t.match(env, /^[A-Z]+(_[A-Z]+)*$/)
    t.match(flag, /^--[a-z]+(-[a-z]+)*$/)
    t.ok(doc.endsWith('.'), env)
    if (kind.label === 'duration') t.match(key, /Ms$/, 'the unit stands in the key')
  }
  const names = SETTING_KEYS.flatMap((key) => [SETTINGS[key].env, SETTINGS[key].flag])
  t.equal(new Set(names).size, names.length)
})

t.test('[CFG-1] docs/config.md tells of every setting as the table has it', async (t) => {
  const committed = readFileSync(`${ROOT}docs/config.md`, 'utf8')
  t.equal(committed, configDocument(), 'run `npm run docs`')
  for (const key of SETTING_KEYS) t.ok(committed.includes(`### ${SETTINGS[key].env}`), key)
})

t.test('[CFG-1] suggestions are near misses only', async (t) => {
  t.equal(distance('kitten', 'sitting'), 3)
  t.equal(nearest('OMA_HTP_PORT', ['OMA_HTTP_HOST', 'OMA_HTTP_PORT']), 'OMA_HTTP_PORT')
  t.equal(nearest('OMA_COLOUR_OF_THE_SKY', ['OMA_HTTP_HOST', 'OMA_HTTP_PORT']), undefined)
  const word = fc.string({ maxLength: 12 })
  fc.assert(
    fc.property(word, word, (a, b) => {
      const d = distance(a, b)
      return d === distance(b, a) && (d === 0) === (a === b) && d <= Math.max(a.length, b.length)
    }),
  )
})
