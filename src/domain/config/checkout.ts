/** Another checkout than the project's own, of which a release takes its chart or its values. */
export interface Checkout {
  /** From the project's folder: `../alga-psa`. */
  readonly folder: string
  /** The whole id; absent: git could not tell. */
  readonly commit?: string
  /** What is taken from it is not as the commit has it. */
  readonly isChanged?: true
}

/** `../alga-psa at 1a2b3c4d5e6f, with changes that are not committed` */
export function checkoutText({ folder, commit, isChanged }: Checkout): string {
  if (commit === undefined) return `${folder}, at a commit that git does not tell`
  const changed = isChanged === true ? ', with changes that are not committed' : ''
  return `${folder} at ${commit.slice(0, 12)}${changed}`
}
