import t from 'tap'
import { END, renewed } from './report.ts'

t.test('a new table of faults leaves the rest of the document alone', async (t) => {
  const whole = renewed('', '# Reliability')
  t.equal(whole, `# Reliability\n${END}\n`)
  const written = `${whole}\n## Overload\n`
  t.equal(renewed(written, '# Reliability\n\nnew'), `# Reliability\n\nnew\n${END}\n\n## Overload\n`)
})
