import t from 'tap'
import { originList } from '../../config/origins.ts'

t.test('[CFG-1] origins are scheme, host and port, or any', async (t) => {
  t.same(originList.parse(''), { value: [] })
  t.same(originList.parse('https://GUI.example:8443, http://localhost:5173,*,http://localhost:5173'), {
    value: ['https://gui.example:8443', 'http://localhost:5173', '*'],
  })
  for (const text of ['gui.example', 'https://gui.example/', 'https://gui.example/path', 'ftp://gui.example', 'null']) {
    t.match(originList.parse(text), { problem: /is not an origin/ }, text)
  }
})
