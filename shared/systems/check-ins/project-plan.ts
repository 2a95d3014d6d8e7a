import type { Job } from '#shared/declare/job.ts'
import { DAY_MS } from '#shared/domain/duration.ts'
import type { Call, PlanContext, UpstreamRequest } from '#shared/engine/model/refresh.ts'
import { checkInCalls } from '#shared/upstreams/check-ins/calls.ts'
import { checkInSettings, keysOf } from './job-settings.ts'
import { type ProjectKey, projectOfKey } from './keys.ts'
import type { ProjectListRecord } from './records.ts'

/** The job that stores the lists of projects. */
const PROJECTS = 'check-in-projects'

/** The calls to the group of a check-in job. */
export function groupCalls(job: Pick<Job, 'settings'>): ReturnType<typeof checkInCalls> {
  return checkInCalls(checkInSettings(job).CHECKINS_GROUP_ID)
}

/**
 * The ids of the projects of a stored list, in the provider's order: as many as the settings allow.
 *
 * @param list - the data of the item; `undefined` where none is stored
 */
export function listedIds(list: unknown, job: Pick<Job, 'settings'>): readonly string[] {
  const { projects = [] } = (list ?? {}) as Partial<ProjectListRecord>
  return projects.slice(0, checkInSettings(job).CHECKINS_MAX_PROJECTS).map(({ project_id }) => project_id)
}

/** One kind of data of each project. */
interface ProjectData {
  /** The keys of one project. */
  keys(id: string, context: Pick<PlanContext, 'job' | 'now'>): readonly string[]
  /** The call for a key. */
  call(key: ProjectKey, job: Job): Call
  /** The keys of a project that a tick asks for; all of them by default. */
  onTick?(keys: readonly string[], checkedAt: (key: string) => number): readonly string[]
}

const NO_PROJECTS = 'Not needed: no check-in project is ongoing, or their list is not stored yet'
const NOTHING_MISSING = 'Not needed: the data of every ongoing project are stored'

/**
 * The members of a refresh that plan its requests: one kind of data of each ongoing project of the stored list. The oldest
 * check comes first, so that a run that does not reach all projects before its deadline leaves the newest ones to the next
 * run. A run that follows a change of the list asks only for what is missing or overdue.
 */
export function projectPlan({ keys, call, onTick }: ProjectData) {
  const keysByProject = (context: Pick<PlanContext, 'job' | 'now' | 'index'>) => {
    const list = context.index.inputItems.get(PROJECTS)?.get(keysOf(context.job).list('ongoing'))
    return listedIds(list?.data, context.job).map((id) => keys(id, context))
  }
  const requestOf = (key: string, { job }: PlanContext): readonly UpstreamRequest[] => {
    const project = projectOfKey(key, checkInSettings(job).CHECKINS_KEY_PREFIX)
    return project === undefined ? [] : [{ key, calls: [call(project, job)] }]
  }
  return {
    indexKeys: ({ job }: Pick<PlanContext, 'job'>) => [keysOf(job).list('ongoing')],

    keys: (context: Pick<PlanContext, 'job' | 'now' | 'index' | 'key'>) =>
      context.key === undefined ? keysByProject(context).flat() : [context.key],

    plan: (context: PlanContext) => {
      const { cause, key, now, job, storedItems, absentItems } = context
      if (key !== undefined) return requestOf(key, context)
      const projects = keysByProject(context)
      if (projects.length === 0) return { nothingToDo: NO_PROJECTS }
      const checkedAt = (each: string) => storedItems.get(each)?.checkedAt ?? absentItems.get(each) ?? 0
      const planned = cause === 'tick' && onTick ? projects.map((own) => onTick(own, checkedAt)) : projects
      const isOverdue = (each: string) => checkedAt(each) + job.freshness.freshForMs <= now
      const due = planned.flat().filter((each) => cause !== 'input-refreshed' || isOverdue(each))
      if (due.length === 0) return { nothingToDo: NOTHING_MISSING }
      return due.toSorted((a, b) => checkedAt(a) - checkedAt(b)).flatMap((each) => requestOf(each, context))
    },
  }
}

/**
 * The largest number of calls of a job for one kind of data.
 *
 * @param perProject - calls for a project in one run
 * @param intervalMs - time between two calls for the same project, by ticks
 */
export function projectCalls(job: Pick<Job, 'settings'>, perProject: number, intervalMs: number) {
  const projects = checkInSettings(job).CHECKINS_MAX_PROJECTS
  const perDay = Math.ceil((projects * DAY_MS) / intervalMs)
  return { 'check-ins': { retried: perProject * projects, once: 0, perDay } }
}
