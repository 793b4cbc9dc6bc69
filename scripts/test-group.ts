/** Runs several test files in this one process, one after the other: `node scripts/test-group.ts FILE …`. */

import { pathToFileURL } from 'node:url'

for (const file of process.argv.slice(2)) await import(pathToFileURL(file).href)
