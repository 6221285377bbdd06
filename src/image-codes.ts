/** The codes of what is wrong with images before a deploy; part of the table of all codes (error-codes.ts). */
export const IMAGE_CODES = {
  E_IMAGE_BUILD: {
    exit: 3,
    about:
      'An image could not be built, or what it is made of could not be read: its Dockerfile, its context, a line of .dockerignore, an argument or a secret of its build. forge never falls back to an older one of the same name.',
  },
  E_IMAGE_BUILDER_MISSING: {
    exit: 3,
    about: 'Images are to be built, and no docker, buildah or podman works here, or not the one of --builder.',
  },
  E_IMAGE_COMPOSE: {
    exit: 3,
    about: 'The compose file that forge.yaml names for an image, or that forge init reads, cannot be used as it is.',
  },
  E_IMAGE_LOAD: {
    exit: 3,
    about:
      'An image could not be loaded into the nodes of a local cluster, or a node does not have it afterwards; or the environment has no nodes that take images from this machine.',
  },
  E_IMAGE_MISSING: {
    exit: 3,
    about:
      'A registry does not have an image that forge.yaml names: one of these sources was not pushed yet, or the reference is wrong.',
  },
  E_IMAGE_PUSH: {
    exit: 3,
    about:
      'A registry did not take an image, or does not have it after it was pushed. No tag is left that a later run could take for good.',
  },
  E_IMAGE_REFERENCE: {
    exit: 3,
    about: 'A text in forge.yaml, or an image of a rendered pod, is not a valid image reference.',
  },
  E_PROMOTION: {
    exit: 3,
    about:
      'The images of another environment (--from) are not to be had: what runs there was not verified, is not ready now, or is not known by its digest.',
  },
  E_IMAGE_UNKNOWN: { exit: 3, about: '--skip-build keeps the images that are live, and there is none yet.' },
} as const satisfies Record<string, { exit: number; about: string }>
