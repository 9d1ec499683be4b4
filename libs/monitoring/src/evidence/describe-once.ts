import { describeWindow, type Baseline, type Window, type WindowDescription } from '@raison/drift'

/** Holds both until it is asked, and its answer from then on: together they take hundreds of kilobytes. */
export function describeOnce(baseline: Baseline, window: Window): () => WindowDescription | undefined {
  if (baseline.scale.adverse === undefined) return () => undefined
  let description: WindowDescription | undefined
  let undescribed: { readonly baseline: Baseline; readonly window: Window } | undefined = { baseline, window }
  return () => {
    if (undescribed !== undefined) description = describeWindow(undescribed.baseline, undescribed.window)
    undescribed = undefined
    return description
  }
}
