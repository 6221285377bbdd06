/** The bytes that a text says in base64, or undefined where it is none. */
export function bytesOfBase64(text: string): Uint8Array | undefined {
  const binary = binaryOf(text)
  return binary === undefined ? undefined : Uint8Array.from(binary, (character) => character.charCodeAt(0))
}

function binaryOf(text: string): string | undefined {
  try {
    return atob(text)
  } catch {
    return undefined
  }
}
