/* What only operators need is one module, which the browser loads with the first of these views. */
export { AuditView } from './audit-view.tsx'
export { JobView } from './job-view.tsx'
export { RunView } from './run-view.tsx'
export { UpstreamsView } from './upstreams-view.tsx'
