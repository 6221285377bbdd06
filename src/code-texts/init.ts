import { said } from './text.ts'

/** `forge init`. */
export const INIT_TEXTS = {
  E_INIT_CHART: said(
    'helm keeps of a chart what is its own, and of the charts in charts/ nothing but the values that they hand on.',
    "helm's record of release redis has nothing of the charts within its chart (common 2.31.0)",
    ['Fetch the chart in the version that runs, and unpack it.', 'helm pull CHART --version VERSION --untar'],
    ['Then name its folder.', 'forge init --from-release NAME --chart DIR'],
  ),
  E_INIT_EXISTS: said(
    'The folder has a forge.yaml by now, or another file of the names that init writes: it may be yours.',
    '/home/ops/shop/forge.yaml is there already; nothing was written',
    ['Is it right as it is?', 'forge validate'],
    ['Or write into a folder of its own.', 'forge init -C DIR'],
  ),
  E_INIT_RELEASE: said(
    'helm looks for a release in one namespace: that of the context, unless -n names another.',
    'there is no release wbe in namespace shop; did you mean "web"?',
    ['Which releases are there?', 'helm list --all-namespaces'],
  ),
  E_INIT_RENDER: said(
    "A deploy would write what the chart renders, and that is not what runs. forge compares objects, not texts; it renders with the release's own values, its revision, and the kinds of the cluster.",
    'the chart of release web, with the values of revision 4, does not render what helm wrote: Deployment/web differs in spec.replicas',
    ['Look at what helm wrote.', 'helm get manifest NAME -n NAMESPACE'],
    'Was it made with a post-renderer, or with another copy of the chart? Then --chart names that, with the changes in it.',
  ),
  E_INIT_STATE: said(
    'After a failed upgrade some objects are as the new revision has them and some as the one before; no record says which.',
    'release web is failed (revision 4): what runs is neither that nor the revision before',
    ['Go back to a revision that ran, or mend it.', 'helm rollback NAME REVISION -n NAMESPACE'],
    ['Then try again.', 'forge init --from-release NAME'],
  ),
} as const
