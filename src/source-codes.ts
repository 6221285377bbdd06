/** The codes of what can be wrong with where a value comes from; part of the table of all codes (error-codes.ts). */
export const SOURCE_CODES = {
  E_SOURCE_COMMAND: { exit: 3, about: 'A command that forge.yaml names as a source failed.' },
  E_SOURCE_INVALID: { exit: 3, about: 'A file that forge.yaml names as a source cannot be read as what it should be.' },
  E_SOURCE_MISSING: { exit: 3, about: 'A file, entry or variable that forge.yaml names as a source is not there.' },
  E_SOURCE_SOPS: { exit: 3, about: 'sops could not decrypt a file.' },
  E_SOURCE_VAULT: {
    exit: 3,
    about: 'Vault could not be asked: it is out of reach or sealed, or refuses the login or the path.',
  },
} as const
