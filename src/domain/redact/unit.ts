/** Both alphabets of base64 are one here; what lies beyond Latin-1 may share a unit. */
export function unit(code: number): number {
  if (code === 45) return 43
  if (code === 95) return 47
  return (code ^ (code >> 8)) & 0xff
}
