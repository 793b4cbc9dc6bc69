import t from 'tap'
import { withoutSecrets } from '../../src/model/secrets.ts'

t.test('[SEC-2] passwords in URLs and bearer tokens are taken out of a text, and nothing else', async (t) => {
  const cases: readonly (readonly [string, string])[] = [
    ['no answer from mysql://root:p@ss@db:3306/x', 'no answer from mysql://***@db:3306/x'],
    ['GET http://user:pw@vma/a and https://t0ken@vma/b', 'GET http://***@vma/a and https://***@vma/b'],
    ['Authorization: Bearer abc.DEF-1~2+3/4==', 'Authorization: Bearer ***'],
    ['offered sightline.bearer.abc_1', 'offered sightline.bearer ***'],
    ['http://vma:8081/api/v1 mail a@b, 10 % of it', 'http://vma:8081/api/v1 mail a@b, 10 % of it'],
  ]
  for (const [text, told] of cases) t.equal(withoutSecrets(text), told)
})
