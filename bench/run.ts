/** `npm run bench -- NAME …`: runs one bench with what follows, or tells which there are. */

import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('.', import.meta.url))
const benches = readdirSync(folder)
  .filter((file) => file.endsWith('.ts') && file !== 'run.ts')
  .map((file) => file.slice(0, -'.ts'.length))

const [, , name = '', ...args] = process.argv
if (benches.includes(name)) {
  const flags = ['--disable-warning=ExperimentalWarning', `${folder}${name}.ts`, ...args]
  process.exitCode = spawnSync(process.execPath, flags, { stdio: 'inherit' }).status ?? 1
} else {
  console.error(`Which bench? ${benches.join(', ')} (npm run bench -- NAME)`)
  process.exitCode = 2
}
