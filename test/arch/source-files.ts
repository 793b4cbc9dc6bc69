/** The project's own source files, by their path from the root. */

import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

export interface SourceFile {
  readonly file: string
  readonly source: string
}

/** All `.ts` and `.tsx` files below a folder of the project, sorted. */
export function sourceFiles(folder: string): SourceFile[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path))
    .map((path) => `${folder}/${path}`)
    .toSorted()
    .map((file) => ({ file, source: readFileSync(join(ROOT, file), 'utf8') }))
}
