import fc from 'fast-check'
import t from 'tap'
import { ASCII, renderBar, UNICODE } from '../../src/cli/bar.ts'
import { cutTo, displayWidth, fit, printable, wrapSegments } from '../../src/cli/text.ts'

t.test('width counts columns, not characters', async (t) => {
  const cases: readonly (readonly [string, number])[] = [
    ['pgtest1', 7],
    ['büro-01', 7],
    ['bu\u0308ro', 4],
    ['会計サーバー', 12],
    ['서울-db', 7],
    ['ﾊﾝｶｸ', 4],
    ['🚀vm', 4],
    ['👩‍💻', 2],
    ['', 0],
  ]
  for (const [text, width] of cases) t.equal(displayWidth(text), width, text)
})

t.test('a name cannot move the cursor, colour the table or turn it around', async (t) => {
  t.equal(printable('a\x1b[2Jb\nc\u202ed\u0007'), 'a?[2Jb?c?d?')
})

t.test('fit gives exactly the width asked for, whatever the text', async () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 40 }), (text, width) => {
      return displayWidth(fit(text, width)) === width && displayWidth(fit(text, width, 'right')) === width
    }),
  )
})

t.test('cutting keeps whole characters and says that it cut', async (t) => {
  t.equal(cutTo('pgtest1', 7), 'pgtest1')
  t.equal(cutTo('pgtest12', 7), 'pgtest…')
  t.equal(cutTo('会計サーバー', 6), '会計…', 'no half of a wide character: five columns')
  t.equal(cutTo('pgtest12', 0), '')
})

t.test('segments are wrapped between one another; one that is too long is cut', async (t) => {
  t.same(wrapSegments(['24 active', '12 done', '1 failed'], ' · ', 40), ['24 active · 12 done · 1 failed'])
  t.same(wrapSegments(['24 active', '12 done', '1 failed'], ' · ', 20), ['24 active · 12 done', '1 failed'])
  t.same(wrapSegments(['24 active'], ' · ', 5), ['24 a…'])
  t.same(wrapSegments([], ' · ', 5), [])
})

t.test('bars', async (t) => {
  t.equal(renderBar(0, 4, UNICODE), '····')
  t.equal(renderBar(50, 4, UNICODE), '██··')
  t.equal(renderBar(60, 4, UNICODE), '██▍·')
  t.equal(renderBar(100, 4, UNICODE), '████')
  t.equal(renderBar(60, 4, ASCII), '##..')
  t.equal(renderBar(Number.NaN, 4, ASCII), '....')
})

t.test('a bar has its width, never shrinks as percent grows, and is full only at 100', async () => {
  const percent = fc.double({ min: -10, max: 110, noNaN: true })
  fc.assert(
    fc.property(
      percent,
      percent,
      fc.integer({ min: 1, max: 60 }),
      fc.constantFrom(UNICODE, ASCII),
      (a, b, width, glyphs) => {
        const bar = renderBar(a, width, glyphs)
        const drawn = (text: string): number =>
          [...text].reduce((sum, c) => sum + (c === glyphs.full ? 8 : glyphs.partial.indexOf(c) + 1), 0)
        const grows = a > b || drawn(bar) <= drawn(renderBar(b, width, glyphs))
        return displayWidth(bar) === width && grows && (a >= 100 || bar !== glyphs.full.repeat(width))
      },
    ),
  )
})
