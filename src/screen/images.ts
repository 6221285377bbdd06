import type { PreparedImage } from '../domain/images/summary.ts'

interface Listed {
  readonly name: string
  readonly ref: string
  readonly registry: 'there' | 'absent' | 'unknown' | 'local'
  readonly digest?: string
  readonly why?: string
}

const SIGNS = { there: '✔', absent: '✖', unknown: '?', local: '·' } as const

/** A row for each image, and below it what is known of it. */
export function listedRows(images: readonly Listed[]): string[] {
  if (images.length === 0) return ['forge.yaml names no images.']
  const width = Math.max(...images.map(({ name }) => name.length))
  const indent = ' '.repeat(width + 4)
  return images.flatMap((image) => [
    `${SIGNS[image.registry]} ${image.name.padEnd(width)}  ${image.ref}`,
    `${indent}${standing(image)}`,
  ])
}

function standing({ registry, digest, why }: Listed): string {
  switch (registry) {
    case 'there':
      return `in the registry: ${digest ?? 'its digest is not known'}`
    case 'absent':
      return 'not in the registry'
    case 'unknown':
      return `not known: ${why ?? 'the registry does not say'}`
    case 'local':
      return 'stays on this machine: its repository names no registry'
  }
}

/** What was made, for a script: `NAME REFERENCE`. */
export function madeRows(images: readonly PreparedImage[]): string[] {
  const width = Math.max(...images.map(({ name }) => name.length), 0)
  return images.map(({ name, ref }) => `${name.padEnd(width)}  ${ref ?? ''}`.trimEnd())
}
