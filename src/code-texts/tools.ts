import type { IMAGE_CODES } from '../image-codes.ts'
import type { TOOL_CODES } from '../tool-codes.ts'
import { said, type CodeText } from './text.ts'

export const IMAGE_TEXTS = {
  E_IMAGE_BUILD: said(
    'A step of the Dockerfile fails, a file is not in the context, or an argument or secret of the build is missing.',
    'image app: step 4 (RUN npm ci) exited with status 1',
    ['Build it alone, with all that the builder says.', 'forge images build --env ENV --only IMAGE'],
  ),
  E_IMAGE_BUILDER_MISSING: said(
    'None is installed, or its daemon does not run, or you may not talk to it.',
    'images are to be built, and neither docker, buildah nor podman works here',
    ['Does docker answer?', 'docker info'],
    ['Or keep the images that run.', 'forge deploy --env ENV --skip-build'],
  ),
  E_IMAGE_COMPOSE: said(
    'It is missing or no YAML, or the service has no `build`, or one that forge does not understand.',
    'image app: there is no docker-compose.yaml',
    'Mend the compose file at the line that is named, or say `build` in forge.yaml itself.',
    ['Check again.', 'forge images list --env ENV'],
  ),
  E_IMAGE_LOAD: said(
    'Nodes of kind, k3d and minikube take images from this machine; other clusters pull from a registry.',
    'image app: node dev-worker of kind cluster dev does not have app:sha-0123456789abcdef after it was loaded',
    ['Load it alone.', 'forge images load --env ENV'],
    ['For a cluster that pulls: push.', 'forge images push --env ENV'],
  ),
  E_IMAGE_MISSING: said(
    'The tag is a digest of the sources, and these sources were not pushed; or `ref` names an image that is not there.',
    'ghcr.io/acme/app:3f2a is not in its registry',
    ['Build and push what is missing.', 'forge images push --env ENV'],
  ),
  E_IMAGE_PUSH: said(
    'You are not logged in, may not write there, or the registry broke off.',
    'ghcr.io refuses the push of acme/app: denied',
    ['Log in.', 'docker login REGISTRY'],
    ['Push again: what is there is not pushed twice.', 'forge images push --env ENV'],
  ),
  E_IMAGE_REFERENCE: said(
    'A capital letter in the name, a tag with a slash, a missing repository.',
    'images.app.ref "ghcr.io/Acme/app" is not a valid image reference: capital letters',
    ['See where a value of the chart comes from.', 'forge render --env ENV --why VALUE_PATH'],
  ),
  E_IMAGE_UNKNOWN: said(
    'Nothing was deployed yet, or the live release has no such image.',
    '--skip-build keeps the image that runs, but no live release of prod has image app',
    ['Deploy once with a build.', 'forge deploy --env ENV'],
  ),
  E_PROMOTION: said(
    '--from takes only what was proven there: verified, ready now, and known by its digest.',
    'deploy #12 of staging was not verified (not all its checks)',
    ['How does it stand there?', 'forge status --env ENV'],
    ['Deploy it there, with `verify` in forge.yaml.', 'forge deploy --env ENV'],
  ),
} as const satisfies Record<keyof typeof IMAGE_CODES, CodeText>

export const TOOL_TEXTS = {
  E_HELM_DRIVER: said(
    'With another driver forge would see no release, and would install a second one over it.',
    "HELM_DRIVER is configmap, and forge reads helm's records as Secrets only",
    ['Take it out of the environment.', 'unset HELM_DRIVER'],
    'Releases that were kept elsewhere have to be moved first.',
  ),
  E_TOOL_CHECKSUM: said(
    'forge runs nothing that it fetched and does not know byte by byte.',
    'helm 4.3.0 for linux-amd64 is not what forge knows it to be; it is not used',
    'A proxy that answers with a page of its own? Fetch helm by hand, and put it on PATH.',
    ['Which helm is there?', 'helm version'],
  ),
  E_TOOL_GO: said(
    'The sandbox is Go, and neither its package nor a built one is here.',
    'the sandbox has to be built once, and there is no Go on this machine',
    ['Which Go is there?', 'go version'],
    'Install Go, or the package of the sandbox of a release.',
  ),
  E_TOOL_HELM: said(
    'The file is there and the system does not run it: another architecture, no right to execute, no memory.',
    'helm could not be started: spawn ENOEXEC',
    ['Does it start by hand?', 'helm version'],
    'Else name another one in FORGE_HELM.',
  ),
  E_TOOL_MISSING: said(
    'helm, kubectl, kustomize, sops or another program is not on PATH.',
    'a check runs in a pod, by kubectl exec, and here is no kubectl',
    'Install it; helm and kustomize may be named in FORGE_HELM and FORGE_KUSTOMIZE.',
  ),
  E_TOOL_VERSION: said(
    'Older versions act otherwise than forge foresees, and a team may want one version for all.',
    'helm 3.9.0, named by FORGE_HELM, is older than 3.14',
    ['Which one is on PATH?', 'helm version'],
    'Install another, or let FORGE_HELM_VERSION say one that forge can fetch.',
  ),
} as const satisfies Record<keyof typeof TOOL_CODES, CodeText>
