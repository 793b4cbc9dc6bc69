import type { HttpResponse } from 'uWebSockets.js'
import type { HttpRequest } from '../route.ts'

/** A response that comes later than its request: its body is on the way, or its handler is at work. */
export class Pending {
  isOver = false
  /** When its body has to be whole; Infinity once it is. */
  deadline = Infinity
  readonly request: HttpRequest
  readonly res: HttpResponse

  constructor(request: HttpRequest, res: HttpResponse) {
    this.request = request
    this.res = res
  }
}
