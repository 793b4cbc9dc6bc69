import type { Codec } from '../../../src/client/index.ts'

/** The stream's JSON, telling of each frame that one has come: pongs too, which the client keeps to itself. */
export function heardBy(onFrame: () => void): Codec {
  return {
    protocol: 'sightline.v1.json',
    encode: (frame) => JSON.stringify(frame),
    decode: (data) => {
      onFrame()
      return JSON.parse(String(data)) as ReturnType<Codec['decode']>
    },
  }
}
