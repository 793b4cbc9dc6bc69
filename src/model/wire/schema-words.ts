/** The kinds of fields that answers are made of: JSON Schema, so that validation, types and OpenAPI have one source. */

import { Type } from 'typebox'

export const text = (description: string) => Type.String({ description })
export const whole = (description: string) => Type.Integer({ description })
export const count = (description: string) => Type.Integer({ minimum: 0, description })
export const bytes = (description: string) => Type.Integer({ minimum: 0, description: `${description}, bytes` })
export const number = (description: string) => Type.Number({ description })
export const percent = (description: string) => Type.Number({ minimum: 0, maximum: 100, description })
/** RFC 3339 with offset; a row without the time gives ''. */
export const timeText = (description: string) => Type.String({ description: `${description}, RFC 3339` })
export const textOrNull = (description: string) => Type.Union([Type.String(), Type.Null()], { description })
export const numberOrNull = (description: string) => Type.Union([Type.Number(), Type.Null()], { description })
export const wholeOrNull = (description: string) => Type.Union([Type.Integer(), Type.Null()], { description })
export const timeOrNull = (description: string) =>
  Type.Union([Type.String({ format: 'date-time' }), Type.Null()], { description: `${description}, RFC 3339` })
