/** Removes what the last build left: a file deleted from src/ would live on in the package. */
import { rmSync } from 'node:fs'

rmSync(new URL('../dist', import.meta.url), { recursive: true, force: true })
