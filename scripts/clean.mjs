/**
 * Removes what the last build left of src/ and config/: a file deleted there would live on in the package. The dashboard stays:
 * its own build empties its folder, and a service that starts meanwhile finds it.
 */
import { rmSync } from 'node:fs'

for (const part of ['src', 'config'])
  rmSync(new URL(`../dist/${part}`, import.meta.url), { recursive: true, force: true })
