/** The name under which a page of a task's result is kept; the first one is 0. */
export function resultPartName(page: number): string {
  return `result#${page}`
}
