import { api } from '../data/api.ts'
import { useLive } from '../data/live.ts'
import { cellText } from '../data/members.ts'
import { Failure } from '../parts/failure.tsx'
import { Heading } from '../parts/heading.tsx'

const PERIOD_MS = 3_000

/** One run as it is recorded; it follows a run that is under way. */
export function RunView({ id }: { readonly id: string }) {
  const load = async (signal: AbortSignal) =>
    (await api.value.get('/v1/runs/{id}', { path: { id }, signal })).body
  const { live } = useLive(load, PERIOD_MS, [id, api.value])
  const { value, error } = live.value
  return (
    <>
      <Heading>Run</Heading>
      <Failure error={error} />
      {value ? (
        <>
          <p>
            <a href={`#/datasets/${encodeURIComponent(value.job)}`}>{value.job}</a>
          </p>
          <table>
            <tbody>
              {Object.entries(value).map(([name, member]) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td class="words">{cellText(member)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      ) : (
        <p aria-busy={!error}>{id}</p>
      )}
    </>
  )
}
