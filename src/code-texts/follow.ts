import { said } from './text.ts'

/** Watching what Flux or Argo CD applies. */
export const FOLLOW_TEXTS = {
  E_FOLLOW_FAILED: said(
    'The message is that of its controller: a kustomization that cannot be built, an object that the API server refuses, an upgrade by helm that failed.',
    '1a2b3c4d5e6f could not be applied: Kustomization flux-system/shop: BuildFailed: kustomize build failed: …',
    ['Take the commit back in Git.', 'git revert --no-edit COMMIT && git push'],
    'Or mend it, push, and follow that.',
  ),
  E_FOLLOW_NO_OWNER: said(
    'The environment is not deployed by Flux or Argo CD, or their objects live in another cluster.',
    'neither Flux nor Argo CD deploys prod: Deployment/web bears no mark of them, and no HelmRelease or Application names its releases',
    ['Who wrote the objects?', 'kubectl get KIND NAME -o yaml --show-managed-fields -n NAMESPACE'],
    'Follow it in the cluster that its Kustomization, HelmRelease or Application is in.',
  ),
  E_FOLLOW_REVISION: said(
    'There is no commit in this folder, or the source is an OCI artifact, whose digest no commit tells.',
    '1a2b3c4d5e6f is a commit, and what is applied here comes from OCIRepository flux-system/shop (v1@9f8e7d6c5b4a): say which revision with --revision',
    ['Name it.', 'forge follow --env ENV --revision sha256:DIGEST'],
  ),
  E_FOLLOW_SUPERSEDED: said(
    'Somebody pushed after you.',
    '1a2b3c4d5e6f was overtaken by main@9f8e7d6c5b4a: GitRepository flux-system/shop has fetched main@9f8e7d6c5b4a',
    ['Follow that one.', 'forge follow --env ENV --revision COMMIT'],
  ),
  E_FOLLOW_SUSPENDED: said(
    'A suspended source, Kustomization or HelmRelease, or an Application without syncPolicy.automated.',
    '1a2b3c4d5e6f is not applied: Kustomization flux-system/shop has applied main@9f8e7d6c5b4a, and is suspended',
    ['The hint lets it go on.', 'forge resume --env ENV'],
  ),
  E_FOLLOW_TIMEOUT: said(
    'It is not pushed, goes to another branch, its source looks only now and then, or it waits for another one.',
    '1a2b3c4d5e6f is not applied after 10m: GitRepository flux-system/shop has fetched main@9f8e7d6c5b4a; it looks every 30m',
    ['What does its source say?', 'kubectl describe gitrepository NAME -n NAMESPACE'],
    'Wait longer with --timeout.',
  ),
  E_FOLLOW_UNKNOWN: said(
    'A record of helm that cannot be read, a namespace that may not be looked at, or nothing that could be judged.',
    '1a2b3c4d5e6f is applied, and whether it runs is not known: the newest record of release shop cannot be read',
    ['What is known?', 'forge status --env ENV'],
  ),
} as const
