import { api } from '../data/api.ts'
import { type ApiDocument, fieldsOf } from '../data/document.ts'
import { useLive } from '../data/live.ts'
import { loadDocument } from '../data/loads.ts'
import { Time } from '../parts/time.tsx'

const loadRejected = async (id: string) =>
  (await api.value.get('/v1/jobs/{id}/rejected', { path: { id } })).body.rejected

type RejectedBody = Awaited<ReturnType<typeof loadRejected>>[number]

interface RejectedProps {
  readonly job: string
  readonly rejected: readonly RejectedBody[]
}

/** Bodies that were not published, each beside the fields that the dataset serves. */
export function Rejected({ job, rejected }: RejectedProps) {
  const { live } = useLive(loadDocument, 0, [])
  const document = live.value.value
  return (
    <section aria-labelledby="rejected">
      <h2 id="rejected">Rejected bodies</h2>
      {rejected.length === 0 ? <p>None is kept.</p> : null}
      {rejected.map((body) => (
        <details key={`${body.run_id} ${body.key}`}>
          <summary>
            {body.key}, <Time at={body.at} />: {body.reason}
          </summary>
          <p class="words">{body.message}</p>
          <div class="beside">
            <pre tabIndex={0}>{body.body}</pre>
            {document ? <Expected job={job} document={document} /> : null}
          </div>
        </details>
      ))}
    </section>
  )
}

/** The fields of the first read of the dataset. */
function Expected({ job, document }: { readonly job: string; readonly document: ApiDocument }) {
  const { live } = useLive(
    async (signal) =>
      (await api.value.get('/datasets', { signal })).body.datasets.find((one) => one.job === job),
    0,
    [job],
  )
  const [path = ''] = live.value.value?.reads ?? []
  const schema = document.paths[path]?.['get']?.responses['200']?.content?.['application/json']?.schema
  if (!schema) return null
  return (
    <ul>
      {fieldsOf(schema, document).map((field) => (
        <li key={field.path}>
          <code>{field.path}</code> {field.type} {field.about}
        </li>
      ))}
    </ul>
  )
}
