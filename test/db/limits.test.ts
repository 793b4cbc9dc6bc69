import fc from 'fast-check'
import t from 'tap'
import { fit, fits, type ColumnLimit } from '../../src/db/limits.ts'

const limit = (fields: Partial<ColumnLimit> = {}): ColumnLimit => ({
  nullable: true,
  empty: '',
  maxLength: 20,
  charset: 'utf8mb4',
  ...fields,
})

t.test('[DB-6] null stays null where it may, else it is what stands for nothing', async (t) => {
  t.equal(fit(null, undefined), null)
  t.equal(fit(null, limit()), null)
  t.equal(fit(null, limit({ nullable: false })), '')
  t.equal(fit(null, limit({ nullable: false, empty: 0, charset: '' })), 0)
})

t.test('[DB-6] what a character set has no letter for becomes a question mark', async (t) => {
  const said = 'Größe 5 € 😀'
  t.equal(fit(said, limit()), said)
  t.equal(fit(said, limit({ charset: 'utf8mb3' })), 'Größe 5 € ?')
  t.equal(fit(said, limit({ charset: 'latin1' })), 'Größe 5 ? ?')
  t.equal(fit(said, limit({ charset: 'ascii' })), 'Gr??e 5 ? ?')
})

t.test('[DB-6] whatever is said fits, and what fits is left as it is', async (t) => {
  const charsets = fc.constantFrom('utf8mb4', 'utf8mb3', 'latin1', 'ascii')
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.nat(40), charsets, (said, maxLength, charset) => {
      const column = limit({ maxLength, charset })
      const fitted = String(fit(said, column))
      return fitted.length <= maxLength && fitted.isWellFormed() && fits(fitted, column)
    }),
  )
  t.notOk(fits('half \ud83d', undefined))
  t.equal(fit('ab\u{1f600}', limit({ maxLength: 3 })), 'ab\ufffd', 'a cut through a letter leaves no half of it')
})
