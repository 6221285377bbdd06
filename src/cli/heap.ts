import { setFlagsFromString } from 'node:v8'

/**
 * From now on the young part of V8's heap stays as large as it is, 16 MB or less. While large lists are read it would grow to
 * 128: a quarter of all that forge holds then, and no processor time saved (`npm run bench:large`). Its size cannot be
 * stated once Node runs; that it grows no more can be.
 */
export function keepYoungHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
}
