/** Reads the built dashboard once: what is answered later comes from memory, so no request names a file. */

import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import type { WebFile } from './assets.ts'

/** The largest file of a build is a few hundred KB: more than this is none of ours. */
const MAX_BYTES = 8 * 1024 * 1024
/** Letters that stand in a URL as they are; hidden files and source maps are left out. */
const NAME = /^[A-Za-z0-9_-][\w.-]*$/

/** Empty where there is no folder, or no index.html in it: then there is no dashboard. */
export async function readWebFolder(folder: string): Promise<readonly WebFile[]> {
  const files: WebFile[] = []
  for (const path of await filesIn(folder)) {
    const bytes = await readFile(join(folder, path))
    if (bytes.byteLength <= MAX_BYTES) files.push({ path: `/${path.split(sep).join('/')}`, bytes })
  }
  return files.some(({ path }) => path === '/index.html') ? files : []
}

async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((cause: unknown) => {
    if (isMissing(cause)) return []
    throw new Error(`cannot read the dashboard in ${folder}`, { cause })
  })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((path) => path.split(sep).every((part) => NAME.test(part)) && !path.endsWith('.map'))
}

function isMissing(cause: unknown): boolean {
  return typeof cause === 'object' && cause !== null && 'code' in cause && cause.code === 'ENOENT'
}
