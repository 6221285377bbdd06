import { parseVersion, type Version } from './versions.ts'

/** A release of helm that forge can fetch, because it knows what has to come. */
export interface KnownHelm {
  readonly version: string
  readonly module: string
  /** Of the module, as a go.sum has it. */
  readonly sum: string
  /** SHA-256 of `helm-vVERSION-PLATFORM.tar.gz`; undefined: it is built. */
  readonly archives?: Readonly<Record<string, string>>
}

/**
 * Newest first. Who can change what the host gives can change the checksum beside it, too; not these. (helm's own release notes
 * have those of the archives, Go's checksum database has those of the modules.)
 */
export const KNOWN_HELMS: readonly KnownHelm[] = [
  {
    version: '4.3.1',
    module: 'helm.sh/helm/v4',
    sum: 'h1:UndCoLe9UPmNoL7IvWzaUXveL7T5t/ijoorEmgJdI9g=',
  },
  {
    version: '4.3.0',
    module: 'helm.sh/helm/v4',
    sum: 'h1:wLRTNXzy96ro7waurWMsymlUPaCQOj5nokpJZJNen/w=',
    archives: {
      'darwin-amd64': '347a784877e0e20eac865e8d1c36a80f6bb0861d6f29abd34defb6570ef95d92',
      'darwin-arm64': 'd3870437e1e95b67f8edbde964156c84a26503f560821d40c542441658934fba',
      'linux-amd64': '86584a54def73570558f66f5111cc53dfed56689637ae32c1201205d494f54fb',
      'linux-arm64': '31c5794dd55c66a51e6b7d2e2ac7a114ae8b1de41ff1d9ba51748ac973b06a08',
    },
  },
  {
    version: '3.22.0',
    module: 'helm.sh/helm/v3',
    sum: 'h1:n1if5iQgHYsujPAcO5oonH/KiSNUmqmUF0iGVjSF3AU=',
    archives: {
      'darwin-amd64': 'bd1d09f316558dda23698527859600936fed1371021ce0f2272d66b2fdcfa69c',
      'darwin-arm64': '4c9982a6cdeb458b60258df66b55398ca5b19293f6877faffe2909ad6f23dfe0',
      'linux-amd64': '1e4ab49e429626cf6c6958d914248b78c9730803c2751b87627e171dc800e7bb',
      'linux-arm64': 'f14e804dfee240f55525b667488fe9adca349e63e00c9af634c0beb1421ac310',
    },
  },
]

/** `4`, `4.3`, `v3.22.0`: as much of a version as somebody wants. */
export type HelmWish = readonly number[]

/** Undefined: it is no version. */
export function parseWish(text: string): HelmWish | undefined {
  const [, found] = /^v?(\d+(?:\.\d+){0,2})$/u.exec(text.trim()) ?? []
  return found?.split('.').map(Number)
}

export function fits({ major, minor, patch }: Version, wish: HelmWish | undefined): boolean {
  return (wish ?? []).every((part, at) => part === [major, minor, patch][at])
}

/** Those that forge knows, and that are as wanted. */
export function knownHelms(wish: HelmWish | undefined): readonly KnownHelm[] {
  return KNOWN_HELMS.filter(({ version }) => {
    const parsed = parseVersion(version)
    return parsed !== undefined && fits(parsed, wish)
  })
}
