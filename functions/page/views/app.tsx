import type { ComponentType } from 'preact'
import { useErrorBoundary } from 'preact/hooks'
import { api, isOperator } from '../data/api.ts'
import { asError, useLive } from '../data/live.ts'
import { loadOverview, OVERVIEW_PERIOD_MS } from '../data/loads.ts'
import type { PageRoute } from '../data/page-route.ts'
import { route } from '../data/route.ts'
import { SignIn } from '../operator/sign-in.tsx'
import { Failure } from '../parts/failure.tsx'
import { Heading } from '../parts/heading.tsx'
import { Time } from '../parts/time.tsx'
import { DatasetView } from './dataset.tsx'
import { Lazy } from './lazy.tsx'
import { Overview } from './overview.tsx'
import { Timeline } from './timeline.tsx'

type Datasets = Awaited<ReturnType<typeof loadOverview>>['datasets']

/** The page: navigation, the view of the address, and who is signed in. */
export function App() {
  const { live } = useLive(loadOverview, OVERVIEW_PERIOD_MS, [api.value])
  const { value, error } = live.value
  return (
    <>
      <header>
        <nav aria-label="Views">
          <ul>
            <li>
              <a href="#/">
                <strong>Freshet</strong>
              </a>
            </li>
          </ul>
          <ul>
            <Tab to="timeline" />
            <Tab to="api" />
            {isOperator.value ? <Tab to="upstreams" /> : null}
            {isOperator.value ? <Tab to="audit" /> : null}
          </ul>
        </nav>
      </header>
      <main>
        <Failure error={error} />
        {value && error ? (
          <p>
            What follows was loaded <Time at={value.loadedAt} />.
          </p>
        ) : null}
        {value ? (
          <SafeView key={JSON.stringify(route.value)} route={route.value} datasets={value.datasets} />
        ) : (
          <p aria-busy={!error}>Datasets</p>
        )}
      </main>
      <footer>
        <p>Freshet {value?.version}</p>
        <SignIn />
      </footer>
    </>
  )
}

const TAB_TEXTS = { timeline: 'Next 24 hours', api: 'API', upstreams: 'Providers', audit: 'Audit' } as const

function Tab({ to }: { readonly to: keyof typeof TAB_TEXTS }) {
  const current = route.value.view === to ? { 'aria-current': 'page' as const } : {}
  return (
    <li>
      <a href={`#/${to}`} {...current}>
        {TAB_TEXTS[to]}
      </a>
    </li>
  )
}

interface ViewProps {
  readonly route: PageRoute
  readonly datasets: Datasets
}

/** A view that cannot show what it has got, such as the answer of another system, leaves the navigation usable. */
function SafeView(props: ViewProps) {
  const [error] = useErrorBoundary()
  if (error === undefined) return <View {...props} />
  return <Failure error={new Error(`The page cannot show this answer: ${asError(error).message}`)} />
}

function View({ route: { view, ...rest }, datasets }: ViewProps) {
  const job = 'job' in rest ? rest.job : undefined
  const dataset = datasets.find((one) => one.job === job)
  if (dataset) return <DatasetView key={dataset.job} dataset={dataset} datasets={datasets} />
  switch (view) {
    case 'overview':
      return <Overview datasets={datasets} />
    case 'timeline':
      return <Timeline datasets={datasets} />
    case 'api':
      return <Lazy load={loadApiView} input={{}} />
    case 'run':
      return <Lazy load={loadRunView} input={{ id: 'id' in rest ? rest.id : '' }} />
    case 'upstreams':
      return <Lazy load={loadUpstreams} input={{}} />
    case 'audit':
      return <Lazy load={loadAudit} input={{}} />
    default:
      return (
        <>
          <Heading>Not found</Heading>
          <p>
            {job === undefined ? 'There is no such view.' : `There is no dataset ${job}.`}{' '}
            <a href="#/">All datasets</a>
          </p>
        </>
      )
  }
}

type Loaded<P> = Promise<ComponentType<P>>

const loadApiView = (): Loaded<object> => import('./api-view.tsx').then(({ ApiView }) => ApiView)
const loadRunView = (): Loaded<{ readonly id: string }> =>
  import('../operator/views.ts').then(({ RunView }) => RunView)
const loadUpstreams = (): Loaded<object> =>
  import('../operator/views.ts').then(({ UpstreamsView }) => UpstreamsView)
const loadAudit = (): Loaded<object> => import('../operator/views.ts').then(({ AuditView }) => AuditView)
